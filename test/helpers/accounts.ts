import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";

import { ethers } from "./network.ts";

/** As many funded accounts as are named, always the same ones. The first deploys. */
export async function accounts<const Names extends readonly string[]>(
  names: Names,
): Promise<Record<Names[number], HardhatEthersSigner>> {
  const signers = await ethers.getSigners();

  // The record has exactly the given names.
  return Object.fromEntries(
    names.map((name, index) => {
      const signer = signers[index];
      if (signer === undefined) throw new Error(`The chain has only ${signers.length} accounts`);
      return [name, signer];
    }),
  ) as Record<Names[number], HardhatEthersSigner>;
}
