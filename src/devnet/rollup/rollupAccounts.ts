import { devnetAccountsFrom, type DevnetAccount } from "../accounts.ts";

/** Index in the development mnemonic, out of the way of the accounts that users of the devnet have. */
const FIRST_INDEX = 100;

export interface RollupAccounts {
  /** Deploys the rollup and is its executor. Sends nothing else: its nonces make the addresses. */
  readonly creator: DevnetAccount;
  /** Posts batches. */
  readonly sequencer: DevnetAccount;
  /** Confirms assertions. */
  readonly validator: DevnetAccount;
}

/** The accounts of the rollup on the settlement chain. Each needs ether there from the start. */
export function rollupAccounts(): RollupAccounts {
  const [creator, sequencer, validator] = devnetAccountsFrom(FIRST_INDEX, 3);
  if (creator === undefined || sequencer === undefined || validator === undefined)
    throw new Error("the mnemonic gave fewer accounts than asked for");
  return { creator, sequencer, validator };
}
