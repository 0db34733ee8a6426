import { buildModule } from "@nomicfoundation/ignition-core";

import type { ChainPlan } from "../src/deployment/networkPlan.ts";
import { deploymentSteps } from "./deploymentSteps.ts";
import type { MissingDeployments } from "./missingDeployments.ts";

/** The appchain: the parameters, and the two logs that read them. */
export function appchainModule(plan: ChainPlan, missing: MissingDeployments) {
  return buildModule("Appchain", (m) => {
    const { proxyFactory, proxied } = deploymentSteps(m, plan, missing);
    const appchainParameters = proxied("AppchainParameters");
    return {
      proxyFactory,
      appchainParameters,
      groupMessages: proxied("GroupMessages", appchainParameters),
      identityUpdates: proxied("IdentityUpdates", appchainParameters),
    };
  });
}
