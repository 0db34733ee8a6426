import { isAddressEqual } from "viem";

import type { BridgeFacts } from "../bridgeFacts.ts";
import type { BridgePlan } from "../networkPlan.ts";
import { DONE, notDone, type Outcome } from "../outcome.ts";
import { aliasOf } from "../../bridge/aliasOf.ts";

/** Does each gateway name the other? */
export function areGatewaysJoined(
  facts: BridgeFacts,
  { settlementGateway, appchainGateway }: BridgePlan,
): Outcome {
  if (facts.appchainGateway === undefined)
    return notDone(`no gateway of the settlement chain answers at ${settlementGateway}`);
  if (!isAddressEqual(facts.appchainGateway, appchainGateway))
    return notDone(
      `the settlement chain's gateway sends to ${facts.appchainGateway}, the appchain's is ${appchainGateway}`,
    );
  if (facts.senderAlias === undefined)
    return notDone(`no gateway of the appchain answers at ${appchainGateway}`);
  const alias = aliasOf(settlementGateway);
  if (isAddressEqual(facts.senderAlias, alias)) return DONE;
  return notDone(
    `the appchain's gateway listens to ${facts.senderAlias}, the settlement chain's sends as ${alias}`,
  );
}
