import type { Address, Hex } from "viem";

import { libraryError } from "../errors/libraryErrors.ts";

/** A log as the node returned it; only the numbers are read. */
export interface RawLog {
  readonly address: Address;
  readonly topics: readonly Hex[];
  readonly data: Hex;
  readonly blockNumber: Hex;
  readonly blockHash: Hex;
  readonly transactionHash: Hex;
  readonly logIndex: Hex;
}

/** What became of a transaction. */
export interface Receipt {
  readonly hasSucceeded: boolean;
  readonly transactionHash: Hex;
  readonly blockNumber: number;
  readonly blockHash: Hex;
  readonly gasUsed: number;
  /** Whether `logs` are all logs of the transaction; otherwise the first event of the call stands for the others. */
  readonly isComplete: boolean;
  readonly logs: readonly RawLog[];
}

/** Reads the answer of `eth_getTransactionReceipt`. @throws {XmtpError} `UNEXPECTED_RECEIPT` */
export function parseReceipt(value: unknown): Receipt {
  // The node's answer: each field that is used is checked below.
  const raw = value as Record<string, unknown>;
  const { status, transactionHash, blockNumber, blockHash, gasUsed, logs } = raw;
  if (
    typeof transactionHash !== "string" ||
    typeof blockNumber !== "string" ||
    typeof blockHash !== "string" ||
    !Array.isArray(logs)
  ) {
    throw libraryError(
      "UNEXPECTED_RECEIPT",
      `the node returned a receipt without ${Object.keys(raw).join(", ")}`,
    );
  }

  return {
    hasSucceeded: status === "0x1",
    transactionHash: transactionHash as Hex,
    blockNumber: Number(blockNumber),
    blockHash: blockHash as Hex,
    gasUsed: Number(gasUsed),
    isComplete: true,
    logs: logs as RawLog[],
  };
}

/** What the first event of a call says about its transaction: that it succeeded, and where it is. */
export function receiptOfEvent(log: RawLog): Receipt {
  return {
    hasSucceeded: true,
    transactionHash: log.transactionHash,
    blockNumber: Number(log.blockNumber),
    blockHash: log.blockHash,
    gasUsed: 0,
    isComplete: false,
    logs: [log],
  };
}
