import { Agent, get } from "node:http";

import type { Postgres } from "../../hardhat/startPostgres.ts";
import type { AddressBook } from "../../src/deployment/addressBook.ts";
import { indexerEngine } from "./indexerEngine.ts";
import { withPlace } from "./measureSet.ts";
import { quantile } from "./median.ts";
import { startChain } from "./startChain.ts";
import { startReplica } from "./startReplica.ts";
import { watchProcess } from "./watchProcess.ts";

/** Messages of 100 to 500 bytes. */
const SET = "growth:100000";
export const PAGE_ROWS = 100;
const CLIENTS = 8;
const WARM_UP_PAGES = 200;
const PAGES = 3_000;

export interface ReadRate {
  readonly clients: number;
  readonly rowsPerPage: number;
  readonly pagesPerSecond: number;
  readonly rowsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Of the replica. */
  readonly peakMegabytes: number;
}

interface Page {
  readonly events: readonly unknown[];
  readonly cursor: string;
  readonly isAtHead: boolean;
}

/** Pages per second that one replica serves, to clients that each read from the beginning to the end by cursor, and again. */
export async function measureReads({
  postgres,
  addresses,
}: {
  readonly postgres: Postgres;
  readonly addresses: AddressBook;
}): Promise<ReadRate> {
  return await withPlace(postgres, false, async (place) => {
    if (!("url" in place)) throw new Error("there is no server to ask");
    await fill(place.url, addresses);
    const replica = await startReplica(place.url);
    const watch = watchProcess(replica.pid);
    const agent = new Agent({ keepAlive: true, maxSockets: CLIENTS });

    try {
      const read = (pages: number) => readPages(`${replica.url}/v1/appchain/events`, agent, pages);
      await read(WARM_UP_PAGES);
      const began = performance.now();
      const { rows, milliseconds } = await read(PAGES);
      const seconds = (performance.now() - began) / 1000;

      return {
        clients: CLIENTS,
        rowsPerPage: PAGE_ROWS,
        pagesPerSecond: Math.round(milliseconds.length / seconds),
        rowsPerSecond: Math.round(rows / seconds),
        p50Ms: Number(quantile(milliseconds, 0.5).toFixed(1)),
        p99Ms: Number(quantile(milliseconds, 0.99).toFixed(1)),
        peakMegabytes: watch.finish().peakMegabytes,
      };
    } finally {
      agent.destroy();
      await replica.stop();
    }
  });
}

async function fill(url: string, addresses: AddressBook): Promise<void> {
  const address = addresses.groupMessageBroadcaster;
  const chain = await startChain(SET, { address, chainId: addresses.appChainId });
  const running = indexerEngine.start({ chain, addresses, place: { url } });
  try {
    await running.caughtUp;
  } finally {
    await running.stop();
    await chain.stop();
  }
}

/** So many pages, by all clients together. */
async function readPages(
  url: string,
  agent: Agent,
  pages: number,
): Promise<{ readonly rows: number; readonly milliseconds: readonly number[] }> {
  const milliseconds: number[] = [];
  let rows = 0;
  let left = pages;

  const client = async (): Promise<void> => {
    let after: string | undefined;
    while (left > 0) {
      left -= 1;
      const began = performance.now();
      const query = after === undefined ? "" : `&after=${encodeURIComponent(after)}`;
      const page = JSON.parse(await fetchText(`${url}?limit=${PAGE_ROWS}${query}`, agent)) as Page;
      milliseconds.push(performance.now() - began);
      rows += page.events.length;
      after = page.isAtHead ? undefined : page.cursor;
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));

  return { rows, milliseconds };
}

function fetchText(url: string, agent: Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, { agent }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.once("error", reject);
      response.once("end", () => {
        const text = Buffer.concat(chunks).toString("utf8");
        if (response.statusCode === 200) resolve(text);
        else reject(new Error(`status ${response.statusCode}: ${text}`));
      });
    }).once("error", reject);
  });
}
