import { fileURLToPath } from "node:url";

import { createPublicClient, custom, type Address, type PublicClient } from "viem";

import { chainConnection, type Eip1193Provider } from "../../deploy/chainConnection.ts";
import { deployNetwork } from "../../deploy/deployNetwork.ts";
import type { DeployNetworkConfig } from "../../deploy/prepareNetwork.ts";
import { readArtifacts, type Artifacts } from "../../src/deployment/artifacts.ts";
import { networkPlan, type NetworkPlan } from "../../src/deployment/networkPlan.ts";
import {
  readNetworkParameters,
  type NetworkParameters,
} from "../../src/deployment/networkParameters.ts";
import { startChains, type ChainsConfig, type RunningChains } from "../../src/devnet/chains.ts";

const repositoryFile = (path: string): string =>
  fileURLToPath(new URL(`../../${path}`, import.meta.url));

export const DEVNET_PARAMETERS = repositoryFile("deploy/parameters/devnet.json5");

/** Milliseconds. */
const POLLING_INTERVAL = 2;

/** The same network on chains that no bridge joins: the deployer writes the appchain's parameters itself. */
export function withoutBridge(parameters: NetworkParameters): NetworkParameters {
  const { appchain } = parameters;
  return { ...parameters, appchain: { ...appchain, parameterAdmins: ["deployer"], bridge: null } };
}

/** Two chains without any contract of ours and without a bridge, and what it takes to deploy on them. */
export async function emptyChains({ orbit }: Pick<ChainsConfig, "orbit"> = {}) {
  const [chains, artifacts, parameters] = await Promise.all([
    startChains({ blockTime: "automine", ...(orbit && { orbit }) }),
    readArtifacts(repositoryFile("artifacts")),
    readNetworkParameters(DEVNET_PARAMETERS).then(withoutBridge),
  ]);
  const [first] = chains.accounts;
  if (first === undefined) throw new Error("the chains have no account");
  const deployer = first.address;

  const config: DeployNetworkConfig = {
    parameters,
    artifacts,
    deployer,
    settlement: chains.settlement.provider,
    appchain: chains.appchain.provider,
    pollingInterval: POLLING_INTERVAL,
  };

  return {
    chains,
    artifacts,
    parameters,
    deployer,
    config,
    deploy: (changes: Partial<DeployNetworkConfig> = {}) =>
      deployNetwork({ ...config, ...changes }),
    plan: (changed: NetworkParameters = parameters): NetworkPlan =>
      networkPlan({ deployer, parameters: changed, artifacts }),
    settlement: clientOf(chains.settlement.provider),
    appchain: clientOf(chains.appchain.provider),
    /** Sends a transaction from any unlocked account and waits for it. */
    sendFrom: (chain: "settlement" | "appchain", from: Address) =>
      chainConnection({
        provider: chains[chain].provider,
        deployer: from,
        pollingInterval: POLLING_INTERVAL,
      }).send,
    /** Transactions that the deployer has sent on either chain. */
    sent: async (): Promise<[settlement: number, appchain: number]> => [
      await clientOf(chains.settlement.provider).getTransactionCount({ address: deployer }),
      await clientOf(chains.appchain.provider).getTransactionCount({ address: deployer }),
    ],
    stop: chains.stop,
  };
}

export type EmptyChains = Awaited<ReturnType<typeof emptyChains>>;

export type { Artifacts };

/** Remembers the state of both chains; the returned function goes back to it. */
export async function remember({
  settlement,
  appchain,
}: RunningChains): Promise<() => Promise<void>> {
  const chains = [settlement.provider, appchain.provider];
  const snapshots = await Promise.all(
    chains.map((provider) => provider.request({ method: "evm_snapshot" })),
  );
  return async () => {
    await Promise.all(
      chains.map((provider, index) =>
        provider.request({ method: "evm_revert", params: [snapshots[index]] }),
      ),
    );
  };
}

function clientOf(provider: Eip1193Provider): PublicClient {
  return createPublicClient({
    transport: custom(provider),
    cacheTime: 0,
    pollingInterval: POLLING_INTERVAL,
  });
}
