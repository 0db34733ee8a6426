import { setTimeout as sleep } from "node:timers/promises";

import { expect } from "chai";
import { encodeFunctionData, padHex, toHex, type Hex } from "viem";

import { groupMessagesAbi } from "../../src/abi/index.ts";
import type { XmtpError } from "../../src/errors/XmtpError.ts";
import type { ChainConfig } from "../../src/indexer/config.ts";
import { openDatabase, type Database } from "../../src/indexer/database/database.ts";
import type { ChainName } from "../../src/indexer/chain/contracts.ts";
import { verifyIndex } from "../../src/indexer/verifyIndex.ts";
import { caughtError } from "../helpers/caughtError.ts";
import { createRandom } from "../helpers/createRandom.ts";
import { startFaultyProxy, type FaultyProxy } from "../helpers/faultyProxy.ts";
import { createIndexConsumers, type IndexConsumers } from "../helpers/indexConsumers.ts";
import { startIndexedNetwork, type IndexedNetwork } from "../helpers/indexedNetwork.ts";
import { editAnswers, editLogs } from "../helpers/rpcFaults.ts";
import { startPostgres, type Postgres } from "../helpers/startPostgres.ts";
import {
  configOf,
  expectWhole,
  reachHeads,
  watchIndexer,
  type WatchedIndexer,
} from "../helpers/watchedIndexer.ts";

const GROUP = padHex("0x01", { size: 16 });
const UNKNOWN_TOPIC = padHex("0xabcd", { size: 32 });
/** Emits an event without data, whatever it is called with: PUSH32 topic, PUSH0, PUSH0, LOG1. */
const EMITTER: Hex = `0x7f${UNKNOWN_TOPIC.slice(2)}5f5fa100`;

