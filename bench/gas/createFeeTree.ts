import type { Hex } from "viem";

import { merkleTree, type MerkleTree } from "../../src/reports/merkleTree.ts";
import { packPayerLeaves, sortPayerFees, type PayerFee } from "../../src/reports/payerLeaves.ts";
import type { Bench } from "./createBench.ts";

export interface FeeTree {
  readonly payerFees: readonly PayerFee[];
  readonly tree: MerkleTree;
  readonly leaves: (start: number, count: number) => Hex[];
}

/** A tree of what random payers owe, each between two amounts of picodollars. */
export function createFeeTree(
  bytes: Bench["bytes"],
  count: number,
  [least, most]: readonly [bigint, bigint],
): FeeTree {
  const payerFees = sortPayerFees(
    Array.from({ length: count }, () => ({
      payer: bytes(20),
      feePicodollars: least + (BigInt(bytes(8)) % (most - least)),
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
