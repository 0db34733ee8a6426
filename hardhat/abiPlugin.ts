import { mkdir, readFile, readdir, rm } from "node:fs/promises";
import path from "node:path";

import { definePlugin } from "hardhat/plugins";
import type { HookContext } from "hardhat/types/hooks";

import { PUBLIC_CONTRACTS } from "./publicContracts.ts";
import { renderAbis, type ContractAbi } from "./renderAbi.ts";
import { writeIfChanged } from "./writeIfChanged.ts";

/** Writes `src/abi` in every build, from the artifacts that TypeChain reads too. */
export const abiPlugin = definePlugin({
  id: "project-abi",
  hookHandlers: {
    solidity: () =>
      Promise.resolve({
        default: () =>
          Promise.resolve({
            processArtifactsAfterSuccessfulBuild: (
              context: HookContext,
              artifactPaths: readonly string[],
            ) => writeAbis(abiFolder(context), artifactPaths),
          }),
      }),
    clean: () =>
      Promise.resolve({
        default: () =>
          Promise.resolve({
            onClean: (context: HookContext) =>
              rm(abiFolder(context), { recursive: true, force: true }),
          }),
      }),
  },
});

function abiFolder(context: HookContext): string {
  return path.join(context.config.paths.root, "src", "abi");
}

/** Writes every file, and removes what no contract stands for any more. */
async function writeAbis(folder: string, artifactPaths: readonly string[]): Promise<void> {
  const isPublic = (file: string) => PUBLIC_CONTRACTS.includes(path.basename(file, ".json"));
  const contracts = await Promise.all(artifactPaths.filter(isPublic).map(readArtifact));
  const rendered = renderAbis(contracts);

  await mkdir(folder, { recursive: true });

  for (const { name, text } of rendered) {
    await writeIfChanged(path.join(folder, name), text);
  }

  for (const name of await readdir(folder)) {
    if (!rendered.some((file) => file.name === name)) await rm(path.join(folder, name));
  }
}

async function readArtifact(file: string): Promise<ContractAbi> {
  // Hardhat wrote this file a moment ago, in the shape of its `Artifact` type.
  return JSON.parse(await readFile(file, "utf8")) as ContractAbi;
}
