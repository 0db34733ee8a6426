import { randomBytes } from "node:crypto";

import { expect } from "chai";

import { connectChain, type Chain } from "../../src/chain/connectChain.ts";
import {
  groupMessages,
  identityUpdates,
  nodeChanges,
  type Cursor,
  type GroupMessageEvent,
} from "../../src/events/eventSources.ts";
import {
  followEvents,
  type Followed,
  type FollowEventsParameters,
} from "../../src/events/followEvents.ts";
import { readEvents } from "../../src/events/readEvents.ts";
import { addNode, addToNetwork, setHttpAddress } from "../../src/nodes/writeNodes.ts";
import { createPublisher, type Publisher } from "../../src/publisher/createPublisher.ts";
import { caughtError } from "../helpers/caughtError.ts";
import { startFaultyProxy, type FaultyProxy } from "../helpers/faultyProxy.ts";
import { chainControls, startNetwork, type TestNetwork } from "../helpers/startNetwork.ts";

const GROUP = `0x${"01".repeat(16)}` as const;
const OTHER_GROUP = `0x${"02".repeat(16)}` as const;

type Step = Followed<GroupMessageEvent>;

describe("events", () => {
  let network: TestNetwork;
  let proxy: FaultyProxy;
  let viaProxy: Chain;
  let publisher: Publisher;
  const aborts: AbortController[] = [];

  before(async () => {
    network = await startNetwork();
  });
  beforeEach(async () => {
    proxy = await startFaultyProxy(network.appchain.url);
    viaProxy = await connectChain({
      url: proxy.url,
      webSocketUrl: proxy.webSocketUrl,
      chainId: network.appchain.chainId,
    });
    const account = network.accounts[1];
    if (account === undefined) throw new Error("no account");
    publisher = await createPublisher({
      chain: network.appchain,
      account,
      addresses: {
        groupMessageBroadcaster: network.addresses.groupMessages,
        identityUpdateBroadcaster: network.addresses.identityUpdates,
      },
      pollIntervalMs: 20,
    });
  });
  afterEach(async () => {
    for (const abort of aborts.splice(0)) abort.abort();
    await publisher.close({ timeoutMs: 1_000 });
    await proxy.stop();
    await network.reset();
  });
  after(() => network.stop());

  const source = () => groupMessages({ address: network.addresses.groupMessages });
  const publish = async (count: number, groupId = GROUP) => {
    for (let index = 0; index < count; index += 1) {
      await publisher.publishGroupMessage({ groupId, payload: randomBytes(50) });
    }
  };
  const read = async (options: Partial<Parameters<typeof readEvents>[0]> = {}) => {
    const events: GroupMessageEvent[] = [];
    const all = { chain: network.appchain, source: source(), ...options } as Parameters<
      typeof readEvents<GroupMessageEvent>
    >[0];
    for await (const event of readEvents(all)) events.push(event);
    return events;
  };
  const ids = (events: readonly { sequenceId: bigint }[]) =>
    events.map(({ sequenceId }) => Number(sequenceId));

  /** Follows in the background; `take` waits for the next steps. */
  function follow(options: Partial<FollowEventsParameters<GroupMessageEvent>> = {}) {
    const abort = new AbortController();
    aborts.push(abort);
    const iterator = followEvents({
      chain: viaProxy,
      source: source(),
      fromBlock: 0,
      pollIntervalMs: 50,
      signal: abort.signal,
      ...options,
    });
    return {
      take: async (count: number): Promise<Step[]> => {
        const steps: Step[] = [];
        while (steps.length < count) {
          const { value, done } = await iterator.next();
          if (done === true) throw new Error("the iteration has ended");
          steps.push(value);
        }
        return steps;
      },
      iterator,
      abort,
    };
  }
  const show = (steps: readonly Step[]) =>
    steps.map((step) =>
      step.type === "event" ? Number(step.event.sequenceId) : `reorg ${step.fromBlock}`,
    );

  describe("readEvents", () => {
    it("reads group messages in order, with payload, group and position", async () => {
      const payload = randomBytes(77);
      const published = await publisher.publishGroupMessage({ groupId: GROUP, payload });
      const [event] = await read();
      expect(event).to.deep.equal({
        kind: "groupMessage",
        originator: 0,
        sequenceId: 1n,
        groupId: GROUP,
        payload: `0x${payload.toString("hex")}`,
        transactionHash: published.transactionHash,
        cursor: {
          blockNumber: Number(published.blockNumber),
          blockHash: published.blockHash,
          logIndex: 0,
        },
      });
    });

    it("reads identity updates, all or of one inbox", async () => {
      const inboxes = [randomBytes(32), randomBytes(32)];
      for (const inboxId of [...inboxes, ...inboxes]) {
        await publisher.publishIdentityUpdate({ inboxId, payload: randomBytes(10) });
      }
      const address = network.addresses.identityUpdates;
      const seen: number[] = [];
      for await (const { sequenceId } of readEvents({
        chain: network.appchain,
        source: identityUpdates({ address }),
      })) {
        seen.push(Number(sequenceId));
      }
      expect(seen).to.deep.equal([1, 2, 3, 4]);
      const [, inboxId] = inboxes;
      if (inboxId === undefined) throw new Error("no inbox");
      const one: number[] = [];
      for await (const event of readEvents({
        chain: network.appchain,
        source: identityUpdates({ address, inboxId }),
      })) {
        expect(event.inboxId).to.equal(`0x${inboxId.toString("hex")}`);
        one.push(Number(event.sequenceId));
      }
      expect(one).to.deep.equal([2, 4]);
    });

    it("reads one group alone", async () => {
      await publish(2);
      await publish(1, OTHER_GROUP);
      await publish(1);
      const only = groupMessages({
        address: network.addresses.groupMessages,
        groupId: OTHER_GROUP,
      });
      expect(ids(await read({ source: only }))).to.deep.equal([3]);
    });

    it("resumes after any event, within a block too", async () => {
      await publisher.publishGroupMessages(
        Array.from({ length: 5 }, () => ({ groupId: GROUP, payload: randomBytes(10) })),
      );
      await publish(2);
      const events = await read();
      expect(ids(events)).to.deep.equal([1, 2, 3, 4, 5, 6, 7]);
      for (const [index, { cursor }] of events.entries()) {
        const stored = JSON.parse(JSON.stringify(cursor)) as Cursor;
        expect(ids(await read({ after: stored })), String(index)).to.deep.equal(
          ids(events.slice(index + 1)),
        );
      }
    });

    it("reads a range of blocks", async () => {
      await publish(3);
      const [first, second] = await read();
      if (first === undefined || second === undefined) throw new Error("no events");
      const { blockNumber } = second.cursor;
      expect(ids(await read({ fromBlock: blockNumber, toBlock: blockNumber }))).to.deep.equal([2]);
    });

    it("makes pages smaller until the node accepts them", async () => {
      await publish(10);
      proxy.setFault(({ method, body }) => {
        if (method !== "eth_getLogs") return "pass";
        const [{ fromBlock, toBlock }] = (
          JSON.parse(body) as { params: [{ fromBlock: string; toBlock: string }] }
        ).params;
        return Number(toBlock) - Number(fromBlock) >= 3
          ? { error: { code: -32_000, message: "up to a 3 block range" } }
          : "pass";
      });
      expect(ids(await read({ chain: viaProxy }))).to.deep.equal([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    });

    it("gives up when the node refuses a single block", async () => {
      await publish(1);
      proxy.setFault(({ method }) =>
        method === "eth_getLogs" ? { error: { code: -32_000, message: "no logs here" } } : "pass",
      );
      const error = await caughtError(read({ chain: viaProxy, fromBlock: 3, toBlock: 3 }));
      expect(error.code).to.equal("LOG_RANGE_REFUSED");
    });

    const bad: readonly (readonly [string, object])[] = [
      ["a block beyond the head", { blockNumber: 9_999, logIndex: 0 }],
      ["another block hash", { blockNumber: 1, blockHash: `0x${"00".repeat(32)}`, logIndex: 0 }],
      ["a negative block", { blockNumber: -1, logIndex: 0 }],
      ["text for a number", { blockNumber: "1", logIndex: 0 }],
      ["a broken hash", { blockNumber: 1, blockHash: "0x12", logIndex: 0 }],
    ];
    for (const [name, cursor] of bad) {
      it(`refuses a cursor with ${name}`, async () => {
        expect((await caughtError(read({ after: cursor as Cursor }))).code).to.equal(
          "INVALID_CURSOR",
        );
      });
    }

    it("ends with an error when it is aborted", async () => {
      await publish(1);
      expect((await caughtError(read({ signal: AbortSignal.abort() }))).code).to.equal("ABORTED");
    });

    it("reads the changes of nodes", async () => {
      const account = network.accounts[0];
      if (account === undefined) throw new Error("no account");
      const write = { chain: network.settlement, account, address: network.addresses.nodes };
      const added = await addNode({
        ...write,
        owner: account.address,
        signingPublicKey: account.publicKey,
        httpAddress: "http://a.example",
      });
      await addToNetwork({ ...write, nodeId: added.nodeId });
      await setHttpAddress({ ...write, nodeId: added.nodeId, httpAddress: "http://b.example" });
      const kinds: unknown[] = [];
      const nodes = nodeChanges({ address: network.addresses.nodes, nodeId: 100 });
      for await (const event of readEvents({ chain: network.settlement, source: nodes })) {
        kinds.push([event.kind, event.nodeId]);
      }
      expect(kinds).to.deep.equal([
        ["nodeAdded", 100],
        ["nodeAddedToNetwork", 100],
        ["nodeHttpAddressUpdated", 100],
      ]);
    });
  });

  describe("followEvents", () => {
    it("delivers what is there, and then what comes", async () => {
      await publish(3);
      const { take } = follow();
      expect(show(await take(3))).to.deep.equal([1, 2, 3]);
      const next = take(2);
      await publish(2);
      expect(show(await next)).to.deep.equal([4, 5]);
    });

    it("starts with what is new when nothing else is said", async () => {
      await publish(2);
      const { iterator } = follow({ fromBlock: undefined as never });
      const next = iterator.next();
      await proxy.webSocketsOpen(1);
      await eventually(() => proxy.calls.some((call) => call.startsWith("eth_getBlockByNumber")));
      await publish(1);
      const { value } = await next;
      expect(show([value as Step])).to.deep.equal([3]);
    });

    it("reads a long past in ranges and goes over to the head without a seam", async () => {
      const controls = chainControls(network.appchain);
      await publish(2);
      await controls.mine({ blocks: 300 });
      await publish(2);
      await controls.mine({ blocks: 60 });
      await publish(2);
      const { take } = follow();
      expect(show(await take(6))).to.deep.equal([1, 2, 3, 4, 5, 6]);
      const next = take(1);
      await publish(1);
      expect(show(await next)).to.deep.equal([7]);
    });

    it("loses and repeats nothing when the WebSocket is cut and calls fail", async () => {
      const { take } = follow();
      await proxyIsLive();
      let count = 0;
      proxy.setFault(() => (count++ % 5 === 2 ? "drop" : "pass"));
      const all = take(20);
      for (let round = 0; round < 5; round += 1) {
        await publish(4);
        proxy.cutWebSockets();
      }
      expect(show(await all)).to.deep.equal(Array.from({ length: 20 }, (_, index) => index + 1));
    });

    it("goes on by polling while there is no WebSocket", async () => {
      proxy.allowWebSockets(false);
      const { take } = follow();
      const all = take(4);
      await publish(4);
      expect(show(await all)).to.deep.equal([1, 2, 3, 4]);
    });

    it("goes on over a WebSocket that came back", async () => {
      proxy.allowWebSockets(false);
      const { take } = follow({ pollIntervalMs: 3_600_000 });
      const all = take(4);
      await publish(2);
      proxy.allowWebSockets(true);
      await proxy.webSocketsOpen(1);
      await publish(2);
      expect(show(await all)).to.deep.equal([1, 2, 3, 4]);
    });

    it("says from which block events are void, and delivers those that replace them", async () => {
      const controls = chainControls(network.appchain);
      await publish(1);
      const { take } = follow();
      const [first] = await take(1);
      const snapshot = await controls.snapshot();
      await publish(2);
      expect(show(await take(2))).to.deep.equal([2, 3]);
      const next = take(1);
      await controls.revert({ id: snapshot });
      const [reorg] = await next;
      if (first?.type !== "event" || reorg?.type !== "reorg") throw new Error("no reorganisation");
      expect(reorg.fromBlock).to.equal(first.event.cursor.blockNumber + 1);
      const replaced = take(3);
      await publish(3, OTHER_GROUP);
      const steps = await replaced;
      expect(show(steps)).to.deep.equal([2, 3, 4]);
      for (const step of steps)
        expect(step.type === "event" && step.event.groupId).to.equal(OTHER_GROUP);
    });

    it("notices a replacement of the same length", async () => {
      const controls = chainControls(network.appchain);
      const { take } = follow({ pollIntervalMs: 3_600_000, chain: network.appchain });
      await publish(1);
      await take(1);
      const snapshot = await controls.snapshot();
      await publish(2);
      await take(2);
      await controls.revert({ id: snapshot });
      await publish(3, OTHER_GROUP);
      const steps = await take(4);
      expect(steps[0]?.type).to.equal("reorg");
      expect(show(steps.slice(1))).to.deep.equal([2, 3, 4]);
    });

    it("delivers only what has enough confirmations", async () => {
      const controls = chainControls(network.appchain);
      await publish(1);
      const { take } = follow({ confirmations: 5 });
      let isDelivered = false;
      const next = take(1).then((steps) => {
        isDelivered = true;
        return steps;
      });
      await controls.mine({ blocks: 4 });
      await eventually(
        () => proxy.calls.filter((call) => call.startsWith("eth_getBlockByNumber")).length > 3,
      );
      expect(isDelivered).to.equal(false);
      await controls.mine({ blocks: 1 });
      expect(show(await next)).to.deep.equal([1]);
    });

    it("resumes where a stopped one was, without a gap and without a repeat", async () => {
      await publisher.publishGroupMessages(
        Array.from({ length: 6 }, () => ({ groupId: GROUP, payload: randomBytes(10) })),
      );
      const first = follow();
      const seen = await first.take(3);
      first.abort.abort();
      const last = seen.at(-1);
      if (last?.type !== "event") throw new Error("no event");
      await publish(2);
      const { take } = follow({ after: JSON.parse(JSON.stringify(last.event.cursor)) as Cursor });
      expect(show(await take(5))).to.deep.equal([4, 5, 6, 7, 8]);
    });

    it("finds back along several cursors when the newest were undone meanwhile", async () => {
      const controls = chainControls(network.appchain);
      await publish(2);
      const snapshot = await controls.snapshot();
      await publish(2);
      const cursors = (await read()).map(({ cursor }) => cursor);
      await controls.revert({ id: snapshot });
      await publish(3, OTHER_GROUP);
      const { take } = follow({ after: cursors });
      const steps = await take(4);
      const second = cursors[1];
      if (second === undefined) throw new Error("no cursor");
      expect(show(steps)).to.deep.equal([`reorg ${second.blockNumber + 1}`, 3, 4, 5]);
      const newest = cursors.at(-1);
      if (newest === undefined) throw new Error("no cursor");
      expect((await caughtError(follow({ after: newest }).take(1))).code).to.equal(
        "REORG_TOO_DEEP",
      );
    });

    it("resumes from the cursor of a reorganisation", async () => {
      const { take } = follow({
        after: {
          blockNumber: Number(await network.appchain.client.getBlockNumber()) + 1,
          logIndex: -1,
        },
      });
      const next = take(1);
      await publish(1);
      expect(show(await next)).to.deep.equal([1]);
    });

    it("ends when it is aborted", async () => {
      const { iterator, abort } = follow();
      const next = iterator.next();
      abort.abort();
      expect(await next).to.deep.equal({ value: undefined, done: true });
    });

    it("tells of errors that it works around, and throws those that stay", async () => {
      const retried: string[] = [];
      const { take } = follow({ onRetry: ({ code }) => retried.push(code) });
      proxy.setFault(() => ({ error: { code: -32_000, message: "boom" } }));
      const error = await caughtError(take(1));
      expect(error.code).to.equal("RPC_REFUSED");
      expect(retried.length).to.be.at.least(1);
    });

    it("reads on only when it is asked to", async () => {
      await publish(3);
      const { take } = follow();
      await take(1);
      const before = proxy.calls.length;
      await publish(3);
      expect(proxy.calls.length).to.equal(before);
      expect(show(await take(5))).to.deep.equal([2, 3, 4, 5, 6]);
    });

    async function proxyIsLive(): Promise<void> {
      const { take } = follow();
      const next = take(1);
      await proxy.webSocketsOpen(1);
      aborts.at(-1)?.abort();
      await next.catch(() => undefined);
    }
  });
});

async function eventually(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}
