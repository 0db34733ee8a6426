import { numberToHex, type Address, type Hex } from "viem";

import type { AskNode } from "./devnetPlugin.ts";

/** What makes the appchain an Orbit chain: no gas token that was not deposited, and the contracts of ArbOS. */
export interface OrbitConfig {
  /** Runtime code of the system contracts, by address. Has no constructor and no immutables. */
  readonly code: Readonly<Record<Address, Hex>>;
}

/** Wei per gas: 0.1 gwei, as on any Orbit chain that is not busy. */
export const ORBIT_BASE_FEE = 100_000_000n;
/** Sends the transactions of ArbOS. All gas tokens that get deposited come from here. */
export const ARBOS_ACCOUNT: Address = "0x00000000000000000000000000000000000A4B05";
/** Makes the blocks, and pays for the gas of its own transactions. */
export const SEQUENCER_ACCOUNT: Address = "0xA4b000000000000000000073657175656e636572";
/** Wei: more than anybody can deposit. */
export const ARBOS_BALANCE = 10n ** 33n;
/** Wei: the only gas tokens that no deposit stands for. */
export const SEQUENCER_BALANCE = 10n ** 24n;

/** Before the first block. */
export async function placeSystem(askNode: AskNode, { code }: OrbitConfig): Promise<void> {
  for (const [address, runtime] of Object.entries(code)) {
    await askNode("hardhat_setCode", [address, runtime]);
  }
  await askNode("hardhat_setBalance", [ARBOS_ACCOUNT, numberToHex(ARBOS_BALANCE)]);
  await askNode("hardhat_setBalance", [SEQUENCER_ACCOUNT, numberToHex(SEQUENCER_BALANCE)]);
  await askNode("hardhat_setNextBlockBaseFeePerGas", [numberToHex(ORBIT_BASE_FEE)]);
}
