import { toBeHex } from "ethers";

/** A value as a parameter registry keeps it. */
export function word(value: number | bigint | string): string {
  return toBeHex(value, 32);
}
