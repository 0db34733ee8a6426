import type { ChainFacts } from "../chainFacts.ts";
import { doneIf, notDone, type Outcome } from "../outcome.ts";
import type { PlannedParameter } from "../plannedParameters.ts";
import { showWord } from "../showWord.ts";

/** Does the parameter registry hold the configured value? */
export function isRegistered(facts: ChainFacts, { key, value, shown }: PlannedParameter): Outcome {
  const actual = facts.registered.get(key);
  if (actual === undefined) return notDone("there is no parameter registry that answers");
  return doneIf(
    actual === value,
    () => `the registry holds ${showWord(actual)}, configured is ${shown}`,
  );
}
