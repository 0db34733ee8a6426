import { artifacts } from "hardhat";

import { networkHelpers } from "./network.ts";

/** Places the code of a contract without constructor at an address, as the devnet does before its first block. */
export async function codeAt(address: string, name: string): Promise<void> {
  const { deployedBytecode } = await artifacts.readArtifact(name);
  await networkHelpers.setCode(address, deployedBytecode);
}
