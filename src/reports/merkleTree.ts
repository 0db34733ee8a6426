import { numberToHex, type Hex } from "viem";

import { toHexBytes } from "../inputs/hexBytes.ts";
import { parseInteger } from "../inputs/parseOption.ts";
import { EMPTY_ROOT, HASH, hashLeaf, hashNode, hashRoot, leafBytesOf } from "./merkleHashes.ts";

/** Leaves of equal size, one after the other in one buffer. */
export interface PackedLeaves {
  readonly bytes: Uint8Array;
  /** Bytes of each leaf. */
  readonly leafBytes: number;
}

/** A commitment to an ordered list of leaves. Proofs are for a window: consecutive leaves, at their places. */
export interface MerkleTree {
  readonly leafCount: number;
  /** 32 bytes; all zero for a list without leaves. */
  readonly root: Hex;
  /** The bytes of a leaf. @throws {XmtpError} `INVALID_OPTION` beyond the last leaf */
  leaf(index: number): Hex;
  /**
   * The proof for `count` leaves from `start` on: the number of leaves, then the neighbours that are missing, from the
   * leaves upward, on each level the right one first. For no leaves it is the number of leaves and the topmost node, as
   * the production node software has it; contracts refuse that one, except for the empty list.
   *
   * @throws {XmtpError} `INVALID_OPTION` if the window ends beyond the last leaf
   */
  proof(start: number, count: number): Hex[];
}

/**
 * Builds the tree over a list of leaves, with the shape and the hashes that `PayerReports` and the production node
 * software verify. The leaves are not copied: do not change them afterwards.
 *
 * Beside the leaves it keeps 64 bytes for each of them. It computes two hashes for each leaf, some 50,000 leaves per
 * second, and does not give way to anything meanwhile: build trees of a million leaves in a worker thread.
 *
 * @throws {XmtpError} `INVALID_OPTION` if a leaf is not bytes, or packed leaves do not fill their buffer
 * @example
 * const tree = merkleTree(["0x01", "0x02", "0x03"]);
 * verifyProof({ root: tree.root, start: 1, leaves: ["0x02"], proofElements: tree.proof(1, 1) }); // true
 */
export function merkleTree(leaves: readonly (Hex | Uint8Array)[] | PackedLeaves): MerkleTree {
  const { leafCount, leafAt } = listOf(leaves);
  const rows = buildRows(leafCount, leafAt);
  const topNode = rows.at(-1);
  const root = topNode === undefined ? EMPTY_ROOT : toHexBytes(hashRoot(leafCount, topNode));

  return {
    leafCount,
    root,
    leaf: (index) => toHexBytes(leafAt(parseInteger(index, "index of the leaf", 0, leafCount - 1))),
    proof: (start, count) => {
      parseInteger(start, "start of the window", 0, leafCount);
      parseInteger(count, "number of leaves in the window", 0, leafCount - start);
      const size = numberToHex(leafCount, { size: HASH });
      if (count > 0) return [size, ...neighbours(rows, start, start + count - 1)];

      return topNode === undefined ? [size] : [size, toHexBytes(topNode)];
    },
  };
}

/** The rows of nodes from the leaves upward; the last one holds the topmost node alone. None for no leaves. */
function buildRows(leafCount: number, leafAt: (index: number) => Uint8Array): Uint8Array[] {
  if (leafCount === 0) return [];
  let row = new Uint8Array(leafCount * HASH);
  for (let index = 0; index < leafCount; index++) row.set(hashLeaf(leafAt(index)), index * HASH);

  const rows = [row];
  // A leaf is never the topmost node: a single one gets a level above it too.
  do {
    const above = new Uint8Array(Math.ceil(row.length / (2 * HASH)) * HASH);
    for (let offset = 0; offset < row.length; offset += 2 * HASH) {
      above.set(hashNode(row.subarray(offset, offset + 2 * HASH)), offset / 2);
    }
    rows.push(above);
    row = above;
  } while (row.length > HASH);

  return rows;
}

/** The nodes beside the window on each level below the topmost. */
function neighbours(rows: readonly Uint8Array[], first: number, last: number): Hex[] {
  const found: Hex[] = [];
  for (const row of rows.slice(0, -1)) {
    if (last % 2 === 0 && (last + 1) * HASH < row.length) found.push(nodeAt(row, last + 1));
    if (first % 2 === 1) found.push(nodeAt(row, first - 1));
    first = Math.floor(first / 2);
    last = Math.floor(last / 2);
  }

  return found;
}

function nodeAt(row: Uint8Array, index: number): Hex {
  return toHexBytes(row.subarray(index * HASH, (index + 1) * HASH));
}

function listOf(leaves: readonly (Hex | Uint8Array)[] | PackedLeaves): {
  leafCount: number;
  leafAt: (index: number) => Uint8Array;
} {
  if ("leafBytes" in leaves) {
    const { bytes, leafBytes } = leaves;
    parseInteger(leafBytes, "leafBytes", 1);

    return {
      leafCount: parseInteger(bytes.length / leafBytes, "number of packed leaves", 0),
      leafAt: (index) => bytes.subarray(index * leafBytes, (index + 1) * leafBytes),
    };
  }

  return { leafCount: leaves.length, leafAt: (index) => leafBytesOf(leaves[index]) };
}
