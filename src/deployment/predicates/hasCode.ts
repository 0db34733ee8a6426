import type { Address } from "viem";

import type { ChainFacts } from "../chainFacts.ts";
import { doneIf, type Outcome } from "../outcome.ts";

/** Is there a contract at the address? */
export function hasCode(facts: ChainFacts, address: Address): Outcome {
  return doneIf((facts.code.get(address) ?? "0x") !== "0x", () => `no code at ${address}`);
}
