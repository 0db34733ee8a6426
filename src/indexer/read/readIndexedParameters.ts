import type { Hex } from "viem";

import { parseInteger } from "../../inputs/parseOption.ts";
import type { Database } from "../database/database.ts";
import { MAX_PAGE_EVENTS } from "./readEventPage.ts";
import { readSnapshot } from "./readSnapshot.ts";

/** A parameter on both chains. Values are 32 bytes, see `decodeParameter`; undefined where it was never set. */
export interface IndexedParameter {
  readonly key: string;
  readonly settlement: Hex | undefined;
  readonly settlementBlock: number | undefined;
  readonly appchain: Hex | undefined;
  readonly appchainBlock: number | undefined;
  /** Whether the appchain, which uses this parameter, holds another value. */
  readonly differs: boolean;
}

/**
 * Reads the parameters by key, a page at a time.
 *
 * @throws {XmtpError} `INVALID_OPTION`, `NOT_INDEXED`, `DATABASE_UNREACHABLE`
 */
export async function readIndexedParameters({
  database,
  differsOnly = false,
  afterKey = "",
  limit = 100,
}: {
  readonly database: Database;
  /** Only what is to be pushed to the appchain, or is on its way. Default false. */
  readonly differsOnly?: boolean | undefined;
  /** The last key of the page before. */
  readonly afterKey?: string | undefined;
  /** Up to 1,000. Default 100. */
  readonly limit?: number | undefined;
}): Promise<IndexedParameter[]> {
  parseInteger(limit, "limit", 1, MAX_PAGE_EVENTS);

  const rows = await readSnapshot(database, (queries) =>
    queries.query<{
      key: string;
      settlement_value: Hex | null;
      settlement_block_number: bigint | null;
      appchain_value: Hex | null;
      appchain_block_number: bigint | null;
      differs: boolean;
    }>(
      `select * from parameters where key collate "C" > $1 and (differs or not $2)
        order by key collate "C" limit $3`,
      [afterKey.replaceAll("\0", ""), differsOnly, limit],
    ),
  );

  return rows.map((row) => ({
    key: row.key,
    settlement: row.settlement_value ?? undefined,
    settlementBlock: toNumber(row.settlement_block_number),
    appchain: row.appchain_value ?? undefined,
    appchainBlock: toNumber(row.appchain_block_number),
    differs: row.differs,
  }));
}

function toNumber(value: bigint | null): number | undefined {
  return value === null ? undefined : Number(value);
}
