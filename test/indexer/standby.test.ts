import { expect } from "chai";

import { formatCursor } from "../../src/events/cursorText.ts";
import { startApi } from "../../src/indexer/api/startApi.ts";
import { openDatabase, type Database } from "../../src/indexer/database/database.ts";
import { migrate } from "../../src/indexer/database/migrate.ts";
import { followIndex } from "../../src/indexer/read/followIndex.ts";
import { createIndexModel, type IndexModel } from "../helpers/createIndexModel.ts";
import { openEventStream } from "../helpers/openEventStream.ts";
import { startPostgres, type Postgres } from "../helpers/startPostgres.ts";

const MESSAGE = { table: "group_messages", id: `0x${"1".repeat(32)}`, payload: "0x01" } as const;

describe("a standby of the index", function () {
  this.timeout(60_000);
  let primary: Postgres;
  let standby: Postgres;
  let writing: Database;
  let reading: Database;
  let model: IndexModel;

  before(async () => {
    primary = await startPostgres({ fsync: false });
    writing = await openDatabase({ url: primary.url });
    await migrate(writing);
    model = await createIndexModel({ database: writing, chain: "appchain" });
    standby = await startPostgres({ fsync: false, standbyOf: primary.url });
    reading = await openDatabase({ url: standby.url });
  });
  after(async () => {
    await reading.close();
    await writing.close();
    await standby.stop();
    await primary.stop();
  });

  /** Keeps the standby where it is. */
  const pause = () => reading.query("select pg_wal_replay_pause()");
  const resume = () => reading.query("select pg_wal_replay_resume()");

  it("is followed and served, though it does not notify", async () => {
    const api = await startApi({ database: reading, pollIntervalMs: 10 });
    await model.append([MESSAGE]);
    // The schema may not be there at first.
    let stream = await openEventStream(`${api.url}/v1/appchain/events/stream`);
    while (stream.status !== 200) {
      stream.cut();
      stream = await openEventStream(`${api.url}/v1/appchain/events/stream`);
    }
    const next = async () => (await stream.messages.next()).value;
    expect(await next()).to.include({ id: model.events().map(formatCursor)[0] });
    await model.append([MESSAGE]);
    expect(await next()).to.include({ id: model.events().map(formatCursor)[1] });
    await model.undo(0);
    expect(await next()).to.include({ event: "reorg" });
    stream.cut();
    await api.stop();
  });

  it("has its followers wait while it is behind", async () => {
    await model.append([MESSAGE]);
    await pause();
    await model.append([MESSAGE], [MESSAGE]);
    const [before, last] = model.events().slice(-2);
    if (before === undefined || last === undefined) throw new Error("no events");
    const codes: string[] = [];
    const steps = followIndex({
      database: reading,
      chain: "appchain",
      after: {
        blockNumber: before.blockNumber,
        blockHash: before.blockHash,
        logIndex: before.logIndex,
      },
      onRetry: ({ code }) => {
        codes.push(code);
        if (codes.length === 2) void resume();
      },
    });
    const { value } = await steps.next();
    await steps.return();

    expect(value).to.have.nested.property("event.cursor.blockHash", last.blockHash);
    expect(codes.slice(0, 2)).to.deep.equal(["CURSOR_UNKNOWN", "CURSOR_UNKNOWN"]);
  });
});
