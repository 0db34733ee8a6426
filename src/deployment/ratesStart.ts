import { toHex } from "viem";

import { RATE_KEYS } from "../parameters/parameterKeys.ts";
import { newRatesStart } from "../rates/newRatesStart.ts";
import type { ChainFacts } from "./chainFacts.ts";
import type { ChainPlan } from "./networkPlan.ts";
import type { PlannedParameter } from "./plannedParameters.ts";
import { isApplied } from "./predicates/isApplied.ts";
import { isRegistered } from "./predicates/isRegistered.ts";

/** The prices of a plan: what an entry of the price list says besides its start. */
export function plannedPrices({ parameters }: ChainPlan): PlannedParameter[] {
  return parameters.filter(({ consumer }) => consumer?.contract === "Rates");
}

/** Whether the last entry of the price list has the configured prices. Its start is then no concern: it cannot change. */
export function arePricesApplied(plan: ChainPlan, facts: ChainFacts): boolean {
  return plannedPrices(plan).every((price) => isApplied(facts, price).done);
}

/**
 * The start that new prices would get now, in Unix seconds: as configured, or at once for the first ones, and after a
 * notice for later ones.
 */
export function startOfNewRates({ ratesStart }: ChainPlan, facts: ChainFacts): bigint {
  const { timestamp, lastRatesStart } = facts;
  if (typeof ratesStart === "number") return BigInt(ratesStart);
  return newRatesStart(timestamp, lastRatesStart);
}

/** Whether the start that the registry holds will do for new prices, such as one of a run that was interrupted. */
export function isStartRegistered(plan: ChainPlan, facts: ChainFacts): boolean {
  const { timestamp, lastRatesStart } = facts;
  const registered = BigInt(facts.registered.get(RATE_KEYS.startTime) ?? 0);
  const latest = startOfNewRates(plan, facts);
  if (typeof plan.ratesStart === "number") return registered === latest;
  if (lastRatesStart === undefined) return registered > 0n && registered <= latest;
  return registered > lastRatesStart && registered > timestamp && registered <= latest;
}

/**
 * What of the price list is to be written into the registry: all of an entry or nothing, because anyone may have the
 * contract read it at any time.
 */
export function ratesToSet(plan: ChainPlan, facts: ChainFacts): PlannedParameter[] {
  const prices = plannedPrices(plan);
  if (prices.length === 0) return [];
  const areRegistered = prices.every((price) => isRegistered(facts, price).done);
  const areApplied = arePricesApplied(plan, facts);
  if (areRegistered && (areApplied || isStartRegistered(plan, facts))) return [];

  const start =
    areApplied && facts.lastRatesStart !== undefined
      ? facts.lastRatesStart
      : startOfNewRates(plan, facts);
  return [
    ...prices,
    { key: RATE_KEYS.startTime, value: toHex(start, { size: 32 }), shown: String(start) },
  ];
}
