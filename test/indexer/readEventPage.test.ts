import { expect } from "chai";
import type { Hex } from "viem";

import type { Cursor } from "../../src/events/eventSources.ts";
import type { IndexedEvent } from "../../src/indexer/read/indexedEvents.ts";
import { readEventPage, type EventPage } from "../../src/indexer/read/readEventPage.ts";
import { END_OF_BLOCK } from "../../src/indexer/read/resolveCursor.ts";
import { positionOf } from "../../src/indexer/store/position.ts";
import { caughtError } from "../helpers/caughtError.ts";
import {
  createIndexModel,
  randomBlock,
  type IndexModel,
  type ModelEvent,
  type PlacedModelEvent,
} from "../helpers/createIndexModel.ts";
import { createRandom } from "../helpers/createRandom.ts";
import { INDEX_DATABASES, type TestDatabase } from "../helpers/indexDatabases.ts";

const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
const MESSAGE = { table: "group_messages", id: `0x${"1".repeat(32)}`, payload: "0x01" } as const;

/** Where an event is, as one word. */
const placeOf = ({ cursor }: IndexedEvent): string =>
  `${cursor.blockNumber}:${cursor.logIndex}:${cursor.blockHash}`;
const placeInModel = ({ blockNumber, logIndex, blockHash }: PlacedModelEvent): string =>
  `${blockNumber}:${logIndex}:${blockHash}`;

