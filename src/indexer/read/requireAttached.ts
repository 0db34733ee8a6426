import { libraryError } from "../../errors/libraryErrors.ts";
import type { Queries } from "../database/database.ts";
import { firstPosition } from "../store/position.ts";
import { logTable, type LogKind } from "./readRows.ts";

/**
 * Makes sure that no partition after a position was detached from a log: its events would be left out in silence.
 *
 * @throws {XmtpError} `EVENTS_DETACHED`, naming the block from which on all are there
 */
export async function requireAttached(
  queries: Queries,
  kind: LogKind,
  after: number,
): Promise<void> {
  const table = logTable(kind);
  const [detached] = await queries.query<{ to_block: bigint | null }>(
    `select max(p.to_block) as to_block from partitions p
      where p.parent = $1 and p.to_block > $2
        and not exists (
          select from pg_inherits i
           where i.inhparent = to_regclass($1) and i.inhrelid = to_regclass(p.name)
        )`,
    [table, Math.floor((after + 1) / firstPosition(1))],
  );
  if (detached === undefined || detached.to_block === null) return;

  throw libraryError(
    "EVENTS_DETACHED",
    `partitions of ${table} below block ${detached.to_block} are detached; what is from there on can be read`,
  );
}
