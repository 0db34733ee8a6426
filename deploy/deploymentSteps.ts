import type {
  Artifact as IgnitionArtifact,
  ContractAtFuture,
  IgnitionModuleBuilder,
} from "@nomicfoundation/ignition-core";

import type { Hex } from "viem";

import type { Artifact } from "../src/deployment/artifacts.ts";
import {
  DETERMINISTIC_DEPLOYER,
  deterministicDeployData,
} from "../src/deployment/deterministicDeployer.ts";
import type { ChainPlan } from "../src/deployment/networkPlan.ts";
import type { ProxiedName, UnproxiedName } from "../src/deployment/predictAddresses.ts";
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
  const code = (id: string, creationCode: Hex, after: ContractAtFuture[] = []) =>
    m.send(id, DETERMINISTIC_DEPLOYER, undefined, deterministicDeployData(creationCode), { after });

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

  /**
   * The contract's implementation, then its proxy, initialised; the proxy only once `registry` stands, the
   * implementation only once those do that its constructor calls.
   */
  const proxied = (
    name: ProxiedName,
    registry?: ContractAtFuture,
    calledByConstructor: ContractAtFuture[] = [],
  ): ContractAtFuture => {
    const contract = plan.contracts.find((candidate) => candidate.name === name);
    if (contract === undefined)
      throw new Error(`${name} is not planned on the ${plan.chain} chain`);
    const { artifact, creationCode, implementation, proxy, salt, initializeCallData } = contract;

    const implemented = missing.implementations.has(name)
      ? [code(`${name}Code`, creationCode, calledByConstructor)]
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

  /** A contract without a proxy, once those stand that its constructor calls. */
  const unproxied = (
    name: UnproxiedName,
    calledByConstructor: ContractAtFuture[],
  ): ContractAtFuture => {
    const contract = plan.unproxied.find((candidate) => candidate.name === name);
    if (contract === undefined)
      throw new Error(`${name} is not planned on the ${plan.chain} chain`);
    const { artifact, creationCode, address } = contract;

    const deployed = missing.unproxied.has(name)
      ? [code(name, creationCode, calledByConstructor)]
      : [];
    return m.contractAt(`${name}At`, ignitionArtifact(artifact), address, { after: deployed });
  };

  return { proxyFactory, proxied, unproxied };
}

/** Ignition's artifact has fields that only plain deployments and verification read. */
function ignitionArtifact(artifact: Artifact): IgnitionArtifact {
  return { _format: "hh3-artifact-1", ...artifact, linkReferences: {}, deployedLinkReferences: {} };
}
