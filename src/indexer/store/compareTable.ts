import type { Transaction } from "../database/database.ts";

/** Rows of a table that are shown of those that differ. */
const SHOWN = 5;

/** A row that is in the database and should not be, or the other way round. */
export interface Difference {
  readonly table: string;
  readonly kind: "missing" | "unexpected";
  readonly row: Readonly<Record<string, unknown>>;
}

export interface VerifiedTable {
  readonly table: string;
  /** Rows that were compared. */
  readonly rows: number;
  readonly missing: number;
  readonly unexpected: number;
}

/** What was compared so far. */
export interface Comparison {
  readonly tables: Map<string, VerifiedTable>;
  /** Some of the rows that differ. */
  readonly differences: Difference[];
}

/** Adds what differs between two queries of the same columns. */
export async function compareTable(
  tx: Transaction,
  table: string,
  expected: string,
  actual: string,
  found: Comparison,
): Promise<void> {
  const differ = async (kind: Difference["kind"], one: string, other: string): Promise<number> => {
    const rows = await tx.query<{ row: Record<string, unknown>; total: bigint }>(
      `select to_jsonb(d) as row, count(*) over () as total
         from (select * from ${one} a except all select * from ${other} b) d limit ${SHOWN}`,
    );
    found.differences.push(...rows.map(({ row }) => ({ table, kind, row })));
    return Number(rows[0]?.total ?? 0n);
  };
  const missing = await differ("missing", expected, actual);
  const unexpected = await differ("unexpected", actual, expected);
  const [counted] = await tx.query<{ rows: bigint }>(
    `select count(*) as rows from ${expected} as e`,
  );
  const known = found.tables.get(table) ?? { table, rows: 0, missing: 0, unexpected: 0 };
  found.tables.set(table, {
    table,
    rows: known.rows + Number(counted?.rows ?? 0n),
    missing: known.missing + missing,
    unexpected: known.unexpected + unexpected,
  });
}
