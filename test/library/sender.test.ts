import { expect } from "chai";
import type { Hex } from "viem";

import { RpcNodeError, type Rpc, type RpcRequest } from "../../src/chain/createRpc.ts";
import type { Refusal } from "../../src/publisher/classifyRefusal.ts";
import { createEntry, type Entry, type SendRequest } from "../../src/publisher/createEntry.ts";
import { createNonceLine, type NonceLine } from "../../src/publisher/createNonceLine.ts";
import { decideRefusal, type Step } from "../../src/publisher/decideRefusal.ts";
import { findReceipts } from "../../src/publisher/findReceipts.ts";
import { planNonces } from "../../src/publisher/planNonces.ts";

const CONTRACT = "0x00000000000000000000000000000000000000c0";
const SENDER = "0x00000000000000000000000000000000000000a1";

describe("decideRefusal", () => {
  /** A refusal, how often it came, what is done where the nonce is free and where it is fixed, and the pause. */
  const CASES: readonly (readonly [Refusal, number, Step, Step, number])[] = [
    ["busy", 1, "sendAgain", "sendAgain", 50],
    ["busy", 3, "sendAgain", "sendAgain", 200],
    ["unknown", 7, "sendAgain", "sendAgain", 3_200],
    ["unknown", 8, "sendAgain", "sendAgain", 5_000],
    ["nonceTooHigh", 4, "renumber", "sendAgain", 50],
    ["nonceTooLow", 1, "leaveNonce", "watch", 0],
    ["nonceTaken", 1, "leaveNonce", "watch", 0],
    ["feeTooLow", 1, "price", "watch", 50],
    ["feeTooLow", 2, "outbid", "watch", 50],
    ["gasTooLow", 1, "addGas", "addGas", 0],
    ["tooLarge", 1, "drop", "watch", 0],
    ["noFunds", 1, "drop", "watch", 0],
    ["refused", 1, "drop", "watch", 0],
  ];

  for (const [refusal, attempts, free, fixed, pauseMs] of CASES) {
    it(`answers ${refusal}, attempt ${attempts}, with ${free}, or ${fixed} where the nonce is fixed`, () => {
      expect(decideRefusal(refusal, { isFixed: false, attempts })).to.deep.equal({
        step: free,
        pauseMs,
      });
      expect(decideRefusal(refusal, { isFixed: true, attempts })).to.deep.equal({
        step: fixed,
        pauseMs,
      });
    });
  }
});

describe("planNonces", () => {
  const nothing = { movable: [], top: undefined, removed: [], taken: [], pendingNonce: undefined };
  const [first, second] = [
    { order: 1, nonce: 6 },
    { order: 2, nonce: 7 },
  ];

  it("moves up what stands behind a removed nonce", () => {
    expect(planNonces({ ...nothing, movable: [first, second], removed: [5] })).to.deep.equal({
      fills: [],
      moves: [
        { entry: first, nonce: 5 },
        { entry: second, nonce: 6 },
      ],
      nextNonce: 7,
    });
  });

  it("leaves alone what stands in front of a removed nonce", () => {
    expect(planNonces({ ...nothing, movable: [first], removed: [7] })).to.deep.equal({
      fills: [],
      moves: [],
      nextNonce: 7,
    });
  });

  it("fills removed nonces below a fixed one, and goes on behind it", () => {
    expect(planNonces({ ...nothing, movable: [second], top: 6, removed: [4, 5, 8] })).to.deep.equal(
      { fills: [4, 5], moves: [], nextNonce: 8 },
    );
  });

  it("keeps at its nonce what stands below a fixed one, unless that nonce is used", () => {
    const movable = [first, second];
    expect(planNonces({ ...nothing, movable, top: 9, removed: [5] })).to.deep.equal({
      fills: [5],
      moves: [],
      nextNonce: 10,
    });
    const used = { fills: [], moves: [{ entry: first, nonce: 10 }], nextNonce: 11 };
    const asked = { ...nothing, movable, top: 9, removed: [5] };
    expect(planNonces({ ...asked, pendingNonce: 7 })).to.deep.equal(used);
    expect(planNonces({ ...asked, taken: [6], pendingNonce: 6 })).to.deep.equal(used);
  });

  it("begins where the chain says, and above what it refused as taken", () => {
    const movable = [first, second];
    expect(planNonces({ ...nothing, movable, taken: [6], pendingNonce: 9 }).nextNonce).to.equal(11);
    expect(planNonces({ ...nothing, movable, taken: [6], pendingNonce: 6 })).to.deep.equal({
      fills: [],
      moves: [
        { entry: first, nonce: 7 },
        { entry: second, nonce: 8 },
      ],
      nextNonce: 9,
    });
  });

  it("keeps the order of the requests, whatever their nonces were", () => {
    const late = { order: 3, nonce: 5 };
    expect(planNonces({ ...nothing, movable: [late, first], pendingNonce: 5 }).moves).to.deep.equal(
      [
        { entry: first, nonce: 5 },
        { entry: late, nonce: 6 },
      ],
    );
  });
});

