import { parseInteger } from "../../inputs/parseOption.ts";
import type { Rates } from "../../rates/rateAt.ts";
import type { Database } from "../database/database.ts";
import { MAX_PAGE_EVENTS } from "./readEventPage.ts";
import { readSnapshot } from "./readSnapshot.ts";

/**
 * Reads the newest entries of the price list, by ascending start time: what `rateAt` takes.
 *
 * @throws {XmtpError} `INVALID_OPTION`, `NOT_INDEXED`, `DATABASE_UNREACHABLE`
 */
export async function readIndexedRates({
  database,
  limit = MAX_PAGE_EVENTS,
}: {
  readonly database: Database;
  /** Up to 1,000, which is the default. */
  readonly limit?: number | undefined;
}): Promise<Rates[]> {
  parseInteger(limit, "limit", 1, MAX_PAGE_EVENTS);

  const rows = await readSnapshot(database, (queries) =>
    queries.query<{
      start_time: string;
      message_fee_picodollars: string;
      storage_fee_picodollars: string;
      congestion_fee_picodollars: string;
      target_rate_per_minute: string;
    }>("select * from rates order by position desc limit $1", [limit]),
  );

  return rows.reverse().map((row) => ({
    messageFee: BigInt(row.message_fee_picodollars),
    storageFee: BigInt(row.storage_fee_picodollars),
    congestionFee: BigInt(row.congestion_fee_picodollars),
    targetRatePerMinute: BigInt(row.target_rate_per_minute),
    startTime: BigInt(row.start_time),
  }));
}
