import type { Address, Hex } from "viem";

import { addresses } from "../../src/addresses.ts";
import { indexedChain, type ChainName } from "../../src/indexer/chain/contracts.ts";
import type { Database } from "../../src/indexer/database/database.ts";
import { toBytes } from "../../src/indexer/read/bytes.ts";
import { createPartitions } from "../../src/indexer/store/createPartitions.ts";
import { positionOf } from "../../src/indexer/store/position.ts";
import { claimChain, moveProgress, type Progress } from "../../src/indexer/store/progress.ts";
import { undoBlocks } from "../../src/indexer/store/undoBlocks.ts";

/** An event before it is in a block. */
export type ModelEvent =
  | {
      readonly table: "group_messages" | "identity_updates";
      readonly id: Hex;
      readonly payload: Hex;
    }
  | {
      readonly table: "events";
      readonly contract: string;
      readonly name: string;
      readonly args: Readonly<Record<string, unknown>>;
    };

/** An event in its place. */
export type PlacedModelEvent = ModelEvent & {
  readonly blockNumber: number;
  readonly blockHash: Hex;
  readonly logIndex: number;
  readonly transactionHash: Hex;
  /** Of one of the two logs. */
  readonly sequenceId?: number;
};

const GENESIS: Hex = `0x${"11".repeat(32)}`;
/** Of block 0, in Unix seconds. */
const START = 1_700_000_000;
const BLOCK_SECONDS = 2;

/** A chain of test events: kept here as a list, and written to the database as the indexer writes it. */
export interface IndexModel {
  readonly chain: ChainName;
  /** What is on the chain now, in order. */
  events(): readonly PlacedModelEvent[];
  nextBlock(): number;
  finalizedBlock(): number;
  hashOf(blockNumber: number): Hex;
  timestampOf(blockNumber: number): number;
  /** Adds blocks, each with these events. */
  append(...blocks: readonly (readonly ModelEvent[])[]): Promise<void>;
  finalize(blockNumber: number): Promise<void>;
  /** Takes every block above the ancestor back. */
  undo(ancestor: number): Promise<void>;
}

