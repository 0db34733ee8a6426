import type { ChainFacts } from "../chainFacts.ts";
import { DONE, doneIf, notDone, type Outcome } from "../outcome.ts";
import type { PlannedParameter } from "../plannedParameters.ts";
import { showWord } from "../showWord.ts";

/** Has the contract that a parameter is for taken over the configured value? */
export function isApplied(
  facts: ChainFacts,
  { key, value, shown, consumer }: PlannedParameter,
): Outcome {
  if (consumer === undefined) return DONE;
  const actual = facts.applied.get(key);
  if (actual === undefined)
    return notDone(`there is no ${consumer.contract} contract that answers`);
  return doneIf(
    actual === value,
    () => `${consumer.contract} applies ${showWord(actual)}, configured is ${shown}`,
  );
}
