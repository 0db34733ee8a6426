import type { IgnitionModule } from "@nomicfoundation/ignition-core";
import { BaseError } from "viem";

import { readChainFacts, type ChainFacts } from "../src/deployment/chainFacts.ts";
import { DeploymentError } from "../src/deployment/DeploymentError.ts";
import type { ChainPlan } from "../src/deployment/networkPlan.ts";
import { decodeError } from "../src/errors/decodeError.ts";
import type { WriteParameters } from "./adminWriter.ts";
import { applyParameters, updatesToSend, parametersToSet } from "./applyParameters.ts";
import type { ChainConnection } from "./chainConnection.ts";
import { ensureDeterministicDeployer } from "./ensureDeterministicDeployer.ts";
import { countMissing, missingDeployments, type MissingDeployments } from "./missingDeployments.ts";
import { runModule } from "./runModule.ts";

/**
 * Brings one chain to its plan: reads it, does the first thing that is missing, and looks again, until nothing is.
 *
 * A step that fails is not the end if the chain came closer to the plan meanwhile, by whoever's hand.
 *
 * @throws {DeploymentError} `DEPLOY_INTERRUPTED`; the next run goes on from there
 */
export async function deployChain({
  plan,
  facts: initialFacts,
  connection,
  moduleOf,
  writeParameters,
  pollingInterval,
}: {
  readonly plan: ChainPlan;
  readonly facts: ChainFacts;
  readonly connection: ChainConnection;
  readonly moduleOf: (plan: ChainPlan, missing: MissingDeployments) => IgnitionModule;
  readonly writeParameters: WriteParameters;
  /** Milliseconds. */
  readonly pollingInterval: number;
}): Promise<void> {
  const nextStep = (facts: ChainFacts): (() => Promise<void>) | undefined => {
    const missing = missingDeployments(plan, facts);
    if (countMissing(missing) > 0) {
      return async () => {
        await ensureDeterministicDeployer(connection);
        const { provider } = connection;
        await runModule({
          module: moduleOf(plan, missing),
          provider,
          deployer: plan.deployer,
          pollingInterval,
        });
      };
    }
    const unregistered = parametersToSet(plan, facts);
    if (unregistered.length > 0) return () => writeParameters(unregistered);
    const stale = updatesToSend(plan, facts);
    if (stale.length > 0) return () => applyParameters(connection, stale);
    return undefined;
  };

  let facts = initialFacts;
  for (;;) {
    const step = nextStep(facts);
    if (step === undefined) return;
    const failure = await step().then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    const before = outstanding(plan, facts);
    facts = await readChainFacts(connection.client, plan).catch((error: unknown) => {
      throw interrupted(plan, failure?.error ?? error);
    });
    if (outstanding(plan, facts) < before) continue;
    if (failure?.error instanceof DeploymentError) throw failure.error;
    throw interrupted(
      plan,
      failure?.error ?? new Error("a step that succeeded has changed nothing"),
    );
  }
}

/** How far a chain is from its plan; every step that succeeds lowers it. */
export function outstanding(plan: ChainPlan, facts: ChainFacts): number {
  return (
    countMissing(missingDeployments(plan, facts)) +
    parametersToSet(plan, facts).length +
    updatesToSend(plan, facts).length
  );
}

/** What to throw when a step of a chain failed. */
export function interrupted({ chain }: ChainPlan, error: unknown): DeploymentError {
  // Errors of viem hold the contract's own; those of Ignition are text already.
  const known = error instanceof BaseError ? decodeError(error) : error;
  const reason = known instanceof Error ? known.message : String(known);
  return new DeploymentError(
    "DEPLOY_INTERRUPTED",
    `the deployment of the ${chain} chain stopped: ${reason}`,
    error,
  );
}
