import { size, type Hex } from "viem";

/** A 32-byte value as a person reads it: small ones as a number, others as hex without leading zeros. */
export function showWord(word: Hex): string {
  if (size(word) === 0) return "nothing";
  const value = BigInt(word);
  return value <= 0xffff_ffffn ? value.toString() : `0x${value.toString(16)}`;
}
