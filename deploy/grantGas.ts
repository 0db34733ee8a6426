import { numberToHex, type Address } from "viem";

import type { NetworkPlan } from "../src/deployment/networkPlan.ts";
import type { ChainConnection } from "./chainConnection.ts";
import { WEI_PER_MICRODOLLAR } from "../src/payers/microdollars.ts";
import { moveGas } from "./moveGas.ts";

/** Units of the fee token, which become as many native tokens: 10,000. */
const GRANT = 10_000_000_000n;
const TRANSFER_GAS = 21_000n;

/**
 * Gives each account gas money on the appchain that never had any, and the deployer enough for all: one deposit over the
 * bridge, then transfers. The deployer's transfers and deployments are paid from its own part.
 *
 * @throws {DeploymentError} as `moveGas`
 */
export async function grantGas({
  accounts,
  plan,
  settlement,
  appchain,
  pollingInterval,
}: {
  /** Held by the appchain's node; the deployer may be among them. */
  readonly accounts: readonly Address[];
  readonly plan: NetworkPlan;
  readonly settlement: ChainConnection;
  readonly appchain: ChainConnection;
  /** Milliseconds. */
  readonly pollingInterval: number;
}): Promise<void> {
  const { deployer } = plan.appchain;
  const { client, provider } = appchain;
  const isFresh = async (address: Address): Promise<boolean> => {
    const [balance, nonce] = await Promise.all([
      client.getBalance({ address }),
      client.getTransactionCount({ address }),
    ]);
    return balance === 0n && nonce === 0;
  };
  const fresh = await Promise.all(accounts.map(isFresh));
  const poor = accounts.filter((_, index) => fresh[index]);
  const recipients = poor.filter((address) => address !== deployer);
  const held = (await client.getBalance({ address: deployer })) / WEI_PER_MICRODOLLAR;
  const missing = GRANT * BigInt(poor.length) - held;
  if (poor.length === 0) return;
  if (missing > 0n) await moveGas({ plan, settlement, appchain, amount: missing, pollingInterval });

  for (const to of recipients) {
    const value = numberToHex(GRANT * WEI_PER_MICRODOLLAR);
    const transfer = { from: deployer, to, value, gas: numberToHex(TRANSFER_GAS) };
    await provider.request({ method: "eth_sendTransaction", params: [transfer] });
  }
}
