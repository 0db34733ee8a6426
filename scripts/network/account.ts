import type { Address, LocalAccount } from "viem";

import { libraryError } from "../../src/errors/libraryErrors.ts";
import type { Output } from "./output.ts";

/** As in `deploy/parameters/devnet.json5`: nothing of value is on chains with these ids. */
const DEVNET_CHAIN_IDS: readonly number[] = [31_338, 31_339];

/** Who signs. The key stays in this process. */
export interface Signer {
  readonly key: string;
  readonly account: LocalAccount;
  readonly address: Address;
}

/**
 * The account that signs: from `PRIVATE_KEY`, on the devnet else its first account, elsewhere else from the Hardhat
 * keystore.
 *
 * @param chainIds every chain that the account will sign for
 * @throws {XmtpError} `INVALID_PRIVATE_KEY`
 */
export async function readAccount({
  network,
  privateKey,
  chainIds,
  output,
}: {
  readonly network: string;
  readonly privateKey?: string | undefined;
  readonly chainIds: readonly number[];
  readonly output: Output;
}): Promise<Signer> {
  if (privateKey !== undefined) return signer(privateKey, "PRIVATE_KEY");

  if (network === "devnet" && chainIds.every((chainId) => DEVNET_CHAIN_IDS.includes(chainId))) {
    const { devnetAccounts } = await import("../../src/devnet/accounts.ts");
    const [first] = devnetAccounts(1);
    if (first === undefined) throw new RangeError("the devnet has no account");
    output.note(
      `PRIVATE_KEY is not set: signing as ${first.address}, the devnet's first account, whose test key is public`,
    );
    return signer(first.privateKey, "key of the first devnet account");
  }

  const { openKeystore } = await import("./keystore.ts");
  const stored = await (await openKeystore("settlement")).readPrivateKey();
  if (stored !== undefined) return signer(stored, "PRIVATE_KEY of the Hardhat keystore");
  throw libraryError("INVALID_PRIVATE_KEY", "there is no key to sign with", {
    hint: "set PRIVATE_KEY in the environment, or store it: npx hardhat keystore set PRIVATE_KEY",
  });
}

async function signer(key: string, name: string): Promise<Signer> {
  const { parsePrivateKey } = await import("../../src/inputs/parsePrivateKey.ts");
  const account = parsePrivateKey(key, name);

  return { key, account, address: account.address };
}
