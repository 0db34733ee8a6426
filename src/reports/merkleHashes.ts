import { keccak256, type Hex } from "viem";

import { libraryError } from "../errors/libraryErrors.ts";
import { describe } from "../inputs/describe.ts";
import { isHexBytes } from "../inputs/hexBytes.ts";

/** Bytes of a hash. */
export const HASH = 32;
/** A list without leaves has no tree; this stands for its root. */
export const EMPTY_ROOT: Hex = `0x${"00".repeat(HASH)}`;

const PREFIX = 5;
/** Bytes that nearly every input has after its prefix: the leaf of a payer, or two nodes. */
const BODY = 64;
// Reused for every input of that size: hashing gives way to nobody, and a million small buffers cost a tenth of the time.
const LEAF = prefixed("leaf|");
const NODE = prefixed("node|");
const ROOT = prefixed("root|");

/** The node over a leaf of any length. */
export function hashLeaf(leaf: Uint8Array): Uint8Array {
  return hash(LEAF, leaf);
}

/** The node over two children, which stand one after the other, or over a single one. */
export function hashNode(children: Uint8Array): Uint8Array {
  return hash(NODE, children);
}

/** The root over the number of leaves and the topmost node. */
export function hashRoot(leafCount: number, topNode: Uint8Array): Uint8Array {
  const input = new Uint8Array(2 * HASH);
  new DataView(input.buffer).setUint32(HASH - 4, leafCount);
  input.set(topNode, HASH);

  return hash(ROOT, input);
}

/** A leaf as bytes. @throws {XmtpError} `INVALID_OPTION` if it is neither bytes nor hex of whole bytes */
export function leafBytesOf(leaf: unknown): Uint8Array {
  if (leaf instanceof Uint8Array) return leaf;
  if (isHexBytes(leaf)) return Buffer.from(leaf.slice(2), "hex");

  throw libraryError("INVALID_OPTION", `the leaf ${describe(leaf)} is not hex of whole bytes`);
}

function prefixed(prefix: string): Uint8Array {
  const input = new Uint8Array(PREFIX + BODY);
  input.set(Buffer.from(prefix));

  return input;
}

function hash(role: Uint8Array, bytes: Uint8Array): Uint8Array {
  let input = role;
  if (bytes.length !== BODY) {
    input = new Uint8Array(PREFIX + bytes.length);
    input.set(role.subarray(0, PREFIX));
  }
  input.set(bytes, PREFIX);

  return keccak256(input, "bytes");
}
