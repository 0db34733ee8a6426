import { libraryError } from "../../errors/libraryErrors.ts";
import { formatCursor } from "../../events/cursorText.ts";
import type { Cursor } from "../../events/eventSources.ts";
import { toHexBytes } from "../../inputs/hexBytes.ts";
import type { ChainName } from "../chain/contracts.ts";
import type { Queries } from "../database/database.ts";
import { positionOf } from "../store/position.ts";
import { toBytes } from "./bytes.ts";

/** The last place of a block: whatever follows is of a later one. */
export const END_OF_BLOCK = 2 ** 20 - 1;

/** How far a chain is indexed, at the moment of a snapshot. */
export interface ChainHead {
  /** Every event of a lower block is stored. */
  readonly nextBlock: number;
  /** What is here or below never changes again. */
  readonly finalizedBlock: number;
}

/** Blocks that somebody has read are no longer part of the chain. */
export interface Reorg {
  /** Whatever was read of this block or a higher one is void. */
  readonly fromBlock: number;
  /** What replaces it follows after this. */
  readonly cursor: Cursor;
}

export type ResolvedCursor =
  | { readonly head: ChainHead; readonly reorg: Reorg }
  /** Events at higher positions follow. */
  | { readonly head: ChainHead; readonly position: number };

/**
 * Finds the place of a cursor in the chain as it is stored now, or how far whoever has it must go back. A cursor without
 * a hash is taken at its word.
 *
 * @throws {XmtpError} `NOT_INDEXED`, `INVALID_CURSOR`, `CURSOR_UNKNOWN`
 */
export async function resolveCursor(
  queries: Queries,
  chain: ChainName,
  cursor: Cursor,
): Promise<ResolvedCursor> {
  const { blockNumber, logIndex } = cursor;
  const blockHash = cursor.blockHash === undefined ? undefined : toHexBytes(cursor.blockHash);
  const hash = blockHash === undefined ? null : toBytes(blockHash);
  const [row] = await queries.query<{
    next_block: bigint;
    finalized_block: bigint;
    hash: Uint8Array | null;
    ordinal: bigint | null;
  }>(
    `select next_block, finalized_block,
            (select hash from blocks where chain = $1 and number = $2) as hash,
            (select ordinal from undone_blocks where chain = $1 and hash = $3) as ordinal
       from chains where name = $1`,
    [chain, blockNumber, hash],
  );
  if (row === undefined) {
    throw libraryError("NOT_INDEXED", `the ${chain} is not indexed in this database`);
  }
  const head = { nextBlock: Number(row.next_block), finalizedBlock: Number(row.finalized_block) };
  // Before the first event of a block is after all of the block below, which is far away for block 0.
  const position =
    logIndex < 0 ? positionOf(blockNumber, 0) - 1 : positionOf(blockNumber, logIndex);

  const stored = row.hash === null ? undefined : toHexBytes(row.hash);
  if (blockHash === undefined || stored === blockHash) return { head, position };
  if (row.ordinal !== null) return { head, reorg: await reorgSince(queries, chain, row.ordinal) };

  const isFinal = blockNumber <= head.finalizedBlock;
  if (isFinal && stored === undefined) return { head, position };
  if (isFinal) {
    throw libraryError(
      "INVALID_CURSOR",
      `block ${blockNumber} of the ${chain} is ${stored}, and never was the one of the cursor ${formatCursor(cursor)}`,
    );
  }
  throw libraryError(
    "CURSOR_UNKNOWN",
    blockNumber < head.nextBlock
      ? `block ${blockNumber} of the ${chain} is ${stored} here, not the one of the cursor`
      : `the ${chain} is indexed up to block ${head.nextBlock - 1}, and the cursor is in block ${blockNumber}`,
  );
}

/** Goes back before all reorganisations since: a later one may have been deeper. */
async function reorgSince(queries: Queries, chain: ChainName, ordinal: bigint): Promise<Reorg> {
  const [undone] = await queries.query<{ ancestor: bigint }>(
    "select min(ancestor) as ancestor from undone_blocks where chain = $1 and ordinal >= $2",
    [chain, ordinal],
  );
  const ancestor = Number(undone?.ancestor);
  // Every block with events is stored, so nothing lies between the last one that is and the ancestor.
  const [block] = await queries.query<{ number: bigint; hash: Uint8Array }>(
    "select number, hash from blocks where chain = $1 and number <= $2 order by number desc limit 1",
    [chain, ancestor],
  );

  return {
    fromBlock: ancestor + 1,
    cursor:
      block === undefined
        ? { blockNumber: ancestor + 1, logIndex: -1 }
        : {
            blockNumber: Number(block.number),
            logIndex: END_OF_BLOCK,
            blockHash: toHexBytes(block.hash),
          },
  };
}
