import { get, type ClientRequest } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

import { Client } from "pg";

import type { Postgres } from "../../hardhat/startPostgres.ts";
import type { AddressBook } from "../../src/deployment/addressBook.ts";
import type { Engine, RunningEngine } from "./engine.ts";
import { withPlace } from "./measureSet.ts";
import { quantile } from "./median.ts";
import { nowMicros } from "./nowMicros.ts";
import { startChain } from "./startChain.ts";
import { startReplica } from "./startReplica.ts";

/** 500 events a second. */
export const LIVE_LOAD = { blocks: 300, events: 50, intervalMs: 100 };
/** Before the measurement: connections and compiled code. */
const WARM_UP_BLOCKS = 30;
const POLL_MS = 2;
const LIMIT_MS = 60_000;

/** Milliseconds from the moment just before a block is announced. */
export interface Latency {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Who waits for messages, and how he hears of them. */
export interface Watcher {
  /** When each of these ids was there first, in microseconds. They ascend. */
  readonly watch: (ids: readonly number[]) => Promise<ReadonlyMap<number, number>>;
  readonly stop: () => Promise<void>;
}

export type StartWatcher = (engine: RunningEngine, databaseUrl: string) => Promise<Watcher>;

/** How long after a block is announced a watcher has its last message, at 500 events a second. */
export async function measureLive(
  engine: Engine,
  startWatcher: StartWatcher,
  { postgres, addresses }: { readonly postgres: Postgres; readonly addresses: AddressBook },
): Promise<Latency> {
  const address = addresses.groupMessageBroadcaster;
  const chain = await startChain("empty", { address, chainId: addresses.appChainId });

  try {
    return await withPlace(postgres, false, async (place) => {
      if (!("url" in place)) throw new Error("there is no server to ask");
      const running = engine.start({ chain, addresses, place });
      await running.caughtUp;
      const watcher = await startWatcher(running, place.url);
      try {
        const measure = async (blocks: number, firstId: number): Promise<readonly number[]> => {
          const { events } = LIVE_LOAD;
          const ids = Array.from({ length: blocks }, (_, at) => firstId - 1 + events * (at + 1));
          const [seen, mined] = await Promise.all([
            watcher.watch(ids),
            chain.mine({ ...LIVE_LOAD, blocks }),
          ]);
          return mined.map(
            ({ atMicros, lastSequenceId }) => ((seen.get(lastSequenceId) ?? 0) - atMicros) / 1e3,
          );
        };

        await measure(WARM_UP_BLOCKS, 1);
        const latencies = await measure(LIVE_LOAD.blocks, 1 + WARM_UP_BLOCKS * LIVE_LOAD.events);
        const round = (value: number): number => Number(value.toFixed(1));
        return {
          p50Ms: round(quantile(latencies, 0.5)),
          p99Ms: round(quantile(latencies, 0.99)),
        };
      } finally {
        await watcher.stop();
        await running.stop();
      }
    });
  } finally {
    await chain.stop();
  }
}

/** Asks the database every other millisecond. */
export const watchRows: StartWatcher = async ({ table }, databaseUrl) => {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  const query = { name: "watch", text: `select 1 from ${table} where sequence_id = $1` };

  return {
    watch: async (ids) => {
      const seen = new Map<number, number>();
      const deadline = performance.now() + LIMIT_MS;
      for (const id of ids) {
        while ((await client.query({ ...query, values: [id] })).rowCount !== 1) {
          if (performance.now() > deadline) throw new Error(`message ${id} does not appear`);
          await sleep(POLL_MS);
        }
        seen.set(id, nowMicros());
      }
      return seen;
    },
    stop: () => client.end(),
  };
};

/** Subscribes to the server-sent events of a replica beside the indexer. */
export const watchStream: StartWatcher = async (_engine, databaseUrl) => {
  const replica = await startReplica(databaseUrl);
  const seen = new Map<number, number>();
  let onMessage = (): void => undefined;
  const request = await subscribe(`${replica.url}/v1/appchain/events/stream`, (id) => {
    seen.set(id, nowMicros());
    onMessage();
  });

  return {
    watch: (ids) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(
          () => reject(new Error(`${seen.size} messages were pushed`)),
          LIMIT_MS,
        );
        onMessage = () => {
          if (!seen.has(ids.at(-1) ?? 0)) return;
          clearTimeout(timer);
          resolve(seen);
        };
        onMessage();
      }),
    stop: async () => {
      request.destroy();
      await replica.stop();
    },
  };
};

function subscribe(url: string, onId: (id: number) => void): Promise<ClientRequest> {
  return new Promise((resolve, reject) => {
    const request = get(url, (response) => {
      let rest = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        const lines = `${rest}${chunk}`.split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) {
          const id = /^data: .*"sequenceId":"(\d+)"/.exec(line)?.[1];
          if (id !== undefined) onId(Number(id));
        }
      });
      // The end of the measurement cuts the connection.
      response.on("error", () => undefined);
      resolve(request);
    });
    request.on("error", reject);
  });
}
