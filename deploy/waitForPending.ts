import { setTimeout as delay } from "node:timers/promises";

import { DeploymentError } from "../src/deployment/DeploymentError.ts";
import type { ChainPlan } from "../src/deployment/networkPlan.ts";
import type { ChainConnection } from "./chainConnection.ts";
import type { OnProgress } from "./progress.ts";

const DEADLINE_MS = 120_000;

/**
 * Waits until nothing of the deployer is in the mempool, such as what an interrupted run has sent.
 *
 * @throws {DeploymentError} `DEPLOYER_BUSY` after two minutes
 */
export async function waitForPending({
  connection: { client },
  plan: { chain, deployer },
  pollingInterval,
  onProgress,
}: {
  readonly connection: ChainConnection;
  readonly plan: ChainPlan;
  readonly pollingInterval: number;
  readonly onProgress: OnProgress;
}): Promise<void> {
  const deadline = Date.now() + DEADLINE_MS;
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
        `${pendingTransactions} transactions of ${deployer} on the ${chain} chain are not mined after ${DEADLINE_MS / 1000} s`,
      );
    }
    if (pendingTransactions !== reported)
      onProgress({ kind: "waiting", chain, pendingTransactions });
    reported = pendingTransactions;
    await delay(pollingInterval);
  }
}
