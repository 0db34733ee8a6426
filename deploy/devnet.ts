import { fileURLToPath } from "node:url";

import type { AddressBook } from "../src/deployment/addressBook.ts";
import { readArtifacts } from "../src/deployment/artifacts.ts";
import { readNetworkParameters } from "../src/deployment/networkParameters.ts";
import { startChains, type ChainsConfig, type RunningChains } from "../src/devnet/chains.ts";
import { deployNetwork } from "./deployNetwork.ts";
import type { OnProgress } from "./progress.ts";

const ARTIFACTS = fileURLToPath(new URL("../artifacts", import.meta.url));
const PARAMETERS = fileURLToPath(new URL("./parameters/devnet.json5", import.meta.url));

/** Milliseconds between two looks for a receipt; the chains are in this process. */
const POLLING_INTERVAL = 5;

export interface DevnetConfig extends ChainsConfig {
  readonly onProgress?: OnProgress;
}

export interface Devnet extends RunningChains {
  readonly addresses: AddressBook;
}

/**
 * Starts both chains on loopback and deploys and configures the whole network on them. The first account is the deployer
 * and admin of everything. Needs a build, and writes no file.
 *
 * @throws {DevnetError} `PORT_TAKEN`
 * @throws {DeploymentError} `ARTIFACTS_MISSING`
 * @example
 * const devnet = await startDevnet({ blockTime: 250 });
 * console.log(devnet.addresses.nodeRegistry);
 * await devnet.stop();
 */
export async function startDevnet({
  onProgress,
  blockTime = 1000,
  ...config
}: DevnetConfig = {}): Promise<Devnet> {
  const [artifacts, parameters] = await Promise.all([
    readArtifacts(ARTIFACTS),
    readNetworkParameters(PARAMETERS),
  ]);
  // Nobody waits for a block while the contracts go out; the configured block time begins afterwards.
  const chains = await startChains({ ...config, blockTime: "automine" });
  try {
    const [deployer] = chains.accounts;
    if (deployer === undefined) throw new RangeError("accountCount must be at least 1");
    const { addressBook } = await deployNetwork({
      parameters,
      artifacts,
      deployer: deployer.address,
      settlement: chains.settlement.provider,
      appchain: chains.appchain.provider,
      pollingInterval: POLLING_INTERVAL,
      ...(onProgress && { onProgress }),
    });
    await Promise.all([
      chains.settlement.setBlockTime(blockTime),
      chains.appchain.setBlockTime(blockTime),
    ]);
    return { ...chains, addresses: addressBook };
  } catch (error) {
    await chains.stop();
    throw error;
  }
}
