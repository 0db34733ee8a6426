import { encodeFunctionData, pad, toHex, zeroAddress, type Address, type Hex } from "viem";

import { appchainGatewayAbi, nodesAbi, ratesAbi, settlementGatewayAbi } from "../abi/index.ts";
import { APPCHAIN_ADMIN_PREFIX, SETTLEMENT_ADMIN_PREFIX } from "../parameters/parameterKeys.ts";
import type { Account, NetworkParameters } from "./networkParameters.ts";
import type { ProxiedName } from "./predictAddresses.ts";

/** A parameter that the registry is to hold, and the contract that is to have applied it. */
export interface PlannedParameter {
  readonly key: string;
  /** As the registry stores it: 32 bytes, right-aligned. */
  readonly value: Hex;
  /** The value as a person writes it. */
  readonly shown: string;
  /** Missing where no contract keeps a copy: admin rights, and what is read when it is needed. */
  readonly consumer?: Consumer;
}

/** A contract that keeps a copy of a parameter. */
export interface Consumer {
  readonly contract: ProxiedName;
  /** What answers with the copy, as one word: a function without arguments, or a field of the last rates. */
  readonly getter: string;
  /** Answers with the copy in place of the getter, where that takes arguments. */
  readonly read?: Hex;
  /** The call that makes the contract take the parameter over. */
  readonly update: Hex;
}

const UPDATE_ALL = encodeFunctionData({ abi: nodesAbi, functionName: "updateAll" }); // the same in all that have it
const UPDATE_RATES = encodeFunctionData({ abi: ratesAbi, functionName: "updateRates" });
/** The same function in both gateways. */
const UPDATE_PAUSE = encodeFunctionData({
  abi: appchainGatewayAbi,
  functionName: "updatePauseStatus",
});

/**
 * The parameters of both registries, with production's keys.
 *
 * A bootstrapper of null is left alone: the contracts take no zero address for one. When prices start to hold depends on
 * the chain, so that key is not among these; see `ratesToSet`. Where the gateway is an admin of the appchain, the
 * registry of the settlement chain holds the appchain's parameters too: anyone may have them carried over.
 *
 * @param settler contract that settles usage in the escrow
 * @param feeDistributor contract that the escrow sends its excess to
 */
export function plannedParameters({
  parameters: { settlement, appchain },
  settlementAdmins,
  appchainAdmins,
  settler,
  feeDistributor,
  resolve,
}: {
  readonly parameters: NetworkParameters;
  readonly settlementAdmins: readonly Address[];
  readonly appchainAdmins: readonly Address[];
  readonly settler: Address;
  readonly feeDistributor: Address;
  readonly resolve: (account: Account) => Address;
}): { readonly settlement: PlannedParameter[]; readonly appchain: PlannedParameter[] } {
  const { ratesInEffectAfter: _, ...prices } = settlement.rates;
  const orZero = (account: Account | null) => (account === null ? zeroAddress : resolve(account));
  const payloadLog = (
    prefix: string,
    contract: ProxiedName,
    { payloadBootstrapper, ...settings }: NetworkParameters["appchain"]["groupMessages"],
  ): PlannedParameter[] =>
    applied(prefix, contract, {
      ...settings,
      ...(payloadBootstrapper !== null && { payloadBootstrapper: resolve(payloadBootstrapper) }),
    });

  const ofAppchain = [
    ...appchainAdmins.map((admin) => adminRight(APPCHAIN_ADMIN_PREFIX, admin)),
    ...applied("xmtp.appChainGateway", "AppchainGateway", appchain.gateway, UPDATE_PAUSE),
    ...payloadLog("xmtp.groupMessageBroadcaster", "GroupMessages", appchain.groupMessages),
    ...payloadLog("xmtp.identityUpdateBroadcaster", "IdentityUpdates", appchain.identityUpdates),
  ];
  const { paused, strayTokensRecipient } = settlement.gateway;
  return {
    settlement: [
      ...settlementAdmins.map((admin) => adminRight(SETTLEMENT_ADMIN_PREFIX, admin)),
      ...applied("xmtp.nodeRegistry", "Nodes", {
        admin: resolve(settlement.nodes.admin),
        maxCanonicalNodes: settlement.nodes.maxCanonicalNodes,
      }),
      ...applied("xmtp.payerRegistry", "Payers", { settler, feeDistributor, ...settlement.payers }),
      ...applied("xmtp.rateRegistry", "Rates", prices, UPDATE_RATES),
      ...applied("xmtp.payerReportManager", "PayerReports", settlement.payerReports),
      ...applied("xmtp.distributionManager", "Rewards", {
        paused: settlement.rewards.paused,
        protocolFeesRecipient: orZero(settlement.rewards.protocolFeesRecipient),
      }),
      ...applied("xmtp.settlementChainGateway", "SettlementGateway", { paused }, UPDATE_PAUSE),
      read("xmtp.settlementChainGateway.strayTokensRecipient", orZero(strayTokensRecipient)),
      ...(appchain.bridge === null ? [] : [inboxOf(appchain.chainId, appchain.bridge.inbox)]),
      ...(appchain.parameterAdmins.includes("gateway")
        ? ofAppchain.map(({ key, value, shown }) => ({ key, value, shown }))
        : []),
    ],
    appchain: ofAppchain,
  };
}

/** The settings of one contract. Its getters are named as the last part of the keys. */
function applied(
  prefix: string,
  contract: ProxiedName,
  settings: Readonly<Record<string, Address | number | boolean>>,
  update = UPDATE_ALL,
): PlannedParameter[] {
  return Object.entries(settings).map(([name, value]) => ({
    ...read(`${prefix}.${name}`, value),
    consumer: { contract, getter: name, update },
  }));
}

/** A setting of which no contract keeps a copy. */
function read(key: string, value: Address | number | boolean): PlannedParameter {
  return { key, value: wordOf(value), shown: String(value) };
}

/** Where the settlement gateway hands over what is to cross to an appchain. */
function inboxOf(chainId: number, inbox: Address): PlannedParameter {
  const args = [BigInt(chainId)] as const;
  const call = (functionName: "getInbox" | "updateInbox") =>
    encodeFunctionData({ abi: settlementGatewayAbi, functionName, args });

  return {
    ...read(`xmtp.settlementChainGateway.inbox.${chainId}`, inbox),
    consumer: {
      contract: "SettlementGateway",
      getter: "getInbox",
      read: call("getInbox"),
      update: call("updateInbox"),
    },
  };
}

function wordOf(value: Address | number | boolean): Hex {
  if (typeof value !== "string") return toHex(Number(value), { size: 32 });
  return pad(value, { size: 32 }).toLowerCase() as Hex; // lower case is hex still
}

function adminRight(prefix: string, admin: Address): PlannedParameter {
  return { key: `${prefix}.${admin.toLowerCase()}`, value: toHex(1, { size: 32 }), shown: "true" };
}
