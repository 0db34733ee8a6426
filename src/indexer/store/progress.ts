import { libraryError } from "../../errors/libraryErrors.ts";
import { toHex, type Hex } from "viem";
import type { IndexedChain } from "../chain/contracts.ts";
import type { Queries, Transaction } from "../database/database.ts";

/** Listeners learn from this channel that there is something new to read. */
export const CHANNEL = "xmtp_indexer";

/** How far a chain has been indexed. */
export interface Progress {
  /** Every event of a lower block is stored. */
  readonly nextBlock: number;
  /** What is here or below never changes again. */
  readonly finalizedBlock: number;
  readonly reorgs: bigint;
  readonly isCaughtUp: boolean;
}

/** Another indexer has written meanwhile: what is known here is out of date. */
export class StaleProgressError extends Error {
  override readonly name = "StaleProgressError";
}

/** Reads how far a chain has come; undefined before its first block. */
export async function readProgress(
  queries: Queries,
  { name }: IndexedChain,
): Promise<Progress | undefined> {
  const [row] = await queries.query<{
    next_block: bigint;
    finalized_block: bigint;
    reorgs: bigint;
    is_caught_up: boolean;
  }>("select next_block, finalized_block, reorgs, is_caught_up from chains where name = $1", [
    name,
  ]);

  return row === undefined
    ? undefined
    : {
        nextBlock: Number(row.next_block),
        finalizedBlock: Number(row.finalized_block),
        reorgs: row.reorgs,
        isCaughtUp: row.is_caught_up,
      };
}

/**
 * Enters a chain into the database, or checks that it is the one that the database has been filled from.
 *
 * @throws {XmtpError} `DATABASE_MISMATCH`, `CHAIN_CHANGED`
 */
export async function claimChain(
  queries: Queries,
  chain: IndexedChain,
  { genesisHash, fromBlock }: { readonly genesisHash: Hex; readonly fromBlock: number },
): Promise<Progress> {
  const contracts = Object.fromEntries(chain.contracts.map(({ name, address }) => [name, address]));
  await queries.query(
    `insert into chains (name, chain_id, genesis_hash, contracts, from_block, next_block, finalized_block, head_block)
     values ($1, $2, $3, $4, $5, $5, $6, $6) on conflict (name) do nothing`,
    [
      chain.name,
      chain.chainId,
      Buffer.from(genesisHash.slice(2), "hex"),
      JSON.stringify(contracts),
      fromBlock,
      fromBlock - 1,
    ],
  );
  const [known] = await queries.query<{
    chain_id: bigint;
    genesis_hash: Uint8Array;
    contracts: Record<string, string>;
    from_block: bigint;
  }>("select chain_id, genesis_hash, contracts, from_block from chains where name = $1", [
    chain.name,
  ]);
  const progress = await readProgress(queries, chain);
  if (known === undefined || progress === undefined) throw new StaleProgressError();

  const storedGenesis = toHex(known.genesis_hash);
  if (Number(known.chain_id) !== chain.chainId) {
    throw libraryError(
      "DATABASE_MISMATCH",
      `the database holds events of chain ${known.chain_id} as ${chain.name}, not of ${chain.chainId}`,
    );
  }
  if (storedGenesis !== genesisHash) {
    throw libraryError(
      "CHAIN_CHANGED",
      `block 0 of the ${chain.name} was ${storedGenesis} when the database was filled, and is ${genesisHash} now: the chain was reset`,
    );
  }
  const moved = chain.contracts.find(({ name, address }) => known.contracts[name] !== address);
  if (moved !== undefined) {
    throw libraryError(
      "DATABASE_MISMATCH",
      `the database holds events of ${moved.name} at ${known.contracts[moved.name]}, and the address book says ${moved.address}`,
    );
  }
  if (Number(known.from_block) > fromBlock) {
    throw libraryError(
      "DATABASE_MISMATCH",
      `the database begins with block ${known.from_block} of the ${chain.name}; block ${fromBlock} was asked for`,
    );
  }

  return progress;
}

/**
 * Moves a chain's progress, in the transaction that writes what it says. Only the indexer that knows where it stands may:
 * a second one, which a lost lock let go on, fails here.
 *
 * @throws {StaleProgressError}
 */
export async function moveProgress(
  tx: Transaction,
  { name }: IndexedChain,
  from: Progress,
  to: Progress & { readonly headBlock: number },
): Promise<void> {
  const notice = { chain: name, nextBlock: String(to.nextBlock), reorgs: String(to.reorgs) };
  // One statement: each answer of the server is waited for.
  const moved = await tx.query(
    `with moved as (
       update chains
          set next_block = $2, finalized_block = greatest(finalized_block, $3), head_block = $4, reorgs = $5,
              is_caught_up = $6, updated_at = now()
        where name = $1 and next_block = $7 and reorgs = $8
    returning 1)
     select pg_notify($9, $10) from moved`,
    [
      name,
      to.nextBlock,
      to.finalizedBlock,
      to.headBlock,
      to.reorgs,
      to.isCaughtUp,
      from.nextBlock,
      from.reorgs,
      CHANNEL,
      JSON.stringify(notice),
    ],
  );
  if (moved.length !== 1) throw new StaleProgressError();
}
