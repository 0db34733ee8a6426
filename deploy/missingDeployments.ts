import type { ChainFacts } from "../src/deployment/chainFacts.ts";
import type { ChainPlan } from "../src/deployment/networkPlan.ts";
import type { ProxiedName, UnproxiedName } from "../src/deployment/predictAddresses.ts";
import { hasCode } from "../src/deployment/predicates/hasCode.ts";

/** What a chain lacks of its plan's contracts. */
export interface MissingDeployments {
  readonly proxyFactory: boolean;
  readonly implementations: ReadonlySet<ProxiedName>;
  readonly proxies: ReadonlySet<ProxiedName>;
  readonly unproxied: ReadonlySet<UnproxiedName>;
}

/** An implementation is only missed while its proxy is: a proxy that stands is upgraded by `migrate()`, not from here. */
export function missingDeployments(plan: ChainPlan, facts: ChainFacts): MissingDeployments {
  const proxies = plan.contracts.filter(({ proxy }) => !hasCode(facts, proxy).done);
  const implementations = proxies.filter(
    ({ implementation }) => !hasCode(facts, implementation).done,
  );
  const unproxied = plan.unproxied.filter(({ address }) => !hasCode(facts, address).done);
  return {
    proxyFactory: !hasCode(facts, plan.proxyFactory.address).done,
    implementations: new Set(implementations.map(({ name }) => name)),
    proxies: new Set(proxies.map(({ name }) => name)),
    unproxied: new Set(unproxied.map(({ name }) => name)),
  };
}

export function countMissing({
  proxyFactory,
  implementations,
  proxies,
  unproxied,
}: MissingDeployments): number {
  return Number(proxyFactory) + implementations.size + proxies.size + unproxied.size;
}
