import { readFile } from "node:fs/promises";

import { expect } from "chai";

import { indexerEngine } from "../../bench/indexer/indexerEngine.ts";
import { measureBackfill } from "../../bench/indexer/measureBackfill.ts";
import { withPlace, type Rate, type SetRates } from "../../bench/indexer/measureSet.ts";
import { checkTargets } from "../../bench/indexer/report.ts";
import { startChain, type ReplayedChain } from "../../bench/indexer/startChain.ts";
import { parseAddressBook } from "../../src/deployment/addressBook.ts";
import { startPostgres, type Postgres } from "../helpers/startPostgres.ts";

const EVENTS = 3_000;
const LIMIT_MS = 30_000;

describe("The benchmark of the indexer", () => {
  let chain: ReplayedChain;
  let postgres: Postgres;
  const addresses = readFile("deployments/devnet.json", "utf8").then((text) => ({
    ...parseAddressBook(JSON.parse(text)),
    appChainDeploymentBlock: 1,
  }));
  before(async () => {
    const { groupMessageBroadcaster: address, appChainId: chainId } = await addresses;
    chain = await startChain(`growth:${EVENTS}`, { address, chainId });
    postgres = await startPostgres({ fsync: false });
  });
  after(async () => {
    await chain.stop();
    await postgres.stop();
  });

  const backfill = (isEmbedded: boolean, events: number) =>
    withPlace(postgres, isEmbedded, async (place) =>
      measureBackfill(
        indexerEngine,
        { chain, addresses: await addresses, place },
        { events, limitMs: LIMIT_MS },
      ),
    );

  for (const isEmbedded of [false, true]) {
    it(`sees every message in ${isEmbedded ? "a folder" : "PostgreSQL"} once`, async () => {
      const { isComplete, seconds, secondsFromStart, statistics, peakMegabytes } = await backfill(
        isEmbedded,
        EVENTS,
      );

      expect(isComplete).to.equal(true);
      expect(seconds).to.be.greaterThan(0).and.lessThan(secondsFromStart);
      expect(statistics.ranges.at(0)?.fromBlock).to.equal(1);
      expect(statistics.ranges.at(-1)?.toBlock).to.equal(chain.headNumber);
      if (process.platform === "linux") expect(peakMegabytes).to.be.greaterThan(50);
    });
  }

  it("fails if there are more messages than the chain has", async () => {
    let message = "";
    await backfill(false, EVENTS - 1).catch((error: Error) => (message = error.message));
    expect(message).to.match(/^rows, ids and bytes are 3000, 3000, (\d+), not 2999, 2999, \1$/);
  });

  it("compares with the faster of Ponder's two ways, and says what is not met", () => {
    const rate = (eventsPerSecond: number, peakMegabytes = 100): Rate => ({
      eventsPerSecond,
      peakMegabytes,
      processorSeconds: 1,
    });
    const rates: SetRates = {
      events: 1_000,
      payloadBytes: 500,
      drainFloor: rate(1_000),
      postgres: rate(400, 400),
      embedded: rate(240, 101),
      ponderPostgresBytes: rate(40),
      ponderPostgresText: rate(50),
      ponderEmbedded: rate(30),
    };
    const growth = {
      rates: [
        { rows: 10, eventsPerSecond: 100 },
        { rows: 100, eventsPerSecond: 85 },
        { rows: 1_000, eventsPerSecond: 84 },
      ],
      peakMegabytes: 1,
    };

    const targets = checkTargets({ sets: { A: rates, C: rates }, growth });
    expect(targets.map(({ target, measured, isMet }) => [target, measured, isMet])).to.deep.equal([
      ["A: times Ponder, PostgreSQL", 8, true],
      ["A: times Ponder, embedded", 8, true],
      ["A: share of the drain floor", 0.4, false],
      ["A: MB with PostgreSQL", 400, true],
      ["A: MB embedded", 101, false],
      ["C: times Ponder, PostgreSQL", 8, false],
      ["C: times Ponder, embedded", 8, true],
      ["C: share of the drain floor", 0.4, false],
      ["C: MB with PostgreSQL", 400, true],
      ["C: MB embedded", 101, false],
      ["rate with 100 rows to that with 10", 0.85, true],
      ["rate with 1000 rows to that with 10", 0.84, false],
    ]);
  });
});
