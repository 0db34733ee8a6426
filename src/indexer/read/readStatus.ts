import type { ChainName } from "../chain/contracts.ts";
import type { Database } from "../database/database.ts";
import { readSnapshot } from "./readSnapshot.ts";

const MAX_PENDING = 10_000;

/** How far a chain is indexed. */
export interface ChainStatus {
  readonly chain: ChainName;
  readonly chainId: number;
  readonly fromBlock: number;
  /** Every event of a lower block is stored. */
  readonly nextBlock: number;
  /** What is here or below never changes again. */
  readonly finalizedBlock: number;
  /** The newest block that was seen. */
  readonly headBlock: number;
  readonly lagBlocks: number;
  /** Age of the newest stored block with an event while blocks are missing; else 0. */
  readonly lagSeconds: number;
  /** Whether the end was ever reached. */
  readonly isCaughtUp: boolean;
  readonly reorgs: bigint;
  /** Seconds since the indexer last wrote. */
  readonly silentSeconds: number;
}

/** How far something that is derived from the logs has come. */
export interface ProjectionStatus {
  readonly name: string;
  /** All of lower blocks is in it. */
  readonly nextBlock: number;
}

export interface IndexStatus {
  readonly chains: readonly ChainStatus[];
  readonly projections: readonly ProjectionStatus[];
  /** Identity updates that nobody has looked at yet; counted up to 10,000. */
  readonly pendingUpdates: number;
  /** Inboxes with an update that waits for an answer of another chain. */
  readonly undecidedInboxes: number;
}

/** Reads how far everything is. @throws {XmtpError} `NOT_INDEXED`, `DATABASE_UNREACHABLE` */
export async function readStatus({
  database,
}: {
  readonly database: Database;
}): Promise<IndexStatus> {
  return await readSnapshot(database, async (queries) => {
    const chains = await queries.query<{
      chain: ChainName;
      chain_id: bigint;
      from_block: bigint;
      next_block: bigint;
      finalized_block: bigint;
      head_block: bigint;
      lag_blocks: bigint;
      lag_seconds: number;
      is_caught_up: boolean;
      reorgs: bigint;
      silent_seconds: number;
    }>("select * from indexing_status order by chain");
    const projections = await queries.query<{ name: string; next_block: bigint }>(
      "select name, (position + 1) >> 20 as next_block from projections order by name",
    );
    const [pending] = await queries.query<{ updates: bigint }>(
      `select count(*) as updates from (
         select from identity_updates
          where position > coalesce((select position from projections where name = 'identity'), -1)
          limit $1
       ) found`,
      [MAX_PENDING],
    );
    const [undecided] = await queries.query<{ inboxes: bigint }>(
      "select count(distinct inbox_id) as inboxes from identity_verdicts where outcome = 'undecided'",
    );

    return {
      chains: chains.map((row) => ({
        chain: row.chain,
        chainId: Number(row.chain_id),
        fromBlock: Number(row.from_block),
        nextBlock: Number(row.next_block),
        finalizedBlock: Number(row.finalized_block),
        headBlock: Number(row.head_block),
        lagBlocks: Number(row.lag_blocks),
        lagSeconds: row.lag_seconds,
        isCaughtUp: row.is_caught_up,
        reorgs: row.reorgs,
        silentSeconds: row.silent_seconds,
      })),
      projections: projections.map(({ name, next_block }) => ({
        name,
        nextBlock: Number(next_block),
      })),
      pendingUpdates: Number(pending?.updates ?? 0n),
      undecidedInboxes: Number(undecided?.inboxes ?? 0n),
    };
  });
}
