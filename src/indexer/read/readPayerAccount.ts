import type { Address } from "viem";

import { parseAddress } from "../../inputs/parseAddress.ts";
import { parseInteger } from "../../inputs/parseOption.ts";
import { daysLeftDown, perDayUp, SECONDS_PER_DAY } from "../../payers/spendRate.ts";
import type { Database, Queries } from "../database/database.ts";
import { readSnapshot } from "./readSnapshot.ts";

const DEFAULT_WINDOW_DAYS = 7;
const DEFAULT_DAYS = 30;
const MAX_DAYS = 366;

/** What a payer was charged on a day. */
export interface DaySpend {
  /** UTC, `2026-01-31`. */
  readonly day: string;
  /** Microdollars. */
  readonly spent: bigint;
  readonly settlements: number;
}

/** The account of a payer in the escrow, as it is indexed. Amounts are microdollars. */
export interface PayerAccount {
  readonly payer: Address;
  /** Without the pending withdrawal. Below zero: more usage was settled than paid for. */
  readonly balance: bigint;
  readonly debt: bigint;
  /** Undefined if there is none. */
  readonly pendingWithdrawal:
    { readonly amount: bigint; /** Unix seconds. */ readonly withdrawableAt: number } | undefined;
  readonly deposited: bigint;
  readonly withdrawn: bigint;
  readonly settled: bigint;
  /** By day, newest first; days without a charge are left out. */
  readonly spendByDay: readonly DaySpend[];
  /** What was charged within the window before the newest block, and how long that is, in seconds. */
  readonly settledInWindow: bigint;
  readonly windowSeconds: number;
  /** What a day costs at this rate, rounded up. */
  readonly settledPerDay: bigint;
  /** How long the balance lasts at this rate, rounded down to tenths; null when nothing is charged. */
  readonly daysLeft: number | null;
}

/**
 * Reads the account of a payer, what it was charged of late, and how long the balance lasts if that goes on; the numbers
 * are those of `readPayer` and `readPayerUsage`. A payer who was never heard of has a balance of 0.
 *
 * @throws {XmtpError} `INVALID_ADDRESS`, `INVALID_OPTION`, `NOT_INDEXED`, `DATABASE_UNREACHABLE`
 */
export async function readPayerAccount({
  database,
  payer: given,
  days = DEFAULT_DAYS,
  windowDays = DEFAULT_WINDOW_DAYS,
}: {
  readonly database: Database;
  readonly payer: string;
  /** Days of `spendByDay` at most, up to 366. Default 30. */
  readonly days?: number | undefined;
  /** How far to look back for the rate. Default 7. */
  readonly windowDays?: number | undefined;
}): Promise<PayerAccount> {
  const payer = parseAddress(given, "payer");
  parseInteger(days, "days", 0, MAX_DAYS);
  parseInteger(windowDays, "windowDays", 1, MAX_DAYS);
  const key = payer.toLowerCase();

  return await readSnapshot(database, async (queries) => {
    const [row] = await queries.query<{
      deposited_microdollars: string;
      withdrawn_microdollars: string;
      settled_microdollars: string;
      balance_microdollars: string;
      pending_withdrawal_microdollars: string;
      withdrawable_at: Date | null;
    }>("select * from payers where payer = $1", [key]);
    const balance = BigInt(row?.balance_microdollars ?? 0);
    const pending = BigInt(row?.pending_withdrawal_microdollars ?? 0);
    const { settledInWindow, windowSeconds } = await readWindow(queries, key, windowDays);
    const settledPerDay = perDayUp(settledInWindow, windowSeconds);

    return {
      payer,
      balance,
      debt: balance < 0n ? -balance : 0n,
      pendingWithdrawal:
        pending === 0n
          ? undefined
          : { amount: pending, withdrawableAt: (row?.withdrawable_at?.getTime() ?? 0) / 1_000 },
      deposited: BigInt(row?.deposited_microdollars ?? 0),
      withdrawn: BigInt(row?.withdrawn_microdollars ?? 0),
      settled: BigInt(row?.settled_microdollars ?? 0),
      spendByDay: await readDays(queries, key, days),
      settledInWindow,
      windowSeconds,
      settledPerDay,
      daysLeft: daysLeftDown(balance, settledPerDay),
    };
  });
}

async function readDays(queries: Queries, payer: string, days: number): Promise<DaySpend[]> {
  const rows = await queries.query<{
    day: string;
    spent_microdollars: string;
    settlements: bigint;
  }>(
    `select day::text as day, spent_microdollars, settlements from payer_spend_by_day
      where payer = $1 order by day desc limit $2`,
    [payer, days],
  );

  return rows.map((row) => ({
    day: row.day,
    spent: BigInt(row.spent_microdollars),
    settlements: Number(row.settlements),
  }));
}

/** The charges of the days before the newest block; on a young chain less than that. */
async function readWindow(
  queries: Queries,
  payer: string,
  windowDays: number,
): Promise<{ readonly settledInWindow: bigint; readonly windowSeconds: number }> {
  const [row] = await queries.query<{ settled: string | null; seconds: string | null }>(
    `with bounds as (
       select (select timestamp from blocks where chain = 'settlement' order by number limit 1) as first,
              (select timestamp from blocks where chain = 'settlement' order by number desc limit 1) as last
     ), span as (
       select greatest(first, last - make_interval(secs => $2)) as since, last from bounds
     )
     select (select sum(u.amount_microdollars) from usage_settlements u
              where u.payer = $1 and u.block_timestamp >= span.since) as settled,
            extract(epoch from last - since)::bigint::text as seconds
       from span`,
    [payer, windowDays * SECONDS_PER_DAY],
  );

  return {
    settledInWindow: BigInt(row?.settled ?? 0),
    windowSeconds: Number(row?.seconds ?? 0),
  };
}
