import { readChainFacts } from "../src/deployment/chainFacts.ts";
import { planCrossing } from "./crossing.ts";
import { plannedSteps, type PlannedStep } from "./plannedSteps.ts";
import { prepareNetwork, type DeployNetworkConfig } from "./prepareNetwork.ts";

/**
 * What `deployNetwork` would do now, after the same checks. Sends nothing.
 *
 * @throws {XmtpError} and {DeploymentError}, as `prepareNetwork`
 */
export async function previewNetwork(config: DeployNetworkConfig): Promise<PlannedStep[]> {
  const { plan, settlement, appchain } = await prepareNetwork(config);
  const [settlementFacts, appchainFacts] = await Promise.all([
    readChainFacts(settlement.connection.client, plan.settlement),
    appchain && readChainFacts(appchain.connection.client, plan.appchain),
  ]);
  if (appchain === undefined || appchainFacts === undefined)
    return plannedSteps(plan, plan.settlement, settlementFacts);
  const { gasMoney } = await planCrossing(plan, appchain.connection.client, appchainFacts);

  return [
    ...plannedSteps(plan, plan.settlement, settlementFacts),
    ...plannedSteps(plan, plan.appchain, appchainFacts, gasMoney),
  ];
}
