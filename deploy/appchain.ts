import { buildModule } from "@nomicfoundation/ignition-core";

import type { ChainPlan } from "../src/deployment/networkPlan.ts";
import { deploymentSteps } from "./deploymentSteps.ts";
import type { MissingDeployments } from "./missingDeployments.ts";

/** The appchain: the parameters, its end of the bridge, and the two logs. */
export function appchainModule(plan: ChainPlan, missing: MissingDeployments) {
  return buildModule("Appchain", (m) => {
    const { proxyFactory, proxied } = deploymentSteps(m, plan, missing);
    const appchainParameters = proxied("AppchainParameters");
    return {
      proxyFactory,
      appchainParameters,
      appchainGateway: proxied("AppchainGateway", appchainParameters),
      groupMessages: proxied("GroupMessages", appchainParameters),
      identityUpdates: proxied("IdentityUpdates", appchainParameters),
    };
  });
}
