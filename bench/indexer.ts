/**
 * Events per second of the indexer, beside what asking and parsing alone takes and beside Ponder, over a chain of its own in
 * one run on one machine; then its latency at the end of the chain, what a replica of its interface serves, and how it
 * does with millions of rows.
 *
 * `SETS=A ROUNDS=1 PARTS=sets npm run bench -- indexer` is quick. Only a whole run, without any of these, is recorded; it takes
 * half an hour, nearly all of it for Ponder and the millions of rows.
 */
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { cpus, loadavg, totalmem } from "node:os";

import { Client } from "pg";

import { ensurePostgres } from "../hardhat/ensurePostgres.ts";
import { startPostgres, type Postgres } from "../hardhat/startPostgres.ts";
import { parseAddressBook } from "../src/deployment/addressBook.ts";
import { indexerEngine } from "./indexer/indexerEngine.ts";
import { measureGrowth } from "./indexer/measureGrowth.ts";
import { LIVE_LOAD, measureLive, watchRows, watchStream } from "./indexer/measureLive.ts";
import { measureReads } from "./indexer/measureReads.ts";
import { measureSet, type SetRates } from "./indexer/measureSet.ts";
import { createPonder, installPonder } from "./indexer/ponderEngine.ts";
import { checkTargets, printSets } from "./indexer/report.ts";

const SNAPSHOT = new URL("../snapshots/indexer.json", import.meta.url);
const ADDRESSES = new URL("../deployments/devnet.json", import.meta.url);

const { SETS, PARTS, ROUNDS, PONDER_ROUNDS, GROWTH } = process.env;
const isWhole = [SETS, PARTS, ROUNDS, PONDER_ROUNDS, GROWTH].every((value) => value === undefined);
const sets = (SETS ?? "A,B,C,D").split(",");
const parts = (PARTS ?? "sets,live,reads,growth").split(",");
const rounds = Number(ROUNDS ?? 3);
const ponderRounds = Number(PONDER_ROUNDS ?? 1);
const growthSteps = (GROWTH ?? "100000,1000000,10000000").split(",").map(Number);

/** Those of a server as Debian installs it, but for what says how long a transaction log may grow. */
const SETTINGS = { max_wal_size: "4GB" };
const REPORTED_SETTINGS = [
  "server_version",
  "fsync",
  "synchronous_commit",
  "full_page_writes",
  "shared_buffers",
  "max_wal_size",
];

ensurePostgres();
const ponderVersion = installPonder();
// The chain begins with the events: nothing of the real network's beginning is in it.
const addresses = {
  ...parseAddressBook(JSON.parse(readFileSync(ADDRESSES, "utf8"))),
  appChainDeploymentBlock: 1,
};
const postgres = await startPostgres({ settings: SETTINGS });
// What else ran on the machine takes from everything that is measured.
const [loadBefore = 0] = loadavg();

try {
  const context = { postgres, addresses };
  const rates: Record<string, SetRates> = {};
  if (parts.includes("sets")) {
    for (const set of sets)
      rates[set] = await measureSet(set, { ...context, rounds, ponderRounds });
    printSets(rates);
  }
  const live = parts.includes("live")
    ? {
        eventsPerSecond: (LIVE_LOAD.events * 1000) / LIVE_LOAD.intervalMs,
        eventsPerBlock: LIVE_LOAD.events,
        rowReadable: {
          indexer: await measureLive(indexerEngine, watchRows, context),
          ponder: await measureLive(await createPonder({ bytes: "bytes" }), watchRows, context),
        },
        pushed: { indexer: await measureLive(indexerEngine, watchStream, context) },
      }
    : undefined;
  if (live !== undefined) console.log(JSON.stringify(live, null, 2));
  const reads = parts.includes("reads") ? await measureReads(context) : undefined;
  if (reads !== undefined) console.log(JSON.stringify(reads, null, 2));
  const growth = parts.includes("growth") ? await measureGrowth(growthSteps, context) : undefined;
  if (growth !== undefined) console.log(JSON.stringify(growth, null, 2));

  const result = {
    conditions: {
      processors: cpus().length,
      processor: cpus()[0]?.model,
      loadAverageBefore: Number(loadBefore.toFixed(1)),
      memoryGigabytes: Math.round(totalmem() / 2 ** 30),
      node: process.versions.node,
      ponder: ponderVersion,
      postgres: await readSettings(postgres),
      rounds: { indexer: rounds, drainFloor: rounds, ponder: ponderRounds },
    },
    sets: rates,
    live,
    reads,
    growth,
    targets: checkTargets({ sets: rates, growth }),
  };
  console.table(result.targets);
  if (isWhole) await writeFile(SNAPSHOT, `${JSON.stringify(result, null, 2)}\n`);
} finally {
  await postgres.stop();
}

async function readSettings({ url }: Postgres): Promise<Record<string, string>> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string; setting: string }>(
      "select name, current_setting(name) as setting from pg_settings where name = any($1)",
      [REPORTED_SETTINGS],
    );
    return Object.fromEntries(rows.map(({ name, setting }) => [name, setting]));
  } finally {
    await client.end();
  }
}
