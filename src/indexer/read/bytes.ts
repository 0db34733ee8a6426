import type { Hex } from "viem";

/** Hex as a parameter of type bytea. */
export function toBytes(hex: Hex): Buffer {
  return Buffer.from(hex.slice(2), "hex");
}
