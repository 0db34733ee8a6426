import { toBeHex, zeroPadValue } from "ethers";

/** A parameter as tests write it: a string is an address. */
export type ParameterValue = bigint | boolean | string;

/** A parameter as the registries hold it: numbers, addresses and booleans right-aligned in 32 bytes. */
export function parameterValue(value: ParameterValue): string {
  return typeof value === "string" ? zeroPadValue(value, 32) : toBeHex(BigInt(value), 32);
}
