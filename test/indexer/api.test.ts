import { expect } from "chai";
import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { Counter, Registry } from "prom-client";

import { formatCursor } from "../../src/events/cursorText.ts";
import { eventBody, eventPage } from "../../src/indexer/api/eventSchemas.ts";
import { startApi, type RunningApi } from "../../src/indexer/api/startApi.ts";
import { createIndexModel, randomBlock, type IndexModel } from "../helpers/createIndexModel.ts";
import { createRandom } from "../helpers/createRandom.ts";
import { growAtRandom } from "../helpers/growAtRandom.ts";
import { INDEX_DATABASES, type TestDatabase } from "../helpers/indexDatabases.ts";
import { openEventStream } from "../helpers/openEventStream.ts";

const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
const MESSAGE = { table: "group_messages", id: `0x${"1".repeat(32)}`, payload: "0x01" } as const;
const INBOX = `0x${"ab".repeat(32)}` as const;
const WALLET = "0x1000000000000000000000000000000000000001";

for (const [name, start] of Object.entries(INDEX_DATABASES)) {
  describe(`the HTTP interface, ${name} (SEED=${SEED})`, function () {
    this.timeout(120_000);
    let test: TestDatabase;
    let model: IndexModel;
    let api: RunningApi;

    before(async () => {
      test = await start();
      api = await startApi({ database: test.database, heartbeatMs: 20, maxStreams: 3 });
    });
    beforeEach(async () => {
      await test.reset();
      model = await createIndexModel({ database: test.database, chain: "appchain" });
    });
    after(async () => {
      await api.stop();
      await test.stop();
    });

    const get = async (
      path: string,
    ): Promise<{ status: number; body: never; headers: Headers }> => {
      const response = await fetch(`${api.url}${path}`);
      return {
        status: response.status,
        body: (await response.json()) as never,
        headers: response.headers,
      };
    };
    const places = (): string[] => model.events().map(formatCursor);

    describe("events", () => {
      it("come page by page, as they are described", async () => {
        const random = createRandom(SEED);
        await model.append(...Array.from({ length: 15 }, () => randomBlock(random)));

        const seen: string[] = [];
        let after = "";
        for (;;) {
          const { status, body } = await get(`/v1/appchain/events?limit=7${after}`);
          expect(status).to.equal(200);
          const page = eventPage.parse(body);
          // What is not described is not there.
          expect(page).to.deep.equal(body);
          seen.push(...page.events.map(({ cursor }) => cursor));
          after = `&after=${page.cursor}`;
          if (page.isAtHead) break;
        }
        expect(seen).to.deep.equal(places());
      });

      it("say how far to go back", async () => {
        await model.append([MESSAGE], [MESSAGE]);
        const cursor = places().at(-1) ?? "";
        await model.undo(0);
        const { status, body } = await get(`/v1/appchain/events?after=${cursor}`);

        expect(status).to.equal(200);
        expect(body).to.deep.equal({
          events: [],
          cursor: `0:1048575:${model.hashOf(0)}`,
          reorg: { fromBlock: 1, cursor: `0:1048575:${model.hashOf(0)}` },
          isAtHead: false,
        });
      });

      const refused: [string, string, number, string][] = [
        ["an unknown chain", "/v1/mainnet/events", 400, "INVALID_OPTION"],
        ["a page above the limit", "/v1/appchain/events?limit=1001", 400, "INVALID_OPTION"],
        ["an unknown kind", "/v1/appchain/events?kinds=deposits", 400, "INVALID_OPTION"],
        ["a cursor that is none", "/v1/appchain/events?after=x", 400, "INVALID_OPTION"],
        ["a group that is none", "/v1/appchain/events?groupId=1", 400, "INVALID_GROUP_ID"],
        [
          "a block that is not there yet",
          `/v1/appchain/events?after=9:0:0x${"00".repeat(32)}`,
          409,
          "CURSOR_UNKNOWN",
        ],
        ["a chain that is not indexed", "/v1/settlement/events", 503, "NOT_INDEXED"],
        ["a stream of what is not there", "/v1/settlement/events/stream", 503, "NOT_INDEXED"],
        ["a route that is none", "/v2", 404, "NOT_FOUND"],
        ["a message that is not there", "/v1/group-messages/7", 404, "NOT_FOUND"],
        ["an update that is not there", "/v1/identity-updates/7", 404, "NOT_FOUND"],
        ["a sequence id that is none", "/v1/group-messages/x", 400, "INVALID_OPTION"],
        ["an inbox that is not there", `/v1/inboxes/${INBOX}`, 404, "NOT_FOUND"],
        ["an inbox id that is none", "/v1/inboxes/12", 400, "INVALID_INBOX_ID"],
        ["an address without inbox", `/v1/addresses/${WALLET}/inbox`, 404, "NOT_FOUND"],
        ["a payer that is none", "/v1/payers/0x12", 400, "INVALID_ADDRESS"],
        ["half a report", "/v1/reports?afterOriginatorNodeId=1", 400, "INVALID_OPTION"],
      ];
      for (const [what, path, status, code] of refused) {
        it(`refuse ${what}`, async () => {
          const answer = await get(path);
          expect(answer.status).to.equal(status);
          expect(answer.body).to.include({ code }).and.to.have.keys("code", "message", "hint");
          expect(answer.headers.get("retry-after")).to.equal(
            status === 409 || status === 503 ? "1" : null,
          );
        });
      }

      it("are gone where they were detached", async () => {
        await model.append([MESSAGE]);
        await test.database.query("alter table group_messages detach partition group_messages_0");

        expect(await get("/v1/appchain/events")).to.deep.include({ status: 410 });
      });
    });

    describe("the stream of events", () => {
      const url = (query = ""): string => `${api.url}/v1/appchain/events/stream${query}`;

      it("gives each event once and in order, over cut connections and reorganisations", async () => {
        const random = createRandom(SEED + 1);
        let isOver = false;
        let held: { blockNumber: number; place: string }[] = [];
        let lastEventId: string | undefined;
        let cuts = 0;
        let reorgs = 0;
        const isDone = (): boolean =>
          isOver && held.map(({ place }) => place).join() === places().join();
        const consume = async (): Promise<void> => {
          while (!isDone()) {
            const stream = await openEventStream(url(), lastEventId);
            const watchdog = setInterval(() => isDone() && stream.cut(), 20);
            for await (const { event, id, data } of stream.messages) {
              lastEventId = id;
              if (event === "reorg") {
                reorgs += 1;
                const { fromBlock } = data as { fromBlock: number };
                held = held.filter(({ blockNumber }) => blockNumber < fromBlock);
              } else {
                const { blockNumber, cursor } = eventBody.parse(data);
                expect(cursor).to.equal(id);
                held.push({ blockNumber, place: cursor });
              }
              if (random() < 0.03) {
                cuts += 1;
                stream.cut();
                break;
              }
            }
            clearInterval(watchdog);
          }
        };
        const consumed = consume();
        await growAtRandom({ model, random: createRandom(SEED + 2), steps: 60 });
        isOver = true;
        await consumed;

        expect(held.map(({ place }) => place)).to.deep.equal(places());
        expect(cuts).to.be.greaterThan(0);
        expect(reorgs).to.be.greaterThan(0);
      });

      it("goes on after a cursor, with filters", async () => {
        await model.append(
          [MESSAGE, MESSAGE],
          [{ ...MESSAGE, id: `0x${"2".repeat(32)}` }, MESSAGE],
        );
        const stream = await openEventStream(url(`?groupId=${MESSAGE.id}&after=${places()[0]}`));
        const ids: (string | undefined)[] = [];
        for await (const { id } of stream.messages) if (ids.push(id) === 2) break;

        expect(stream.headers["content-type"]).to.match(/^text\/event-stream/u);
        expect(ids).to.deep.equal([places()[1], places()[3]]);
        stream.cut();
      });

      it("gives signs of life", async () => {
        await model.append([]);
        const stream = await openEventStream(url());
        void stream.messages.next();
        while (stream.comments() < 3) await sleep(5);
        stream.cut();
      });

      it("refuses more clients than it may have", async () => {
        await model.append([]);
        const streams = await Promise.all([1, 2, 3].map(() => openEventStream(url())));
        expect((await get("/v1/appchain/events/stream")).body).to.include({
          code: "TOO_MANY_STREAMS",
        });
        for (const stream of streams) stream.cut();
        // The server notices a little later.
        for (;;) {
          const stream = await openEventStream(url());
          stream.cut();
          if (stream.status === 200) break;
          await sleep(5);
        }
      });

      it("reads once for all who wait for the same", async () => {
        await model.append([MESSAGE]);
        let reads = 0;
        const shared = await startApi({
          database: {
            ...test.database,
            transaction: (work, options) => {
              reads += 1;
              return test.database.transaction(work, options);
            },
          },
        });
        const streams = await Promise.all(
          Array.from({ length: 20 }, () =>
            openEventStream(`${shared.url}/v1/appchain/events/stream`),
          ),
        );
        const next = () => Promise.all(streams.map(async ({ messages }) => messages.next()));
        await next();
        await sleep(200);

        reads = 0;
        const waiting = next();
        await model.append([MESSAGE]);
        for (const { value } of await waiting) expect(value).to.include({ id: places()[1] });
        // One for the notice, and no more than a few for streams that were a moment late.
        expect(reads).to.be.lessThan(5);
        for (const stream of streams) stream.cut();
        await shared.stop();
      });

      it("reads no further than a client that does not read", async () => {
        const large = { ...MESSAGE, payload: `0x${"00".repeat(200_000)}` } as const;
        await model.append(
          ...Array.from({ length: 10 }, () => Array.from({ length: 10 }, () => large)),
        );
        let reads = 0;
        const counted = await startApi({
          database: {
            ...test.database,
            transaction: (work, options) => {
              reads += 1;
              return test.database.transaction(work, options);
            },
          },
        });
        const socket = connect(Number(new URL(counted.url).port), "127.0.0.1");
        await once(socket, "connect");
        socket.pause();
        socket.write("GET /v1/appchain/events/stream HTTP/1.1\r\nhost: x\r\n\r\n");
        await sleep(500);

        // A page has six of the hundred messages, and the sockets hold some pages.
        expect(reads).to.be.within(2, 12);
        let received = 0;
        for await (const chunk of socket) {
          received += String(chunk).split("event: event").length - 1;
          if (received === 100) break;
        }
        expect(reads).to.be.at.least(18);
        await counted.stop();
      });
    });

    describe("lookups", () => {
      it("find messages and updates by their sequence ids", async () => {
        const update = { table: "identity_updates", id: INBOX, payload: "0xef" } as const;
        await model.append([MESSAGE, update]);

        expect((await get("/v1/group-messages/1")).body).to.include({
          kind: "groupMessage",
          sequenceId: "1",
          payload: "0x01",
          cursor: places()[0],
        });
        expect((await get("/v1/identity-updates/1")).body).to.deep.include({
          inboxId: INBOX,
          verdict: { outcome: "pending", error: null, detail: null, flags: [] },
        });
        await judge("rejected");
        expect((await get("/v1/identity-updates/1")).body).to.have.nested.property(
          "verdict.outcome",
          "rejected",
        );
        expect((await get(`/v1/inboxes/${INBOX.slice(2)}/updates`)).body).to.have.nested.property(
          "updates[0].verdict.error",
          "Replay",
        );
      });

      /** Writes what the engine would have decided about the first update. */
      const judge = (outcome: string) =>
        test.database.query(
          `insert into identity_verdicts select position, sequence_id, inbox_id, $1, 'Replay', 'seen', '{}'
             from identity_updates order by position limit 1`,
          [outcome],
        );

      it("tell what an inbox is, and which address leads to it", async () => {
        await model.append([{ table: "identity_updates", id: INBOX, payload: "0xef" }]);
        await judge("accepted");
        const other = `0x${"cd".repeat(32)}`;
        const bytes = (hex: string) => Buffer.from(hex.slice(2), "hex");
        const member = (inbox: string, since: number, until: number | null) =>
          test.database.query(
            `insert into inbox_members values ($1, 'ethereum', $2, $3, $4, $3, $4, null, null, null, null)`,
            [bytes(inbox), WALLET, since, until],
          );
        await member(INBOX, 1, null);
        await member(other, 2, null);
        await test.database.query("insert into inbox_recoveries values ($1, 1, 'ethereum', $2)", [
          bytes(INBOX),
          WALLET,
        ]);

        expect((await get(`/v1/inboxes/${INBOX}`)).body).to.deep.include({
          inboxId: INBOX,
          isCreated: true,
          memberCount: 1,
          recovery: { kind: "ethereum", identifier: WALLET },
          acceptedUpdates: 1,
          lastSequenceId: "1",
          refused: [],
        });
        expect((await get(`/v1/addresses/${WALLET}/inbox`)).body).to.include({ inboxId: other });
        await test.database.query(
          "update inbox_members set to_position = 3, until_sequence_id = 3 where since_sequence_id = 2",
        );
        expect((await get(`/v1/addresses/${WALLET}/inbox`)).body).to.include({ inboxId: INBOX });

        const response = await fetch(`${api.url}/v1/addresses/inboxes`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ addresses: ["0xNobody", WALLET, WALLET.toUpperCase()] }),
        });
        const { inboxes } = (await response.json()) as { inboxes: { inboxId: string | null }[] };
        expect(inboxes.map(({ inboxId }) => inboxId)).to.deep.equal([null, INBOX, null]);
      });

      it("take a thousand addresses, and not one more", async () => {
        const ask = (count: number) =>
          fetch(`${api.url}/v1/addresses/inboxes`, {
            method: "POST",
            headers: { "content-type": "application/json" },
            body: JSON.stringify({ addresses: Array(count).fill(WALLET) }),
          });
        expect((await ask(1_000)).status).to.equal(200);
        expect((await ask(1_001)).status).to.equal(400);
        expect((await ask(10_000)).status).to.equal(413);
      });
    });

    describe("operations", () => {
      it("are ready once caught up, and not while behind", async () => {
        expect(await get("/ready")).to.deep.include({ status: 503 });
        await model.append([MESSAGE]);
        expect((await get("/ready")).body).to.deep.equal({ isReady: true, reasons: [] });
        await test.database.query("update chains set head_block = 500");
        const { status, body } = await get("/ready");
        expect(status).to.equal(503);
        expect(body).to.deep.equal({
          isReady: false,
          reasons: ["the appchain is 500 blocks behind, 100 are allowed"],
        });
        expect(await get("/health")).to.deep.include({ status: 200, body: { status: "up" } });
      });

      it("measure the index and the interface, in the OpenMetrics format", async () => {
        await model.append([MESSAGE, MESSAGE]);
        const registry = new Registry();
        new Counter({ name: "mine", help: "Of the process.", registers: [registry] }).inc();
        const measured = await startApi({ database: test.database, registry });
        await fetch(`${measured.url}/v1/status`);
        const response = await fetch(`${measured.url}/metrics`);
        const lines = (await response.text()).split("\n");
        await measured.stop();

        expect(response.headers.get("content-type")).to.match(/^application\/openmetrics-text/u);
        expect(lines).to.include.members([
          "mine_total 1",
          'xmtp_indexer_next_block{chain="appchain"} 1',
          'xmtp_indexer_lag_blocks{chain="appchain"} 0',
          'xmtp_indexer_stored_events{table="group_messages"} 2',
          "xmtp_indexer_database_up 1",
          'xmtp_api_requests_total{method="GET",route="/v1/status",status="200"} 1',
          "# EOF",
        ]);
      });

      it("describe every route", async () => {
        const { body } = await get("/openapi.json");
        const { paths } = body as { paths: Record<string, Record<string, unknown>> };

        expect(Object.keys(paths)).to.have.members([
          "/v1/{chain}/events",
          "/v1/{chain}/events/stream",
          "/v1/group-messages/{sequenceId}",
          "/v1/identity-updates/{sequenceId}",
          "/v1/inboxes/{inboxId}",
          "/v1/inboxes/{inboxId}/updates",
          "/v1/addresses/{address}/inbox",
          "/v1/addresses/inboxes",
          "/v1/payers/{address}",
          "/v1/nodes",
          "/v1/reports",
          "/v1/rewards",
          "/v1/rates",
          "/v1/parameters",
          "/v1/bridge",
          "/v1/status",
          "/health",
          "/ready",
          "/metrics",
        ]);
        for (const [path, methods] of Object.entries(paths)) {
          for (const route of Object.values(methods)) {
            expect(route, path).to.include.keys("summary", "tags", "responses");
          }
        }
      });

      it("end streams and requests when they stop, and stop twice", async () => {
        await model.append([MESSAGE]);
        const ending = await startApi({ database: test.database });
        const stream = await openEventStream(`${ending.url}/v1/appchain/events/stream`);
        const first = await stream.messages.next();
        expect(first.value).to.include({ event: "event" });
        await Promise.all([ending.stop(), ending.stop()]);

        expect((await stream.messages.next()).done).to.equal(true);
        const refusal = await fetch(ending.url).catch((error: unknown) => error);
        expect(refusal).to.be.instanceOf(Error);
      });

      it("serve the same from two replicas", async () => {
        await model.append([MESSAGE], [MESSAGE]);
        const database = await test.open();
        const replica = await startApi({ database });
        const first = await openEventStream(`${api.url}/v1/appchain/events/stream`);
        const { value } = await first.messages.next();
        first.cut();
        const second = await openEventStream(`${replica.url}/v1/appchain/events/stream`, value?.id);
        const next = await second.messages.next();
        expect(next.value).to.include({ id: places()[1] });
        await model.append([MESSAGE]);
        expect((await second.messages.next()).value).to.include({ id: places()[2] });
        await replica.stop();
        await database.close();
      });
    });
  });
}
