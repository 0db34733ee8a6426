import type { Address } from "viem";

import type { AddressBook } from "../src/deployment/addressBook.ts";
import type { Artifacts } from "../src/deployment/artifacts.ts";
import { DeploymentError } from "../src/deployment/DeploymentError.ts";
import { findDeploymentBlock } from "../src/deployment/findDeploymentBlock.ts";
import type { NetworkParameters } from "../src/deployment/networkParameters.ts";
import { networkPlan, type ChainPlan, type NetworkPlan } from "../src/deployment/networkPlan.ts";
import { readStatus, type NetworkStatus } from "../src/deployment/status.ts";
import { parseAddress } from "../src/inputs/parseAddress.ts";
import { appchainModule } from "./appchain.ts";
import { chainConnection, type ChainConnection, type Eip1193Provider } from "./chainConnection.ts";
import { checkChain } from "./checkChain.ts";
import { deployChain, outstanding } from "./deployChain.ts";
import { observeTransactions } from "./observeTransactions.ts";
import type { OnProgress } from "./progress.ts";
import { settlementModule } from "./settlement.ts";
import { waitForPending } from "./waitForPending.ts";

const MODULES = { settlement: settlementModule, appchain: appchainModule };

export interface DeployNetworkConfig {
  readonly parameters: NetworkParameters;
  /** The build to deploy, from `readArtifacts`. */
  readonly artifacts: Artifacts;
  /** Account that sends everything; both providers must be able to sign for it. */
  readonly deployer: Address;
  /** Any EIP-1193 provider: a Hardhat connection, or `keyProvider` for an endpoint without keys. */
  readonly settlement: Eip1193Provider;
  readonly appchain: Eip1193Provider;
  /** Milliseconds between two looks for a receipt. Default 500. */
  readonly pollingInterval?: number;
  readonly onProgress?: OnProgress;
}

export interface DeployedNetwork {
  readonly addressBook: AddressBook;
  /** What both chains look like now. An implementation that awaits its migration is the one thing not done here. */
  readonly status: NetworkStatus;
  /** How many were sent; 0 if the network was already as configured. */
  readonly transactions: number;
}

/**
 * Brings a pair of chains to the configured state, from whatever state they are in.
 *
 * The chains themselves are the journal: a second run sends nothing, and a run that was interrupted is finished by the
 * next one. Everything is checked on both chains before anything is sent on either. Writes no file.
 *
 * @throws {XmtpError} `RPC_UNREACHABLE`, `WRONG_CHAIN`: nothing was sent
 * @throws {DeploymentError} `DEPLOYER_*`, `NOT_ADMIN`, `TOO_MANY_CANONICAL_NODES`: nothing was sent
 * @throws {DeploymentError} `DEPLOY_INTERRUPTED`, `DETERMINISTIC_DEPLOYER_REFUSED`: run again
 */
export async function deployNetwork({
  parameters,
  artifacts,
  deployer: givenDeployer,
  settlement,
  appchain,
  pollingInterval = 500,
  onProgress = () => {},
}: DeployNetworkConfig): Promise<DeployedNetwork> {
  const deployer = parseAddress(givenDeployer, "deployer");
  if (parameters.deployer !== null && parameters.deployer !== deployer) {
    throw new DeploymentError(
      "DEPLOYER_MISMATCH",
      `the parameters name ${parameters.deployer} as the deployer, not ${deployer}`,
    );
  }
  const plan = networkPlan({ deployer, parameters, artifacts });
  const prepare = async (chainPlan: ChainPlan, provider: Eip1193Provider) => {
    const { observed, count } = observeTransactions(provider, chainPlan, onProgress);
    const connection = chainConnection({ provider: observed, deployer, pollingInterval });
    await checkChain(connection, chainPlan);
    return { plan: chainPlan, connection, count };
  };
  const chains = await Promise.all([
    prepare(plan.settlement, settlement),
    prepare(plan.appchain, appchain),
  ]);

  // Each chain is brought as far as it goes, also when the other one fails.
  const results = await Promise.allSettled(
    chains.map(async ({ plan: chainPlan, connection, count }) => {
      await waitForPending({ connection, plan: chainPlan, pollingInterval, onProgress });
      const facts = await checkChain(connection, chainPlan);
      onProgress({
        kind: "checked",
        chain: chainPlan.chain,
        outstanding: outstanding(chainPlan, facts),
      });
      const moduleOf = MODULES[chainPlan.chain];
      await deployChain({ plan: chainPlan, facts, connection, moduleOf, pollingInterval });
      onProgress({ kind: "finished", chain: chainPlan.chain, transactions: count() });
    }),
  );
  for (const result of results) if (result.status === "rejected") throw result.reason;

  const [settlementChain, appchainChain] = chains;
  const clients = {
    settlement: settlementChain.connection.client,
    appchain: appchainChain.connection.client,
  };
  return {
    addressBook: await addressBookOf(plan, settlementChain.connection, appchainChain.connection),
    status: await readStatus({ plan, ...clients }),
    transactions: settlementChain.count() + appchainChain.count(),
  };
}

async function addressBookOf(
  { settlement, appchain }: NetworkPlan,
  settlementConnection: ChainConnection,
  appchainConnection: ChainConnection,
): Promise<AddressBook> {
  const proxyOf = ({ chain, contracts }: ChainPlan, wanted: string): Address => {
    const contract = contracts.find(({ name }) => name === wanted);
    if (contract === undefined) throw new Error(`${wanted} is not planned on the ${chain} chain`);
    return contract.proxy;
  };
  // The registry is the first proxy of either chain, so no event of ours is older.
  const [settlementBlock, appchainBlock] = await Promise.all([
    findDeploymentBlock(settlementConnection.client, settlement.registry.proxy),
    findDeploymentBlock(appchainConnection.client, appchain.registry.proxy),
  ]);
  return {
    appChainDeploymentBlock: Number(appchainBlock),
    appChainFactory: appchain.proxyFactory.address,
    appChainId: appchain.chainId,
    appChainParameterRegistry: appchain.registry.proxy,
    deployer: settlement.deployer,
    groupMessageBroadcaster: proxyOf(appchain, "GroupMessages"),
    identityUpdateBroadcaster: proxyOf(appchain, "IdentityUpdates"),
    nodeRegistry: proxyOf(settlement, "Nodes"),
    settlementChainDeploymentBlock: Number(settlementBlock),
    settlementChainFactory: settlement.proxyFactory.address,
    settlementChainId: settlement.chainId,
    settlementChainParameterRegistry: settlement.registry.proxy,
  };
}
