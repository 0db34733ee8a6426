import { readFile, readdir } from "node:fs/promises";
import path from "node:path";

import { z } from "zod";

/** The parts of a Hardhat artifact that snapshots are made of. */
const artifactSchema = z.object({
  contractName: z.string(),
  inputSourceName: z.string(),
  buildInfoId: z.string(),
  bytecode: z.custom<`0x${string}`>((value) => /^0x/.test(String(value))),
  deployedBytecode: z.string(),
});

const storageLayoutSchema = z.object({
  storage: z.array(
    z.object({ label: z.string(), offset: z.number(), slot: z.string(), type: z.string() }),
  ),
  types: z
    .record(
      z.string(),
      z.object({
        label: z.string(),
        numberOfBytes: z.string(),
        key: z.string().optional(),
        value: z.string().optional(),
        base: z.string().optional(),
        members: z
          .array(
            z.object({ label: z.string(), offset: z.number(), slot: z.string(), type: z.string() }),
          )
          .optional(),
      }),
    )
    .nullable(),
});

const outputSchema = z.object({
  output: z.object({
    contracts: z.record(
      z.string(),
      z.record(z.string(), z.object({ storageLayout: storageLayoutSchema })),
    ),
    sources: z.record(z.string(), z.object({ ast: z.unknown() })),
  }),
});

export type Artifact = z.infer<typeof artifactSchema>;
export type StorageLayout = z.infer<typeof storageLayoutSchema>;

/** A contract as the last build left it. */
export interface BuiltContract {
  readonly artifact: Artifact;
  readonly storageLayout: StorageLayout;
  /** The syntax trees of its source and of all that it imports, by source name. */
  readonly asts: ReadonlyMap<string, unknown>;
}

/** Reads a contract's artifact and what the compiler said of it. `file` is relative to `artifacts/`. */
export async function readBuiltContract(root: string, file: string): Promise<BuiltContract> {
  const folder = path.join(root, "artifacts");
  const artifact = artifactSchema.parse(await readJson(path.join(folder, file)));
  const buildInfo = path.join(folder, "build-info", `${artifact.buildInfoId}.output.json`);
  const { contracts, sources } = outputSchema.parse(await readJson(buildInfo)).output;

  const built = contracts[artifact.inputSourceName]?.[artifact.contractName];
  if (built === undefined)
    throw new Error(`${file} is not in its build info. Run \`npm run build\`.`);

  const asts = new Map(Object.entries(sources).map(([name, { ast }]) => [name, ast]));
  return { artifact, storageLayout: built.storageLayout, asts };
}

/** Paths, relative to `artifacts/`, of the artifacts of the contracts with these names under `contracts/`. */
export async function findArtifacts(root: string, names: readonly string[]): Promise<string[]> {
  const files = await readdir(path.join(root, "artifacts", "contracts"), { recursive: true });

  return files
    .filter((file) => names.includes(path.basename(file, ".json")))
    .toSorted()
    .map((file) => path.join("contracts", file))
    .filter((file) => file.endsWith(".json"));
}

async function readJson(file: string): Promise<unknown> {
  return JSON.parse(await readFile(file, "utf8"));
}
