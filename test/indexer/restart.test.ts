import { expect } from "chai";

import { formatCursor } from "../../src/events/cursorText.ts";
import { startApi } from "../../src/indexer/api/startApi.ts";
import { openDatabase, type Database } from "../../src/indexer/database/database.ts";
import { migrate } from "../../src/indexer/database/migrate.ts";
import { followIndex } from "../../src/indexer/read/followIndex.ts";
import { readStatus } from "../../src/indexer/read/readStatus.ts";
import { caughtError } from "../helpers/caughtError.ts";
import { createIndexModel, type IndexModel } from "../helpers/createIndexModel.ts";
import { openEventStream } from "../helpers/openEventStream.ts";
import { startPostgres, type Postgres } from "../helpers/startPostgres.ts";

const MESSAGE = { table: "group_messages", id: `0x${"1".repeat(32)}`, payload: "0x01" } as const;

describe("a database that crashes", function () {
  this.timeout(60_000);
  let server: Postgres;
  let database: Database;
  let model: IndexModel;

  before(async () => {
    server = await startPostgres({ fsync: false });
    database = await openDatabase({ url: server.url });
  });
  after(async () => {
    await database.close();
    await server.stop();
  });

  it("has nothing to say before the indexer was there", async () => {
    expect(await caughtError(readStatus({ database }))).to.include({
      code: "NOT_INDEXED",
      retryable: true,
    });
    await migrate(database);
    model = await createIndexModel({ database, chain: "appchain" });
  });

  it("is followed on when it is back, over HTTP too", async () => {
    await model.append([MESSAGE]);
    const api = await startApi({ database, heartbeatMs: 50 });
    const stream = await openEventStream(`${api.url}/v1/appchain/events/stream`);
    const codes: string[] = [];
    const steps = followIndex({
      database,
      chain: "appchain",
      onRetry: ({ code }) => codes.push(code),
    });
    const seen: [string, string][] = [];
    const next = async (): Promise<void> => {
      const [step, message] = await Promise.all([steps.next(), stream.messages.next()]);
      if (step.value?.type !== "event") throw new Error("no event");
      seen.push([formatCursor(step.value.event.cursor), message.value?.id ?? ""]);
    };
    await next();

    const stopped = server.restart({ mode: "immediate" });
    const waiting = next();
    const { status, body } = await firstRefusal(api.url);
    expect(status).to.equal(503);
    expect(body).to.include({ code: "DATABASE_UNREACHABLE" });
    await stopped;
    await model.append([MESSAGE]).catch(() => model.append([MESSAGE]));
    await waiting;

    const places = model.events().map(formatCursor);
    expect(seen).to.deep.equal(places.map((place) => [place, place]));
    await steps.return();
    stream.cut();
    await api.stop();
  });

  /** What the interface says while the server is away. */
  const firstRefusal = async (url: string): Promise<{ status: number; body: unknown }> => {
    for (;;) {
      const response = await fetch(`${url}/v1/status`);
      if (response.status !== 200) {
        return { status: response.status, body: (await response.json()) as unknown };
      }
    }
  };
});
