import type { Hex } from "viem";

import { libraryError } from "../errors/libraryErrors.ts";
import { describe } from "./describe.ts";
import { byteLength, isHexBytes, toHexBytes } from "./hexBytes.ts";

/** The sizes a contract accepts, in bytes, both ends included. */
export interface PayloadLimits {
  readonly minPayloadSize: number;
  readonly maxPayloadSize: number;
}

/**
 * A payload, as lowercase hex.
 *
 * @throws {XmtpError} `INVALID_PAYLOAD` unless it is bytes, or `0x` and whole bytes of hex, and not empty
 */
export function parsePayload(value: Hex | Uint8Array): Hex {
  if (!(value instanceof Uint8Array) && !isHexBytes(value)) {
    throw libraryError(
      "INVALID_PAYLOAD",
      `the payload ${describe(value)} is not hex of whole bytes`,
    );
  }
  const hex = toHexBytes(value);
  if (hex === "0x") throw libraryError("INVALID_PAYLOAD", "the payload is empty");

  return hex;
}

/** Whether a contract with these limits accepts a payload of this many bytes. */
export function fitsLimits(
  size: number,
  { minPayloadSize, maxPayloadSize }: PayloadLimits,
): boolean {
  return size >= minPayloadSize && size <= maxPayloadSize;
}

/** @throws {XmtpError} `INVALID_PAYLOAD_SIZE`, with the size and the limits in bytes */
export function checkPayloadSize(payload: Hex, limits: PayloadLimits): void {
  const size = byteLength(payload);
  if (fitsLimits(size, limits)) return;

  throw libraryError(
    "INVALID_PAYLOAD_SIZE",
    `the payload is ${size} bytes, the contract takes ${limits.minPayloadSize} to ${limits.maxPayloadSize}`,
  );
}
