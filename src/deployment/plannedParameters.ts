import { pad, toHex, zeroAddress, type Address, type Hex } from "viem";

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
  /**
   * The contract's own copy: a getter without arguments that returns one word, or a field of the last rates. Admin rights
   * have none.
   */
  readonly consumer?: { readonly contract: ProxiedName; readonly getter: string };
}

/**
 * The parameters of both registries, with production's keys.
 *
 * A bootstrapper of null is left alone: the contracts take no zero address for one. When prices start to hold depends on
 * the chain, so that key is not among these; see `ratesToSet`.
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
  const recipient = settlement.rewards.protocolFeesRecipient;
  const payloadLog = (
    prefix: string,
    contract: ProxiedName,
    { payloadBootstrapper, ...settings }: NetworkParameters["appchain"]["groupMessages"],
  ): PlannedParameter[] =>
    applied(prefix, contract, {
      ...settings,
      ...(payloadBootstrapper !== null && { payloadBootstrapper: resolve(payloadBootstrapper) }),
    });

  return {
    settlement: [
      ...settlementAdmins.map((admin) => adminRight(SETTLEMENT_ADMIN_PREFIX, admin)),
      ...applied("xmtp.nodeRegistry", "Nodes", {
        admin: resolve(settlement.nodes.admin),
        maxCanonicalNodes: settlement.nodes.maxCanonicalNodes,
      }),
      ...applied("xmtp.payerRegistry", "Payers", { settler, feeDistributor, ...settlement.payers }),
      ...applied("xmtp.rateRegistry", "Rates", prices),
      ...applied("xmtp.payerReportManager", "PayerReports", settlement.payerReports),
      ...applied("xmtp.distributionManager", "Rewards", {
        paused: settlement.rewards.paused,
        protocolFeesRecipient: recipient === null ? zeroAddress : resolve(recipient),
      }),
    ],
    appchain: [
      ...appchainAdmins.map((admin) => adminRight(APPCHAIN_ADMIN_PREFIX, admin)),
      ...payloadLog("xmtp.groupMessageBroadcaster", "GroupMessages", appchain.groupMessages),
      ...payloadLog("xmtp.identityUpdateBroadcaster", "IdentityUpdates", appchain.identityUpdates),
    ],
  };
}

/** The settings of one contract. Its getters are named as the last part of the keys. */
function applied(
  prefix: string,
  contract: ProxiedName,
  settings: Readonly<Record<string, Address | number | boolean>>,
): PlannedParameter[] {
  return Object.entries(settings).map(([name, value]) => ({
    key: `${prefix}.${name}`,
    value: wordOf(value),
    shown: String(value),
    consumer: { contract, getter: name },
  }));
}

function wordOf(value: Address | number | boolean): Hex {
  if (typeof value !== "string") return toHex(Number(value), { size: 32 });
  return pad(value, { size: 32 }).toLowerCase() as Hex; // lower case is hex still
}

function adminRight(prefix: string, admin: Address): PlannedParameter {
  return { key: `${prefix}.${admin.toLowerCase()}`, value: toHex(1, { size: 32 }), shown: "true" };
}
