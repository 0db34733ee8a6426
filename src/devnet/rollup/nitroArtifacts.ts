import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import type { Abi, Hex } from "viem";
import { z } from "zod";

const NITRO = "@arbitrum/nitro-contracts/build/contracts";
const OPENZEPPELIN = `${NITRO}/@openzeppelin/contracts`;

/** Where the packages of Offchain Labs keep what the compiler made of each contract. */
const SOURCES = {
  Bridge: `${NITRO}/src/bridge`,
  ERC20Bridge: `${NITRO}/src/bridge`,
  Inbox: `${NITRO}/src/bridge`,
  ERC20Inbox: `${NITRO}/src/bridge`,
  Outbox: `${NITRO}/src/bridge`,
  ERC20Outbox: `${NITRO}/src/bridge`,
  SequencerInbox: `${NITRO}/src/bridge`,
  RollupEventInbox: `${NITRO}/src/rollup`,
  ERC20RollupEventInbox: `${NITRO}/src/rollup`,
  BridgeCreator: `${NITRO}/src/rollup`,
  OneStepProver0: `${NITRO}/src/osp`,
  OneStepProverMemory: `${NITRO}/src/osp`,
  OneStepProverMath: `${NITRO}/src/osp`,
  OneStepProverHostIo: `${NITRO}/src/osp`,
  OneStepProofEntry: `${NITRO}/src/osp`,
  EdgeChallengeManager: `${NITRO}/src/challengeV2`,
  RollupProxy: `${NITRO}/src/rollup`,
  RollupAdminLogic: `${NITRO}/src/rollup`,
  RollupUserLogic: `${NITRO}/src/rollup`,
  ValidatorWalletCreator: `${NITRO}/src/rollup`,
  DeployHelper: `${NITRO}/src/rollup`,
  RollupCreator: `${NITRO}/src/rollup`,
  UpgradeExecutor: "@offchainlabs/upgrade-executor/build/contracts/src",
  ProxyAdmin: `${OPENZEPPELIN}/proxy/transparent`,
  TransparentUpgradeableProxy: `${OPENZEPPELIN}/proxy/transparent`,
} as const;

/** In Yul, built by another tool: without an ABI, and with its code one level deeper. */
const READER = "@arbitrum/nitro-contracts/out/yul/Reader4844.yul/Reader4844.json";

export type NitroArtifactName = keyof typeof SOURCES | "Reader4844";

const hex = z.custom<Hex>(
  (value) => typeof value === "string" && /^0x(?:[0-9a-f]{2})+$/.test(value),
);
const schema = z.object({ abi: z.custom<Abi>(Array.isArray), bytecode: hex });
const readerSchema = z.object({ bytecode: z.object({ object: hex }) });

/** What the compiler made of one contract of the Arbitrum bridge. None of them links a library. */
export type NitroArtifact = z.infer<typeof schema>;

/**
 * Reads the contracts of the Arbitrum bridge as their packages ship them. They are development dependencies, so nothing
 * that is published may call this.
 *
 * @throws {Error} if a package is missing, or a contract is not where this version of it has it
 */
export async function readNitroArtifacts<Name extends NitroArtifactName>(
  names: readonly Name[],
): Promise<Readonly<Record<Name, NitroArtifact>>> {
  const entries = await Promise.all(names.map(async (name) => [name, await read(name)] as const));
  return Object.fromEntries(entries) as Record<Name, NitroArtifact>; // one entry per name
}

async function read(name: NitroArtifactName): Promise<NitroArtifact> {
  if (name === "Reader4844") {
    const { bytecode } = readerSchema.parse(await readPackaged(READER));
    return { abi: [], bytecode: bytecode.object };
  }
  return schema.parse(await readPackaged(`${SOURCES[name]}/${name}.sol/${name}.json`));
}

async function readPackaged(path: string): Promise<unknown> {
  return JSON.parse(await readFile(fileURLToPath(import.meta.resolve(path)), "utf8"));
}
