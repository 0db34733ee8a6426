import { pad, toHex, type Address, type Hex } from "viem";

import type { Account, NetworkParameters } from "./networkParameters.ts";
import type { ProxiedName } from "./predictAddresses.ts";

/** A parameter that the registry is to hold, and the contract that is to have applied it. */
export interface PlannedParameter {
  readonly key: string;
  /** As the registry stores it: 32 bytes, right-aligned. */
  readonly value: Hex;
  /** The value as a person writes it. */
  readonly shown: string;
  /** The contract's own copy: a getter without arguments that returns one word. Admin rights have none. */
  readonly consumer?: { readonly contract: ProxiedName; readonly getter: string };
}

/**
 * The parameters of both registries, with production's keys.
 *
 * A bootstrapper of null is left alone: the contracts take no zero address for one.
 */
export function plannedParameters({
  parameters,
  settlementAdmins,
  appchainAdmins,
  resolve,
}: {
  readonly parameters: NetworkParameters;
  readonly settlementAdmins: readonly Address[];
  readonly appchainAdmins: readonly Address[];
  readonly resolve: (account: Account) => Address;
}): { readonly settlement: PlannedParameter[]; readonly appchain: PlannedParameter[] } {
  const { nodes } = parameters.settlement;
  const payloadLog = (
    prefix: string,
    contract: ProxiedName,
    log: NetworkParameters["appchain"]["groupMessages"],
  ): PlannedParameter[] => [
    applied(`${prefix}.paused`, log.paused, { contract, getter: "paused" }),
    applied(`${prefix}.minPayloadSize`, log.minPayloadSize, { contract, getter: "minPayloadSize" }),
    applied(`${prefix}.maxPayloadSize`, log.maxPayloadSize, { contract, getter: "maxPayloadSize" }),
    ...(log.payloadBootstrapper === null
      ? []
      : [
          applied(`${prefix}.payloadBootstrapper`, resolve(log.payloadBootstrapper), {
            contract,
            getter: "payloadBootstrapper",
          }),
        ]),
  ];

  return {
    settlement: [
      ...settlementAdmins.map((admin) =>
        adminRight("xmtp.settlementChainParameterRegistry.isAdmin", admin),
      ),
      applied("xmtp.nodeRegistry.admin", resolve(nodes.admin), {
        contract: "Nodes",
        getter: "admin",
      }),
      applied("xmtp.nodeRegistry.maxCanonicalNodes", nodes.maxCanonicalNodes, {
        contract: "Nodes",
        getter: "maxCanonicalNodes",
      }),
    ],
    appchain: [
      ...appchainAdmins.map((admin) => adminRight("xmtp.appChainParameterRegistry.isAdmin", admin)),
      ...payloadLog(
        "xmtp.groupMessageBroadcaster",
        "GroupMessages",
        parameters.appchain.groupMessages,
      ),
      ...payloadLog(
        "xmtp.identityUpdateBroadcaster",
        "IdentityUpdates",
        parameters.appchain.identityUpdates,
      ),
    ],
  };
}

function applied(
  key: string,
  value: Address | number | boolean,
  consumer: NonNullable<PlannedParameter["consumer"]>,
): PlannedParameter {
  const word =
    typeof value === "string" ? pad(value, { size: 32 }) : toHex(Number(value), { size: 32 });
  return { key, value: word.toLowerCase() as Hex, shown: String(value), consumer }; // lower case is hex still
}

function adminRight(prefix: string, admin: Address): PlannedParameter {
  return { key: `${prefix}.${admin.toLowerCase()}`, value: toHex(1, { size: 32 }), shown: "true" };
}
