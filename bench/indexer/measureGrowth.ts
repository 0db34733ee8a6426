import { setTimeout as sleep } from "node:timers/promises";

import { Client } from "pg";

import type { Postgres } from "../../hardhat/startPostgres.ts";
import type { AddressBook } from "../../src/deployment/addressBook.ts";
import { indexerEngine } from "./indexerEngine.ts";
import { withPlace } from "./measureSet.ts";
import { findSet } from "./sets.ts";
import { startChain } from "./startChain.ts";
import { watchProcess } from "./watchProcess.ts";

const POLL_MS = 50;
/** Events over which a rate is taken: as many as a partition has, so that each has the cost of indexing one. */
const SPAN = 1_000_000;

export interface GrowthRate {
  /** Rows that were stored when the rate was taken. */
  readonly rows: number;
  readonly eventsPerSecond: number;
}

/** Events per second of one backfill, taken where so many rows are stored, and the most memory that it took. */
export async function measureGrowth(
  steps: readonly number[],
  { postgres, addresses }: { readonly postgres: Postgres; readonly addresses: AddressBook },
): Promise<{ readonly rates: readonly GrowthRate[]; readonly peakMegabytes: number }> {
  const events = Math.max(...steps) + SPAN;
  const name = `growth:${events}`;
  const address = addresses.groupMessageBroadcaster;
  const chain = await startChain(name, { address, chainId: addresses.appChainId });
  const { perBlock } = findSet(name);

  try {
    return await withPlace(postgres, false, async (place) => {
      if (!("url" in place)) throw new Error("there is no server to ask");
      const running = indexerEngine.start({ chain, addresses, place });
      const watch = watchProcess(running.pid);
      const client = new Client({ connectionString: place.url });
      await client.connect();
      try {
        const samples = await sampleProgress(client, running.caughtUp, perBlock, events);
        return {
          rates: steps.map((rows) => ({ rows, eventsPerSecond: rateAt(samples, rows) })),
          peakMegabytes: watch.finish().peakMegabytes,
        };
      } finally {
        await client.end();
        await running.stop();
      }
    });
  } finally {
    await chain.stop();
  }
}

interface Sample {
  readonly rows: number;
  readonly atMs: number;
}

async function sampleProgress(
  client: Client,
  caughtUp: Promise<void>,
  perBlock: number,
  events: number,
): Promise<readonly Sample[]> {
  const samples: Sample[] = [];
  let failure: Error | undefined;
  caughtUp.catch((error: Error) => (failure = error));

  let exists = false;
  while ((samples.at(-1)?.rows ?? 0) < events) {
    if (failure !== undefined) throw failure;
    await sleep(POLL_MS);
    exists ||=
      (await client.query("select 1 where to_regclass('chains') is not null")).rowCount === 1;
    if (!exists) continue;
    const { rows } = await client.query<{ next_block: string }>("select next_block from chains");
    const stored = Math.min(events, Math.max(0, Number(rows[0]?.next_block ?? 1) - 1) * perBlock);
    if (stored > (samples.at(-1)?.rows ?? 0))
      samples.push({ rows: stored, atMs: performance.now() });
  }

  return samples;
}

function rateAt(samples: readonly Sample[], rows: number): number {
  const first = samples.find((sample) => sample.rows >= rows);
  const last = samples.find((sample) => sample.rows >= rows + SPAN);
  if (first === undefined || last === undefined) return 0;

  return Math.round(((last.rows - first.rows) / (last.atMs - first.atMs)) * 1000);
}
