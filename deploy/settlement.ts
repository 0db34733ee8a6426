import { buildModule, type ContractAtFuture } from "@nomicfoundation/ignition-core";

import type { ChainPlan } from "../src/deployment/networkPlan.ts";
import type { ProxiedName } from "../src/deployment/predictAddresses.ts";
import { deploymentSteps } from "./deploymentSteps.ts";
import type { MissingDeployments } from "./missingDeployments.ts";

/** The settlement chain: the parameters, the nodes that read them, and the money. */
export function settlementModule(plan: ChainPlan, missing: MissingDeployments) {
  return buildModule("Settlement", (m) => {
    const { proxyFactory, proxied, unproxied } = deploymentSteps(m, plan, missing);
    const settlementParameters = proxied("SettlementParameters");
    const consumer = (name: ProxiedName, ...calledByConstructor: ContractAtFuture[]) =>
      proxied(name, settlementParameters, calledByConstructor);

    const nodes = consumer("Nodes");
    const mock: ProxiedName = "MockUnderlyingFeeToken";
    if (plan.contracts.some(({ name }) => name === mock)) consumer(mock);
    const feeToken = consumer("FeeToken");
    const rates = consumer("Rates");
    const payerReports = consumer("PayerReports");
    const rewards = consumer("Rewards");
    const settlementGateway = consumer("SettlementGateway", feeToken);
    const depositSplitter = unproxied("DepositSplitter", [feeToken]);
    // Last: it takes deposits of any size until its parameters are applied.
    const payers = consumer("Payers", feeToken, settlementGateway);

    return {
      proxyFactory,
      settlementParameters,
      nodes,
      feeToken,
      payers,
      rates,
      payerReports,
      rewards,
      settlementGateway,
      depositSplitter,
    };
  });
}
