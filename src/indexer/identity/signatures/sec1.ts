import { p256 } from "@noble/curves/nist.js";
import { secp256k1 } from "@noble/curves/secp256k1.js";

export type P256Point = InstanceType<typeof p256.Point>;
export type Secp256k1Point = InstanceType<typeof secp256k1.Point>;

const COMPRESSED_EVEN = 2;
const COMPACT = 5;
const HALF_P256_FIELD = p256.Point.Fp.ORDER >> 1n;

/**
 * The point of a passkey in any form of SEC1 that clients read: uncompressed, compressed, or compact, which is x alone and
 * stands for the lower y.
 *
 * @throws {Error} if the bytes are none of them
 */
export function decodeP256Point(bytes: Uint8Array): P256Point {
  if (bytes[0] !== COMPACT) return p256.Point.fromBytes(bytes);

  const point = p256.Point.fromBytes(toCompressed(bytes));
  return point.toAffine().y > HALF_P256_FIELD ? point.negate() : point;
}

/**
 * The point of a legacy key, the same forms. Compact stands for the even y here: so differ the two curves in the library
 * that clients use.
 *
 * @throws {Error} if the bytes are none of them
 */
export function decodeSecp256k1Point(bytes: Uint8Array): Secp256k1Point {
  return secp256k1.Point.fromBytes(bytes[0] === COMPACT ? toCompressed(bytes) : bytes);
}

function toCompressed(compact: Uint8Array): Uint8Array {
  const compressed = Uint8Array.from(compact);
  compressed[0] = COMPRESSED_EVEN;

  return compressed;
}
