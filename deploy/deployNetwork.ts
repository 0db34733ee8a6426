import type { Address } from "viem";

import type { AddressBook } from "../src/deployment/addressBook.ts";
import { findDeploymentBlock } from "../src/deployment/findDeploymentBlock.ts";
import type { ChainPlan, NetworkPlan } from "../src/deployment/networkPlan.ts";
import { readStatus, type NetworkStatus } from "../src/deployment/status.ts";
import { appchainModule } from "./appchain.ts";
import type { ChainConnection } from "./chainConnection.ts";
import { checkChain } from "./checkChain.ts";
import { deployChain, outstanding } from "./deployChain.ts";
import { prepareNetwork, type DeployNetworkConfig } from "./prepareNetwork.ts";
import { settlementModule } from "./settlement.ts";
import { waitForPending } from "./waitForPending.ts";

const MODULES = { settlement: settlementModule, appchain: appchainModule };

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
export async function deployNetwork(config: DeployNetworkConfig): Promise<DeployedNetwork> {
  const { plan, chains } = await prepareNetwork(config);
  const { pollingInterval = 500, onProgress = () => {} } = config;

  // Each chain is brought as far as it goes, also when the other one fails.
  const results = await Promise.allSettled(
    [chains.settlement, chains.appchain].map(async ({ plan: chainPlan, connection, count }) => {
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

  const { settlement, appchain } = chains;
  return {
    addressBook: await addressBookOf(plan, settlement.connection, appchain.connection),
    status: await readStatus({
      plan,
      settlement: settlement.connection.client,
      appchain: appchain.connection.client,
    }),
    transactions: settlement.count() + appchain.count(),
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
