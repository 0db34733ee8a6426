import { secp256k1 } from "@noble/curves/secp256k1.js";
import { keccak_256 } from "@noble/hashes/sha3.js";

import { toHex } from "../identifiers.ts";
import { RejectedUpdate } from "../RejectedUpdate.ts";
import type { Secp256k1Point } from "./sec1.ts";

const SIGNATURE_BYTES = 65;
const ORDER = secp256k1.Point.Fn.ORDER;
const HALF_ORDER = ORDER >> 1n;

export interface RecoveredAddress {
  /** Lower case, with `0x`. */
  readonly address: string;
  /** r, the lower s and v as given: what later updates are compared with. */
  readonly raw: Uint8Array;
}

/**
 * Whose signature over a digest this is. A wrong signature is no error, it is somebody else's.
 *
 * The higher s is lowered and v stays, so a genuine signature with the higher s is somebody else's too, as everywhere on
 * the network.
 *
 * @param signature r 32, s 32, v 1
 * @throws {RejectedUpdate} `Signature` if it is no signature at all
 */
export function recoverAddress(signature: Uint8Array, digest: Uint8Array): RecoveredAddress {
  if (signature.length !== SIGNATURE_BYTES) {
    throw new RejectedUpdate("Signature", `a wallet's signature has ${signature.length} bytes`);
  }
  const r = toBigInt(signature.subarray(0, 32));
  const carriedS = toBigInt(signature.subarray(32, 64));
  if (r === 0n || r >= ORDER || carriedS === 0n || carriedS >= ORDER) {
    throw new RejectedUpdate("Signature", "r or s of a wallet's signature is out of range");
  }
  const s = carriedS > HALF_ORDER ? ORDER - carriedS : carriedS;
  const parity = parityOf(signature[64] ?? 0);

  const raw = Uint8Array.from(signature);
  if (s !== carriedS) raw.set(Buffer.from(s.toString(16).padStart(64, "0"), "hex"), 32);

  return { address: addressOf(recoverPoint({ r, s, parity }, digest)), raw };
}

/** The address of a public key, lower case, with `0x`. */
export function addressOf(publicKey: Secp256k1Point): string {
  return `0x${toHex(keccak_256(publicKey.toBytes(false).subarray(1)).subarray(12))}`;
}

function recoverPoint(
  { r, s, parity }: { r: bigint; s: bigint; parity: number },
  digest: Uint8Array,
): Secp256k1Point {
  try {
    return new secp256k1.Signature(r, s, parity).recoverPublicKey(digest);
  } catch {
    throw new RejectedUpdate("Signature", "a wallet's signature comes from no key");
  }
}

/** The parity of R that v stands for: 0 and 1, 27 and 28, or those of EIP-155. */
function parityOf(v: number): number {
  if (v === 0 || v === 1) return v;
  if (v === 27 || v === 28) return v - 27;
  if (v >= 35) return (v - 35) % 2;

  throw new RejectedUpdate("Signature", `v of a wallet's signature is ${v}`);
}

function toBigInt(bytes: Uint8Array): bigint {
  return BigInt(`0x${toHex(bytes)}`);
}
