import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import type { Postgres } from "../../hardhat/startPostgres.ts";
import type { AddressBook } from "../../src/deployment/addressBook.ts";
import { measureDrainFloor, type DrainFloor } from "./drainFloor.ts";
import type { Engine, Place } from "./engine.ts";
import { indexerEngine } from "./indexerEngine.ts";
import { measureBackfill, type Backfill } from "./measureBackfill.ts";
import { median } from "./median.ts";
import { createPonder } from "./ponderEngine.ts";
import { findSet } from "./sets.ts";
import { startChain } from "./startChain.ts";

/** Ponder needs minutes for some sets. Of what is not done by then, the rate is one that it did not reach. */
const PONDER_LIMIT_MS = 120_000;
const LIMIT_MS = 120_000;

/** Medians of the rounds. */
export interface Rate {
  readonly eventsPerSecond: number;
  /** Only there if false: the engine was not done in time, and is slower than this. */
  readonly isComplete?: false;
  /** With the start of the process and of the engine in it. */
  readonly eventsPerSecondFromStart?: number;
  readonly peakMegabytes: number;
  /** Of the process, without the database server. */
  readonly processorSeconds: number;
}

/** Of one set. Undefined: not asked for. */
export interface SetRates {
  readonly events: number;
  readonly payloadBytes: number;
  readonly drainFloor: Rate;
  readonly postgres: Rate;
  readonly embedded: Rate;
  readonly ponderPostgresBytes: Rate | undefined;
  readonly ponderPostgresText: Rate | undefined;
  readonly ponderEmbedded: Rate | undefined;
}

/** Backfills of one set: floor, indexer and Ponder in turn, over the same chain and server: what drifts, drifts for all. */
export async function measureSet(
  name: string,
  {
    postgres,
    addresses,
    rounds,
    ponderRounds,
  }: {
    readonly postgres: Postgres;
    readonly addresses: AddressBook;
    readonly rounds: number;
    readonly ponderRounds: number;
  },
): Promise<SetRates> {
  const { events, payloadBytes } = findSet(name);
  const address = addresses.groupMessageBroadcaster;
  const chain = await startChain(name, { address, chainId: addresses.appChainId });
  const bytes = await createPonder({ bytes: "bytes" });
  const text = await createPonder({ bytes: "text" });

  const backfill = async (engine: Engine, isEmbedded: boolean, limitMs: number) =>
    await withPlace(postgres, isEmbedded, async (place) => {
      const expected = { events, payloadBytes: events * payloadBytes.max, limitMs };
      const result = await measureBackfill(engine, { chain, addresses, place }, expected);
      const rate = Math.round(events / result.seconds);
      console.log(
        `  ${name}  ${engine.name}, ${isEmbedded ? "embedded" : "PostgreSQL"}: ${rate} events/s`,
      );
      return result;
    });
  try {
    const floors: DrainFloor[] = [];
    const own = { postgres: [] as Backfill[], embedded: [] as Backfill[] };
    const ponder = { bytes: [] as Backfill[], text: [] as Backfill[], embedded: [] as Backfill[] };
    for (let round = 0; round < Math.max(rounds, ponderRounds); round++) {
      if (round < rounds) {
        const measured = await backfill(indexerEngine, false, LIMIT_MS);
        own.postgres.push(measured);
        const { ranges } = measured.statistics;
        floors.push(await measureDrainFloor({ url: chain.url, address, ranges, events }));
        own.embedded.push(await backfill(indexerEngine, true, LIMIT_MS));
      }
      if (round < ponderRounds) {
        ponder.bytes.push(await backfill(bytes, false, PONDER_LIMIT_MS));
        ponder.text.push(await backfill(text, false, PONDER_LIMIT_MS));
        ponder.embedded.push(await backfill(bytes, true, PONDER_LIMIT_MS));
      }
    }

    const ponderRate = (results: readonly Backfill[]): Rate | undefined =>
      results.length === 0 ? undefined : rateOf(events, results);
    return {
      events,
      payloadBytes: payloadBytes.max,
      drainFloor: rateOf(events, floors),
      postgres: rateOf(events, own.postgres),
      embedded: rateOf(events, own.embedded),
      ponderPostgresBytes: ponderRate(ponder.bytes),
      ponderPostgresText: ponderRate(ponder.text),
      ponderEmbedded: ponderRate(ponder.embedded),
    };
  } finally {
    await chain.stop();
  }
}

/** A new database of the server, or a new folder; it is gone afterwards. */
export async function withPlace<Result>(
  postgres: Postgres,
  isEmbedded: boolean,
  work: (place: Place) => Promise<Result>,
): Promise<Result> {
  if (!isEmbedded) {
    const url = await postgres.createDatabase();
    try {
      return await work({ url });
    } finally {
      await postgres.dropDatabase(url);
    }
  }

  const folder = await mkdtemp(path.join(tmpdir(), "xmtp-bench-"));
  try {
    return await work({ folder: path.join(folder, "database") });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function rateOf(
  events: number,
  results: readonly (DrainFloor & Partial<Pick<Backfill, "secondsFromStart" | "isComplete">>)[],
): Rate {
  const perSecond = (seconds: readonly number[]): number => Math.round(events / median(seconds));
  const fromStart = results.flatMap(({ secondsFromStart }) => secondsFromStart ?? []);

  return {
    eventsPerSecond: perSecond(results.map(({ seconds }) => seconds)),
    ...(results.some(({ isComplete }) => isComplete === false) && { isComplete: false }),
    ...(fromStart.length > 0 && { eventsPerSecondFromStart: perSecond(fromStart) }),
    peakMegabytes: median(results.map(({ peakMegabytes }) => peakMegabytes)),
    processorSeconds: median(results.map(({ processorSeconds }) => processorSeconds)),
  };
}
