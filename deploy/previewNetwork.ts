import { readChainFacts } from "../src/deployment/chainFacts.ts";
import { plannedSteps, type PlannedStep } from "./plannedSteps.ts";
import { prepareNetwork, type DeployNetworkConfig } from "./prepareNetwork.ts";

/**
 * What `deployNetwork` would do now, after the same checks. Sends nothing.
 *
 * @throws {XmtpError} and {DeploymentError}, as `prepareNetwork`
 */
export async function previewNetwork(config: DeployNetworkConfig): Promise<PlannedStep[]> {
  const { chains } = await prepareNetwork(config);
  const steps = [chains.settlement, chains.appchain].map(async ({ plan, connection }) =>
    plannedSteps(plan, await readChainFacts(connection.client, plan)),
  );
  return (await Promise.all(steps)).flat();
}
