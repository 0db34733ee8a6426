import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { expect } from "chai";

import {
  openDatabase,
  type Database,
  type DatabaseLocation,
} from "../../src/indexer/database/database.ts";
import { startIndexer } from "../../src/indexer/startIndexer.ts";
import { caughtError } from "../helpers/caughtError.ts";
import { createRandom } from "../helpers/createRandom.ts";
import { createIndexConsumers, type IndexConsumers } from "../helpers/indexConsumers.ts";
import { startIndexedNetwork, type IndexedNetwork } from "../helpers/indexedNetwork.ts";
import type { KillPoint } from "../helpers/indexerProcess.ts";
import { startIndexerProcess } from "../helpers/startIndexerProcess.ts";
import { startPostgres, type Postgres } from "../helpers/startPostgres.ts";
import { configOf, expectWhole, reachHeads } from "../helpers/watchedIndexer.ts";

/** `INDEXER_SEED=123` repeats a run. */
const SEED = Number(process.env["INDEXER_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
/** `INDEXER_KILLS=200` is a long run, some nine minutes. */
const KILLS = Number(process.env["INDEXER_KILLS"] ?? 8);
/** Of an embedded database, which takes its time to open. */
const EMBEDDED_KILLS = Math.ceil(KILLS / 10);
/** Lives over one database; the next begins with an empty one. */
const LIVES = 10;
/** Milliseconds: a life that does not get to where it should end. */
const LONGEST_LIFE_MS = 2_000;

/** Statements of the indexer as it makes its tables. */
const MIGRATING = ["CREATE TABLE schema_version", "-- What is on", "INSERT INTO schema_version"];
/** As it stores blocks, and decides what identity updates mean. */
const WRITING = [
  "begin",
  "update chains",
  "copy blocks",
  "copy group_messages",
  "copy identity_updates",
  "copy events",
  "select pg_notify",
  "commit",
  "create table",
  "create index",
  "update partitions",
  "insert into partitions",
  "insert into projections",
  "insert into identity_verdicts",
];
/** As it takes blocks back. */
const UNDOING = [
  "insert into undone_blocks",
  "delete from blocks",
  "delete from events",
  "delete from group_messages",
  "delete from inbox_signatures",
  "update projections",
];

describe(`an indexer that is killed (seed ${SEED})`, function () {
  this.timeout(60_000 + 10_000 * KILLS);
  const random = createRandom(SEED);
  let network: IndexedNetwork;
  let postgres: Postgres;
  let location: { readonly url: string };
  let reader: Database | undefined;
  let consumers: IndexConsumers;
  let following: { stop(): Promise<void> } | undefined;
  let killed = 0;
  /** At a statement. */
  let ended = 0;

  before(async () => {
    [network, postgres] = await Promise.all([
      startIndexedNetwork(random),
      startPostgres({ fsync: false }),
    ]);
  });
  afterEach(async () => {
    await endConsumers();
    await network.reset();
  });
  after(async () => {
    await network?.stop();
    await postgres?.stop();
  });

  const pick = <T>(list: readonly T[]): T => {
    const item = list[Math.floor(random() * list.length)];
    if (item === undefined) throw new Error("nothing to pick from");
    return item;
  };
  const orders = (database: DatabaseLocation) => ({
    database,
    addresses: network.addresses,
    chains: configOf(network, {
      settlement: { timeoutMs: 5_000 },
      appchain: { timeoutMs: 5_000, ...(random() < 0.5 && { maxBlocks: 4 }) },
    }),
  });
  const endConsumers = async (): Promise<void> => {
    await following?.stop();
    await reader?.close();
    following = undefined;
    reader = undefined;
  };
  const useDatabase = async (): Promise<void> => {
    await endConsumers();
    await network.reset();
    await network.appchain.grow(30);
    await network.settlement.grow(10);
    location = { url: await postgres.createDatabase() };
    reader = await openDatabase(location);
    consumers = createIndexConsumers();
    following = consumers.follow(reader);
  };
  const publish = async (): Promise<void> => {
    await network.appchain.grow(1 + Math.floor(random() * 6), 6);
    if (random() < 0.5) await network.settlement.grow(1);
  };
  const forget = async (): Promise<void> => {
    const chain = random() < 0.8 ? network.appchain : network.settlement;
    await chain.reorg(Math.ceil(64 * random() ** 3));
    await chain.grow(1);
  };

  /** Runs it until it is dead: at a statement, or after some time; perhaps the database crashes too. */
  const liveAndDie = async (
    database: DatabaseLocation,
    end: KillPoint | { readonly afterMs: number; readonly since: "start" | "leading" },
    crashesDatabase: boolean,
  ): Promise<void> => {
    const isTimed = "afterMs" in end;
    const life = startIndexerProcess({ ...orders(database), ...(!isTimed && { killAt: end }) });
    const begins = (type: string) =>
      life.heard((said) => said.type === type).catch(() => undefined);
    const timer = (async () => {
      if (!isTimed || end.since === "leading") await begins("leading");
      await sleep(isTimed ? end.afterMs : LONGEST_LIFE_MS);
      life.kill();
    })();
    const crash = (async () => {
      // Before that, an indexer without a database ends by itself.
      await begins("standingBy");
      if (!crashesDatabase) return;
      await sleep(random() * 400);
      await postgres.restart({ mode: "immediate" });
    })();
    let isOver = false;
    void life.ended.finally(() => (isOver = true)).catch(() => undefined);
    // The chain goes on meanwhile.
    while (!isOver) {
      await sleep(30 + random() * 100);
      if (isOver) break;
      if (random() < 0.7) await publish();
      else await forget();
    }
    await crash;
    expect(await life.ended, "killed").to.equal(true);
    killed += 1;
    if (life.said.some(({ type }) => type === "ending")) ended += 1;
    if (isTimed) await timer;
  };

  /** What the next one makes of what is left. */
  const expectRecovery = async (label: string): Promise<void> => {
    if (reader === undefined) throw new Error("there is no database");
    const indexer = await startIndexer(orders(location));
    try {
      await indexer.caughtUp();
      await reachHeads(reader, network);
      await consumers.expectWhole(network, label);
    } finally {
      await indexer.stop();
    }
    await expectWhole(location, network, label);
  };

  it("leaves a database that the next one goes on with", async () => {
    const ends = { migrating: 0, writing: 0, undoing: 0, time: 0 };
    killed = 0;
    ended = 0;
    for (let life = 0; life < KILLS; life++) {
      const isNew = life % LIVES === 0;
      if (isNew) await useDatabase();
      const choice = random();
      const kind = isNew
        ? "migrating"
        : choice < 0.4
          ? "writing"
          : choice < 0.7
            ? "undoing"
            : "time";
      const statements = { migrating: MIGRATING, writing: WRITING, undoing: UNDOING, time: [] }[
        kind
      ];
      if (kind === "undoing") await forget();
      else await publish();
      const end =
        kind === "time"
          ? { afterMs: random() * 500, since: "leading" as const }
          : {
              statement: pick(statements),
              when: pick(["before", "after"] as const),
              skips: kind === "writing" ? Math.floor(3 * random()) : 0,
            };
      const crashes = random() < 0.15;
      const label = `life ${life + 1}, ended at ${JSON.stringify(end)}${crashes ? " with the database" : ""}`;
      ends[kind] += 1;

      await liveAndDie(location, end, crashes);
      await expectRecovery(label);
    }
    expect(killed).to.equal(KILLS);
    // Not every life has blocks to take back, or a statement once more than it is let through; of few, few may have.
    expect(ended, JSON.stringify(ends)).to.be.at.least(KILLS < LIVES ? 1 : (KILLS - ends.time) / 2);
  });

  it("leaves the folder of an embedded database that the next one goes on with", async () => {
    const folder = await mkdtemp(join(tmpdir(), "xmtp-crash-"));
    try {
      await network.appchain.grow(30);
      await network.settlement.grow(10);
      consumers = createIndexConsumers();
      for (let life = 0; life < EMBEDDED_KILLS + 1; life++) {
        await network.appchain.grow(2);
        // The first one dies before it has made the files.
        const since = life === 0 ? "start" : "leading";
        await liveAndDie({ folder }, { afterMs: 200 + random() * 800, since }, false);

        const indexer = await startIndexer(orders({ folder }));
        following = consumers.follow(indexer.database);
        await indexer.caughtUp();
        await reachHeads(indexer.database, network);
        await consumers.expectWhole(network, `life ${life + 1}`);
        const { code } = await caughtError(openDatabase({ folder }));
        expect(code, "to open it twice").to.equal("DATABASE_IN_USE");
        await following.stop();
        following = undefined;
        await indexer.stop();
        await expectWhole({ folder }, network, `life ${life + 1}`);
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
