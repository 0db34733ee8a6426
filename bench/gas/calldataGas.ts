import { getBytes } from "ethers";

/** 16 gas for each byte but zero, 4 for a zero (EIP-2028). */
export function calldataGas(data: string): number {
  return getBytes(data).reduce((gas, byte) => gas + (byte === 0 ? 4 : 16), 0);
}
