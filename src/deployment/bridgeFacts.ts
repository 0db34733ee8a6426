import { parseAbi, type Address, type PublicClient } from "viem";

import { appchainGatewayAbi, settlementGatewayAbi } from "../abi/index.ts";
import type { BridgePlan } from "./networkPlan.ts";
import { unlessReverted } from "./unlessReverted.ts";

/** What tells whether the contracts of an Orbit rollup belong together. */
const ORBIT_ABI = parseAbi([
  "function bridge() view returns (address)",
  "function rollup() view returns (address)",
  "function nativeToken() view returns (address)",
  "function chainId() view returns (uint256)",
  "function allowedDelayedInboxes(address) view returns (bool)",
  "function allowedOutboxes(address) view returns (bool)",
]);

/** What both chains say about the bridge between them. Undefined is what no contract answers. */
export interface BridgeFacts {
  /** Missing where the parameters name no bridge. */
  readonly contracts?: {
    readonly bridgeOfInbox: Address | undefined;
    readonly isInboxAllowed: boolean | undefined;
    readonly bridgeOfOutbox: Address | undefined;
    readonly isOutboxAllowed: boolean | undefined;
    readonly rollup: Address | undefined;
    readonly nativeToken: Address | undefined;
    readonly chainId: bigint | undefined;
  };
  /** The appchain's gateway, as the settlement chain's names it. */
  readonly appchainGateway: Address | undefined;
  /** Whose messages the appchain's gateway takes. */
  readonly senderAlias: Address | undefined;
}

/** Reads everything at the latest blocks. Without an appchain, what only that knows is undefined. */
export async function readBridgeFacts({
  bridge: { contracts, settlementGateway, appchainGateway },
  settlement,
  appchain,
}: {
  readonly bridge: BridgePlan;
  readonly settlement: PublicClient;
  readonly appchain?: PublicClient | undefined;
}): Promise<BridgeFacts> {
  const [orbit, farGateway, senderAlias] = await Promise.all([
    contracts === null ? undefined : readContracts(settlement, contracts),
    unlessReverted(
      settlement.readContract({
        address: settlementGateway,
        abi: settlementGatewayAbi,
        functionName: "appChainGateway",
      }),
    ),
    appchain &&
      unlessReverted(
        appchain.readContract({
          address: appchainGateway,
          abi: appchainGatewayAbi,
          functionName: "settlementChainGatewayAlias",
        }),
      ),
  ]);

  return { ...(orbit && { contracts: orbit }), appchainGateway: farGateway, senderAlias };
}

async function readContracts(
  client: PublicClient,
  { inbox, bridge, outbox, rollup }: NonNullable<BridgePlan["contracts"]>,
): Promise<NonNullable<BridgeFacts["contracts"]>> {
  const at = (address: Address) => ({ address, abi: ORBIT_ABI }) as const;
  const read = client.readContract;
  const [
    bridgeOfInbox,
    isInboxAllowed,
    bridgeOfOutbox,
    isOutboxAllowed,
    rollupOfBridge,
    nativeToken,
    chainId,
  ] = await Promise.all([
    unlessReverted(read({ ...at(inbox), functionName: "bridge" })),
    unlessReverted(read({ ...at(bridge), functionName: "allowedDelayedInboxes", args: [inbox] })),
    unlessReverted(read({ ...at(outbox), functionName: "bridge" })),
    unlessReverted(read({ ...at(bridge), functionName: "allowedOutboxes", args: [outbox] })),
    unlessReverted(read({ ...at(bridge), functionName: "rollup" })),
    unlessReverted(read({ ...at(bridge), functionName: "nativeToken" })),
    unlessReverted(read({ ...at(rollup), functionName: "chainId" })),
  ]);

  return {
    bridgeOfInbox,
    isInboxAllowed,
    bridgeOfOutbox,
    isOutboxAllowed,
    rollup: rollupOfBridge,
    nativeToken,
    chainId,
  };
}
