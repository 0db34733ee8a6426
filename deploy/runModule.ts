import { deploy, DeploymentResultType, type IgnitionModule } from "@nomicfoundation/ignition-core";
import type { Address } from "viem";

import type { Eip1193Provider } from "./chainConnection.ts";

/**
 * Blocks to wait for after each transaction. One: both kinds of chain order transactions in a single sequencer, and a
 * deployment that a reorg undoes is completed by the next run.
 */
const REQUIRED_CONFIRMATIONS = 1;

/**
 * Runs a module with a journal that is forgotten afterwards: the chain itself says what is there.
 *
 * @throws {Error} naming each step that failed and why
 */
export async function runModule({
  module,
  provider,
  deployer,
  pollingInterval,
}: {
  readonly module: IgnitionModule;
  readonly provider: Eip1193Provider;
  readonly deployer: Address;
  /** Milliseconds between two looks at the chain. */
  readonly pollingInterval: number;
}): Promise<void> {
  const result = await deploy({
    ignitionModule: module,
    provider,
    accounts: [deployer],
    defaultSender: deployer,
    deploymentParameters: {},
    artifactResolver: {
      // Every contract of our modules brings its artifact along.
      loadArtifact: (name) => Promise.reject(new Error(`the module names no artifact for ${name}`)),
      getBuildInfo: () => Promise.resolve(undefined),
    },
    config: {
      requiredConfirmations: REQUIRED_CONFIRMATIONS,
      blockPollingInterval: pollingInterval,
    },
  });
  switch (result.type) {
    case DeploymentResultType.SUCCESSFUL_DEPLOYMENT:
      return;
    case DeploymentResultType.EXECUTION_ERROR: {
      const failed = result.failed.map(({ futureId, error }) => `${futureId}: ${error}`);
      const late = result.timedOut.map(({ futureId }) => `${futureId}: not mined in time`);
      throw new Error([...failed, ...late].join("; "));
    }
    default:
      throw new Error(JSON.stringify(result.errors));
  }
}
