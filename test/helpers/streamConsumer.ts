import { setTimeout as sleep } from "node:timers/promises";

import { expect } from "chai";
import type { Hex } from "viem";

import type { ChainName } from "../../src/indexer/chain/contracts.ts";
import type { ConsumedEvent } from "./indexConsumer.ts";
import { openEventStream, type EventStream } from "./openEventStream.ts";

/** Milliseconds until it comes back to the next server. */
const RETRY_MS = 30;

/** Follows the events of a chain over HTTP, from one server after another, as whoever is served tells it to. */
export interface StreamConsumer {
  readonly events: readonly ConsumedEvent[];
  /** Streams so far that had something to tell. */
  streams(): number;
  /** Cuts the connection: it goes on with the next server. */
  cut(): void;
  stop(): Promise<void>;
}

export function startStreamConsumer(urls: readonly string[], chain: ChainName): StreamConsumer {
  const events: ConsumedEvent[] = [];
  let lastId: string | undefined;
  let stream: EventStream | undefined;
  let streams = 0;
  let isStopped = false;

  const read = async (opened: EventStream): Promise<void> => {
    let isFirst = true;
    for await (const { event, id, data } of opened.messages) {
      if (event === "error") return;
      if (isFirst) streams += 1;
      isFirst = false;
      if (event === "reorg") {
        const { fromBlock } = data as { fromBlock: number };
        while ((events.at(-1)?.blockNumber ?? -1) >= fromBlock) events.pop();
      } else {
        const { blockNumber, logIndex, transactionHash } = data as {
          blockNumber: number;
          logIndex: number;
          transactionHash: Hex;
        };
        const last = events.at(-1);
        const isNext =
          blockNumber > (last?.blockNumber ?? -1) ||
          (blockNumber === last?.blockNumber && logIndex > last.logIndex);
        expect(isNext, `${blockNumber}:${logIndex} after ${JSON.stringify(last)}`).to.equal(true);
        events.push({ blockNumber, logIndex, transactionHash });
      }
      lastId = id;
    }
  };
  const running = (async () => {
    for (let turn = 0; !isStopped; turn++) {
      const url = `${urls[turn % urls.length]}/v1/${chain}/events/stream`;
      try {
        stream = await openEventStream(url, lastId);
        if (stream.status === 200) await read(stream);
      } catch (error) {
        if (error instanceof Error && error.name === "AssertionError") throw error;
      } finally {
        stream?.cut();
      }
      await sleep(RETRY_MS);
    }
  })();
  running.catch(() => undefined);

  return {
    events,
    streams: () => streams,
    cut: () => stream?.cut(),
    stop: async () => {
      isStopped = true;
      stream?.cut();
      await running;
    },
  };
}
