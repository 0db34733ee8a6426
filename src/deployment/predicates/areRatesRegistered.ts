import { RATE_KEYS } from "../../parameters/parameterKeys.ts";
import type { ChainFacts } from "../chainFacts.ts";
import type { ChainPlan } from "../networkPlan.ts";
import { doneIf, notDone, type Outcome } from "../outcome.ts";
import { arePricesApplied, isStartRegistered } from "../ratesStart.ts";
import { showWord } from "../showWord.ts";

/** Does the registry hold a start for the configured prices, or do they hold already? */
export function areRatesRegistered(plan: ChainPlan, facts: ChainFacts): Outcome {
  const registered = facts.registered.get(RATE_KEYS.startTime);
  if (registered === undefined) return notDone("there is no parameter registry that answers");
  return doneIf(
    arePricesApplied(plan, facts) || isStartRegistered(plan, facts),
    () => `the registry holds ${showWord(registered)}, which is no start for new prices`,
  );
}
