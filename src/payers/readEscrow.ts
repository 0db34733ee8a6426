import type { Address } from "viem";

import { payersAbi } from "../abi/index.ts";
import type { Chain } from "../chain/connectChain.ts";
import { ContractError } from "../errors/ContractError.ts";
import { decodeError } from "../errors/decodeError.ts";
import { formatDollars } from "./microdollars.ts";

/** What decides whether the escrow takes a deposit. */
export interface Escrow {
  readonly feeToken: Address;
  readonly isPaused: boolean;
  /** Microdollars. */
  readonly minimumDeposit: bigint;
}

export async function readEscrow({ client }: Chain, address: Address): Promise<Escrow> {
  const contract = { address, abi: payersAbi } as const;
  try {
    const [feeToken, isPaused, minimumDeposit] = await Promise.all([
      client.readContract({ ...contract, functionName: "feeToken" }),
      client.readContract({ ...contract, functionName: "paused" }),
      client.readContract({ ...contract, functionName: "minimumDeposit" }),
    ]);
    return { feeToken, isPaused, minimumDeposit };
  } catch (error) {
    throw decodeError(error);
  }
}

/**
 * Refuses what the escrow would refuse, before an approval is sent for nothing.
 *
 * @throws {ContractError} `Paused`, `InsufficientDeposit`
 */
export function requireDepositTaken(
  { isPaused, minimumDeposit }: Escrow,
  amount: bigint,
  address: Address,
): void {
  if (isPaused) {
    throw new ContractError({
      errorName: "Paused",
      message: `the escrow at ${address} is paused and takes no deposits`,
    });
  }
  if (amount < minimumDeposit) {
    throw new ContractError({
      errorName: "InsufficientDeposit",
      errorArgs: [amount, minimumDeposit],
      message: `a deposit of ${formatDollars(amount)} dollars is below the least one, which is ${formatDollars(minimumDeposit)}`,
    });
  }
}