for (const [name, start] of Object.entries(INDEX_DATABASES)) {
  describe(`readEventPage, ${name} (SEED=${SEED})`, function () {
    this.timeout(60_000);
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

    const read = (options: Partial<Parameters<typeof readEventPage>[0]> = {}): Promise<EventPage> =>
      readEventPage({ database: test.database, chain: "appchain", ...options });

    it("returns every event once and in order, whatever the size of the pages", async () => {
      const random = createRandom(SEED);
      await model.append(...Array.from({ length: 30 }, () => randomBlock(random)));
      const everything = model.events().map(placeInModel);

      for (const limit of [1, 2, 7, 1_000]) {
        for (const maxBytes of [1, 500, 1 << 20]) {
          const pages: IndexedEvent[][] = [];
          let after: Cursor | undefined;
          for (;;) {
            const page = await read({ after, limit, maxBytes });
            pages.push([...page.events]);
            after = page.cursor;
            if (page.isAtHead) break;
            expect(page.events, "a page that is not the last").not.to.be.empty;
          }
          expect(pages.flat().map(placeOf), `${limit}, ${maxBytes}`).to.deep.equal(everything);
          expect(Math.max(...pages.map((page) => page.length))).to.be.at.most(limit);
        }
      }
    });

    it("finds everything in however many partitions it is", async () => {
      await test.reset();
      for (const table of ["group_messages", "identity_updates"]) {
        for (let block = 0; block < 60; block += 2) {
          const bounds = [positionOf(block, 0), positionOf(block + 2, 0)];
          await test.database.query(
            `create table ${table}_${block} partition of ${table} for values from (${bounds[0]}) to (${bounds[1]})`,
          );
          await test.database.query("insert into partitions values ($1, $2, $3, $4, true)", [
            table,
            `${table}_${block}`,
            block,
            block + 2,
          ]);
        }
      }
      const random = createRandom(SEED + 2);
      model = await createIndexModel({ database: test.database, chain: "appchain" });
      await model.append(...Array.from({ length: 50 }, () => randomBlock(random, 2)));
      const rare: Hex = `0x${"77".repeat(16)}`;
      await model.append([], [{ ...MESSAGE, id: rare } as ModelEvent, MESSAGE]);

      for (const [filter, isWanted] of [
        [{}, () => true],
        [{ groupId: MESSAGE.id }, (event) => "id" in event && event.id === MESSAGE.id],
        [{ groupId: rare }, (event) => "id" in event && event.id === rare],
      ] as const satisfies [object, (event: PlacedModelEvent) => boolean][]) {
        for (const [limit, maxBytes] of [
          [1_000, 1 << 20],
          [3, 1 << 20],
          [1_000, 400],
        ]) {
          const seen: string[] = [];
          for (let after: Cursor | undefined; ;) {
            const page = await read({ ...filter, after, limit, maxBytes });
            seen.push(...page.events.map(placeOf));
            after = page.cursor;
            if (page.isAtHead) break;
          }
          expect(seen, `${JSON.stringify(filter)}, ${limit}, ${maxBytes}`).to.deep.equal(
            model.events().filter(isWanted).map(placeInModel),
          );
        }
      }
    });

    it("ends a page once it has the bytes", async () => {
      const large: ModelEvent = { ...MESSAGE, payload: `0x${"00".repeat(1_000)}` };
      await model.append([large, MESSAGE, large, large], [large]);

      const { events, isAtHead } = await read({ maxBytes: 1_500 });
      expect(events).to.have.length(3);
      expect(isAtHead).to.equal(false);
    });

    it("chooses by kind and by id, and finds the same as the whole list does", async () => {
      const random = createRandom(SEED + 1);
      await model.append(...Array.from({ length: 40 }, () => randomBlock(random)));
      const all = (await read({ limit: 1_000 })).events;
      const group: Hex = `0x${"1".repeat(32)}`;
      const inbox: Hex = `0x${"2".repeat(64)}`;
      const cases: [Partial<Parameters<typeof readEventPage>[0]>, (e: IndexedEvent) => boolean][] =
        [
          [{ kinds: ["groupMessage"] }, ({ kind }) => kind === "groupMessage"],
          [{ groupId: group }, (e) => e.kind === "groupMessage" && e.groupId === group],
          [{ inboxId: inbox }, (e) => e.kind === "identityUpdate" && e.inboxId === inbox],
          [
            { groupId: group, inboxId: inbox },
            (e) =>
              (e.kind === "groupMessage" && e.groupId === group) ||
              (e.kind === "identityUpdate" && e.inboxId === inbox),
          ],
          [
            { kinds: ["groupMessage", "identityUpdate"], groupId: group },
            (e) =>
              e.kind === "identityUpdate" || (e.kind === "groupMessage" && e.groupId === group),
          ],
          [
            { kinds: ["parameterSet", "bridgeDepositReceived"] },
            ({ kind }) => kind === "parameterSet" || kind === "bridgeDepositReceived",
          ],
          [{ kinds: ["contractEvent"] }, ({ kind }) => kind === "contractEvent"],
        ];

      for (const [filter, isWanted] of cases) {
        const label = JSON.stringify(filter);
        const wanted = all.filter(isWanted);
        expect(wanted, label).not.to.be.empty;
        expect((await read({ ...filter, limit: 1_000 })).events, label).to.deep.equal(wanted);
      }
    });

    it("gives events the fields that the library's have, and the time of their block", async () => {
      await model.append([
        { ...MESSAGE, payload: "0xabcd" },
        { table: "identity_updates", id: `0x${"cd".repeat(32)}`, payload: "0xef" },
      ]);
      const [first, second] = (await read()).events;
      const cursor = { blockNumber: 0, blockHash: model.hashOf(0) };

      expect(first).to.deep.equal({
        kind: "groupMessage",
        originator: 0,
        sequenceId: 1n,
        groupId: `0x${"1".repeat(32)}`,
        payload: "0xabcd",
        transactionHash: model.events()[0]?.transactionHash,
        cursor: { ...cursor, logIndex: 1 },
        blockTimestamp: model.timestampOf(0),
      });
      expect(second).to.deep.equal({
        kind: "identityUpdate",
        originator: 1,
        sequenceId: 1n,
        inboxId: `0x${"cd".repeat(32)}`,
        payload: "0xef",
        transactionHash: model.events()[1]?.transactionHash,
        cursor: { ...cursor, logIndex: 4 },
        blockTimestamp: model.timestampOf(0),
      });
    });

    it("begins with a block, and ends with the finalized one where that is asked for", async () => {
      await model.append([MESSAGE], [MESSAGE], [], [MESSAGE], [MESSAGE]);
      await model.finalize(3);

      const blocksOf = ({ events }: EventPage) => events.map(({ cursor }) => cursor.blockNumber);
      expect(blocksOf(await read({ fromBlock: 1 }))).to.deep.equal([1, 3, 4]);
      expect(blocksOf(await read({ finality: "finalized" }))).to.deep.equal([0, 1, 3]);
      expect(blocksOf(await read({ fromBlock: 99 }))).to.deep.equal([]);
    });

    it("says how far to go back after the block of the cursor was undone", async () => {
      await model.append([MESSAGE], [MESSAGE], [MESSAGE], [MESSAGE]);
      const { cursor } = await read();
      const ancestorHash = model.hashOf(1);
      await model.undo(1);
      await model.append([MESSAGE, MESSAGE]);

      const page = await read({ after: cursor });
      expect(page.events).to.deep.equal([]);
      expect(page.reorg).to.deep.equal({
        fromBlock: 2,
        cursor: { blockNumber: 1, logIndex: END_OF_BLOCK, blockHash: ancestorHash },
      });
      const next = await read({ after: page.cursor });
      expect(next.events.map(placeOf)).to.deep.equal(
        model
          .events()
          .filter(({ blockNumber }) => blockNumber >= 2)
          .map(placeInModel),
      );
    });

    it("goes back as far as the deepest of the reorganisations since", async () => {
      await model.append([MESSAGE], [MESSAGE], [MESSAGE], [MESSAGE], [MESSAGE]);
      const { cursor } = await read();
      await model.undo(3);
      await model.append([MESSAGE]);
      await model.undo(1);
      await model.append([MESSAGE], [MESSAGE], [MESSAGE]);
      await model.undo(2);
      await model.append([MESSAGE]);

      expect((await read({ after: cursor })).reorg?.fromBlock).to.equal(2);
    });

    it("goes back no further than the reorganisations since the cursor was read", async () => {
      await model.append([MESSAGE], [MESSAGE], [MESSAGE]);
      await model.undo(0);
      await model.append([MESSAGE], [MESSAGE], [MESSAGE]);
      const { cursor } = await read();
      await model.undo(2);

      expect((await read({ after: cursor })).reorg?.fromBlock).to.equal(3);
    });

    it("goes back to the beginning where nothing is stored before", async () => {
      await model.append([MESSAGE]);
      const { cursor } = await read();
      await model.undo(-1);
      await model.append([MESSAGE, MESSAGE]);

      const page = await read({ after: cursor });
      expect(page.reorg).to.deep.equal({ fromBlock: 0, cursor: { blockNumber: 0, logIndex: -1 } });
      expect((await read({ after: page.cursor })).events).to.have.length(2);
    });

    it("says nothing to those whose block stayed, or came back", async () => {
      await model.append([MESSAGE], [MESSAGE], [MESSAGE]);
      const { cursor } = await read({ limit: 1 });
      await model.undo(0);

      expect(await read({ after: cursor })).to.deep.include({ events: [], isAtHead: true });
      await test.database.query(
        "insert into undone_blocks (chain, hash, number, ancestor) select chain, hash, 0, -1 from blocks",
      );
      expect((await read({ after: cursor })).reorg).to.equal(undefined);
    });

    it("does not take a cursor of a block that it does not have yet", async () => {
      await model.append([MESSAGE], [MESSAGE]);
      const ahead = { blockNumber: 2, logIndex: 0, blockHash: model.hashOf(0) };
      const elsewhere = { blockNumber: 1, logIndex: 0, blockHash: model.hashOf(0) };

      expect(await caughtError(read({ after: ahead }))).to.include({
        code: "CURSOR_UNKNOWN",
        retryable: true,
      });
      expect(await caughtError(read({ after: elsewhere }))).to.include({ code: "CURSOR_UNKNOWN" });
      await model.finalize(1);
      expect(await caughtError(read({ after: elsewhere }))).to.include({
        code: "INVALID_CURSOR",
        retryable: false,
      });
    });

    it("takes a final block without events at its word", async () => {
      await model.append([MESSAGE], [], [MESSAGE]);
      const after = { blockNumber: 1, logIndex: END_OF_BLOCK, blockHash: model.hashOf(1) };
      await model.finalize(2);

      expect((await read({ after })).events).to.have.length(1);
    });

    it("does not leave out in silence what was detached", async () => {
      await model.append([MESSAGE], [MESSAGE]);
      const { cursor } = await read({ limit: 1 });
      await test.database.query("alter table group_messages detach partition group_messages_0");

      expect(await caughtError(read({ after: cursor }))).to.include({ code: "EVENTS_DETACHED" });
      expect((await read({ after: cursor, kinds: ["identityUpdate"] })).isAtHead).to.equal(true);
      expect((await read({ fromBlock: 10_000 })).events).to.deep.equal([]);
    });

    const mistakes: [string, Partial<Parameters<typeof readEventPage>[0]>, string][] = [
      ["a page of nothing", { limit: 0 }, "INVALID_OPTION"],
      ["a page above the limit", { limit: 1_001 }, "INVALID_OPTION"],
      ["kinds of the other chain", { kinds: ["deposit"] }, "INVALID_OPTION"],
      ["no kinds", { kinds: [] }, "INVALID_OPTION"],
      [
        "an id that no kind has",
        { kinds: ["parameterSet"], groupId: MESSAGE.id },
        "INVALID_OPTION",
      ],
      ["a payer on the appchain", { payer: `0x${"12".repeat(20)}` }, "INVALID_OPTION"],
      ["a group id that is none", { groupId: "0x12" }, "INVALID_GROUP_ID"],
      ["a cursor that is none", { after: { blockNumber: -1, logIndex: 0 } }, "INVALID_CURSOR"],
      ["a chain that is not indexed", { chain: "settlement" }, "NOT_INDEXED"],
    ];
    for (const [what, options, code] of mistakes) {
      it(`refuses ${what}`, async () => {
        expect(await caughtError(read(options))).to.include({ code });
      });
    }
  });
}
