import { encodeFunctionData } from "viem";

import { nodesAbi, ratesAbi } from "../src/abi/index.ts";
import type { ChainFacts } from "../src/deployment/chainFacts.ts";
import type { ChainPlan, PlannedContract } from "../src/deployment/networkPlan.ts";
import type { PlannedParameter } from "../src/deployment/plannedParameters.ts";
import { isApplied } from "../src/deployment/predicates/isApplied.ts";
import { isRegistered } from "../src/deployment/predicates/isRegistered.ts";
import { plannedPrices, ratesToSet } from "../src/deployment/ratesStart.ts";
import type { ChainConnection } from "./chainConnection.ts";

/** The parameters whose values in the registry differ from the configured ones. */
export function parametersToSet(plan: ChainPlan, facts: ChainFacts): PlannedParameter[] {
  const prices = plannedPrices(plan);
  return [
    ...plan.parameters.filter(
      (parameter) => !prices.includes(parameter) && !isRegistered(facts, parameter).done,
    ),
    ...ratesToSet(plan, facts),
  ];
}

/** The contracts whose own values differ from the configured ones. */
export function contractsToUpdate(plan: ChainPlan, facts: ChainFacts): PlannedContract[] {
  const names = plan.parameters
    .filter((parameter) => !isApplied(facts, parameter).done)
    .map(({ consumer }) => consumer?.contract);
  return plan.contracts.filter(({ name }) => names.includes(name));
}

/**
 * Lets each contract take over what the registry holds, one transaction per contract.
 *
 * `updateAll`, where there is one, applies the pause before anything else, in the same transaction.
 */
export async function applyParameters(
  { send }: ChainConnection,
  contracts: readonly PlannedContract[],
): Promise<void> {
  for (const { name, proxy } of contracts) {
    const data =
      name === "Rates"
        ? encodeFunctionData({ abi: ratesAbi, functionName: "updateRates" })
        : encodeFunctionData({ abi: nodesAbi, functionName: "updateAll" }); // the same function in all others
    await send({ to: proxy, data });
  }
}
