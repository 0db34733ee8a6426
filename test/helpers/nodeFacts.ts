import {
  SigningKey,
  computeAddress,
  dataSlice,
  getAddress,
  hexlify,
  keccak256,
  toBeHex,
  type AddressLike,
} from "ethers";

import type { Nodes } from "../../typechain-types/index.ts";

/** The signing key of a node, derived from a number, and the address that belongs to it. */
export interface NodeKey {
  readonly publicKey: string;
  readonly signer: string;
}

/** A real secp256k1 key; ethers computes the address from the private key, another way than the contract. */
export function nodeKeyOf(seed: number): NodeKey {
  const key = signingKeyOf(seed);
  return { publicKey: key.publicKey, signer: computeAddress(key.publicKey) };
}

/** The whole key of `nodeKeyOf`, to sign with. */
export function signingKeyOf(seed: number): SigningKey {
  return new SigningKey(keccak256(toBeHex(seed, 32)));
}

/** A key of the right shape that lies on no curve: a prefix, and all other bytes the same. */
export function keyOfBytes(length: number, prefix: number): string {
  const bytes = new Uint8Array(length).fill(0x11);
  if (length > 0) bytes[0] = prefix;
  return hexlify(bytes);
}

/** The address of any 65 bytes taken for a key: the low 20 bytes of the hash of the last 64. */
export function signerOf(publicKey: string): string {
  return getAddress(dataSlice(keccak256(dataSlice(publicKey, 1)), 12));
}

/** An address of exactly this many characters. */
export function urlOf(length: number, fill = "a"): string {
  return "https://".slice(0, length) + fill.repeat(Math.max(0, length - 8));
}

/** Adds nodes with keys and addresses of their own, and answers with their ids. */
export async function addNodes(
  nodes: Nodes,
  owner: AddressLike,
  count: number,
  first = 1,
): Promise<bigint[]> {
  const ids: bigint[] = [];

  for (let number = first; number < first + count; number++) {
    await nodes.addNode(owner, nodeKeyOf(number).publicKey, `https://node-${number}.example.org`);
    ids.push(BigInt(number) * 100n);
  }

  return ids;
}
