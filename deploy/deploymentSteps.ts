import type {
  Artifact as IgnitionArtifact,
  ContractAtFuture,
  IgnitionModuleBuilder,
} from "@nomicfoundation/ignition-core";

import type { Artifact } from "../src/deployment/artifacts.ts";
import {
  DETERMINISTIC_DEPLOYER,
  deterministicDeployData,
} from "../src/deployment/deterministicDeployer.ts";
import type { ChainPlan } from "../src/deployment/networkPlan.ts";
import type { ProxiedName } from "../src/deployment/predictAddresses.ts";
import type { MissingDeployments } from "./missingDeployments.ts";

/**
 * The steps that both modules are made of. Each becomes a transaction only where its contract is missing; what stands
 * is taken as it is.
 */
export function deploymentSteps(
  m: IgnitionModuleBuilder,
  plan: ChainPlan,
  missing: MissingDeployments,
) {
  const code = (id: string, creationCode: `0x${string}`) =>
    m.send(id, DETERMINISTIC_DEPLOYER, undefined, deterministicDeployData(creationCode));

  const proxyFactory = m.contractAt(
    "ProxyFactory",
    ignitionArtifact(plan.proxyFactory.artifact),
    plan.proxyFactory.address,
    {
      after: missing.proxyFactory
        ? [code("ProxyFactoryCode", plan.proxyFactory.artifact.bytecode)]
        : [],
    },
  );

  /** The contract's implementation, then its proxy, initialised; the proxy only once `registry` stands. */
  const proxied = (name: ProxiedName, registry?: ContractAtFuture): ContractAtFuture => {
    const contract = plan.contracts.find((candidate) => candidate.name === name);
    if (contract === undefined)
      throw new Error(`${name} is not planned on the ${plan.chain} chain`);
    const { artifact, creationCode, implementation, proxy, salt, initializeCallData } = contract;

    const implemented = missing.implementations.has(name)
      ? [code(`${name}Code`, creationCode)]
      : [];
    const deployed = missing.proxies.has(name)
      ? [
          m.call(proxyFactory, "deployProxy", [salt, implementation, initializeCallData], {
            id: `${name}Proxy`,
            after: registry === undefined ? implemented : [...implemented, registry],
          }),
        ]
      : [];
    return m.contractAt(name, ignitionArtifact(artifact), proxy, { after: deployed });
  };

  return { proxyFactory, proxied };
}

/** Ignition's artifact has fields that only plain deployments and verification read. */
function ignitionArtifact(artifact: Artifact): IgnitionArtifact {
  return { _format: "hh3-artifact-1", ...artifact, linkReferences: {}, deployedLinkReferences: {} };
}
