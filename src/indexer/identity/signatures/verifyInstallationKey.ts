import { ed25519 } from "@noble/curves/ed25519.js";
import { sha512 } from "@noble/hashes/sha2.js";

import { RejectedUpdate } from "../RejectedUpdate.ts";

const SIGNATURE_BYTES = 64;
const ORDER = ed25519.Point.Fn.ORDER;
const CONTEXT = Buffer.from("IDENTITY UPDATE SIGNATURE");
/** RFC 8032, dom2: prehashed, with a context. */
const DOMAIN = Buffer.concat([
  Buffer.from("SigEd25519 no Ed25519 collisions"),
  Buffer.of(1, CONTEXT.length),
  CONTEXT,
]);

/**
 * Checks an Ed25519ph signature without multiplying by the cofactor, and with keys that are not canonical or of small
 * order, as clients do: libraries that do otherwise come to another answer for crafted keys.
 *
 * @param publicKey 32 bytes
 * @param prehash SHA-512 of the text
 * @throws {RejectedUpdate} `Decode` if the key is no point, `Signature` if the signature is not its
 */
export function verifyInstallationKey(
  signature: Uint8Array,
  publicKey: Uint8Array,
  prehash: Uint8Array,
): void {
  const key = decodeKey(publicKey);
  if (signature.length !== SIGNATURE_BYTES) {
    throw new RejectedUpdate(
      "Signature",
      `an installation's signature has ${signature.length} bytes`,
    );
  }
  const r = signature.subarray(0, 32);
  const s = littleEndian(signature.subarray(32));
  if (s >= ORDER)
    throw new RejectedUpdate("Signature", "s of an installation's signature is too high");

  const k = littleEndian(sha512(Buffer.concat([DOMAIN, r, publicKey, prehash]))) % ORDER;
  const expected = ed25519.Point.BASE.multiplyUnsafe(s).subtract(key.multiplyUnsafe(k));
  // Bytes are compared, not points: another encoding of the same R fails.
  if (!Buffer.from(expected.toBytes()).equals(r)) {
    throw new RejectedUpdate("Signature", "an installation's signature is not over this text");
  }
}

function decodeKey(publicKey: Uint8Array): InstanceType<typeof ed25519.Point> {
  try {
    return ed25519.Point.fromBytes(publicKey, true);
  } catch {
    throw new RejectedUpdate("Decode", "an installation key is no point of the curve");
  }
}

function littleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString("hex")}`);
}
