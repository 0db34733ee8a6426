import { buildModule } from "@nomicfoundation/ignition-core";

import type { ChainPlan } from "../src/deployment/networkPlan.ts";
import { deploymentSteps } from "./deploymentSteps.ts";
import type { MissingDeployments } from "./missingDeployments.ts";

/** The settlement chain: the parameters, and the nodes that read them. */
export function settlementModule(plan: ChainPlan, missing: MissingDeployments) {
  return buildModule("Settlement", (m) => {
    const { proxyFactory, proxied } = deploymentSteps(m, plan, missing);
    const settlementParameters = proxied("SettlementParameters");
    return { proxyFactory, settlementParameters, nodes: proxied("Nodes", settlementParameters) };
  });
}
