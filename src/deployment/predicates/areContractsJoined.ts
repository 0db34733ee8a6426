import { isAddressEqual, type Address } from "viem";

import type { BridgeFacts } from "../bridgeFacts.ts";
import type { BridgePlan } from "../networkPlan.ts";
import { DONE, notDone, type Outcome } from "../outcome.ts";

/** Is there a bridge, do its contracts belong together, and does it lead to this appchain, with our token for its gas? */
export function areContractsJoined(facts: BridgeFacts, plan: BridgePlan): Outcome {
  const { contracts, feeToken, appchainId } = plan;
  if (contracts === null || facts.contracts === undefined) return notDone(nextStep(plan));
  const { inbox, bridge, outbox, rollup } = contracts;
  const found = facts.contracts;
  const flaws = [
    names("the inbox", inbox, "bridge", found.bridgeOfInbox, bridge),
    names("the outbox", outbox, "bridge", found.bridgeOfOutbox, bridge),
    names("the bridge", bridge, "rollup", found.rollup, rollup),
    names("the bridge", bridge, "native token", found.nativeToken, feeToken),
    found.isInboxAllowed === false ? `the bridge ${bridge} takes nothing of inbox ${inbox}` : "",
    found.isOutboxAllowed === false ? `the bridge ${bridge} obeys no outbox ${outbox}` : "",
    found.chainId === BigInt(appchainId)
      ? ""
      : `the rollup ${rollup} is that of chain ${found.chainId ?? "none"}, not of ${appchainId}`,
  ].filter((flaw) => flaw !== "");

  return flaws.length === 0 ? DONE : notDone(flaws.join("; "));
}

function names(
  what: string,
  address: Address,
  part: string,
  actual: Address | undefined,
  expected: Address,
): string {
  if (actual === undefined) return `${what} ${address} answers for no ${part}`;
  if (isAddressEqual(actual, expected)) return "";
  return `${what} ${address} has the ${part} ${actual}, expected is ${expected}`;
}

/** What is to be done where there is no bridge yet. */
export function nextStep({ appchainId, feeToken }: BridgePlan): string {
  return `create the Orbit rollup of chain ${appchainId} with the fee token ${feeToken} as its native token, name its contracts in appchain.bridge, and run again`;
}
