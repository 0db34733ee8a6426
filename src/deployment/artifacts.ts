import { readFile } from "node:fs/promises";
import { join } from "node:path";

import type { Abi, Hex } from "viem";
import { z } from "zod";

import { DeploymentError } from "./DeploymentError.ts";

/** Where each deployed contract is, below the compiler's output folder. */
const SOURCES = {
  ProxyFactory: "common",
  MigratableProxy: "common",
  SettlementParameters: "settlement",
  Nodes: "settlement",
  MockUnderlyingFeeToken: "devnet",
  FeeToken: "settlement",
  Payers: "settlement",
  Rates: "settlement",
  PayerReports: "settlement",
  Rewards: "settlement",
  DepositSplitter: "settlement",
  SettlementGateway: "settlement",
  AppchainParameters: "appchain",
  AppchainGateway: "appchain",
  GroupMessages: "appchain",
  IdentityUpdates: "appchain",
} as const;

export type ArtifactName = keyof typeof SOURCES;

const hex = z.custom<Hex>((value) => typeof value === "string" && value.startsWith("0x"));
const schema = z.object({
  contractName: z.string(),
  sourceName: z.string(),
  abi: z.custom<Abi>(Array.isArray),
  bytecode: hex,
  deployedBytecode: hex,
  immutableReferences: z
    .record(z.string(), z.array(z.object({ start: z.number(), length: z.number() })))
    .default({}),
});

/** What the compiler made of one contract: creation code, runtime code and where that holds immutables. */
export type Artifact = z.infer<typeof schema>;

export type Artifacts = Readonly<Record<ArtifactName, Artifact>>;

/**
 * Reads what the build left in `folder`, normally `artifacts` of the repository.
 *
 * @throws {DeploymentError} `ARTIFACTS_MISSING`
 */
export async function readArtifacts(folder: string): Promise<Artifacts> {
  const read = async (name: ArtifactName): Promise<Artifact> => {
    const path = join(folder, "contracts", SOURCES[name], `${name}.sol`, `${name}.json`);
    try {
      return schema.parse(JSON.parse(await readFile(path, "utf8")));
    } catch (error) {
      throw new DeploymentError("ARTIFACTS_MISSING", `${path} is not a compiled contract`, error);
    }
  };
  const names = Object.keys(SOURCES) as ArtifactName[]; // SOURCES is closed: it has no other keys
  const entries = await Promise.all(names.map(async (name) => [name, await read(name)] as const));
  return Object.fromEntries(entries) as Artifacts; // one entry per name
}
