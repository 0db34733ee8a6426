import type { Address } from "viem";

import { libraryError } from "../errors/libraryErrors.ts";
import { parseFee } from "../rates/picodollars.ts";
import type { PackedLeaves } from "./merkleTree.ts";
import { parsePayer } from "./parsePayer.ts";

/** Two words: the address and the fee. */
const LEAF_BYTES = 64;
const ADDRESS_OFFSET = 12;
const FEE_OFFSET = 56;

/** What one payer owes. */
export interface PayerFee {
  /** Lowercase. */
  readonly payer: Address;
  readonly feePicodollars: bigint;
}

/**
 * Sorts what payers owe by the bytes of their addresses, as reports have it.
 *
 * @throws {XmtpError} `INVALID_ADDRESS`, `INVALID_FEE`, `INVALID_REPORT` if a payer is there twice
 */
export function sortPayerFees(
  payerFees: Iterable<{ readonly payer: string; readonly feePicodollars: bigint }>,
): PayerFee[] {
  const sorted = Array.from(payerFees, ({ payer, feePicodollars }) => ({
    payer: parsePayer(payer),
    feePicodollars: parseFee(feePicodollars),
  })).sort((a, b) => (a.payer < b.payer ? -1 : 1));

  const repeated = sorted.find(({ payer }, index) => payer === sorted[index - 1]?.payer);
  if (repeated !== undefined) {
    throw libraryError("INVALID_REPORT", `the payer ${repeated.payer} is there twice`);
  }

  return sorted;
}

/** The leaves of a report: for each payer the ABI encoding of `(address payer, uint96 feePicodollars)`, in order. */
export function packPayerLeaves(sorted: readonly PayerFee[]): PackedLeaves {
  const bytes = Buffer.alloc(sorted.length * LEAF_BYTES);
  sorted.forEach(({ payer, feePicodollars }, index) => {
    const offset = index * LEAF_BYTES;
    bytes.write(payer.slice(2), offset + ADDRESS_OFFSET, "hex");
    // No fee is above 2^63 - 1, so the upper half of the word stays zero.
    bytes.writeBigUInt64BE(feePicodollars, offset + FEE_OFFSET);
  });

  return { bytes, leafBytes: LEAF_BYTES };
}
