import { expect } from "chai";
import { setTimeout as sleep } from "node:timers/promises";

import { formatCursor } from "../../src/events/cursorText.ts";
import type { Cursor } from "../../src/events/eventSources.ts";
import type { Database } from "../../src/indexer/database/database.ts";
import { followIndex } from "../../src/indexer/read/followIndex.ts";
import { watchIndex } from "../../src/indexer/read/watchIndex.ts";
import { caughtError } from "../helpers/caughtError.ts";
import { createIndexModel, type IndexModel } from "../helpers/createIndexModel.ts";
import { createRandom } from "../helpers/createRandom.ts";
import { INDEX_DATABASES, type TestDatabase } from "../helpers/indexDatabases.ts";
import { growAtRandom } from "../helpers/growAtRandom.ts";

const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
const STEPS = Number(process.env.STEPS ?? 60);

for (const [name, start] of Object.entries(INDEX_DATABASES)) {
  describe(`followIndex, ${name} (SEED=${SEED})`, function () {
    this.timeout(120_000);
    let test: TestDatabase;
    let model: IndexModel;

    before(async () => {
      test = await start();
    });
    beforeEach(async () => {
      await test.reset();
      model = await createIndexModel({ database: test.database, chain: "appchain" });
    });
    after(() => test.stop());

    /** Follows until it holds what the model has, and returns how often it was told to go back. */
    const consume = async (
      database: Database,
      random: () => number,
      isOver: () => boolean,
    ): Promise<{ held: string[]; reorgs: number }> => {
      let held: { blockNumber: number; place: string }[] = [];
      let after: Cursor | undefined;
      let reorgs = 0;
      const isDone = (): boolean =>
        isOver() &&
        held.map(({ place }) => place).join() === model.events().map(placeInModel).join();

      while (!isDone()) {
        const stop = new AbortController();
        const watchdog = setInterval(() => isDone() && stop.abort(), 20);
        for await (const step of followIndex({
          database,
          chain: "appchain",
          after,
          pageSize: 1 + Math.floor(random() * 20),
          signal: stop.signal,
        })) {
          if (step.type === "reorg") {
            reorgs += 1;
            held = held.filter(({ blockNumber }) => blockNumber < step.fromBlock);
            after = step.cursor;
          } else {
            const { cursor } = step.event;
            const last = held.at(-1);
            expect(last?.blockNumber ?? 0, "order").to.be.at.most(cursor.blockNumber);
            held.push({ blockNumber: cursor.blockNumber, place: formatCursor(cursor) });
            after = cursor;
          }
          // Now and then it ends, and goes on from what it has kept.
          if (random() < 0.05) break;
          if (random() < 0.1) await sleep(random() * 5);
        }
        clearInterval(watchdog);
      }
      return { held: held.map(({ place }) => place), reorgs };
    };
    const placeInModel = ({ blockNumber, logIndex, blockHash }: Required<Cursor>): string =>
      formatCursor({ blockNumber, logIndex, blockHash });

    it("delivers each event once and in order while the chain grows and reorganises", async () => {
      const random = createRandom(SEED);
      const other = await test.open();
      let isOver = false;
      const followers = [test.database, other].map((database, index) =>
        consume(database, createRandom(SEED + 1 + index), () => isOver),
      );
      await growAtRandom({ model, random, steps: STEPS });
      isOver = true;

      const everything = model.events().map(placeInModel);
      for (const { held, reorgs } of await Promise.all(followers)) {
        expect(held).to.deep.equal(everything);
        expect(reorgs).to.be.greaterThan(0);
      }
      await other.close();
    });

    it("hears of new events at once", async () => {
      await model.append([]);
      const stop = new AbortController();
      const steps = followIndex({
        database: test.database,
        chain: "appchain",
        signal: stop.signal,
      });
      const next = steps.next();
      await sleep(100);
      const written = performance.now();
      await model.append([{ table: "group_messages", id: `0x${"1".repeat(32)}`, payload: "0x01" }]);

      expect((await next).value).to.include({ type: "event" });
      // Without the notice it would look again after five seconds.
      expect(performance.now() - written).to.be.lessThan(2_000);
      stop.abort();
      expect((await steps.next()).done).to.equal(true);
    });

    it("looks at the chains where the database does not notify", async () => {
      const database: Database = {
        ...test.database,
        listen: async () => {
          throw new Error("cannot execute LISTEN during recovery");
        },
      };
      const watch = await watchIndex({ database, pollIntervalMs: 10 });
      await model.append([]);
      const version = watch.version();
      await sleep(50);
      const changed = watch.changedSince(watch.version());
      await model.append([]);
      const asked = performance.now();
      await changed;

      expect(performance.now() - asked).to.be.lessThan(2_000);
      expect(watch.version()).to.be.greaterThan(version);
      await watch.stop();
    });

    it("waits for a replica that is behind", async () => {
      const [first, second] = [
        { table: "group_messages", id: `0x${"1".repeat(32)}`, payload: "0x01" },
        { table: "group_messages", id: `0x${"2".repeat(32)}`, payload: "0x02" },
      ] as const;
      await model.append([first]);
      const hash = model.hashOf(0);
      await model.undo(-1);
      const stop = new AbortController();
      let retries = 0;
      const steps = followIndex({
        database: test.database,
        chain: "appchain",
        after: { blockNumber: 1, logIndex: 0, blockHash: `0x${hash.slice(4)}ff` as const },
        signal: stop.signal,
        onRetry: ({ code }) => {
          if (code === "CURSOR_UNKNOWN") retries += 1;
          if (retries === 2) stop.abort();
        },
      });
      expect((await steps.next()).done).to.equal(true);
      expect(retries).to.equal(2);

      await model.append([first], [second]);
      const after = { blockNumber: 0, logIndex: 1, blockHash: model.hashOf(0) };
      const again = followIndex({ database: test.database, chain: "appchain", after });
      const { value } = await again.next();
      expect(value).to.have.nested.property("event.groupId", second.id);
      await again.return();
    });

    it("throws what trying again cannot help", async () => {
      const steps = followIndex({ database: test.database, chain: "appchain", kinds: ["deposit"] });

      expect(await caughtError(steps.next())).to.include({ code: "INVALID_OPTION" });
    });
  });
}
