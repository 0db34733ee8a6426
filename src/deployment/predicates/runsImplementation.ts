import { isAddressEqual, zeroAddress, type Address } from "viem";

import type { ChainFacts } from "../chainFacts.ts";
import { doneIf, type Outcome } from "../outcome.ts";
import { hasCode } from "./hasCode.ts";

/** Does the proxy run the implementation of the local build? */
export function runsImplementation(facts: ChainFacts, proxy: Address, expected: Address): Outcome {
  const deployed = hasCode(facts, proxy);
  if (!deployed.done) return deployed;
  const actual = facts.implementation.get(proxy) ?? zeroAddress;
  return doneIf(
    isAddressEqual(actual, expected),
    () =>
      `the proxy ${proxy} runs ${actual}, the local build makes ${expected}: migrate it, or build its version`,
  );
}
