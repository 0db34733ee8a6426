import { fileURLToPath } from "node:url";

import { readSystemCode, SYSTEM_CONTRACTS } from "../../src/devnet/relayer/systemContracts.ts";
import { ethers, networkHelpers } from "./network.ts";

export const ARTIFACTS = fileURLToPath(new URL("../../artifacts", import.meta.url));
const ARB_OS = "0x00000000000000000000000000000000000A4B05";

/** The system contracts of an Orbit chain, where they are on one. */
export async function systemContracts() {
  for (const [address, code] of Object.entries(await readSystemCode(ARTIFACTS))) {
    await networkHelpers.setCode(address, code);
  }
  await networkHelpers.setBalance(ARB_OS, 10n ** 30n);
  const { ArbSys, ArbRetryableTx, NodeInterface } = SYSTEM_CONTRACTS;

  return {
    arbSys: await ethers.getContractAt("ArbSys", ArbSys),
    arbRetryableTx: await ethers.getContractAt("ArbRetryableTx", ArbRetryableTx),
    nodeInterface: await ethers.getContractAt("NodeInterface", NodeInterface),
  };
}

/** An account whose transactions are free, as those of the chain itself; the block has no other. */
export async function systemSigner(address: string = ARB_OS) {
  await networkHelpers.impersonateAccount(address);
  return ethers.getSigner(address);
}

/** What a transaction of the chain itself needs: no base fee, and no price. */
export async function free() {
  await networkHelpers.setNextBlockBaseFeePerGas(0);
  return { gasPrice: 0n, gasLimit: 15_000_000n };
}

/** What any other transaction needs after one of the chain itself: the base fee would stay zero. */
export async function paid() {
  await networkHelpers.setNextBlockBaseFeePerGas(100_000_000n);
  return { gasPrice: 100_000_000n, gasLimit: 1_000_000n };
}
