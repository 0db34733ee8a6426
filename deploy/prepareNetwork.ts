import type { Address } from "viem";

import type { Origins } from "../src/deployment/addressBook.ts";
import type { Artifacts } from "../src/deployment/artifacts.ts";
import { readBridgeFacts } from "../src/deployment/bridgeFacts.ts";
import { DeploymentError } from "../src/deployment/DeploymentError.ts";
import type { NetworkParameters } from "../src/deployment/networkParameters.ts";
import {
  awaitsBridge,
  networkPlan,
  type ChainPlan,
  type NetworkPlan,
} from "../src/deployment/networkPlan.ts";
import { areContractsJoined } from "../src/deployment/predicates/areContractsJoined.ts";
import { libraryError } from "../src/errors/libraryErrors.ts";
import { parseAddress } from "../src/inputs/parseAddress.ts";
import { chainConnection, type ChainConnection, type Eip1193Provider } from "./chainConnection.ts";
import { checkChain } from "./checkChain.ts";
import { WEI_PER_MICRODOLLAR } from "../src/payers/microdollars.ts";
import { checkCrossing, planCrossing } from "./crossing.ts";
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
  /** Not needed while the appchain awaits its bridge. */
  readonly appchain?: Eip1193Provider | undefined;
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

export interface PreparedNetwork {
  readonly plan: NetworkPlan;
  readonly settlement: PreparedChain;
  /** Undefined while it awaits its bridge. */
  readonly appchain: PreparedChain | undefined;
}

/**
 * Works out the plan and checks on both chains, and between them, everything that can be known to fail. Sends nothing.
 *
 * @throws {XmtpError} `RPC_UNREACHABLE`, `WRONG_CHAIN`, `INVALID_ADDRESS`, `INVALID_OPTION`
 * @throws {DeploymentError} `DEPLOYER_*`, `NOT_ADMIN`, `TOO_MANY_CANONICAL_NODES`, `UNDERLYING_TOKEN_UNFIT`,
 *   `RATES_START_PASSED`, `BRIDGE_UNFIT`
 */
export async function prepareNetwork({
  parameters,
  artifacts,
  deployer: givenDeployer,
  settlement,
  appchain,
  pollingInterval = 500,
  onProgress = () => {},
}: DeployNetworkConfig): Promise<PreparedNetwork> {
  const deployer = parseAddress(givenDeployer, "deployer");
  if (parameters.deployer !== null && parameters.deployer !== deployer) {
    throw new DeploymentError(
      "DEPLOYER_MISMATCH",
      `the parameters name ${parameters.deployer} as the deployer, not ${deployer}`,
    );
  }
  const plan = networkPlan({ deployer, parameters, artifacts });
  const prepare = async (chainPlan: ChainPlan, provider: Eip1193Provider) => {
    const { observed, count } = observeTransactions(provider, plan, chainPlan, onProgress);
    const connection = chainConnection({ provider: observed, deployer, pollingInterval });
    const facts = await checkChain(connection, chainPlan, affordableOn(chainPlan, plan));
    return { plan: chainPlan, connection, count, facts };
  };
  if (awaitsBridge(plan)) {
    return { plan, settlement: await prepare(plan.settlement, settlement), appchain: undefined };
  }
  if (appchain === undefined)
    throw libraryError("INVALID_OPTION", "there is no provider for the appchain");
  const [prepared, preparedAppchain] = await Promise.all([
    prepare(plan.settlement, settlement),
    prepare(plan.appchain, appchain),
  ]);
  await checkBridge(plan, prepared.connection);
  await checkCrossing({
    plan,
    crossing: await planCrossing(plan, preparedAppchain.connection.client, preparedAppchain.facts),
    settlement: prepared.connection.client,
    facts: prepared.facts,
  });
  return { plan, settlement: prepared, appchain: preparedAppchain };
}

/** Wei that the deployer can have brought to a chain: over the bridge, where there is one, as much as is configured. */
export function affordableOn({ chain }: ChainPlan, { bridge }: NetworkPlan): bigint {
  const isBridged = chain === "appchain" && bridge.contracts !== null;
  return isBridged ? bridge.deployerGas * WEI_PER_MICRODOLLAR : 0n;
}

async function checkBridge({ bridge }: NetworkPlan, { client }: ChainConnection): Promise<void> {
  if (bridge.contracts === null) return;
  const joined = areContractsJoined(await readBridgeFacts({ bridge, settlement: client }), bridge);
  if (!joined.done) throw new DeploymentError("BRIDGE_UNFIT", joined.why);
}
