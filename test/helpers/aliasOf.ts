import { getAddress, toBeHex, type Addressable } from "ethers";

/** Arbitrum's: what an account of the settlement chain is on the appchain. */
export async function aliasOf(account: Addressable | string): Promise<string> {
  const address = typeof account === "string" ? account : await account.getAddress();
  const alias = (BigInt(address) + 0x1111000000000000000000000000000000001111n) % 2n ** 160n;
  return getAddress(toBeHex(alias, 20));
}
