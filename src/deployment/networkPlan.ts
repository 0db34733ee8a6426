import { encodeFunctionData, isAddressEqual, type Address, type Hex } from "viem";

import { nodesAbi, settlementParametersAbi } from "../abi/index.ts";
import type { Artifact, Artifacts } from "./artifacts.ts";
import type { Account, BridgeContracts, NetworkParameters } from "./networkParameters.ts";
import { plannedParameters, type PlannedParameter } from "./plannedParameters.ts";
import {
  predictAddresses,
  type ProxiedContract,
  type ProxiedName,
  type UnproxiedContract,
  type UnproxiedName,
} from "./predictAddresses.ts";

export type ChainName = "settlement" | "appchain";

export interface PlannedContract extends ProxiedContract {
  readonly name: ProxiedName;
  readonly artifact: Artifact;
  /** What the factory calls on the new proxy, in the same transaction. */
  readonly initializeCallData: Hex;
}

export interface PlannedUnproxied extends UnproxiedContract {
  readonly name: UnproxiedName;
  readonly artifact: Artifact;
}

/** Everything that is to be true of one chain. */
export interface ChainPlan {
  readonly chain: ChainName;
  readonly chainId: number;
  readonly deployer: Address;
  readonly proxyFactory: { readonly address: Address; readonly artifact: Artifact };
  readonly proxyArtifact: Artifact;
  /** The parameter registry comes first: the others read it. */
  readonly contracts: readonly PlannedContract[];
  /** They come last: their constructors call the others. */
  readonly unproxied: readonly PlannedUnproxied[];
  readonly registry: PlannedContract;
  readonly registryAdmins: readonly Address[];
  /** Who writes into the registry: an admin itself, or the appchain's gateway what comes over the bridge. */
  readonly writer: Address;
  readonly parameters: readonly PlannedParameter[];
  /** Unix seconds from which new prices hold; see `startOfNewRates`. */
  readonly ratesStart?: number | "deployment";
  /** The token of somebody else that the fee token wraps: it has to be there. */
  readonly foreignToken?: Address;
}

export interface SettlementPlan extends ChainPlan {
  readonly chain: "settlement";
  /** The token that the fee token wraps, ours or somebody else's. */
  readonly underlyingToken: Address;
}

export interface NetworkPlan {
  readonly settlement: SettlementPlan;
  readonly appchain: ChainPlan;
  readonly bridge: BridgePlan;
}

/** What joins the chains, or will. */
export interface BridgePlan {
  /** The rollup's contracts on the settlement chain; null where there is none yet. */
  readonly contracts: BridgeContracts | null;
  readonly settlementGateway: Address;
  readonly appchainGateway: Address;
  readonly feeToken: Address;
  readonly appchainId: number;
  /** Whether the appchain's parameters come over the bridge, because the deployer is no admin there. */
  readonly carriesParameters: boolean;
  /** Microdollars that the deployer moves to the appchain when it cannot pay for gas there. */
  readonly deployerGas: bigint;
}

/** Whether nothing can be done on the appchain until there is a bridge. */
export function awaitsBridge({ bridge }: NetworkPlan): boolean {
  return bridge.carriesParameters && bridge.contracts === null;
}

/** Works out what a network is to be from its parameters, the deployer and the build. Asks no chain. */
export function networkPlan({
  deployer,
  parameters,
  artifacts,
}: {
  readonly deployer: Address;
  readonly parameters: NetworkParameters;
  readonly artifacts: Artifacts;
}): NetworkPlan {
  const { proxyFactory, contracts, unproxied, underlyingToken } = predictAddresses({
    deployer,
    edition: parameters.edition,
    artifacts,
    underlyingToken: parameters.settlement.underlyingToken,
    appchainId: parameters.appchain.chainId,
  });
  const resolve = (account: Account): Address => (account === "deployer" ? deployer : account);
  const settlementAdmins = parameters.settlement.parameterAdmins.map(resolve);
  const { parameterAdmins } = parameters.appchain;
  const appchainGateway = contracts.AppchainGateway.proxy;
  const appchainAdmins = parameterAdmins.map((admin) =>
    admin === "gateway" ? appchainGateway : resolve(admin),
  );
  const carriesParameters =
    parameterAdmins.includes("gateway") &&
    !appchainAdmins.some((admin) => isAddressEqual(admin, deployer));
  const planned = plannedParameters({
    parameters,
    settlementAdmins,
    appchainAdmins,
    settler: contracts.PayerReports.proxy,
    feeDistributor: contracts.Rewards.proxy,
    resolve,
  });

  const contract = (name: ProxiedName, initializeCallData = INITIALIZE): PlannedContract => ({
    name,
    artifact: artifacts[name],
    initializeCallData,
    ...contracts[name],
  });
  const settlementParameters = contract(
    "SettlementParameters",
    initializeRegistry(settlementAdmins),
  );
  const appchainParameters = contract("AppchainParameters", initializeRegistry(appchainAdmins));
  const shared = {
    deployer,
    proxyFactory: { address: proxyFactory, artifact: artifacts.ProxyFactory },
    proxyArtifact: artifacts.MigratableProxy,
  };

  return {
    settlement: {
      ...shared,
      chain: "settlement",
      chainId: parameters.settlement.chainId,
      contracts: [
        settlementParameters,
        contract("Nodes"),
        ...(parameters.settlement.underlyingToken === "mock"
          ? [contract("MockUnderlyingFeeToken")]
          : []),
        contract("FeeToken"),
        contract("Payers"),
        contract("Rates"),
        contract("PayerReports"),
        contract("Rewards"),
        contract("SettlementGateway"),
      ],
      unproxied: [
        {
          name: "DepositSplitter",
          artifact: artifacts.DepositSplitter,
          ...unproxied.DepositSplitter,
        },
      ],
      ratesStart: parameters.settlement.rates.ratesInEffectAfter,
      underlyingToken,
      ...(parameters.settlement.underlyingToken !== "mock" && { foreignToken: underlyingToken }),
      registry: settlementParameters,
      registryAdmins: settlementAdmins,
      writer: deployer,
      parameters: planned.settlement,
    },
    appchain: {
      ...shared,
      chain: "appchain",
      chainId: parameters.appchain.chainId,
      contracts: [
        appchainParameters,
        contract("AppchainGateway"),
        contract("GroupMessages"),
        contract("IdentityUpdates"),
      ],
      unproxied: [],
      registry: appchainParameters,
      registryAdmins: appchainAdmins,
      writer: carriesParameters ? appchainGateway : deployer,
      parameters: planned.appchain,
    },
    bridge: {
      contracts: parameters.appchain.bridge,
      settlementGateway: contracts.SettlementGateway.proxy,
      appchainGateway,
      feeToken: contracts.FeeToken.proxy,
      appchainId: parameters.appchain.chainId,
      carriesParameters,
      deployerGas: BigInt(parameters.appchain.deployerGas),
    },
  };
}

/** Consumers of parameters take no argument: they read the registry. */
const INITIALIZE = encodeFunctionData({ abi: nodesAbi, functionName: "initialize" });

/** The two registries have the same function. */
function initializeRegistry(admins: readonly Address[]): Hex {
  return encodeFunctionData({
    abi: settlementParametersAbi,
    functionName: "initialize",
    args: [admins],
  });
}
