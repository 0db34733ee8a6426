import type { Hex } from "viem";

/** Whether a value is `0x` and whole bytes of hex. */
export function isHexBytes(value: unknown): value is Hex {
  if (typeof value !== "string" || !value.startsWith("0x") || value.length % 2 !== 0) return false;

  // Node stops at the first pair that is no hex. A regular expression takes four times as long, for each payload.
  return Buffer.from(value.slice(2), "hex").length === byteLength(value as Hex);
}

/** Bytes as lowercase hex with `0x`. Accepts hex that has passed `isHexBytes`. */
export function toHexBytes(value: Hex | Uint8Array): Hex {
  if (typeof value === "string") return value.toLowerCase() as Hex;

  return `0x${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("hex")}`;
}

/** The number of bytes that hex which has passed `isHexBytes` stands for. */
export function byteLength(hex: Hex): number {
  return (hex.length - 2) / 2;
}
