import type { Address } from "viem";

import type { Origins } from "../src/deployment/addressBook.ts";
import type { Artifacts } from "../src/deployment/artifacts.ts";
import { DeploymentError } from "../src/deployment/DeploymentError.ts";
import type { NetworkParameters } from "../src/deployment/networkParameters.ts";
import { networkPlan, type ChainPlan, type NetworkPlan } from "../src/deployment/networkPlan.ts";
import { parseAddress } from "../src/inputs/parseAddress.ts";
import { chainConnection, type ChainConnection, type Eip1193Provider } from "./chainConnection.ts";
import { checkChain } from "./checkChain.ts";
import { observeTransactions } from "./observeTransactions.ts";
import type { OnProgress } from "./progress.ts";

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
  /** The network's address book so far: its deployment blocks are taken where a node has forgotten old states. */
  readonly known?: Origins | undefined;
}

/** A chain that was found fit for its plan. */
export interface PreparedChain {
  readonly plan: ChainPlan;
  readonly connection: ChainConnection;
  /** Transactions sent so far. */
  readonly count: () => number;
}

/**
 * Works out the plan and checks on both chains everything that can be known to fail. Sends nothing.
 *
 * @throws {XmtpError} `RPC_UNREACHABLE`, `WRONG_CHAIN`, `INVALID_ADDRESS`
 * @throws {DeploymentError} `DEPLOYER_*`, `NOT_ADMIN`, `TOO_MANY_CANONICAL_NODES`, `UNDERLYING_TOKEN_UNFIT`, `RATES_START_PASSED`
 */
export async function prepareNetwork({
  parameters,
  artifacts,
  deployer: givenDeployer,
  settlement,
  appchain,
  pollingInterval = 500,
  onProgress = () => {},
}: DeployNetworkConfig): Promise<{
  readonly plan: NetworkPlan;
  readonly chains: { readonly settlement: PreparedChain; readonly appchain: PreparedChain };
}> {
  const deployer = parseAddress(givenDeployer, "deployer");
  if (parameters.deployer !== null && parameters.deployer !== deployer) {
    throw new DeploymentError(
      "DEPLOYER_MISMATCH",
      `the parameters name ${parameters.deployer} as the deployer, not ${deployer}`,
    );
  }
  const plan = networkPlan({ deployer, parameters, artifacts });
  const prepare = async (
    chainPlan: ChainPlan,
    provider: Eip1193Provider,
  ): Promise<PreparedChain> => {
    const { observed, count } = observeTransactions(provider, chainPlan, onProgress);
    const connection = chainConnection({ provider: observed, deployer, pollingInterval });
    await checkChain(connection, chainPlan);
    return { plan: chainPlan, connection, count };
  };
  const [settlementChain, appchainChain] = await Promise.all([
    prepare(plan.settlement, settlement),
    prepare(plan.appchain, appchain),
  ]);
  return { plan, chains: { settlement: settlementChain, appchain: appchainChain } };
}
