import type { Registry } from "./deployRegistry.ts";
import { parameterValue, type ParameterValue } from "./parameterValue.ts";

/** Writes parameters whose keys begin with a prefix, by the last part of their key. Nothing is applied by it. */
export async function setParametersOf(
  registry: Registry,
  keyPrefix: string,
  parameters: Readonly<Record<string, ParameterValue>>,
): Promise<void> {
  const entries = Object.entries(parameters);

  await registry.getFunction("set(string[],bytes32[])")(
    entries.map(([name]) => `${keyPrefix}.${name}`),
    entries.map(([, value]) => parameterValue(value)),
  );
}
