import type { TransactionRequest } from "ethers";

import { ethers } from "./network.ts";

/** What a call reverts with, as it comes from the chain; `undefined` when it does not revert. */
export async function revertData(request: TransactionRequest): Promise<string | undefined> {
  try {
    await ethers.provider.call(request);
    return undefined;
  } catch (error) {
    const data = findData(error);
    if (data === undefined) throw error;
    return data;
  }
}

/** Providers wrap the chain's answer in errors of their own, so the data may lie a few causes deep. */
function findData(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  if ("data" in error && typeof error.data === "string") return error.data;

  for (const key of ["data", "info", "error", "cause"]) {
    const found = findData(Reflect.get(error, key));
    if (found !== undefined) return found;
  }

  return undefined;
}
