import { type Hex, bytesToHex } from "viem";
import { mnemonicToAccount } from "viem/accounts";

/** The development mnemonic everybody knows. Never send anything of value to its accounts. */
export const DEVNET_MNEMONIC = "test test test test test test test test test test test junk";

export interface DevnetAccount {
  readonly address: Hex;
  readonly privateKey: Hex;
}

/** The first `count` accounts of the development mnemonic, on the usual path `m/44'/60'/0'/0/i`. */
export function devnetAccounts(count: number): DevnetAccount[] {
  return Array.from({ length: count }, (_, addressIndex) => {
    const account = mnemonicToAccount(DEVNET_MNEMONIC, { addressIndex });
    const privateKey = account.getHdKey().privateKey;
    if (privateKey === null || privateKey === undefined)
      throw new Error(`account ${addressIndex} has no private key`);
    return { address: account.address, privateKey: bytesToHex(privateKey) };
  });
}
