import { setTimeout as sleep } from "node:timers/promises";

import { expect } from "chai";

import { indexedChain } from "../../src/indexer/chain/contracts.ts";
import type { ChainConfig } from "../../src/indexer/config.ts";
import { openDatabase, type Database } from "../../src/indexer/database/database.ts";
import { createRandom } from "../helpers/createRandom.ts";
import {
  startFaultyProxy,
  type Fault,
  type FaultyProxy,
  type PassingCall,
} from "../helpers/faultyProxy.ts";
import { createIndexConsumers, type IndexConsumers } from "../helpers/indexConsumers.ts";
import { startIndexedNetwork, type IndexedNetwork } from "../helpers/indexedNetwork.ts";
import { recordFork } from "../helpers/recordFork.ts";
import { createRpcFaults, nodeBehind, type RpcFaultName } from "../helpers/rpcFaults.ts";
import { startPostgres, type Postgres } from "../helpers/startPostgres.ts";
import {
  configOf,
  expectWhole,
  reachHeads,
  watchIndexer,
  type WatchedIndexer,
} from "../helpers/watchedIndexer.ts";

/** `INDEXER_SEED=123` repeats a run. */
const SEED = Number(process.env["INDEXER_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
/** `INDEXER_RUNS=200` is a long run, some five minutes. */
const RUNS = Number(process.env["INDEXER_RUNS"] ?? 2);

describe(`an indexer whose nodes fail (seed ${SEED})`, function () {
  this.timeout(60_000 + 20_000 * RUNS);
  const random = createRandom(SEED);
  const faults = createRpcFaults(random);
  let network: IndexedNetwork;
  let postgres: Postgres;
  let proxies: { readonly settlement: FaultyProxy; readonly appchain: FaultyProxy };
  let location: { readonly url: string };
  let reader: Database;
  let watched: WatchedIndexer | undefined;
  let consumers: IndexConsumers;
  let following: { stop(): Promise<void> };

  before(async () => {
    [network, postgres] = await Promise.all([
      startIndexedNetwork(random),
      startPostgres({ fsync: false }),
    ]);
    proxies = {
      settlement: await startFaultyProxy(network.settlement.url),
      appchain: await startFaultyProxy(network.appchain.url),
    };
  });
  beforeEach(async () => {
    await network.reset();
    await network.settlement.grow(5);
    await network.appchain.grow(20);
    await useDatabase();
  });
  afterEach(async () => {
    await endAll();
    setFault(() => "pass");
  });
  after(async () => {
    await proxies?.settlement.stop();
    await proxies?.appchain.stop();
    await network?.stop();
    await postgres?.stop();
  });

  /** A new database, and consumers of it. */
  const useDatabase = async (): Promise<void> => {
    location = { url: await postgres.createDatabase() };
    reader = await openDatabase(location);
    consumers = createIndexConsumers();
    following = consumers.follow(reader);
  };
  const endAll = async (): Promise<void> => {
    await watched?.stop();
    watched = undefined;
    await following.stop();
    await reader.close();
  };
  const setFault = (decide: (call: PassingCall) => Fault): void => {
    proxies.settlement.setFault(decide);
    proxies.appchain.setFault(decide);
  };

  /** Starts the indexer behind the proxies. */
  const start = async (changes: Partial<ChainConfig> = {}): Promise<WatchedIndexer> => {
    watched = await watchIndexer({
      database: location,
      addresses: network.addresses,
      chains: configOf(network, {
        settlement: { rpcUrls: [proxies.settlement.url], ...changes },
        appchain: { rpcUrls: [proxies.appchain.url], ...changes },
      }),
    });
    return watched;
  };

  /** Everything is in the database as it is on the chains, and consumers have seen all of it. */
  const expectAll = async (label = ""): Promise<void> => {
    await reachHeads(reader, network).catch((error: unknown) => {
      const retries = watched?.said.flatMap((event) =>
        event.type === "retrying" ? [event.error.message] : [],
      );
      throw new Error(`${label} ${String(error)}: ${retries?.slice(-5).join("\n")}`);
    });
    await consumers.expectWhole(network, label);
    await expectWhole(location, network, label);
  };

  const contracts = () =>
    indexedChain("appchain", network.addresses).contracts.map(({ address }) => address);
  const undone = (): number[] =>
    (watched?.said ?? []).flatMap((event) => (event.type === "undid" ? [event.blocks] : []));

  describe("one fault at a time", () => {
    const names = Object.keys(faults) as RpcFaultName[];

    for (const name of names) {
      it(`gets over "${name}"`, async () => {
        let calls = 0;
        let failed = 0;
        // The first calls ask which chain it is. A node that fails for long is asked less and less often.
        setFault((call) => {
          calls += 1;
          if (calls <= 6 || calls > 40 || random() > 0.4) return "pass";
          failed += 1;
          return faults[name](call);
        });
        await start();
        for (let round = 0; round < 3; round++) {
          await network.appchain.grow(4);
          await network.settlement.grow(1);
        }
        await reachHeads(reader, network);
        setFault(() => "pass");
        await network.appchain.grow(1);
        expect(failed, "faults").to.be.at.least(4);
        await expectAll();
      });
    }
  });

  it("goes back as far as a reorganisation goes, up to 64 blocks", async () => {
    await network.appchain.grow(70);
    const { heard } = await start();
    await heard(({ type }) => type === "caughtUp");
    for (const depth of [1, 2, 31, 32, 33, 64]) {
      await reachHeads(reader, network);
      await network.appchain.reorg(depth);
      await expectAll(`${depth} blocks`);
    }
    expect(Math.max(...undone())).to.equal(64);
    expect(undone().length).to.be.at.least(6);
    expect(consumers.of.appchain.reorgs()).to.be.within(3, undone().length);
  });

  it("goes back while it is still catching up", async () => {
    await network.appchain.grow(200);
    await start({ maxBlocks: 3 });
    for (let reorg = 0; reorg < 6; reorg++) {
      await network.appchain.reorg(1 + Math.floor(random() * 64));
      await network.appchain.grow(2);
    }
    await expectAll();
  });

  it("says nothing of a chain that is shorter for a moment", async () => {
    const { heard } = await start();
    await heard(({ type }) => type === "caughtUp");
    await reachHeads(reader, network);
    const asked = proxies.appchain.calls.length;
    await network.appchain.reorg(9, async () => {
      while (proxies.appchain.calls.length < asked + 5) await network.appchain.head();
    });
    await expectAll();
  });

  it("asks another node when one falls behind, or is stuck", async () => {
    const other = await startFaultyProxy(network.appchain.url);
    try {
      const [behind, stuck] = [nodeBehind(7), await recordFork(network.appchain, 0, contracts())];
      other.setFault(behind);
      watched = await watchIndexer({
        database: location,
        addresses: network.addresses,
        chains: configOf(network, {
          appchain: { rpcUrls: [other.url, proxies.appchain.url], pollIntervalMs: 20 },
        }),
      });
      for (let round = 0; round < 4; round++) {
        if (round === 2) other.setFault(stuck);
        await network.appchain.grow(4);
        await reachHeads(reader, network);
      }
      expect(undone(), "blocks that were undone").to.deep.equal([]);
      expect(other.calls.length).to.be.greaterThan(5);
      await expectAll();
    } finally {
      await other.stop();
    }
  });

  it("has its own mind when two nodes disagree: one is on another fork for a while", async () => {
    const other = await startFaultyProxy(network.appchain.url);
    try {
      watched = await watchIndexer({
        database: location,
        addresses: network.addresses,
        chains: configOf(network, {
          appchain: { rpcUrls: [proxies.appchain.url, other.url] },
        }),
      });
      await reachHeads(reader, network);
      const head = await network.appchain.head();
      other.setFault(await recordFork(network.appchain, head - 11, contracts()));
      await network.appchain.reorg(10);
      await network.appchain.grow(2);
      let calls = 0;
      proxies.appchain.setFault(() => ((calls += 1) % 4 === 0 ? "drop" : "pass"));
      const before = other.calls.length;
      while (other.calls.length < before + 12) await sleep(5);
      other.setFault(() => "pass");
      proxies.appchain.setFault(() => "pass");
      await network.appchain.grow(1);

      await expectAll();
      expect(undone(), "blocks that were undone").not.to.deep.equal([]);
    } finally {
      await other.stop();
    }
  });

  it("notices nothing of a WebSocket that is cut in the middle of a message", async () => {
    watched = await watchIndexer({
      database: location,
      addresses: network.addresses,
      chains: configOf(network, {
        appchain: { webSocketUrl: proxies.appchain.webSocketUrl, pollIntervalMs: 200 },
      }),
    });
    await proxies.appchain.webSocketsOpen(1);
    for (let round = 0; round < 3; round++) {
      await network.appchain.grow(2);
      await reachHeads(reader, network);
      proxies.appchain.cutWebSockets({ inMessage: true });
      await network.appchain.grow(2);
      await reachHeads(reader, network);
      await proxies.appchain.webSocketsOpen(1);
    }
    await expectAll();
  });

  it("survives everything at once, at random", async () => {
    const names = Object.keys(faults) as RpcFaultName[];
    for (let run = 1; run <= RUNS; run++) {
      const label = `run ${run} of seed ${SEED}`;
      if (run > 1) {
        await endAll();
        await network.reset();
        await useDatabase();
      }
      await network.appchain.grow(30 + Math.floor(random() * 120), 6);
      await network.settlement.grow(5 + Math.floor(random() * 40));

      const rate = random() * 0.4;
      let favourite: RpcFaultName | undefined;
      setFault((call) => {
        if (random() >= rate) return "pass";
        const name = favourite ?? names[Math.floor(random() * names.length)] ?? "timeout";
        // One that is not answered takes a while; a few are enough.
        return name === "timeout" && random() < 0.8 ? "pass" : faults[name](call);
      });
      await start({ ...(random() < 0.3 && { maxBlocks: 1 + Math.floor(random() * 20) }) });
      const steps = 4 + Math.floor(random() * 6);
      for (let step = 0; step < steps; step++) {
        const chain = random() < 0.7 ? network.appchain : network.settlement;
        const choice = random();
        favourite = random() < 0.3 ? names[Math.floor(random() * names.length)] : undefined;
        if (choice < 0.5) await chain.grow(1 + Math.floor(random() * 5), 8);
        else if (choice < 0.8) {
          // Mostly shallow, as they are.
          const depth = Math.ceil(64 * random() ** 3);
          await chain.reorg(depth);
          await chain.grow(1);
        } else if (choice < 0.9) await reachHeads(reader, network).catch(() => undefined);
        else await sleep(random() * 200);
      }
      setFault(() => "pass");
      await network.appchain.grow(1);
      await network.settlement.grow(1);
      await watched?.indexer.caughtUp();
      await expectAll(label);
    }
  });
});
