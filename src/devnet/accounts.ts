import { pbkdf2Sync } from "node:crypto";

import { bytesToHex, type Hex } from "viem";
import { HDKey, hdKeyToAccount } from "viem/accounts";

/** The development mnemonic everybody knows. Never send anything of value to its accounts. */
export const DEVNET_MNEMONIC = "test test test test test test test test test test test junk";

export interface DevnetAccount {
  readonly address: Hex;
  readonly privateKey: Hex;
}

/** The first `count` accounts of the development mnemonic, on the usual path `m/44'/60'/0'/0/i`. */
export function devnetAccounts(count: number): DevnetAccount[] {
  return devnetAccountsFrom(0, count);
}

/** As `devnetAccounts`, from the index `first` on. */
export function devnetAccountsFrom(first: number, count: number): DevnetAccount[] {
  // BIP-39, once for all accounts and natively: in JavaScript the 2048 rounds take a noticeable part of the start.
  const seed = pbkdf2Sync(DEVNET_MNEMONIC, "mnemonic", 2048, 64, "sha512");
  const root = HDKey.fromMasterSeed(seed);
  return Array.from({ length: count }, (_, position) => {
    const addressIndex = first + position;
    const account = hdKeyToAccount(root, { addressIndex });
    const { privateKey } = account.getHdKey();
    if (privateKey === null) throw new Error(`account ${addressIndex} has no private key`);
    return { address: account.address, privateKey: bytesToHex(privateKey) };
  });
}
