import type { Address } from "viem";

import { payersAbi } from "../abi/index.ts";
import type { Chain } from "../chain/connectChain.ts";
import { decodeError } from "../errors/decodeError.ts";
import { parseAddress } from "../inputs/parseAddress.ts";

export interface ReadPayerParameters {
  /** The settlement chain; see `connectChain`. */
  readonly chain: Chain;
  /** The escrow, `Payers`. */
  readonly address: string;
  readonly payer: string;
}

/** A withdrawal that was requested. */
export interface PendingWithdrawal {
  /** Microdollars. */
  readonly amount: bigint;
  /** From when it can be finalized, in Unix seconds. */
  readonly withdrawableAt: number;
  /** Whether that time had come by the block, and nothing else stands in the way: no debt, no pause. */
  readonly isReady: boolean;
}

/** The account of a payer in the escrow, at one block. Amounts are microdollars. */
export interface PayerStatus {
  readonly payer: Address;
  /** Without the pending withdrawal. Below zero: more usage was settled than paid for. */
  readonly balance: bigint;
  /** What the next deposit repays first; 0 without a debt. */
  readonly debt: bigint;
  /** Undefined if there is none. */
  readonly pendingWithdrawal: PendingWithdrawal | undefined;
  /** How many withdrawals were requested so far, modulo 2^24. */
  readonly withdrawalNonce: number;
  /** The least deposit of anybody. */
  readonly minimumDeposit: bigint;
  /** Seconds between requesting and finalizing, for requests to come. */
  readonly withdrawLockSeconds: number;
  readonly isPaused: boolean;
  readonly blockNumber: bigint;
  /** Unix seconds. */
  readonly blockTimestamp: bigint;
}

/**
 * Reads the account of a payer. A payer who was never heard of has a balance of 0.
 *
 * @throws {XmtpError} `INVALID_ADDRESS`, `RPC_UNREACHABLE`, `NO_CODE`, `REVERTED` if the address is not the escrow
 * @example
 * const { balance, debt } = await readPayer({ chain: settlement, address: addresses.payerRegistry, payer });
 */
export async function readPayer({
  chain: { client },
  address,
  payer: givenPayer,
}: ReadPayerParameters): Promise<PayerStatus> {
  const contract = { address: parseAddress(address, "escrow"), abi: payersAbi } as const;
  const payer = parseAddress(givenPayer, "payer");

  try {
    const { number: blockNumber, timestamp: blockTimestamp } = await client.getBlock();
    const call = { ...contract, blockNumber };
    const [balance, [amount, withdrawableAt, nonce], minimumDeposit, lock, isPaused] =
      await Promise.all([
        client.readContract({ ...call, functionName: "getBalance", args: [payer] }),
        client.readContract({ ...call, functionName: "getPendingWithdrawal", args: [payer] }),
        client.readContract({ ...call, functionName: "minimumDeposit" }),
        client.readContract({ ...call, functionName: "withdrawLockPeriod" }),
        client.readContract({ ...call, functionName: "paused" }),
      ]);
    const isReady = blockTimestamp >= BigInt(withdrawableAt) && balance >= 0n && !isPaused;

    return {
      payer,
      balance,
      debt: balance < 0n ? -balance : 0n,
      pendingWithdrawal: amount === 0n ? undefined : { amount, withdrawableAt, isReady },
      withdrawalNonce: nonce,
      minimumDeposit,
      withdrawLockSeconds: lock,
      isPaused,
      blockNumber,
      blockTimestamp,
    };
  } catch (error) {
    throw decodeError(error);
  }
}
