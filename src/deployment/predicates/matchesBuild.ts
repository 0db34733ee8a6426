import { size, type Address, type Hex } from "viem";

import type { Artifact } from "../artifacts.ts";
import type { ChainFacts } from "../chainFacts.ts";
import { doneIf, type Outcome } from "../outcome.ts";
import { hasCode } from "./hasCode.ts";

/** Is the code at the address what the local build makes, immutables aside? */
export function matchesBuild(facts: ChainFacts, address: Address, artifact: Artifact): Outcome {
  const deployed = hasCode(facts, address);
  if (!deployed.done) return deployed;
  const onChain = facts.code.get(address) ?? "0x";
  const built = artifact.deployedBytecode;
  return doneIf(
    size(onChain) === size(built) && masked(onChain, artifact) === masked(built, artifact),
    () =>
      `the code at ${address} (${size(onChain)} bytes) is not that of the local build (${size(built)} bytes)`,
  );
}

/** The code with zeros where the constructor wrote immutables. */
function masked(code: Hex, { immutableReferences }: Artifact): string {
  return Object.values(immutableReferences)
    .flat()
    .reduce((rest, { start, length }) => {
      const [from, to] = [2 + 2 * start, 2 + 2 * (start + length)];
      return `${rest.slice(0, from)}${"0".repeat(to - from)}${rest.slice(to)}`;
    }, code.toLowerCase());
}
