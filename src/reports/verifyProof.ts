import { hexToBytes, type Hex } from "viem";

import { libraryError } from "../errors/libraryErrors.ts";
import { describe } from "../inputs/describe.ts";
import { byteLength, isHexBytes, toHexBytes } from "../inputs/hexBytes.ts";
import { parseInteger } from "../inputs/parseOption.ts";
import { EMPTY_ROOT, HASH, hashLeaf, hashNode, hashRoot, leafBytesOf } from "./merkleHashes.ts";

const MAX_UINT32 = 2n ** 32n - 1n;
const MAX_UINT256 = 2n ** 256n - 1n;

/** What a contract answers to a proof that does not hold: its error, or the compiler's panic. */
export type ProofFault =
  | "NoProofElements"
  | "NoLeaves"
  | "InvalidProof"
  | "InvalidBitCount32Input"
  | "Panic(0x11)"
  | "Panic(0x32)";

export interface Proof {
  /** The root to compare with, 32 bytes. */
  readonly root: Hex;
  /** The index of the first leaf. */
  readonly start: number | bigint;
  readonly leaves: readonly (Hex | Uint8Array)[];
  /** 32 bytes each, the number of leaves in the whole list first. Words beyond those needed are ignored. */
  readonly proofElements: readonly Hex[];
}

/**
 * Whether the leaves are those of the root at the given place. `findProofFault` says why not.
 *
 * @throws {XmtpError} `INVALID_OPTION` if a proof element is not 32 bytes, or a leaf or the start cannot be one
 */
export function verifyProof(proof: Proof): boolean {
  return findProofFault(proof) === undefined;
}

/**
 * What `PayerReports` answers to a proof; undefined when it holds.
 *
 * @throws {XmtpError} `INVALID_OPTION` if a proof element is not 32 bytes, or a leaf or the start cannot be one
 */
export function findProofFault({
  root,
  start,
  leaves,
  proofElements,
}: Proof): ProofFault | undefined {
  const elements = proofElements.map(parseElement);
  const [size, ...neighbours] = elements;
  if (size === undefined) return "NoProofElements";
  const leafCount = BigInt(toHexBytes(size));
  const begin = parseStart(start);

  if (leaves.length === 0) {
    if (begin !== 0n || leafCount !== 0n) return "NoLeaves";
    return isSame(root, EMPTY_ROOT) ? undefined : "InvalidProof";
  }
  const end = begin + BigInt(leaves.length);
  if (end > MAX_UINT256) return "Panic(0x11)";
  if (end > leafCount) return "InvalidProof";
  if (leafCount > MAX_UINT32) return "InvalidBitCount32Input";

  const topNode = foldWindow(
    leaves.map((leaf) => hashLeaf(leafBytesOf(leaf))),
    Number(begin),
    Number(leafCount),
    neighbours,
  );
  if (topNode === undefined) return "Panic(0x32)";

  return isSame(root, toHexBytes(hashRoot(Number(leafCount), topNode)))
    ? undefined
    : "InvalidProof";
}

/** The topmost node over a window of leaf nodes and what stands beside it; undefined if a neighbour is missing. */
function foldWindow(
  leafNodes: readonly Uint8Array[],
  start: number,
  leafCount: number,
  neighbours: readonly Uint8Array[],
): Uint8Array | undefined {
  let row = [...leafNodes];
  let first = start;
  let last = start + leafNodes.length - 1;
  let width = leafCount;
  let used = 0;

  do {
    if (last % 2 === 0 && last + 1 < width) {
      const right = neighbours[used++];
      if (right === undefined) return undefined;
      row.push(right);
    }
    if (first % 2 === 1) {
      const left = neighbours[used++];
      if (left === undefined) return undefined;
      row.unshift(left);
    }

    const above: Uint8Array[] = [];
    for (let index = 0; index < row.length; index += 2) {
      above.push(hashNode(Buffer.concat(row.slice(index, index + 2))));
    }
    row = above;
    first = Math.floor(first / 2);
    last = Math.floor(last / 2);
    width = Math.ceil(width / 2);
  } while (width > 1);

  return row[0];
}

function parseStart(start: number | bigint): bigint {
  const begin = typeof start === "bigint" ? start : BigInt(parseInteger(start, "start", 0));
  if (begin >= 0n && begin <= MAX_UINT256) return begin;

  throw libraryError("INVALID_OPTION", `start is ${begin}, it must be one of 256 bits`);
}

function parseElement(element: Hex, index: number): Uint8Array {
  if (!isHexBytes(element) || byteLength(element) !== HASH) {
    throw libraryError(
      "INVALID_OPTION",
      `proof element ${index} is ${describe(element)}, it must be ${HASH} bytes of hex`,
    );
  }

  return hexToBytes(element);
}

function isSame(one: Hex, other: Hex): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
