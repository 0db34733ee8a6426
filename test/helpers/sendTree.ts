import { concat, keccak256, ZeroHash } from "ethers";

/**
 * The tree over messages to the parent chain, from its definition: levels are folded until one node is left, and a node
 * without a right sibling is hashed with zero.
 */
export function sendTree(sends: readonly string[]): {
  root: string;
  proof: (leaf: number) => string[];
} {
  const levels = [sends.map((send) => keccak256(send))];
  for (let level = levels[0]!; level.length > 1; level = levels.at(-1)!) {
    levels.push(
      Array.from({ length: Math.ceil(level.length / 2) }, (_, pair) =>
        keccak256(concat([level[2 * pair]!, level[2 * pair + 1] ?? ZeroHash])),
      ),
    );
  }

  return {
    root: levels.at(-1)?.[0] ?? ZeroHash,
    proof: (leaf) =>
      levels.slice(0, -1).map((level, height) => level[(leaf >> height) ^ 1] ?? ZeroHash),
  };
}
