import { maxUint128, zeroAddress, type Address, type Hex } from "viem";

import type { Chain } from "../chain/connectChain.ts";
import { decodeError } from "../errors/decodeError.ts";

/** Blocks whose base fees are looked at: single ones, such as those of the system alone, may be cheaper than what follows. */
const FEE_BLOCKS = 20;
/** What a base fee may rise to until the message arrives, as a multiple. The rest is given back. */
const FEE_MARGIN = 2n;
/** The inbox takes 1 for a mistake. */
const LEAST_FEE = 2n;
/** What it takes to hand on native currency, to an account that is new. */
const VALUE_GAS = 40_000n;
/** What nodes answer that do not take, or ignore, what they are to assume. */
const IS_UNTOLD: ReadonlySet<string> = new Set(["RPC_REFUSED", "INSUFFICIENT_FUNDS"]);

/**
 * The most to pay for a unit of gas on the appchain, in wei: twice the highest base fee of the last blocks.
 *
 * @throws {XmtpError} `RPC_UNREACHABLE`
 */
export async function quoteMaxFeePerGas({ client }: Chain): Promise<bigint> {
  const { baseFeePerGas } = await client
    .getFeeHistory({ blockCount: FEE_BLOCKS, rewardPercentiles: [] })
    .catch((error: unknown) => {
      throw decodeError(error);
    });

  return baseFeePerGas.reduce((most, fee) => {
    const wanted = fee * FEE_MARGIN;
    return wanted > most ? wanted : most;
  }, LEAST_FEE);
}

/** A call that a ticket makes on the appchain. */
export interface AppchainCall {
  readonly from: Address;
  /** The zero address for the creation of a contract. */
  readonly to: Address;
  /** Wei of the appchain. */
  readonly value: bigint;
  readonly data: Hex;
}

/**
 * The gas of a call that a ticket will make, with half as much again.
 *
 * @throws {ContractError} what the call would be refused with, if it came now
 * @throws {XmtpError} `REVERTED`, `RPC_UNREACHABLE`
 */
export async function estimateCall({ client }: Chain, call: AppchainCall): Promise<bigint> {
  const { from, to, value, data } = call;
  const request = { account: from, to: to === zeroAddress ? null : to, data };
  // What the call carries comes with the ticket: the node is to assume that the sender has it.
  const stateOverride = [{ address: from, balance: maxUint128 }];
  const estimate = async (): Promise<bigint> => {
    if (value === 0n) return client.estimateGas(request);
    try {
      return await client.estimateGas({ ...request, value, stateOverride });
    } catch (error) {
      if (!IS_UNTOLD.has(decodeError(error).code)) throw error;
      return VALUE_GAS + (await client.estimateGas(request));
    }
  };

  const gas = await estimate().catch((error: unknown) => {
    throw decodeError(error);
  });

  return (gas * 3n) / 2n;
}
