import type { Queries } from "../database/database.ts";

/** Whether an indexer has ever begun with this database. */
export async function hasSchema(queries: Queries): Promise<boolean> {
  const [row] = await queries.query<{ chains: string | null }>(
    "select to_regclass('chains')::text as chains",
  );

  return typeof row?.chains === "string";
}
