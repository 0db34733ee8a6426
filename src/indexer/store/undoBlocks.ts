import type { IndexedChain } from "../chain/contracts.ts";
import type { Database, Transaction } from "../database/database.ts";
import { firstPosition } from "./position.ts";
import { moveProgress, type Progress } from "./progress.ts";

/**
 * Takes back every block above the ancestor, with all that came of it, and remembers the blocks' hashes for those who
 * read them.
 *
 * @returns where the chain stands now
 * @throws {StaleProgressError} if another indexer was here
 */
export async function undoBlocks({
  database,
  chain,
  ancestor,
  from,
  headBlock,
}: {
  readonly database: Database;
  readonly chain: IndexedChain;
  /** The last block that stays. */
  readonly ancestor: number;
  readonly from: Progress;
  readonly headBlock: number;
}): Promise<Progress> {
  const to: Progress = { ...from, nextBlock: ancestor + 1, reorgs: from.reorgs + 1n };
  const position = firstPosition(ancestor + 1);

  await database.transaction(async (tx) => {
    await moveProgress(tx, chain, from, { ...to, headBlock });
    await tx.query(
      `insert into undone_blocks (chain, hash, number, ancestor)
       select chain, hash, number, $2 from blocks where chain = $1 and number > $2
           on conflict (chain, hash) do update set ancestor = excluded.ancestor, undone_at = now()`,
      [chain.name, ancestor],
    );
    await tx.query("delete from blocks where chain = $1 and number > $2", [chain.name, ancestor]);
    await tx.query("delete from events where chain = $1 and position >= $2", [
      chain.name,
      position,
    ]);
    if (chain.name === "appchain") await undoLogs(tx, position);
  });

  return to;
}

async function undoLogs(tx: Transaction, position: number): Promise<void> {
  for (const table of ["group_messages", "identity_updates", "identity_verdicts"]) {
    await tx.query(`delete from ${table} where position >= $1`, [position]);
  }
  await tx.query("delete from inbox_signatures where position >= $1", [position]);
  for (const table of ["inbox_members", "inbox_recoveries"]) {
    await tx.query(`delete from ${table} where from_position >= $1`, [position]);
  }
  await tx.query(
    "update inbox_members set to_position = null, until_sequence_id = null where to_position >= $1",
    [position],
  );
  await tx.query("update projections set position = $1 where position >= $1", [position - 1]);
}
