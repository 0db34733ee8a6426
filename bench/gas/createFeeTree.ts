import type { Hex } from "viem";

import { packPayerLeaves, sortPayerFees, type PayerFee } from "../../src/reports/payerLeaves.ts";
import { merkleTree, type MerkleTree } from "../../src/reports/merkleTree.ts";
import type { Bench } from "./createBench.ts";

export interface FeeTree {
  readonly payerFees: readonly PayerFee[];
  readonly tree: MerkleTree;
  readonly leaves: (start: number, count: number) => Hex[];
}

/** A tree of the fees of random payers: one to ten times the unit, in picodollars. */
export function createFeeTree(bytes: Bench["bytes"], count: number, unit: bigint): FeeTree {
  const payerFees = sortPayerFees(
    Array.from({ length: count }, () => ({
      payer: bytes(20),
      feePicodollars: unit + (BigInt(bytes(8)) % (9n * unit)),
    })),
  );
  const tree = merkleTree(packPayerLeaves(payerFees));

  return {
    payerFees,
    tree,
    leaves: (start, leafCount) =>
      Array.from({ length: leafCount }, (_, index) => tree.leaf(start + index)),
  };
}
