import type { Address, Hex } from "viem";

import type { ChainFacts } from "../src/deployment/chainFacts.ts";
import type { ChainPlan } from "../src/deployment/networkPlan.ts";
import type { PlannedParameter } from "../src/deployment/plannedParameters.ts";
import { isApplied } from "../src/deployment/predicates/isApplied.ts";
import { isRegistered } from "../src/deployment/predicates/isRegistered.ts";
import { plannedPrices, ratesToSet } from "../src/deployment/ratesStart.ts";
import type { ProxiedName } from "../src/deployment/predictAddresses.ts";
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

/** One call that makes a contract take over what the registry holds. */
export interface Update {
  readonly name: ProxiedName;
  readonly proxy: Address;
  readonly data: Hex;
}

/**
 * The calls that the contracts need whose own values differ from the configured ones, in the order of the plan.
 *
 * `updateAll`, where there is one, applies the pause before anything else, in the same transaction.
 */
export function updatesToSend(plan: ChainPlan, facts: ChainFacts): Update[] {
  const stale = plan.parameters.flatMap((parameter) =>
    parameter.consumer === undefined || isApplied(facts, parameter).done
      ? []
      : [parameter.consumer],
  );
  return plan.contracts.flatMap(({ name, proxy }) => {
    const calls = stale.flatMap(({ contract, update }) => (contract === name ? [update] : []));
    return [...new Set(calls)].map((data) => ({ name, proxy, data }));
  });
}

/** Lets each contract take over what the registry holds, in transactions of their own. */
export async function applyParameters(
  { send }: ChainConnection,
  updates: readonly Update[],
): Promise<void> {
  for (const { proxy, data } of updates) await send({ to: proxy, data });
}
