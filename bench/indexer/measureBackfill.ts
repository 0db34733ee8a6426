import { setTimeout as sleep } from "node:timers/promises";

import { Client } from "pg";

import type { RpcStatistics } from "./chain/createChainRpc.ts";
import type { Engine, EngineOptions, RunningEngine } from "./engine.ts";
import { nowMicros } from "./nowMicros.ts";
import { watchProcess, type Usage } from "./watchProcess.ts";

const POLL_MS = 20;

export interface Backfill extends Usage {
  /** From the first request for logs to the last row that others can see. */
  readonly seconds: number;
  /** From the start of the process. */
  readonly secondsFromStart: number;
  readonly statistics: RpcStatistics;
  /** False: the limit was reached first, and the seconds are the limit. */
  readonly isComplete: boolean;
}

interface Expected {
  readonly events: number;
  /** Of all together; undefined where payloads are of different sizes. */
  readonly payloadBytes?: number;
}

/**
 * Lets an engine index a chain of so many events and payload bytes from nothing, and checks that all of it is there once.
 *
 * @throws {Error} if the engine ends, or stores something else
 */
export async function measureBackfill(
  engine: Engine,
  options: EngineOptions,
  expected: Expected & { readonly limitMs: number },
): Promise<Backfill> {
  await options.chain.takeStatistics();
  const startedMicros = nowMicros();
  const running = engine.start(options);
  const watch = watchProcess(running.pid);
  const limit = new AbortController();
  const late = sleep(expected.limitMs, false, { signal: limit.signal });
  // It is cancelled in the end.
  late.catch(() => undefined);

  try {
    const { place } = options;
    const isDone =
      "url" in place
        ? waitForRow(running, place.url, expected.events, limit.signal)
        : running.caughtUp;
    const isComplete = await Promise.race([isDone.then(() => true), late]);
    const endedMicros = nowMicros();
    // What follows in the engine's process, such as indexes, is still its own.
    await Promise.race([running.caughtUp, late]);

    const usage = watch.finish();
    const statistics = await options.chain.takeStatistics();
    if (!isComplete) console.log(`  ${engine.name} is not done after ${expected.limitMs / 1000} s`);
    else if ("url" in place) await checkRows(running, place.url, expected);
    else {
      const rows = await running.countRows();
      if (rows !== expected.events) throw new Error(`${engine.name} has ${rows} rows`);
    }

    return {
      seconds: (endedMicros - (statistics.firstRangeAtMicros ?? startedMicros)) / 1e6,
      secondsFromStart: (endedMicros - startedMicros) / 1e6,
      ...usage,
      statistics,
      isComplete,
    };
  } finally {
    limit.abort();
    await running.stop();
  }
}

/** Asks for the last row until it is there, as any other reader of the database would. */
async function waitForRow(
  { table, caughtUp }: RunningEngine,
  url: string,
  sequenceId: number,
  signal: AbortSignal,
): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  // After the limit, the database goes away under it.
  client.on("error", () => undefined);
  let failure: Error | undefined;
  caughtUp.catch((error: Error) => (failure = error));

  try {
    let exists = false;
    while (!signal.aborted) {
      if (failure !== undefined) throw failure;
      exists ||=
        (await client.query("select 1 where to_regclass($1) is not null", [table])).rowCount === 1;
      const sql = `select 1 from ${table} where sequence_id = ${sequenceId}`;
      if (exists && (await client.query(sql)).rowCount === 1) return;
      await sleep(POLL_MS);
    }
  } finally {
    await client.end();
  }
}

async function checkRows(
  { table, payloadBytes }: RunningEngine,
  url: string,
  expected: Expected,
): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<Record<"rows" | "ids" | "bytes", string>>(
      `select count(*) as rows, count(distinct sequence_id) as ids, sum(${payloadBytes}) as bytes from ${table}`,
    );
    const [found] = rows;
    const counts = [found?.rows, found?.ids, found?.bytes].map(Number);
    const wanted = [expected.events, expected.events, expected.payloadBytes ?? counts[2]];
    if (counts.join() !== wanted.join()) {
      throw new Error(`rows, ids and bytes are ${counts.join(", ")}, not ${wanted.join(", ")}`);
    }
  } finally {
    await client.end();
  }
}
