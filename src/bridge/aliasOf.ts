import { getAddress, numberToHex, type Address } from "viem";

const OFFSET = 0x1111000000000000000000000000000000001111n;

/** Who an account of the settlement chain is on the appchain, when its message comes through the inbox. */
export function aliasOf(account: Address): Address {
  return getAddress(numberToHex((BigInt(account) + OFFSET) % 2n ** 160n, { size: 20 }));
}
