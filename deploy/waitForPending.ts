import { setTimeout as delay } from "node:timers/promises";

import type { PublicClient } from "viem";

import { DeploymentError } from "../src/deployment/DeploymentError.ts";
import type { ChainPlan } from "../src/deployment/networkPlan.ts";
import type { OnProgress } from "./progress.ts";

/**
 * Waits until nothing of the deployer is in the mempool, such as what an interrupted run has sent.
 *
 * @throws {DeploymentError} `DEPLOYER_BUSY` after two minutes
 */
export async function waitForPending({
  client,
  plan: { chain, deployer },
  pollingInterval,
  onProgress,
  timeout = 120_000,
}: {
  readonly client: PublicClient;
  readonly plan: ChainPlan;
  readonly pollingInterval: number;
  readonly onProgress: OnProgress;
  /** Milliseconds. */
  readonly timeout?: number;
}): Promise<void> {
  const deadline = Date.now() + timeout;
  let reported = 0;
  for (;;) {
    const [pending, mined] = await Promise.all([
      client.getTransactionCount({ address: deployer, blockTag: "pending" }),
      client.getTransactionCount({ address: deployer, blockTag: "latest" }),
    ]);
    const pendingTransactions = pending - mined;
    if (pendingTransactions <= 0) return;
    if (Date.now() > deadline) {
      throw new DeploymentError(
        "DEPLOYER_BUSY",
        `${pendingTransactions} transactions of ${deployer} on the ${chain} chain are not mined after ${timeout / 1000} s`,
      );
    }
    if (pendingTransactions !== reported)
      onProgress({ kind: "waiting", chain, pendingTransactions });
    reported = pendingTransactions;
    await delay(pollingInterval);
  }
}
