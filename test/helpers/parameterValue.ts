import { toBeHex, zeroPadValue } from "ethers";

/** A parameter as the registries hold it: numbers, addresses and booleans right-aligned in 32 bytes. */
export function parameterValue(value: bigint | boolean | string): string {
  return typeof value === "string" ? zeroPadValue(value, 32) : toBeHex(BigInt(value), 32);
}
