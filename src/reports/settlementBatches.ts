import type { Hex } from "viem";

import { parseInteger } from "../inputs/parseOption.ts";
import type { MerkleTree } from "./merkleTree.ts";

/** Leaves per call of the production node software. */
export const SETTLEMENT_BATCH_SIZE = 100;

/** What one call of `settle` takes. */
export interface SettlementBatch {
  /** The index of the first leaf. */
  readonly offset: number;
  readonly leaves: readonly Hex[];
  readonly proofElements: readonly Hex[];
}

/**
 * Cuts the leaves of a report into the calls that settle them, in order. Each batch is made when it is asked for.
 *
 * @throws {XmtpError} `INVALID_OPTION`, with the first batch
 */
export function* settlementBatches({
  tree,
  offset = 0,
  batchSize = SETTLEMENT_BATCH_SIZE,
}: {
  readonly tree: MerkleTree;
  /** How many leaves are settled already. Default 0. */
  readonly offset?: number;
  /** Leaves per batch. Default 100. */
  readonly batchSize?: number;
}): Generator<SettlementBatch, void, void> {
  parseInteger(offset, "offset", 0, tree.leafCount);
  parseInteger(batchSize, "batchSize", 1);

  for (let start = offset; start < tree.leafCount; start += batchSize) {
    const count = Math.min(batchSize, tree.leafCount - start);
    yield {
      offset: start,
      leaves: Array.from({ length: count }, (_, index) => tree.leaf(start + index)),
      proofElements: tree.proof(start, count),
    };
  }
}
