import { encodeFunctionData } from "viem";

import { settlementParametersAbi } from "../src/abi/index.ts";
import type { ChainPlan } from "../src/deployment/networkPlan.ts";
import type { PlannedParameter } from "../src/deployment/plannedParameters.ts";
import type { ChainConnection } from "./chainConnection.ts";

/** Brings values into the registry of a chain. What carries them there is the writer's business. */
export type WriteParameters = (parameters: readonly PlannedParameter[]) => Promise<void>;

/** Writes as an admin of the registry, all values in one transaction. */
export function adminWriter({ send }: ChainConnection, { registry }: ChainPlan): WriteParameters {
  return async (parameters) => {
    const data = encodeFunctionData({
      abi: settlementParametersAbi, // the two registries have the same functions
      functionName: "set",
      args: [parameters.map(({ key }) => key), parameters.map(({ value }) => value)],
    });
    await send({ to: registry.proxy, data });
  };
}
