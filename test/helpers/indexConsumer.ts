import { expect } from "chai";
import { toHex, type Hex } from "viem";

import type { ChainName } from "../../src/indexer/chain/contracts.ts";
import type { Database, Queries } from "../../src/indexer/database/database.ts";
import { blockOf, firstPosition } from "../../src/indexer/store/position.ts";

/** Events that are read at once. */
const PAGE = 50;

export interface ConsumedEvent {
  readonly position: bigint;
  readonly table: string;
  readonly transactionHash: Hex;
}

/** Reads the events of a chain as they are stored, from a cursor of its own, and takes back what was undone. */
export interface IndexConsumer {
  /** Reads what there is. The database may be another connection each time. */
  poll(database: Database): Promise<void>;
  /** What it has, in the order it came. */
  readonly events: readonly ConsumedEvent[];
  readonly reorgs: () => number;
}

const SOURCES: Readonly<Record<ChainName, readonly string[]>> = {
  appchain: [
    "select 'group_messages' as kind, position, transaction_hash from group_messages",
    "select 'identity_updates' as kind, position, transaction_hash from identity_updates",
    "select 'events' as kind, position, transaction_hash from events where chain = 'appchain'",
  ],
  settlement: [
    "select 'events' as kind, position, transaction_hash from events where chain = 'settlement'",
  ],
};

export function createIndexConsumer(chain: ChainName): IndexConsumer {
  const events: ConsumedEvent[] = [];
  let cursor: { readonly position: bigint; readonly hash?: Hex } = { position: -1n };
  let reorgs = 0;

  /** How far to go back, if the block of the cursor is no longer there. */
  const ancestorOf = async (tx: Queries): Promise<number | undefined> => {
    if (cursor.hash === undefined) return undefined;
    const [row] = await tx.query<{ is_stored: boolean; ordinal: bigint | null }>(
      `select exists (select 1 from blocks where chain = $1 and hash = $2) as is_stored,
              (select ordinal from undone_blocks where chain = $1 and hash = $2) as ordinal`,
      [chain, Buffer.from(cursor.hash.slice(2), "hex")],
    );
    if (row?.is_stored === true) return undefined;
    const block = blockOf(cursor.position);
    expect(row?.ordinal, `block ${block} of the ${chain} is nowhere`).not.to.equal(null);
    const [undone] = await tx.query<{ ancestor: bigint }>(
      "select min(ancestor) as ancestor from undone_blocks where chain = $1 and ordinal >= $2",
      [chain, row?.ordinal],
    );
    return Number(undone?.ancestor);
  };

  const page = async (database: Database): Promise<boolean> =>
    await database.transaction(
      async (tx) => {
        const ancestor = await ancestorOf(tx);
        if (ancestor !== undefined) {
          reorgs += 1;
          while (blockOf(events.at(-1)?.position ?? -1n) > ancestor) events.pop();
          const [block] = await tx.query<{ hash: Uint8Array }>(
            "select hash from blocks where chain = $1 and number <= $2 order by number desc limit 1",
            [chain, ancestor],
          );
          cursor = {
            position: BigInt(firstPosition(ancestor + 1) - 1),
            ...(block !== undefined && { hash: toHex(block.hash) }),
          };
          return true;
        }
        const rows = await tx.query<{
          kind: string;
          position: bigint;
          transaction_hash: Uint8Array;
          hash: Uint8Array | null;
        }>(
          `select l.*, b.hash from (${SOURCES[chain].join(" union all ")}) l
             left join blocks b on b.chain = '${chain}' and b.number = l.position >> 20
            where l.position > $1 order by l.position limit ${PAGE}`,
          [cursor.position],
        );
        for (const { kind, position, transaction_hash: transaction, hash } of rows) {
          const last = events.at(-1);
          expect(Number(position), `after ${last?.position}`).to.be.greaterThan(
            Number(last?.position ?? -1n),
          );
          expect(hash, `block of the event at ${position}`).not.to.equal(null);
          events.push({ position, table: kind, transactionHash: toHex(transaction) });
          cursor = { position, hash: toHex(hash ?? new Uint8Array()) };
        }
        return rows.length === PAGE;
      },
      { isSnapshot: true },
    );

  return {
    events,
    reorgs: () => reorgs,
    poll: async (database) => {
      while (await page(database));
    },
  };
}
