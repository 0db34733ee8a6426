import { setTimeout as sleep } from "node:timers/promises";

import { expect } from "chai";
import type { Hex } from "viem";

import type { Cursor } from "../../src/events/eventSources.ts";
import type { ChainName } from "../../src/indexer/chain/contracts.ts";
import type { Database } from "../../src/indexer/database/database.ts";
import { followIndex } from "../../src/indexer/read/followIndex.ts";

/** Milliseconds until a database is asked again that has no tables yet, or that went away. */
const RETRY_MS = 30;

export interface ConsumedEvent {
  readonly blockNumber: number;
  readonly logIndex: number;
  readonly transactionHash: Hex;
}

/** Follows the events of a chain from a cursor of its own, and takes back what was undone. */
export interface IndexConsumer {
  /** What it has, in the order it came. */
  readonly events: readonly ConsumedEvent[];
  readonly reorgs: () => number;
  /** Follows until stopped; a database that fails is asked again from the last cursor. */
  follow(database: Database): { stop(): Promise<void> };
}

export function createIndexConsumer(chain: ChainName): IndexConsumer {
  const events: ConsumedEvent[] = [];
  let cursor: Cursor | undefined;
  let reorgs = 0;

  const run = async (database: Database, signal: AbortSignal): Promise<void> => {
    for await (const step of followIndex({ database, chain, after: cursor, signal })) {
      if (step.type === "reorg") {
        reorgs += 1;
        while ((events.at(-1)?.blockNumber ?? -1) >= step.fromBlock) events.pop();
        cursor = step.cursor;
        continue;
      }
      const { cursor: at, transactionHash } = step.event;
      const { blockNumber, logIndex } = at;
      const last = events.at(-1);
      const isNext =
        last === undefined ||
        blockNumber > last.blockNumber ||
        (blockNumber === last.blockNumber && logIndex > last.logIndex);
      expect(isNext, `${blockNumber}:${logIndex} after ${last?.blockNumber}:${last?.logIndex}`).to
        .be.true;
      events.push({ blockNumber, logIndex, transactionHash });
      cursor = at;
    }
  };

  return {
    events,
    reorgs: () => reorgs,
    follow: (database) => {
      const stopped = new AbortController();
      const running = (async () => {
        while (!stopped.signal.aborted) {
          try {
            await run(database, stopped.signal);
          } catch (error) {
            if (error instanceof Error && error.name === "AssertionError") throw error;
            await sleep(RETRY_MS);
          }
        }
      })();
      // Told by `stop`.
      running.catch(() => undefined);

      return {
        stop: async () => {
          stopped.abort();
          await running;
        },
      };
    },
  };
}
