import { concatHex, keccak256, numberToHex, stringToHex, type Hex } from "viem";

/**
 * The tree again, in another way: each node is found by going down from the top, by the positions it spans, and nothing
 * is kept. For small trees.
 */
export function naiveMerkle(leaves: readonly Hex[]): {
  root: Hex;
  proof: (start: number, count: number) => Hex[];
} {
  const count = leaves.length;
  let width = 2;
  while (width < count) width *= 2;

  /** The node that spans `size` positions from `at` on; undefined where no leaf is. */
  const node = (at: number, size: number): Hex | undefined => {
    const leaf = leaves[at];
    if (leaf === undefined) return undefined;
    if (size === 1) return keccak256(concatHex([stringToHex("leaf|"), leaf]));
    const children = [node(at, size / 2), node(at + size / 2, size / 2)];
    return keccak256(
      concatHex([stringToHex("node|"), ...children.filter((child) => child !== undefined)]),
    );
  };

  const word = numberToHex(count, { size: 32 });
  const top = node(0, width);

  return {
    root:
      top === undefined
        ? `0x${"00".repeat(32)}`
        : keccak256(concatHex([stringToHex("root|"), word, top])),
    proof: (start, windowCount) => {
      const found: (Hex | undefined)[] = [word];
      for (let size = 1; size < width; size *= 2) {
        const first = Math.floor(start / size);
        const last = Math.floor((start + windowCount - 1) / size);
        if (last % 2 === 0) found.push(node((last + 1) * size, size));
        if (first % 2 === 1) found.push(node((first - 1) * size, size));
      }
      return found.filter((element) => element !== undefined);
    },
  };
}
