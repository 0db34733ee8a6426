import { encodeFunctionData } from "viem";

import { appchainParametersAbi, settlementGatewayAbi } from "../src/abi/index.ts";
import { readBridgeFacts } from "../src/deployment/bridgeFacts.ts";
import { DeploymentError } from "../src/deployment/DeploymentError.ts";
import type { NetworkPlan } from "../src/deployment/networkPlan.ts";
import { areGatewaysJoined } from "../src/deployment/predicates/areGatewaysJoined.ts";
import type { WriteParameters } from "./adminWriter.ts";
import type { ChainConnection } from "./chainConnection.ts";
import { planPushes } from "./crossing.ts";
import { findTicketFailure, readTicketIds } from "./findTicketFailure.ts";
import { provideFeeTokens } from "./provideFeeTokens.ts";
import { waitForArrival } from "./waitForArrival.ts";

/**
 * Writes into the appchain's registry by pushing what the settlement chain's holds through the gateways, and waits until
 * it is there.
 *
 * @param settled resolves once the settlement chain is as configured: the values are read there when they are sent
 * @throws {DeploymentError} `BRIDGE_UNFIT`, `DEPLOYER_LACKS_TOKENS`, `PUSH_FAILED`, `MESSAGE_LATE`
 */
export function gatewayWriter({
  plan,
  settlement,
  appchain,
  settled,
  pollingInterval,
}: {
  readonly plan: NetworkPlan;
  readonly settlement: ChainConnection;
  readonly appchain: ChainConnection;
  readonly settled: Promise<void>;
  /** Milliseconds. */
  readonly pollingInterval: number;
}): WriteParameters {
  const { settlementGateway, appchainId } = plan.bridge;

  return async (parameters) => {
    await settled;
    await requireJoinedGateways(plan, settlement, appchain);
    const pushes = await planPushes(appchain.client, parameters);
    await provideFeeTokens({
      plan,
      settlement,
      amount: pushes.reduce((sum, { amount }) => sum + amount, 0n),
      spender: settlementGateway,
    });
    for (const { parameters: carried, gasLimit, maxFeePerGas, amount } of pushes) {
      const keys = carried.map(({ key }) => key);
      const data = encodeFunctionData({
        abi: settlementGatewayAbi,
        functionName: "sendParameters",
        args: [[BigInt(appchainId)], keys, gasLimit, maxFeePerGas, amount],
      });
      const hash = await settlement.send({ to: settlementGateway, data });
      const [id] = await readTicketIds(settlement.client, hash, appchainId);
      if (id === undefined) throw new Error(`the push ${hash} made no ticket`);
      await waitForArrival({
        what: `the parameters ${keys.join(", ")}, ticket ${id},`,
        isThere: async () => {
          const values = await appchain.client.readContract({
            address: plan.appchain.registry.proxy,
            abi: appchainParametersAbi,
            functionName: "get",
            args: [keys],
          });
          if (carried.every(({ value }, index) => values[index] === value)) return true;
          const failure = await findTicketFailure(appchain.client, id);
          if (failure !== undefined) throw new DeploymentError("PUSH_FAILED", failure);
          return false;
        },
        pollingInterval,
      });
    }
  };
}

/** A push to a gateway that does not listen would be lost. */
async function requireJoinedGateways(
  plan: NetworkPlan,
  settlement: ChainConnection,
  appchain: ChainConnection,
): Promise<void> {
  const { bridge } = plan;
  const facts = await readBridgeFacts({
    bridge,
    settlement: settlement.client,
    appchain: appchain.client,
  });
  const joined = areGatewaysJoined(facts, bridge);
  if (!joined.done) throw new DeploymentError("BRIDGE_UNFIT", joined.why);
}
