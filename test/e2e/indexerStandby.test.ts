import { setTimeout as sleep } from "node:timers/promises";

import { expect } from "chai";
import pg from "pg";

import { startApi, type RunningApi } from "../../src/indexer/api/startApi.ts";
import { indexedChain } from "../../src/indexer/chain/contracts.ts";
import { parseChainConfig } from "../../src/indexer/config.ts";
import { openDatabase, type Database } from "../../src/indexer/database/database.ts";
import { migrate } from "../../src/indexer/database/migrate.ts";
import { runIndexing, type IndexingEvent } from "../../src/indexer/runIndexing.ts";
import { LEADER_LOCK } from "../../src/indexer/startIndexer.ts";
import { createRandom } from "../helpers/createRandom.ts";
import {
  createIndexConsumers,
  expectEvents,
  type IndexConsumers,
} from "../helpers/indexConsumers.ts";
import { startIndexedNetwork, type IndexedNetwork } from "../helpers/indexedNetwork.ts";
import { startIndexerProcess, type IndexerProcess } from "../helpers/startIndexerProcess.ts";
import { startPostgres, type Postgres } from "../helpers/startPostgres.ts";
import { startStreamConsumer } from "../helpers/streamConsumer.ts";
import {
  CHAINS,
  configOf,
  expectWhole,
  reachHeads,
  watchIndexer,
  type WatchedIndexer,
} from "../helpers/watchedIndexer.ts";

