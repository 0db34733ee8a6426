import type { Address } from "viem";

import type { Chain } from "../chain/connectChain.ts";
import { decodeError } from "../errors/decodeError.ts";
import { usageSettlements } from "../events/moneyEvents.ts";
import { readEvents } from "../events/readEvents.ts";
import { parseInteger } from "../inputs/parseOption.ts";
import { readPayer, type ReadPayerParameters } from "./readPayer.ts";
import { daysLeftDown, perDayUp, SECONDS_PER_DAY } from "./spendRate.ts";

const DEFAULT_WINDOW_DAYS = 7;

export interface ReadPayerUsageParameters extends ReadPayerParameters {
  /** How far to look back. Default 7. */
  readonly windowDays?: number;
  /** The first block that can hold an event, where the window would reach further back. Default 0. */
  readonly fromBlock?: number;
}

/** What a payer was charged within a window of time. Amounts are microdollars. */
export interface PayerUsage {
  readonly payer: Address;
  /** The sum of what was charged in the window. */
  readonly settled: bigint;
  /** How many charges that were. */
  readonly settlements: number;
  /** From the first block of the window to the newest, in seconds: less than asked for on a young chain. */
  readonly windowSeconds: number;
  /** What a day costs at this rate, rounded up. */
  readonly settledPerDay: bigint;
  readonly balance: bigint;
  /** How long the balance lasts at this rate, rounded down to tenths; null when nothing is charged. */
  readonly daysLeft: number | null;
  readonly blockNumber: bigint;
}

/**
 * Reads what a payer was charged of late, and how long the balance lasts if that goes on. Usage is charged when its
 * report is settled, hours after the messages, so the newest messages are in neither number.
 *
 * @throws {XmtpError} `INVALID_OPTION`, `INVALID_ADDRESS`, `RPC_UNREACHABLE`, `LOG_RANGE_REFUSED`
 * @example
 * const { settledPerDay, daysLeft } = await readPayerUsage({
 *   chain: settlement, address: addresses.payerRegistry, payer,
 *   fromBlock: addresses.settlementChainDeploymentBlock,
 * });
 * if (daysLeft !== null && daysLeft < 7) warn();
 */
export async function readPayerUsage({
  windowDays = DEFAULT_WINDOW_DAYS,
  fromBlock = 0,
  ...parameters
}: ReadPayerUsageParameters): Promise<PayerUsage> {
  parseInteger(windowDays, "windowDays", 1);
  parseInteger(fromBlock, "fromBlock", 0);
  const { chain, address } = parameters;
  const { payer, balance, blockNumber, blockTimestamp } = await readPayer(parameters);

  const since = blockTimestamp - BigInt(windowDays * SECONDS_PER_DAY);
  const first = await firstBlockSince(chain, since, BigInt(fromBlock), blockNumber);
  let settled = 0n;
  let settlements = 0;
  for await (const { amount } of readEvents({
    chain,
    source: usageSettlements({ address, payer }),
    fromBlock: Number(first.number),
    toBlock: Number(blockNumber),
  })) {
    settled += amount;
    settlements += 1;
  }

  const windowSeconds = Number(blockTimestamp - first.timestamp);
  const settledPerDay = perDayUp(settled, windowSeconds);

  return {
    payer,
    settled,
    settlements,
    windowSeconds,
    settledPerDay,
    balance,
    daysLeft: daysLeftDown(balance, settledPerDay),
    blockNumber,
  };
}

/** The first block from `low` to `high` that is not older than a time, by halving; `high` if all are. */
async function firstBlockSince(
  { client }: Chain,
  since: bigint,
  low: bigint,
  high: bigint,
): Promise<{ readonly number: bigint; readonly timestamp: bigint }> {
  const read = (blockNumber: bigint) =>
    client.getBlock({ blockNumber }).catch((error: unknown) => {
      throw decodeError(error);
    });
  let [from, to] = [low < high ? low : high, high];
  while (from < to) {
    const middle = (from + to) / 2n;
    const { timestamp } = await read(middle);
    if (timestamp >= since) to = middle;
    else from = middle + 1n;
  }

  return read(from);
}