describe("createNonceLine", () => {
  it("goes by rising nonce, also after one was placed before others", () => {
    const line = lineFrom(5);
    const entries = [entryOf(), entryOf(), entryOf()];
    for (const entry of entries) line.append(entry);
    expect(noncesOf(line)).to.deep.equal([5, 6, 7]);

    line.fill(3);
    expect(line.find(() => true)?.nonce).to.equal(3);
    line.append(entryOf());
    expect(noncesOf(line)).to.deep.equal([3, 5, 6, 7, 8]);
  });

  it("starts over with an entry that gets another nonce", () => {
    const line = lineFrom(0);
    const entry = entryOf();
    line.append(entry);
    Object.assign(entry, { raw: "0x01", hashes: ["0x02"], isFixed: true, refusal: "busy" });
    line.remove(entry);
    line.place(entry, 4);

    expect(line.at(0)).to.equal(undefined);
    expect(line.holds(entry)).to.equal(true);
    expect(entry).to.include({ nonce: 4, raw: "0x", isFixed: false, refusal: undefined });
    expect(entry.hashes).to.deep.equal([]);
    expect(entry.fees.maxFeePerGas).to.equal(9n);
    expect(entry.notBeforeBlock).to.equal(3);
  });

  it("gives out again what is free behind the last entry, and nothing before it", () => {
    const line = lineFrom(0);
    const entries = [entryOf(), entryOf(), entryOf()];
    for (const entry of entries) line.append(entry);
    for (const index of [0, 2]) {
      const entry = entries[index];
      if (entry !== undefined) line.remove(entry);
    }
    line.trim();
    line.append(entryOf());

    expect(noncesOf(line)).to.deep.equal([1, 2]);
  });
});

describe("findReceipts", () => {
  const EVENT = { address: CONTRACT, topics: ["0xe1", "0x0a"] } as const;

  it("takes the first event for the receipt, and asks for receipts of the others only", async () => {
    const [withEvent, replaced] = [sentEntry(["0x01", "0x02"], EVENT), sentEntry(["0x03", "0x04"])];
    const { rpc, methods } = answering(({ method, params }) => {
      if (method === "eth_getLogs") return [logOf("0x02", "0x0"), logOf("0x02", "0x1")];
      return params[0] === "0x04" ? receiptOf("0x04") : null;
    });
    const found = await findReceipts(rpc, [withEvent, replaced], 9);

    expect(found.get(withEvent)).to.include({ transactionHash: "0x02", isComplete: false });
    expect(found.get(withEvent)?.logs).to.deep.equal([logOf("0x02", "0x0")]);
    expect(found.get(replaced)).to.include({ transactionHash: "0x04", isComplete: true });
    expect(methods).to.deep.equal([
      "eth_getLogs",
      "eth_getTransactionReceipt",
      "eth_getTransactionReceipt",
    ]);
  });

  it("asks for the receipt where the node refuses the logs, and throws what it refuses then", async () => {
    const entry = sentEntry(["0x01"], EVENT);
    const refusal = new RpcNodeError(-32_005, "too many logs", undefined);
    const { rpc } = answering(({ method }) =>
      method === "eth_getLogs" ? refusal : receiptOf("0x01"),
    );
    expect((await findReceipts(rpc, [entry], 9)).get(entry)?.isComplete).to.equal(true);

    const thrown: unknown = await findReceipts(answering(() => refusal).rpc, [entry], 9).catch(
      (error: unknown) => error,
    );
    expect(thrown).to.equal(refusal);
  });
});

function entryOf(firstEvent?: SendRequest["firstEvent"]): Entry {
  const request: SendRequest = { to: CONTRACT, data: "0x", gas: 21_000 };
  const settle = { resolve: () => {}, reject: () => {} };

  return createEntry(firstEvent === undefined ? request : { ...request, firstEvent }, 0, settle);
}

function sentEntry(hashes: Hex[], firstEvent?: SendRequest["firstEvent"]): Entry {
  return Object.assign(entryOf(firstEvent), { hashes, state: "sent", isFixed: true });
}

function lineFrom(nonce: number): NonceLine {
  const line = createNonceLine({
    address: SENDER,
    terms: () => ({
      fees: { maxFeePerGas: 9n, maxPriorityFeePerGas: 1n },
      notBeforeBlock: 3,
    }),
  });
  line.continueAt(nonce);

  return line;
}

function noncesOf(line: NonceLine): number[] {
  return line.ordered().map(({ nonce }) => nonce);
}

function answering(answer: (request: RpcRequest) => unknown): { rpc: Rpc; methods: string[] } {
  const methods: string[] = [];
  const rpc: Rpc = {
    call: async (method, ...params) => answer({ method, params }),
    batch: async (requests) =>
      requests.map((request) => {
        methods.push(request.method);
        return answer(request);
      }),
  };

  return { rpc, methods };
}

function logOf(transactionHash: Hex, logIndex: Hex) {
  const place = { blockNumber: "0x5", blockHash: "0xb5" } as const;

  return { address: CONTRACT, topics: [], data: "0x", ...place, transactionHash, logIndex };
}

function receiptOf(transactionHash: Hex) {
  const place = { blockNumber: "0x5", blockHash: "0xb5" } as const;

  return { status: "0x1", ...place, transactionHash, gasUsed: "0x5208", logs: [] };
}
