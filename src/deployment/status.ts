import type { PublicClient } from "viem";

import { RATE_KEYS } from "../parameters/parameterKeys.ts";
import { readBridgeFacts, type BridgeFacts } from "./bridgeFacts.ts";
import { readChainFacts, type ChainFacts } from "./chainFacts.ts";
import { DETERMINISTIC_DEPLOYER } from "./deterministicDeployer.ts";
import { awaitsBridge, type ChainName, type ChainPlan, type NetworkPlan } from "./networkPlan.ts";
import type { Outcome } from "./outcome.ts";
import { areContractsJoined } from "./predicates/areContractsJoined.ts";
import { areGatewaysJoined } from "./predicates/areGatewaysJoined.ts";
import { hasCode } from "./predicates/hasCode.ts";
import { isApplied } from "./predicates/isApplied.ts";
import { isInitialized } from "./predicates/isInitialized.ts";
import { isRegistered } from "./predicates/isRegistered.ts";
import { areRatesRegistered } from "./predicates/areRatesRegistered.ts";
import { matchesBuild } from "./predicates/matchesBuild.ts";
import { runsImplementation } from "./predicates/runsImplementation.ts";

/** One question about one thing on one chain, and its answer. */
export interface StatusItem {
  readonly chain: ChainName;
  /** A contract, or the key of a parameter. */
  readonly subject: string;
  readonly question:
    "deployed" | "code" | "implementation" | "initialized" | "registered" | "applied" | "joined";
  readonly outcome: Outcome;
}

export interface NetworkStatus {
  /** Whether every item is. */
  readonly done: boolean;
  readonly items: readonly StatusItem[];
}

/**
 * Reads both chains and says for each thing of the plan whether it is done, or why not. Writes nothing.
 *
 * @param appchain not needed while the appchain awaits its bridge
 * @example
 * const { done, items } = await readStatus({ plan, settlement, appchain });
 * for (const { subject, outcome } of items) if (!outcome.done) console.log(subject, outcome.why);
 */
export async function readStatus({
  plan,
  settlement,
  appchain,
}: {
  readonly plan: NetworkPlan;
  readonly settlement: PublicClient;
  readonly appchain: PublicClient | undefined;
}): Promise<NetworkStatus> {
  const reachable = awaitsBridge(plan) ? undefined : appchain;
  const [settlementFacts, appchainFacts, bridgeFacts] = await Promise.all([
    readChainFacts(settlement, plan.settlement),
    reachable && readChainFacts(reachable, plan.appchain),
    readBridgeFacts({ bridge: plan.bridge, settlement, appchain: reachable }),
  ]);
  const items = [
    ...chainStatus(plan.settlement, settlementFacts),
    ...bridgeStatus(plan, bridgeFacts),
    ...(appchainFacts === undefined ? [] : chainStatus(plan.appchain, appchainFacts)),
  ];
  return { done: items.every(({ outcome }) => outcome.done), items };
}

/** The answers for what joins the chains. While there is no bridge, that is the next step, and nothing else. */
function bridgeStatus(plan: NetworkPlan, facts: BridgeFacts): StatusItem[] {
  const { bridge } = plan;
  const item = (chain: ChainName, subject: string, outcome: Outcome): StatusItem => ({
    chain,
    subject,
    question: "joined",
    outcome,
  });
  return [
    ...(bridge.contracts === null && !bridge.carriesParameters
      ? []
      : [item("settlement", "bridge", areContractsJoined(facts, bridge))]),
    ...(awaitsBridge(plan) ? [] : [item("appchain", "gateways", areGatewaysJoined(facts, bridge))]),
  ];
}

/** The answers for one chain, in the order in which a deployment makes them true. */
export function chainStatus(plan: ChainPlan, facts: ChainFacts): StatusItem[] {
  const item = (
    subject: string,
    question: StatusItem["question"],
    outcome: Outcome,
  ): StatusItem => ({
    chain: plan.chain,
    subject,
    question,
    outcome,
  });
  return [
    item("deterministic deployer", "deployed", hasCode(facts, DETERMINISTIC_DEPLOYER)),
    item(
      "ProxyFactory",
      "code",
      matchesBuild(facts, plan.proxyFactory.address, plan.proxyFactory.artifact),
    ),
    ...(plan.foreignToken === undefined
      ? []
      : [item("underlying token", "deployed", hasCode(facts, plan.foreignToken))]),
    ...plan.contracts.flatMap(({ name, implementation, proxy, artifact }) => [
      item(name, "deployed", matchesBuild(facts, proxy, plan.proxyArtifact)),
      item(name, "implementation", runsImplementation(facts, proxy, implementation)),
      item(name, "code", matchesBuild(facts, implementation, artifact)),
      item(name, "initialized", isInitialized(facts, proxy)),
    ]),
    ...plan.unproxied.map(({ name, address, artifact }) =>
      item(name, "code", matchesBuild(facts, address, artifact)),
    ),
    ...plan.parameters.map((parameter) =>
      item(parameter.key, "registered", isRegistered(facts, parameter)),
    ),
    ...(plan.ratesStart === undefined
      ? []
      : [item(RATE_KEYS.startTime, "registered", areRatesRegistered(plan, facts))]),
    ...plan.parameters
      .filter(({ consumer }) => consumer !== undefined)
      .map((parameter) => item(parameter.key, "applied", isApplied(facts, parameter))),
  ];
}
