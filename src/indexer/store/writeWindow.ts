import type { IndexedChain } from "../chain/contracts.ts";
import type { Window } from "../chain/readWindow.ts";
import type { Database } from "../database/database.ts";
import { PARTITIONED, type Partitions } from "./createPartitions.ts";
import { TABLES } from "./createWindowRows.ts";
import { moveProgress, type Progress } from "./progress.ts";

/**
 * Stores a window and the progress that it means, both or neither.
 *
 * @throws {StaleProgressError} if another indexer was here
 */
export async function writeWindow({
  database,
  chain,
  partitions,
  window,
  from,
  to,
  headBlock,
}: {
  readonly database: Database;
  readonly chain: IndexedChain;
  readonly partitions: Partitions;
  readonly window: Window;
  readonly from: Progress;
  readonly to: Progress;
  readonly headBlock: number;
}): Promise<void> {
  const copies = window.rows.copies();
  for (const table of PARTITIONED) {
    if (copies.some((copy) => copy.table === table)) {
      await partitions.prepare(table, window.toBlock, from.isCaughtUp);
    }
  }

  await database.transaction(
    async (tx) => {
      await moveProgress(tx, chain, from, { ...to, headBlock });
      for (const { table, bytes } of copies) await tx.copy(table, TABLES[table], bytes);
      // A reorganisation may bring back what another one undid.
      if (from.reorgs > 0n) {
        await tx.query(
          `delete from undone_blocks u using blocks b
            where u.chain = $1 and b.chain = $1 and b.number between $2 and $3 and u.hash = b.hash`,
          [chain.name, window.fromBlock, window.toBlock],
        );
      }
    },
    { isRepeatable: window.toBlock <= to.finalizedBlock },
  );
  for (const table of PARTITIONED) {
    partitions.added(table, copies.find((copy) => copy.table === table)?.rows ?? 0);
  }
}
