import type { Hex } from "viem";

const HEX = /^0x(?:[0-9a-f]{2})*$/iu;

/** Whether a value is `0x` and whole bytes of hex. */
export function isHexBytes(value: unknown): value is Hex {
  return typeof value === "string" && HEX.test(value);
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
