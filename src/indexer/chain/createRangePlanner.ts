/** Decides how many blocks to ask for next. */
export interface RangePlanner {
  /** Blocks of the next request. */
  blocks(): number;
  /** A request succeeded with an answer of so many bytes. */
  succeeded(blocks: number, bytes: number): void;
  /** A request was refused for its size; perhaps the provider said how much it allows. */
  refused(blocks: number, maxBlocks?: number): void;
}

const FIRST_BLOCKS = 4;
const MAX_BLOCKS = 20_000;
/** How much larger a request may be than the last one: what comes next may be denser. */
const MAX_GROWTH = 8;
/** Successes at the limit that a refusal taught, before a little more is tried. */
const PATIENCE = 50;

/**
 * Ranges that hold about as many bytes as wanted, below what the provider was seen to refuse.
 *
 * @param targetBytes bytes of JSON that one answer should have
 */
export function createRangePlanner({
  targetBytes,
  maxBlocks = MAX_BLOCKS,
}: {
  readonly targetBytes: number;
  readonly maxBlocks?: number;
}): RangePlanner {
  let size = FIRST_BLOCKS;
  let limit = maxBlocks;
  let successes = 0;

  return {
    blocks: () => size,
    succeeded: (blocks, bytes) => {
      const wanted = bytes === 0 ? Infinity : Math.floor((blocks * targetBytes) / bytes);
      // Small ranges at the end of the chain say nothing about larger ones, unless they are full already.
      if (blocks >= size || wanted < size) {
        size = Math.max(1, Math.min(wanted, blocks * MAX_GROWTH, limit));
      }
      if (blocks < limit || limit === maxBlocks) return;
      successes += 1;
      if (successes < PATIENCE) return;
      successes = 0;
      limit = Math.min(maxBlocks, Math.ceil(limit * 1.25));
    },
    refused: (blocks, allowed) => {
      limit = Math.max(1, Math.min(blocks - 1, allowed ?? Math.floor(blocks / 2)));
      size = Math.min(size, limit);
      successes = 0;
    },
  };
}
