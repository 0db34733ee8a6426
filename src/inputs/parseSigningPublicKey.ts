import type { Address, Hex } from "viem";
import { publicKeyToAddress } from "viem/accounts";

import type { XmtpError } from "../errors/XmtpError.ts";
import { libraryError } from "../errors/libraryErrors.ts";
import { describe } from "./describe.ts";
import { byteLength, isHexBytes, toHexBytes } from "./hexBytes.ts";

/** The prime of the field of secp256k1. The curve is y^2 = x^3 + 7. */
const FIELD = 2n ** 256n - 2n ** 32n - 977n;
const CURVE_B = 7n;

/**
 * The signing public key of a node: 65 bytes beginning with 0x04, or 33 bytes beginning with 0x02 or 0x03, which are
 * expanded. Returns the 65 bytes that the registry takes. The registry itself does not check that the key is on the
 * curve, and no node could ever use one that is not.
 *
 * @throws {XmtpError} `INVALID_SIGNING_KEY`
 */
export function parseSigningPublicKey(value: Hex | Uint8Array | string): Hex {
  const prefixed = typeof value === "string" && !value.startsWith("0x") ? `0x${value}` : value;
  if (!(prefixed instanceof Uint8Array) && !isHexBytes(prefixed)) {
    throw libraryError("INVALID_SIGNING_KEY", `${describe(value)} is not hex of whole bytes`);
  }
  const key = toHexBytes(prefixed);
  const size = byteLength(key);
  const kind = key.slice(2, 4);

  if (size === 65 && kind === "04") return checkOnCurve(key);
  if (size === 33 && (kind === "02" || kind === "03")) return expand(key, kind === "03");

  throw libraryError("INVALID_SIGNING_KEY", `the key has ${size} bytes and begins with 0x${kind}`);
}

/** The address that signs with the key, as the registry derives it. */
export function signingAddress(signingPublicKey: Hex): Address {
  return publicKeyToAddress(signingPublicKey);
}

function checkOnCurve(key: Hex): Hex {
  const x = BigInt(`0x${key.slice(4, 68)}`);
  const y = BigInt(`0x${key.slice(68)}`);
  if (x >= FIELD || y >= FIELD || (y * y) % FIELD !== rightSide(x)) throw notOnCurve(key);

  return key;
}

function expand(key: Hex, isOdd: boolean): Hex {
  const x = BigInt(`0x${key.slice(4)}`);
  if (x >= FIELD) throw notOnCurve(key);

  // FIELD is 3 modulo 4, so this power is a square root wherever there is one.
  const root = power(rightSide(x), (FIELD + 1n) / 4n);
  if ((root * root) % FIELD !== rightSide(x)) throw notOnCurve(key);
  const y = (root & 1n) === (isOdd ? 1n : 0n) ? root : FIELD - root;

  return `0x04${key.slice(4)}${y.toString(16).padStart(64, "0")}`;
}

function rightSide(x: bigint): bigint {
  return (x ** 3n + CURVE_B) % FIELD;
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let square = base % FIELD;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = (result * square) % FIELD;
    square = (square * square) % FIELD;
  }

  return result;
}

function notOnCurve(key: Hex): XmtpError {
  return libraryError("INVALID_SIGNING_KEY", `the key ${key} is not a point of secp256k1`);
}
