import type { Database } from "../database/database.ts";
import { firstPosition } from "./position.ts";

/** Rows that a partition should have: its indexes stay small enough to be written in memory, however long the log is. */
const TARGET_ROWS = 1_000_000;
const FIRST_BLOCKS = 1_000;
const MAX_BLOCKS = 50_000_000;
/** How much wider than the last one a partition may be. */
const MAX_GROWTH = 4;

export const PARTITIONED = ["group_messages", "identity_updates"] as const;
export type PartitionedTable = (typeof PARTITIONED)[number];

/** Makes room for rows, a partition at a time. */
export interface Partitions {
  /** Makes room for all blocks up to this one. */
  prepare(table: PartitionedTable, toBlock: number): Promise<void>;
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
export function createPartitions(database: Database, firstBlock: number): Partitions {
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

  return {
    reload: async () => {
      for (const table of PARTITIONED) last.set(table, await read(table));
    },
    prepare: async (table, toBlock) => {
      for (;;) {
        const known = last.get(table) ?? { fromBlock: firstBlock, toBlock: firstBlock, rows: 0 };
        if (toBlock < known.toBlock) return;
        const blocks = nextWidth(known);
        const name = `${table}_${known.toBlock}`;
        // A transaction of its own: readers of the whole table wait for it.
        await database.transaction(async (tx) => {
          await tx.query(
            `create table ${name} partition of ${table}
               for values from (${firstPosition(known.toBlock)}) to (${firstPosition(known.toBlock + blocks)})`,
          );
          await tx.query(
            "insert into partitions (parent, name, from_block, to_block) values ($1, $2, $3, $4)",
            [table, name, known.toBlock, known.toBlock + blocks],
          );
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

function nextWidth({ fromBlock, toBlock, rows }: Last): number {
  const blocks = toBlock - fromBlock;
  if (blocks === 0) return FIRST_BLOCKS;
  const wanted = rows === 0 ? Infinity : Math.ceil((blocks * TARGET_ROWS) / rows);

  return Math.min(wanted, blocks * MAX_GROWTH, MAX_BLOCKS);
}
