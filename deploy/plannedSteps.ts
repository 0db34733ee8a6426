import type { Address } from "viem";

import type { ChainFacts } from "../src/deployment/chainFacts.ts";
import { DETERMINISTIC_DEPLOYER } from "../src/deployment/deterministicDeployer.ts";
import type { ChainName, ChainPlan, NetworkPlan } from "../src/deployment/networkPlan.ts";
import { hasCode } from "../src/deployment/predicates/hasCode.ts";
import { updatesToSend, parametersToSet } from "./applyParameters.ts";
import { countMissing, missingDeployments } from "./missingDeployments.ts";

/** One thing that a deployment would do. Values for the same registry go out together. */
export interface PlannedStep {
  readonly chain: ChainName;
  readonly what: string;
  /** The contract that is deployed or called. */
  readonly address: Address;
}

/**
 * The steps that bring a chain in this state to its plan, in their order; empty if nothing is missing.
 *
 * @param gasMoney units of the fee token that the deployer moves here first
 */
export function plannedSteps(
  { bridge }: NetworkPlan,
  plan: ChainPlan,
  facts: ChainFacts,
  gasMoney = 0n,
): PlannedStep[] {
  const { chain, contracts, unproxied, proxyFactory, registry } = plan;
  const missing = missingDeployments(plan, facts);
  const step = (what: string, address: Address): PlannedStep => ({ chain, what, address });

  const isCarried = chain === "appchain" && bridge.carriesParameters;

  return [
    ...(gasMoney === 0n || bridge.contracts === null
      ? []
      : [step(`move ${gasMoney} microdollars here for gas`, bridge.contracts.inbox)]),
    ...(countMissing(missing) > 0 && !hasCode(facts, DETERMINISTIC_DEPLOYER).done
      ? [step("deploy the deterministic deployer", DETERMINISTIC_DEPLOYER)]
      : []),
    ...(missing.proxyFactory ? [step("deploy ProxyFactory", proxyFactory.address)] : []),
    ...contracts
      .filter(({ name }) => missing.implementations.has(name))
      .map(({ name, implementation }) => step(`deploy ${name}, implementation`, implementation)),
    ...contracts
      .filter(({ name }) => missing.proxies.has(name))
      .map(({ name, proxy }) => step(`deploy ${name}, proxy`, proxy)),
    ...unproxied
      .filter(({ name }) => missing.unproxied.has(name))
      .map(({ name, address }) => step(`deploy ${name}`, address)),
    ...parametersToSet(plan, facts).map(({ key, shown }) =>
      isCarried
        ? step(`push ${key} = ${shown} over the bridge`, bridge.settlementGateway)
        : step(`set ${key} to ${shown}`, registry.proxy),
    ),
    ...updatesToSend(plan, facts).map(({ name, proxy }) =>
      step(`let ${name} apply its parameters`, proxy),
    ),
  ];
}
