import type { Hex, Log, TransactionReceipt } from "viem";

import { libraryError } from "../errors/libraryErrors.ts";
import { transact, type Call, type TransactParameters } from "./transact.ts";

/** Where a change was made. */
export interface Change {
  readonly transactionHash: Hex;
  readonly blockNumber: bigint;
}

/** Sends a call; see `transact`. The logs are those of the contract alone. */
export async function writeContract(
  parameters: TransactParameters & Call,
): Promise<{ receipt: TransactionReceipt; logs: Log[] }> {
  const receipt = await transact(parameters);

  return {
    receipt,
    logs: receipt.logs.filter(
      ({ address }) => address.toLowerCase() === parameters.to.toLowerCase(),
    ),
  };
}

export function changeOf({ transactionHash, blockNumber }: TransactionReceipt): Change {
  return { transactionHash, blockNumber };
}

/** The arguments of the event that a call must have emitted. @throws {XmtpError} `UNEXPECTED_RECEIPT` if there is none */
export function demandEvent<Args>(
  event: { readonly args: Args } | undefined,
  { transactionHash }: TransactionReceipt,
): Args {
  if (event !== undefined) return event.args;
  throw libraryError(
    "UNEXPECTED_RECEIPT",
    `the receipt of ${transactionHash} lacks the event of the call`,
  );
}