describe("what may become of a chain", function () {
  this.timeout(60_000);
  const random = createRandom(11);
  let network: IndexedNetwork;
  let postgres: Postgres;
  let proxy: FaultyProxy;
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
    proxy = await startFaultyProxy(network.appchain.url);
  });
  beforeEach(async () => {
    await network.reset();
    await network.settlement.grow(3);
    await network.appchain.grow(12);
    location = { url: await postgres.createDatabase() };
    reader = await openDatabase(location);
    consumers = createIndexConsumers();
    following = consumers.follow(reader);
  });
  afterEach(async () => {
    await watched?.stop();
    watched = undefined;
    await following.stop();
    await reader.close();
    proxy.setFault(() => "pass");
  });
  after(async () => {
    await proxy?.stop();
    await network?.stop();
    await postgres?.stop();
  });

  const start = async (
    changes: Partial<Record<ChainName, Partial<ChainConfig>>> = {},
    addresses = network.addresses,
  ): Promise<WatchedIndexer> => {
    watched = await watchIndexer({
      database: location,
      addresses,
      chains: configOf(network, {
        settlement: { timeoutMs: 5_000, ...changes.settlement },
        appchain: { rpcUrls: [proxy.url], timeoutMs: 5_000, ...changes.appchain },
      }),
    });
    return watched;
  };
  /** Indexes what there is, and ends. */
  const indexOnce = async (changes: Partial<ChainConfig> = {}): Promise<void> => {
    const { stop } = await start({ appchain: changes });
    await reachHeads(reader, network);
    await stop();
  };
  const refusal = async (
    changes?: Partial<Record<ChainName, Partial<ChainConfig>>>,
    addresses?: IndexedNetwork["addresses"],
  ): Promise<XmtpError> => {
    const { indexer } = await start(changes, addresses);
    return await caughtError(indexer.done);
  };
  const expectAll = async (): Promise<void> => {
    await reachHeads(reader, network);
    await consumers.expectWhole(network);
    await expectWhole(location, network);
  };
  const count = (type: string): number =>
    watched?.said.filter((event) => event.type === type).length ?? 0;
  const messages = (contents: readonly number[]) =>
    network.addMessages(
      contents.map((content) => Uint8Array.of(content)),
      GROUP,
    );

  it("waits for a chain that is idle", async () => {
    await start();
    await expectAll();
    const [calls, wrote] = [proxy.calls.length, count("wrote")];
    while (proxy.calls.length < calls + 12) await sleep(20);
    expect(count("wrote")).to.equal(wrote);
    expect(count("retrying")).to.equal(0);

    await network.appchain.mine(1);
    await expectAll();
  });

  it("is caught up though the first of its nodes is gone", async () => {
    const gone = await startFaultyProxy(network.appchain.url);
    await gone.stop();
    const { indexer } = await start({ appchain: { rpcUrls: [gone.url, proxy.url] } });
    await indexer.caughtUp();
    await expectAll();
  });

  it("ends when it is told to, whatever there is left to index", async () => {
    await network.appchain.mine(60);
    const { heard, stop, indexer } = await start({ appchain: { maxBlocks: 1 } });
    await heard((event) => event.type === "wrote" && event.chain === "appchain");
    await Promise.all([stop(), stop()]);
    await indexer.done;

    await start();
    await expectAll();
  });

  it("refuses a node of another chain", async () => {
    const error = await refusal({ appchain: { rpcUrls: [network.settlement.url] } });
    expect(error.code).to.equal("WRONG_CHAIN");
    expect(error.message).to.include("31338").and.to.include("31339");
  });

  it("refuses another chain behind the second URL, as soon as it is asked", async () => {
    proxy.setFault(() => (proxy.calls.length > 8 ? "drop" : "pass"));
    proxy.calls.length = 0;
    const rpcUrls = [proxy.url, network.settlement.url];
    expect((await refusal({ appchain: { rpcUrls } })).code).to.equal("WRONG_CHAIN");
    const rows = await reader.query("select from events where chain = 'appchain'");
    expect(rows.length, "events of the wrong chain").to.be.at.most(8);
  });

  for (const length of ["shorter", "longer"] as const) {
    it(`refuses a chain that was reset while nobody looked, and is ${length}`, async () => {
      await indexOnce({ finality: 3 });
      await network.reset();
      // Other blocks, at least by their times.
      await network.appchain.running.provider.request({
        method: "evm_increaseTime",
        params: [1_000],
      });
      await network.appchain.grow(length === "shorter" ? 3 : 40);
      await network.settlement.grow(3);
      const error = await refusal({ appchain: { finality: 3 } });
      expect(error.code).to.equal("CHAIN_CHANGED");
      expect(error.message).to.include("appchain");
    });

    it(`refuses a chain that is reset under its eyes, and is ${length}`, async () => {
      const { indexer } = await start({ appchain: { finality: 3 } });
      await reachHeads(reader, network);
      const failed = caughtError(indexer.done);
      await network.reset();
      await network.appchain.running.provider.request({
        method: "evm_increaseTime",
        params: [1_000],
      });
      await network.appchain.grow(length === "shorter" ? 3 : 40);
      expect((await failed).code).to.equal("CHAIN_CHANGED");
    });
  }

  it("refuses a chain with another first block", async () => {
    await indexOnce();
    const genesis = padHex("0x77", { size: 32 });
    proxy.setFault((call) =>
      editAnswers(call, ({ method, params }, answer) =>
        method === "eth_getBlockByNumber" && params[0] === "0x0"
          ? { ...answer, result: { ...(answer.result as object), hash: genesis } }
          : answer,
      ),
    );
    const error = await refusal();
    expect(error.code).to.equal("CHAIN_CHANGED");
    expect(error.message).to.include(genesis);
  });

  it("refuses contracts at other addresses than those in the database", async () => {
    await indexOnce();
    const moved = padHex("0x99", { size: 20 });
    const error = await refusal({}, { ...network.addresses, groupMessageBroadcaster: moved });
    expect(error.code).to.equal("DATABASE_MISMATCH");
    expect(error.message).to.include(moved).and.to.include("groupMessageBroadcaster");
  });

  it("refuses to begin earlier than the database does", async () => {
    const head = await network.appchain.head();
    await indexOnce({ fromBlock: head - 2 });
    expect((await refusal({ appchain: { fromBlock: head - 3 } })).code).to.equal(
      "DATABASE_MISMATCH",
    );
  });

  it("refuses a database of a newer version", async () => {
    await indexOnce();
    await reader.query(
      "insert into schema_version (version, name, md5, run_at) values (99, 'later', 'x', now())",
    );
    const error = await refusal();
    expect(error.code).to.equal("DATABASE_MISMATCH");
    expect(error.message).to.include("99");
  });

  it("keeps what an upgraded contract emits, as it came", async () => {
    await start();
    await reachHeads(reader, network);
    const to = network.addresses.groupMessageBroadcaster;
    await network.appchain.running.provider.request({
      method: "hardhat_setCode",
      params: [to, EMITTER],
    });
    await network.appchain.send(to, "0x");
    await expectAll();
    const rows = await reader.query(
      "select contract, name, args from events where name = 'unknown'",
    );
    expect(rows).to.deep.equal([
      {
        contract: "groupMessageBroadcaster",
        name: "unknown",
        args: { topics: [UNKNOWN_TOPIC], data: "0x" },
      },
    ]);
  });

  it("goes back to the last block that is final, and no further", async () => {
    const { indexer } = await start({ appchain: { finality: 5 } });
    await reachHeads(reader, network);
    await network.appchain.reorg(5);
    await expectAll();
    expect(count("undid")).to.be.at.least(1);

    const failed = caughtError(indexer.done);
    await network.appchain.reorg(6);
    expect((await failed).code).to.equal("CHAIN_CHANGED");
  });

  it("begins anew when a reorganisation takes everything that was stored", async () => {
    const fromBlock = (await network.appchain.head()) - 3;
    const appchain = { rpcUrls: [proxy.url], fromBlock };
    const { stop } = await start({ appchain });
    await reachHeads(reader, network);
    await network.appchain.reorg(9);
    await network.appchain.grow(2);
    await reachHeads(reader, network);
    expect(count("undid")).to.be.at.least(1);
    await stop();
    const { differences } = await verifyIndex({
      database: location,
      addresses: network.addresses,
      chains: configOf(network, { appchain }),
      includesUnfinalized: true,
    });
    expect(differences).to.deep.equal([]);
  });

  it("goes on with blocks whose parents are wrong, as a development node makes them", async () => {
    await start();
    await reachHeads(reader, network);
    await network.appchain.running.provider.request({ method: "hardhat_mine", params: ["0x14"] });
    await messages([1]);
    await expectAll();
    expect(count("undid")).to.equal(0);
  });

  it("has what a list lacks that was cut off inside a block, where no sequence ids tell", async () => {
    const settlement = await startFaultyProxy(network.settlement.url);
    try {
      await start({ settlement: { rpcUrls: [settlement.url] } });
      await reachHeads(reader, network);
      let cuts = 0;
      settlement.setFault((call) =>
        editLogs(call, (logs, { blockHash }) => {
          if (logs.length < 5 || blockHash !== undefined) return logs;
          cuts += 1;
          return logs.slice(0, 2);
        }),
      );
      const entries = [1, 2, 3, 4, 5].map((key): [string, Hex] => [
        `xmtp.test.key${key}`,
        toHex(key, { size: 32 }),
      ]);
      await network.setParameters("settlement", entries);
      await expectAll();
      expect(cuts).to.be.at.least(1);
    } finally {
      await watched?.stop();
      await settlement.stop();
    }
  });

  describe("sequence ids with a gap", () => {
    it("are accepted where bootstrapping left one", async () => {
      await start();
      const { groupMessageBroadcaster: log, deployer } = network.addresses;
      const call = (functionName: "updatePauseStatus" | "updatePayloadBootstrapper") =>
        network.appchain.send(log, encodeFunctionData({ abi: groupMessagesAbi, functionName }));
      const setPaused = async (isPaused: boolean) => {
        await network.setParameters("appchain", [
          ["xmtp.groupMessageBroadcaster.paused", toHex(isPaused ? 1 : 0, { size: 32 })],
        ]);
        await call("updatePauseStatus");
      };
      await network.setParameters("appchain", [
        ["xmtp.groupMessageBroadcaster.payloadBootstrapper", padHex(deployer, { size: 32 })],
      ]);
      await call("updatePayloadBootstrapper");
      await setPaused(true);
      const data = encodeFunctionData({
        abi: groupMessagesAbi,
        functionName: "bootstrapMessages",
        args: [
          [GROUP, GROUP, GROUP],
          ["0x01", "0x02", "0x03"],
          [900n, 1_000n, 950n],
        ],
      });
      await network.appchain.send(log, data);
      await setPaused(false);
      await messages([4, 5]);
      await expectAll();
      expect(count("undid")).to.equal(0);
      const ids = await reader.query<{ sequence_id: bigint }>(
        "select sequence_id from group_messages where sequence_id >= 900 order by position",
      );
      expect(ids.map(({ sequence_id: id }) => id)).to.deep.equal([
        900n,
        1_000n,
        950n,
        1_001n,
        1_002n,
      ]);
    });

    it("are noticed where a node leaves out a log inside a block", async () => {
      await start();
      await reachHeads(reader, network);
      let left = 2;
      proxy.setFault((call) =>
        editLogs(call, (logs) => {
          if (logs.length < 5 || left === 0) return logs;
          left -= 1;
          return logs.filter((_, at) => at !== 2);
        }),
      );
      await messages([1, 2, 3, 4, 5]);
      await expectAll();
      expect(left, "lists that were cut").to.equal(0);
      expect(count("undid")).to.equal(0);
    });

    for (const finality of [70, 2]) {
      it(`lead back to a log that was left out at the end of a block, ${finality} blocks from final`, async () => {
        await start({ appchain: { finality } });
        await reachHeads(reader, network);
        let isLeftOut = true;
        proxy.setFault((call) =>
          editLogs(call, (logs) => (isLeftOut && logs.length === 3 ? logs.slice(0, 2) : logs)),
        );
        await messages([1, 2, 3]);
        await network.appchain.mine(6);
        await reachHeads(reader, network);
        isLeftOut = false;
        await messages([4]);
        await expectAll();
        expect(count("undid"), "times that it went back").to.equal(1);
        expect(count("retrying")).to.equal(0);
      });
    }
  });
});
