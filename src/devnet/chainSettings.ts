import { hash } from "node:crypto";

import type { EdrNetworkUserConfig } from "hardhat/types/config";

import type { DevnetAccount } from "./accounts.ts";
import type { GenesisFacts } from "./journal.ts";
import { ORBIT_BASE_FEE, SEQUENCER_ACCOUNT, type OrbitConfig } from "./orbit.ts";
import { rollupAccounts } from "./rollup/rollupAccounts.ts";

/** Not 31337: nothing is to be confused with somebody's default development node. */
export const SETTLEMENT_CHAIN_ID = 31338;
export const APPCHAIN_CHAIN_ID = 31339;
/** Gas; ten times what the gateway of xmtpd gives one publish. */
const BLOCK_GAS_LIMIT = 60_000_000;
/** Wei per gas in the first block. EDR lowers it by up to an eighth per empty block. */
const INITIAL_BASE_FEE = 1_000_000_000;
/** Wei per account and chain: 10,000 native tokens. */
const ACCOUNT_BALANCE = 10_000n * 10n ** 18n;

export type ChainSettings = ReturnType<typeof settlementSettings | typeof appchainSettings>;

interface SettingsOptions {
  readonly hardfork: string;
  readonly accounts: readonly DevnetAccount[];
  readonly orbit?: OrbitConfig | undefined;
}

export function settlementSettings({ hardfork, accounts, orbit }: SettingsOptions) {
  const operators = orbit ? Object.values({ ...rollupAccounts() }) : [];
  return {
    ...COMMON_SETTINGS,
    chainType: "op",
    chainId: SETTLEMENT_CHAIN_ID,
    hardfork,
    accounts: [...accounts, ...operators].map(withBalance(ACCOUNT_BALANCE)),
  } satisfies EdrNetworkUserConfig;
}

export function appchainSettings({ hardfork, accounts, orbit }: SettingsOptions) {
  return {
    ...COMMON_SETTINGS,
    chainType: "l1",
    chainId: APPCHAIN_CHAIN_ID,
    hardfork,
    accounts: accounts.map(withBalance(orbit ? 0n : ACCOUNT_BALANCE)),
    ...(orbit && { coinbase: SEQUENCER_ACCOUNT, initialBaseFeePerGas: Number(ORBIT_BASE_FEE) }),
  } satisfies EdrNetworkUserConfig;
}

/** What decides about the first block, and the state in it. */
export function genesisFacts(
  { chainId, hardfork, accounts }: ChainSettings,
  orbit?: OrbitConfig,
): GenesisFacts {
  const balances = accounts.map(({ privateKey, balance }) => [privateKey, String(balance)]);
  const digest = (value: unknown): string => hash("sha256", JSON.stringify(value), "base64");
  return { chainId, hardfork, accounts: digest(balances), system: digest(orbit ?? null) };
}

function withBalance(balance: bigint) {
  return ({ privateKey }: DevnetAccount) => ({ privateKey, balance });
}

const COMMON_SETTINGS = {
  type: "edr-simulated",
  blockGasLimit: BLOCK_GAS_LIMIT,
  initialBaseFeePerGas: INITIAL_BASE_FEE,
  // Blocks less than a second apart must not push the chain's clock into the future.
  allowBlocksWithSameTimestamp: true,
  // A failing transaction gets a hash and a receipt with status 0, as on any other chain.
  throwOnTransactionFailures: false,
  // The block producer mines.
  mining: { auto: false, interval: 0, mempool: { order: "fifo" } },
} satisfies Partial<EdrNetworkUserConfig>;
