import type { Database } from "../database/database.ts";
import { readSnapshot } from "./readSnapshot.ts";

const TABLES = ["group_messages", "identity_updates", "events"] as const;

/**
 * Reads how many events there are, as the database estimates it for its plans; a part of a table that it has never looked
 * at is counted.
 *
 * @throws {XmtpError} `NOT_INDEXED`, `DATABASE_UNREACHABLE`
 */
export async function readStoredEvents({
  database,
}: {
  readonly database: Database;
}): Promise<ReadonlyMap<string, number>> {
  return await readSnapshot(database, async (queries) => {
    const totals = new Map<string, number>(TABLES.map((table) => [table, 0]));
    const parts = await queries.query<{ parent: string; name: string; rows: number }>(
      `select t.name as parent, c.oid::regclass::text as name, c.reltuples::double precision as rows
         from unnest($1::text[]) as t(name)
         join pg_class c on c.oid = to_regclass(t.name)
           or c.oid in (select inhrelid from pg_inherits where inhparent = to_regclass(t.name))
        where c.relkind = 'r'`,
      [TABLES],
    );
    for (const { parent, name, rows } of parts) {
      const count = rows >= 0 ? rows : await countRows(name);
      totals.set(parent, (totals.get(parent) ?? 0) + count);
    }
    return totals;

    async function countRows(name: string): Promise<number> {
      const [row] = await queries.query<{ count: bigint }>(`select count(*) as count from ${name}`);
      return Number(row?.count ?? 0n);
    }
  });
}
