import type { Address } from "viem";

import type { ChainFacts } from "../chainFacts.ts";
import { doneIf, type Outcome } from "../outcome.ts";
import { hasCode } from "./hasCode.ts";

/** Has the proxy been initialised? */
export function isInitialized(facts: ChainFacts, proxy: Address): Outcome {
  const deployed = hasCode(facts, proxy);
  if (!deployed.done) return deployed;
  return doneIf(
    (facts.initialized.get(proxy) ?? 0n) > 0n,
    () => `the proxy ${proxy} was never initialised`,
  );
}