/** `INDEXER_SEED=123` repeats a run. */
const SEED = Number(process.env["INDEXER_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
/** `INDEXER_FAILOVERS=10` measures more of them. */
const FAILOVERS = Number(process.env["INDEXER_FAILOVERS"] ?? 2);
/** Milliseconds; a generous limit, on a machine that may be busy. */
const FAILOVER_LIMIT_MS = 5_000;

describe(`indexers over one database (seed ${SEED})`, function () {
  this.timeout(60_000 + 10_000 * FAILOVERS);
  const random = createRandom(SEED);
  let network: IndexedNetwork;
  let postgres: Postgres;
  let location: { readonly url: string };
  let reader: Database;
  let consumers: IndexConsumers;
  let following: { stop(): Promise<void> };

  before(async () => {
    [network, postgres] = await Promise.all([
      startIndexedNetwork(random),
      startPostgres({ fsync: false }),
    ]);
  });
  beforeEach(async () => {
    await network.reset();
    await network.appchain.grow(20);
    await network.settlement.grow(10);
    location = { url: await postgres.createDatabase() };
    reader = await openDatabase(location);
    consumers = createIndexConsumers();
    following = consumers.follow(reader);
  });
  afterEach(async () => {
    await following.stop();
    await reader.close();
  });
  after(async () => {
    await network?.stop();
    await postgres?.stop();
  });

  const orders = () => ({
    database: location,
    addresses: network.addresses,
    chains: configOf(network, {
      settlement: { timeoutMs: 5_000 },
      appchain: { timeoutMs: 5_000 },
    }),
  });
  const expectAll = async (label?: string): Promise<void> => {
    await reachHeads(reader, network);
    await consumers.expectWhole(network, label);
  };

  it("take over from one that is killed, and serve streams from two replicas meanwhile", async () => {
    const replicas: Postgres[] = [];
    const databases: Database[] = [];
    const apis: RunningApi[] = [];
    let processes: IndexerProcess[] = [];
    const failoversMs: number[] = [];
    try {
      await migrate(reader);
      for (let replica = 0; replica < 2; replica++) {
        const standby = await startPostgres({ fsync: false, standbyOf: location.url });
        replicas.push(standby);
        const { pathname } = new URL(location.url);
        const database = await openDatabase({ url: new URL(pathname, standby.url).href });
        databases.push(database);
        apis.push(await startApi({ database, pollIntervalMs: 20 }));
      }
      const client = startStreamConsumer(
        apis.map(({ url }) => url),
        "appchain",
      );
      const start = () => {
        const indexer = startIndexerProcess(orders());
        processes.push(indexer);
        return indexer;
      };
      const leads = ({ said }: IndexerProcess) => said.some(({ type }) => type === "leading");
      for (const indexer of [start(), start()]) {
        await indexer.heard(({ type }) => type === "standingBy");
      }
      await reachHeads(reader, network);

      for (let failover = 0; failover < FAILOVERS; failover++) {
        const leader = processes.find(leads);
        const other = processes.find((one) => one !== leader);
        if (leader === undefined || other === undefined) throw new Error("nobody leads");
        expect(leads(other), "two leaders").to.equal(false);
        await network.appchain.grow(3);
        const killedAt = performance.now();
        leader.kill();
        await network.appchain.grow(3);
        await other.heard(({ type }) => type === "wrote");
        failoversMs.push(performance.now() - killedAt);
        await leader.ended;
        processes = [other];
        client.cut();
        if (random() < 0.5) await network.appchain.reorg(1 + Math.floor(random() * 20));
        await network.appchain.grow(1);
        await expectAll(`failover ${failover + 1}`);
        await start().heard(({ type }) => type === "standingBy");
      }
      await expectEvents(client.events, network, "appchain", "over HTTP");
      expect(client.streams()).to.be.at.least(2);
      await client.stop();
      const sorted = failoversMs.toSorted((a, b) => a - b).map(Math.round);
      expect(Math.max(...sorted), `failovers in ms: ${sorted.join(", ")}`).to.be.below(
        FAILOVER_LIMIT_MS,
      );
      if (FAILOVERS > 2) console.log(`failovers in ms: ${sorted.join(", ")}`);
      for (const indexer of processes) await indexer.stop();
      processes = [];
      await expectWhole(location, network);
    } finally {
      for (const indexer of processes) indexer.kill();
      for (const api of apis) await api.stop();
      for (const database of databases) await database.close();
      for (const replica of replicas) await replica.stop();
    }
  });

  it("stop writing when the session of the lock is cut, and lead again when nobody else does", async () => {
    let watched: WatchedIndexer | undefined;
    const rival = new pg.Client(location.url);
    await rival.connect();
    try {
      watched = await watchIndexer(orders());
      await reachHeads(reader, network);
      const { rows } = await rival.query<{ pid: number }>(
        "select pid from pg_locks where locktype = 'advisory' and granted and database = (select oid from pg_database where datname = current_database())",
      );
      expect(rows).to.have.length(1);
      const taken = rival.query("select pg_advisory_lock($1)", [LEADER_LOCK]);
      await reader.query("select pg_terminate_backend($1)", [rows[0]?.pid]);
      await taken;
      const isStandingBy = () =>
        watched?.said.filter(({ type }) => type === "standingBy").length === 2;
      while (!isStandingBy()) await sleep(5);
      expect(watched.indexer.isLeader()).to.equal(false);

      const stored = () => reader.query("select name, next_block from chains order by name");
      const before = await stored();
      await network.appchain.grow(5);
      await network.settlement.grow(2);
      await sleep(400);
      expect(await stored()).to.deep.equal(before);

      await rival.query("select pg_advisory_unlock($1)", [LEADER_LOCK]);
      await expectAll();
      expect(watched.indexer.isLeader()).to.equal(true);
    } finally {
      await watched?.stop();
      await rival.end();
    }
    await expectWhole(location, network);
  });

  it("never both store a block, even if both believe to lead", async () => {
    await migrate(reader);
    const stopping = new AbortController();
    const said: IndexingEvent[] = [];
    const config = configOf(network, {
      settlement: { timeoutMs: 5_000 },
      appchain: { timeoutMs: 5_000 },
    });
    const chains = CHAINS.map((name) => ({
      chain: indexedChain(name, network.addresses),
      config: parseChainConfig(name, config[name] ?? { rpcUrls: [] }),
    }));
    const databases = [await openDatabase(location), await openDatabase(location)];
    const leaders = databases.map((database) =>
      runIndexing({
        database,
        chains,
        verifyContractWallet: () => Promise.resolve({ undecided: "no chain is configured" }),
        signal: stopping.signal,
        onEvent: (event) => void said.push(event),
      }),
    );
    const countConflicts = () =>
      said.filter(
        (event) =>
          event.type === "retrying" && /another indexer|already exists/u.test(event.error.message),
      ).length;
    for (let round = 0; round < 200 && (round < 8 || countConflicts() < 3); round++) {
      await network.appchain.grow(2);
      await reachHeads(reader, network);
    }
    expect(countConflicts(), "conflicts").to.be.at.least(3);
    for (const name of CHAINS) {
      const ranges = said
        .flatMap((event) => (event.type === "wrote" && event.chain === name ? [event] : []))
        .sort((a, b) => a.fromBlock - b.fromBlock);
      for (const [at, { fromBlock }] of ranges.entries()) {
        expect(fromBlock, `${name}, range ${at}`).to.equal(
          ranges[at - 1]?.nextBlock ?? indexedChain(name, network.addresses).fromBlock,
        );
      }
    }
    // Where blocks are undone as well, only the outcome tells.
    for (let round = 0; round < 4; round++) {
      await network.appchain.reorg(1 + Math.floor(random() * 15));
      await network.appchain.grow(2);
    }
    await expectAll();
    stopping.abort();
    await Promise.all(leaders);
    for (const database of databases) await database.close();
    await expectWhole(location, network);
  });
});
