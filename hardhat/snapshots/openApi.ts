import type { ApiContext } from "../../src/indexer/api/apiContext.ts";
import { createApi } from "../../src/indexer/api/createApi.ts";

/** The description of the indexer's HTTP interface, as `/openapi.json` has it. */
export async function readOpenApi(): Promise<unknown> {
  // Nothing is asked, so nothing that answers is needed.
  const { api } = await createApi({} as ApiContext);
  try {
    return api.swagger();
  } finally {
    await api.close();
  }
}
