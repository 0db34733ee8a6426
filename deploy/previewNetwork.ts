import type { NetworkPlan } from "../src/deployment/networkPlan.ts";
import { readStatus, type NetworkStatus } from "../src/deployment/status.ts";
import { prepareNetwork, type DeployNetworkConfig } from "./prepareNetwork.ts";

/**
 * What `deployNetwork` would find and where everything would be, after the same checks. Sends nothing.
 *
 * @throws {XmtpError} and {DeploymentError}, as `prepareNetwork`
 */
export async function previewNetwork(
  config: DeployNetworkConfig,
): Promise<{ readonly plan: NetworkPlan; readonly status: NetworkStatus }> {
  const { plan, chains } = await prepareNetwork(config);
  const status = await readStatus({
    plan,
    settlement: chains.settlement.connection.client,
    appchain: chains.appchain.connection.client,
  });
  return { plan, status };
}
