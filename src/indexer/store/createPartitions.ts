import type { Database, Transaction } from "../database/database.ts";
import { firstPosition } from "./position.ts";

/** Rows that a partition should have: its indexes stay small enough to be written in memory, however long the log is. */
const TARGET_ROWS = 1_000_000;
const FIRST_BLOCKS = 1_000;
const MAX_BLOCKS = 50_000_000;
/** How much wider than the last one a partition may be. */
const MAX_GROWTH = 4;

export const PARTITIONED = ["group_messages", "identity_updates"] as const;
export type PartitionedTable = (typeof PARTITIONED)[number];

/** Besides the primary key, which is the position. */
const INDEXES: Readonly<Record<PartitionedTable, readonly string[]>> = {
  group_messages: ["sequence_id", "group_id, position"],
  identity_updates: ["sequence_id", "inbox_id, position"],
};

/** Makes room for rows, a partition at a time. */
export interface Partitions {
  /**
   * Makes room for all blocks up to this one.
   *
   * @param isIndexed whether rows are indexed as they come; else `index` does it, in a third of the time
   */
  prepare(table: PartitionedTable, toBlock: number, isIndexed?: boolean): Promise<void>;
  /** Makes the indexes that are missing. */
  index(): Promise<void>;
  /** Rows were added to blocks from this one on. */
  added(table: PartitionedTable, rows: number): void;
  /** Forgets what is known: transactions may have failed. */
  reload(): Promise<void>;
}

interface Last {
  fromBlock: number;
  toBlock: number;
  rows: number;
}

/** Partitions hold whole ranges of blocks, which are chosen by how dense the last partition was. */
export function createPartitions(
  database: Database,
  firstBlock: number,
  tables: readonly PartitionedTable[] = PARTITIONED,
): Partitions {
  const last = new Map<PartitionedTable, Last>();

  const read = async (table: PartitionedTable): Promise<Last> => {
    const [row] = await database.query<{ name: string; from_block: bigint; to_block: bigint }>(
      "select name, from_block, to_block from partitions where parent = $1 order by to_block desc limit 1",
      [table],
    );
    if (row === undefined) return { fromBlock: firstBlock, toBlock: firstBlock, rows: 0 };
    // A partition of this size is counted in milliseconds, once.
    const [counted] = await database.query<{ rows: bigint }>(
      `select count(*) as rows from ${row.name}`,
    );
    return {
      fromBlock: Number(row.from_block),
      toBlock: Number(row.to_block),
      rows: Number(counted?.rows ?? 0n),
    };
  };

  const index = async (): Promise<void> => {
    const missing = await database.query<{ parent: PartitionedTable; name: string }>(
      "select parent, name from partitions where not is_indexed and parent = any($1::text[])",
      [tables],
    );
    for (const { parent, name } of missing) {
      await database.transaction(async (tx) => {
        await createIndexes(tx, parent, name);
        await tx.query("update partitions set is_indexed = true where name = $1", [name]);
      });
    }
  };

  return {
    reload: async () => {
      for (const table of tables) last.set(table, await read(table));
    },
    index,
    prepare: async (table, toBlock, isIndexed = true) => {
      for (;;) {
        const known = last.get(table) ?? { fromBlock: firstBlock, toBlock: firstBlock, rows: 0 };
        if (toBlock < known.toBlock) return;
        await index();
        const blocks = nextWidth(known);
        const name = `${table}_${known.toBlock}`;
        // A transaction of its own: readers of the whole table wait for it.
        await database.transaction(async (tx) => {
          await tx.query(
            `create table ${name} partition of ${table}
               for values from (${firstPosition(known.toBlock)}) to (${firstPosition(known.toBlock + blocks)})`,
          );
          await tx.query(
            "insert into partitions (parent, name, from_block, to_block, is_indexed) values ($1, $2, $3, $4, $5)",
            [table, name, known.toBlock, known.toBlock + blocks, isIndexed],
          );
          if (isIndexed) await createIndexes(tx, table, name);
        });
        last.set(table, { fromBlock: known.toBlock, toBlock: known.toBlock + blocks, rows: 0 });
      }
    },
    added: (table, rows) => {
      const known = last.get(table);
      if (known !== undefined) known.rows += rows;
    },
  };
}

async function createIndexes(
  tx: Transaction,
  table: PartitionedTable,
  partition: string,
): Promise<void> {
  for (const columns of INDEXES[table]) await tx.query(`create index on ${partition} (${columns})`);
}

function nextWidth({ fromBlock, toBlock, rows }: Last): number {
  const blocks = toBlock - fromBlock;
  if (blocks === 0) return FIRST_BLOCKS;
  const wanted = rows === 0 ? Infinity : Math.ceil((blocks * TARGET_ROWS) / rows);

  return Math.min(wanted, blocks * MAX_GROWTH, MAX_BLOCKS);
}
