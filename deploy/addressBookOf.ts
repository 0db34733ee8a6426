import { isAddressEqual, type Address, type PublicClient } from "viem";

import type { AddressBook, Origins } from "../src/deployment/addressBook.ts";
import { DeploymentError } from "../src/deployment/DeploymentError.ts";
import { findDeploymentBlock } from "../src/deployment/findDeploymentBlock.ts";
import type { ChainPlan, NetworkPlan } from "../src/deployment/networkPlan.ts";
import type { ProxiedName, UnproxiedName } from "../src/deployment/predictAddresses.ts";

/**
 * The address book of a network that stands.
 *
 * @param known what an earlier one says, for the deployment blocks of chains whose nodes have forgotten their old states
 * @throws {DeploymentError} `DEPLOYMENT_BLOCK_UNKNOWN`
 */
export async function addressBookOf({
  plan: { settlement, appchain, bridge },
  settlement: settlementClient,
  appchain: appchainClient,
  known,
}: {
  readonly plan: NetworkPlan;
  readonly settlement: PublicClient;
  /** Missing while the appchain awaits its bridge: nothing of ours is there, in any block. */
  readonly appchain: PublicClient | undefined;
  readonly known?: Origins | undefined;
}): Promise<AddressBook> {
  const [settlementChainDeploymentBlock, appChainDeploymentBlock] = await Promise.all([
    deploymentBlock(settlementClient, settlement, {
      registry: known?.settlementChainParameterRegistry,
      block: known?.settlementChainDeploymentBlock,
    }),
    appchainClient === undefined
      ? 0
      : deploymentBlock(appchainClient, appchain, {
          registry: known?.appChainParameterRegistry,
          block: known?.appChainDeploymentBlock,
        }),
  ]);
  return {
    ...(bridge.contracts !== null && {
      appChainBridge: bridge.contracts.bridge,
      appChainInbox: bridge.contracts.inbox,
      appChainOutbox: bridge.contracts.outbox,
      appChainRollup: bridge.contracts.rollup,
    }),
    appChainDeploymentBlock,
    appChainFactory: appchain.proxyFactory.address,
    appChainGateway: bridge.appchainGateway,
    appChainId: appchain.chainId,
    appChainParameterRegistry: appchain.registry.proxy,
    deployer: settlement.deployer,
    depositSplitter: unproxiedOf(settlement, "DepositSplitter"),
    distributionManager: proxyOf(settlement, "Rewards"),
    feeToken: proxyOf(settlement, "FeeToken"),
    groupMessageBroadcaster: proxyOf(appchain, "GroupMessages"),
    identityUpdateBroadcaster: proxyOf(appchain, "IdentityUpdates"),
    nodeRegistry: proxyOf(settlement, "Nodes"),
    payerRegistry: proxyOf(settlement, "Payers"),
    payerReportManager: proxyOf(settlement, "PayerReports"),
    rateRegistry: proxyOf(settlement, "Rates"),
    settlementChainDeploymentBlock,
    settlementChainFactory: settlement.proxyFactory.address,
    settlementChainGateway: bridge.settlementGateway,
    settlementChainId: settlement.chainId,
    settlementChainParameterRegistry: settlement.registry.proxy,
    underlyingFeeToken: settlement.underlyingToken,
  };
}

/** Where the registry came into being: the first proxy of either chain, so no event of ours is older. */
async function deploymentBlock(
  client: PublicClient,
  { chain, registry }: ChainPlan,
  known: { readonly registry: Address | undefined; readonly block: number | undefined },
): Promise<number> {
  try {
    return Number(await findDeploymentBlock(client, registry.proxy));
  } catch (error) {
    const isSame = known.registry !== undefined && isAddressEqual(known.registry, registry.proxy);
    if (isSame && known.block !== undefined) return known.block;
    throw new DeploymentError(
      "DEPLOYMENT_BLOCK_UNKNOWN",
      `the ${chain} endpoint does not say in which block ${registry.proxy} was deployed`,
      error,
    );
  }
}

function proxyOf({ chain, contracts }: ChainPlan, wanted: ProxiedName): Address {
  const contract = contracts.find(({ name }) => name === wanted);
  if (contract === undefined) throw new Error(`${wanted} is not planned on the ${chain} chain`);
  return contract.proxy;
}

function unproxiedOf({ chain, unproxied }: ChainPlan, wanted: UnproxiedName): Address {
  const contract = unproxied.find(({ name }) => name === wanted);
  if (contract === undefined) throw new Error(`${wanted} is not planned on the ${chain} chain`);
  return contract.address;
}
