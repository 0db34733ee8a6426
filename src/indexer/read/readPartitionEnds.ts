import { libraryError } from "../../errors/libraryErrors.ts";
import type { Queries } from "../database/database.ts";
import { blockOf, firstPosition } from "../store/position.ts";
import { logTable, type LogKind } from "./readRows.ts";

/**
 * Reads where the partitions of a log end that hold what is after a position, in order.
 *
 * @returns positions that are no longer part of each
 * @throws {XmtpError} `EVENTS_DETACHED` if one of them was detached, whose events would be left out in silence
 */
export async function readPartitionEnds(
  queries: Queries,
  kind: LogKind,
  after: number,
): Promise<number[]> {
  const table = logTable(kind);
  const partitions = await queries.query<{ to_block: bigint; is_attached: boolean }>(
    `select p.to_block,
            exists (
              select from pg_inherits i
               where i.inhparent = to_regclass($1) and i.inhrelid = to_regclass(p.name)
            ) as is_attached
       from partitions p where p.parent = $1 and p.to_block > $2 order by p.to_block`,
    [table, blockOf(after + 1)],
  );
  const detached = partitions.findLast(({ is_attached }) => !is_attached);
  if (detached !== undefined) {
    throw libraryError(
      "EVENTS_DETACHED",
      `partitions of ${table} below block ${detached.to_block} are detached; what is from there on can be read`,
    );
  }

  return partitions.map(({ to_block }) => firstPosition(Number(to_block)));
}