export async function createIndexModel({
  database,
  chain: name,
}: {
  readonly database: Database;
  readonly chain: ChainName;
}): Promise<IndexModel> {
  const chain = { ...indexedChain(name, addresses.devnet), fromBlock: 0 };
  const partitions = createPartitions(database, 0);
  await partitions.reload();
  let progress: Progress = await claimChain(database, chain, {
    genesisHash: GENESIS,
    fromBlock: 0,
  });
  /** Blocks by number; a block of another fork has another hash. */
  let blocks: { hash: Hex; events: readonly PlacedModelEvent[] }[] = [];
  let made = 0;
  const nextSequence = { group_messages: 1, identity_updates: 1 };

  const write = async (
    fresh: readonly { readonly number: number; readonly block: (typeof blocks)[number] }[],
  ): Promise<void> => {
    const to: Progress = {
      ...progress,
      nextBlock: blocks.length,
      isCaughtUp: true,
    };
    for (const table of ["group_messages", "identity_updates"] as const) {
      if (name === "appchain") await partitions.prepare(table, blocks.length);
    }
    await database.transaction(async (tx) => {
      await moveProgress(tx, chain, progress, { ...to, headBlock: blocks.length - 1 });
      for (const { number, block } of fresh) {
        await tx.query("insert into blocks values ($1, $2, $3, $4, to_timestamp($5))", [
          name,
          number,
          toBytes(block.hash),
          toBytes(blocks[number - 1]?.hash ?? GENESIS),
          START + number * BLOCK_SECONDS,
        ]);
        for (const event of block.events) {
          const position = positionOf(number, event.logIndex);
          const transaction = toBytes(event.transactionHash);
          await (event.table === "events"
            ? tx.query("insert into events values ($1, $2, $3, $4, $5, $6)", [
                name,
                position,
                event.contract,
                event.name,
                JSON.stringify(event.args),
                transaction,
              ])
            : tx.query(`insert into ${event.table} values ($1, $2, $3, $4, $5)`, [
                position,
                event.sequenceId,
                toBytes(event.id),
                toBytes(event.payload),
                transaction,
              ]));
        }
      }
    });
    progress = to;
  };

  return {
    chain: name,
    events: () => blocks.flatMap(({ events }) => events),
    nextBlock: () => blocks.length,
    finalizedBlock: () => progress.finalizedBlock,
    hashOf: (number) => blocks[number]?.hash ?? GENESIS,
    timestampOf: (number) => START + number * BLOCK_SECONDS,
    append: async (...added) => {
      const fresh = added.map((events, index) => {
        made += 1;
        const number = blocks.length + index;
        const hash: Hex = `0x${number.toString(16).padStart(32, "0")}${made.toString(16).padStart(32, "a")}`;
        return {
          number,
          block: {
            hash,
            events: events.map((event, logIndex) => ({
              ...event,
              blockNumber: number,
              blockHash: hash,
              // As if other contracts had logs in between.
              logIndex: 3 * logIndex + 1,
              transactionHash:
                `0x${made.toString(16).padStart(32, "b")}${logIndex.toString(16).padStart(32, "0")}` as const,
              ...(event.table !== "events" && { sequenceId: nextSequence[event.table]++ }),
            })),
          },
        };
      });
      const before = blocks;
      blocks = [...blocks, ...fresh.map(({ block }) => block)];
      try {
        await write(fresh);
      } catch (error) {
        // The database was away; the same may be added again.
        blocks = before;
        throw error;
      }
    },
    finalize: async (number) => {
      const to = { ...progress, finalizedBlock: number };
      await database.transaction(async (tx) => {
        await moveProgress(tx, chain, progress, { ...to, headBlock: blocks.length - 1 });
        await tx.query(
          `delete from blocks b where chain = $1 and number < $2
              and not exists (select from events e where e.chain = $1 and e.position >> 20 = b.number)
              and not exists (select from group_messages m where $1 = 'appchain' and m.position >> 20 = b.number)
              and not exists (select from identity_updates u where $1 = 'appchain' and u.position >> 20 = b.number)`,
          [name, number],
        );
      });
      progress = to;
    },
    undo: async (ancestor) => {
      for (const { events } of blocks.slice(ancestor + 1)) {
        for (const { table } of events) if (table !== "events") nextSequence[table] -= 1;
      }
      blocks = blocks.slice(0, ancestor + 1);
      progress = await undoBlocks({
        database,
        chain,
        ancestor,
        from: progress,
        headBlock: ancestor,
      });
    },
  };
}

const PAYERS: readonly Address[] = [
  "0x1000000000000000000000000000000000000001",
  "0x2000000000000000000000000000000000000002",
];

/** An event of the appchain, of some kind; groups and inboxes are few, so that filters find some. */
export function randomEvent(random: () => number, maxBytes = 300): ModelEvent {
  const choice = random();
  const payload: Hex = `0x${"5a".repeat(1 + Math.floor(random() * maxBytes))}`;
  const one = Math.floor(random() * 3);
  if (choice < 0.45) {
    return { table: "group_messages", id: `0x${String(one).repeat(32)}`, payload };
  }
  if (choice < 0.8) {
    return { table: "identity_updates", id: `0x${String(one).repeat(64)}`, payload };
  }
  if (choice < 0.9) {
    return {
      table: "events",
      contract: "appChainParameterRegistry",
      name: "ParameterSet",
      args: {
        keyHash: `0x${"0".repeat(64)}`,
        key: `xmtp.test.${one}`,
        value: `0x${String(one).repeat(64)}`,
      },
    };
  }
  return choice < 0.95
    ? {
        table: "events",
        contract: "appChainGateway",
        name: "DepositReceived",
        args: { recipient: PAYERS[one % 2], amount: "1000000000000" },
      }
    : {
        table: "events",
        contract: "groupMessageBroadcaster",
        name: "PauseStatusUpdated",
        args: { paused: true },
      };
}

/** Up to so many events a block; many blocks have none. */
export function randomBlock(random: () => number, maxEvents = 6, maxBytes = 300): ModelEvent[] {
  return Array.from({ length: Math.max(0, Math.floor(random() * (maxEvents + 3)) - 2) }, () =>
    randomEvent(random, maxBytes),
  );
}
