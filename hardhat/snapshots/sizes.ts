import { keccak256 } from "viem";

import { findArtifacts, readBuiltContract } from "../buildOutput.ts";
import { PUBLIC_CONTRACTS } from "../publicContracts.ts";

/** EIP-170: the most code that a contract can have, in bytes. */
const MAX_RUNTIME_BYTES = 24_576;

/** Every proxy's address depends on the hash of this contract's creation code. */
const PROXY = "MigratableProxy";

export type SizesSnapshot = Record<string, { runtimeBytes: number; creationCodeHash?: string }>;

/** Reads the size of each public contract's code from the last build. */
export async function readSizes(root: string): Promise<SizesSnapshot> {
  const files = await findArtifacts(root, PUBLIC_CONTRACTS);

  return Object.fromEntries(
    await Promise.all(
      files.map(async (file) => {
        const { artifact } = await readBuiltContract(root, file);
        const { contractName, bytecode, deployedBytecode } = artifact;
        const runtimeBytes = (deployedBytecode.length - 2) / 2;
        if (runtimeBytes > MAX_RUNTIME_BYTES) {
          throw new Error(`${contractName} has ${runtimeBytes} bytes, over ${MAX_RUNTIME_BYTES}. Split it.`);
        }

        const isProxy = contractName === PROXY;
        return [
          contractName,
          { runtimeBytes, ...(isProxy && { creationCodeHash: keccak256(bytecode) }) },
        ] as const;
      }),
    ),
  );
}
