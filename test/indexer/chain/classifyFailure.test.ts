import { expect } from "chai";

import { RpcNodeError } from "../../../src/chain/createRpc.ts";
import { decodeError } from "../../../src/errors/decodeError.ts";
import { libraryError } from "../../../src/errors/libraryErrors.ts";
import { classifyFailure } from "../../../src/indexer/chain/classifyFailure.ts";

/** What providers answer to `eth_getLogs` for too much, and how many blocks they say would do. */
const TOO_LARGE: readonly [provider: string, code: number, message: string, maxBlocks?: number][] =
  [
    [
      "Alchemy",
      -32602,
      "Log response size exceeded. You can make eth_getLogs requests with up to a 2K block range and no limit on the response size, or you can request any block range with a cap of 10K logs in the response. Based on your parameters and the response size limit, this block range should work: [0x0, 0x7d0]",
      2_001,
    ],
    [
      "Alchemy, free",
      -32600,
      "Under the Free tier plan, you can make eth_getLogs requests with up to a 10 block range. Based on your parameters, this block range should work: [0x1312d00, 0x1312d09]. Upgrade to PAYG for expanded block range.",
      10,
    ],
    [
      "Infura",
      -32005,
      "query returned more than 10000 results. Try with this block range [0x5B8D80, 0x5B9168].",
      1_001,
    ],
    ["Infura, by blocks", -32602, "range 1000000 exceeds limit of 10000", 10_000],
    ["Infura, by time", -32005, "query timeout exceeded"],
    ["QuickNode", -32614, "eth_getLogs is limited to a 10,000 range", 10_000],
    ["QuickNode, free", -32615, "eth_getLogs is limited to a 5 range", 5],
    ["Ankr", -32600, "block range is too wide"],
    ["Ankr, elsewhere", -32600, "block range too high"],
    ["Ankr, results", -32600, "query exceeds max results 10000, retry with the range 100-200", 101],
    [
      "Chainstack",
      -32000,
      "Block range limit exceeded. See more details at https://docs.chainstack.com",
    ],
    ["dRPC", 35, "ranges over 10000 blocks are not supported on freetier", 10_000],
    [
      "dRPC, results",
      -32602,
      "query exceeds max results 20000, retry with the range 1000-2000",
      1_001,
    ],
    [
      "Cloudflare",
      -32047,
      "Invalid eth_getLogs request. 'fromBlock'-'toBlock' range too large. Max range: 800",
      800,
    ],
    ["Geth", -32005, "query returned more than 10000 results"],
    ["Geth, with --rpc.rangelimit", -32000, "exceed maximum block range: 5000", 5_000],
    [
      "Geth, on Morph",
      -32000,
      "block range is larger than max block range, block range = 5120, max block range = 5000",
      5_000,
    ],
    ["Moonbeam", -32603, "block range is too wide (maximum 1024)", 1_024],
    ["Geth, by time", -32002, "request timed out"],
    ["Geth, batches", -32003, "response too large"],
    ["Erigon", -32000, "query block range exceeds the limit, max: 1000", 1_000],
    ["Nethermind", -32005, "Too many logs requested. Max logs per response is 20000."],
    ["Nethermind, by time", -32016, "eth_getLogs request was canceled due to enabled timeout."],
    ["Reth", -32602, "query exceeds max block range 100000", 100_000],
    [
      "Reth, results",
      -32602,
      "query exceeds max results 20000, retry with the range 23000000-23000100",
      101,
    ],
    ["Besu", -32005, "Requested range exceeds maximum RPC range limit"],
    ["Nitro", -32000, "logs matched by query exceeds limit of 10000"],
    ["Base, public", -32614, "eth_getLogs is limited to a 10,000 range", 10_000],
    ["Arbitrum, public", -32000, "block range too large, max 10000 blocks", 10_000],
    ["LlamaRPC", -32602, "query exceeds max block range 1000", 1_000],
    ["BlastAPI", -32600, "Block range is too large. Maximum block range: 10,000", 10_000],
    ["Pocket", -32701, "exceeded maximum block range: 100000", 100_000],
    ["Moralis", -32000, "maximum allowed number of requested blocks is 3500", 3_500],
    ["1RPC", -32602, "eth_getLogs is limited to 0 - 1000 blocks range", 1_000],
    ["Tenderly", -32000, "Response size is larger than 150MB limit."],
    ["GetBlock", -32000, "blocks distance too big, max 2000", 2_000],
    ["Harmony", -32000, "query must be smaller than size 1024", 1_024],
    [
      "zkSync",
      -32602,
      "Query returned more than 10000 results. Try with this block range [0x10, 0x1f].",
      16,
    ],
  ];

/** What providers answer for too many requests; fewer blocks a request would make more of them. */
const BUSY: readonly [provider: string, code: number, message: string][] = [
  [
    "Alchemy",
    429,
    "Your app has exceeded its compute units per second capacity. If you have retries enabled, you can safely ignore this message. If not, check out https://docs.alchemy.com/reference/throughput",
  ],
  [
    "Alchemy, monthly",
    429,
    "Monthly capacity limit exceeded. Visit https://dashboard.alchemy.com/settings/billing to upgrade your scaling policy for continued service.",
  ],
  ["Infura", -32005, "daily request count exceeded, request rate limited"],
  ["Infura, second", -32005, "project ID request rate exceeded"],
  [
    "QuickNode",
    -32007,
    "50/second request limit reached - reduce calls per second or upgrade your account at quicknode.com",
  ],
  ["QuickNode, credits", -32012, "credits limited to 6000/sec"],
  ["QuickNode, day", -32003, "daily request limit reached - upgrade your account at quicknode.com"],
  ["Ankr", -32090, "Too many requests, reason: call rate limit exhausted, retry in 10s"],
  [
    "Chainstack",
    -32005,
    "You've exceeded the RPS limit available on the current plan. Learn how to upgrade your plan.",
  ],
  ["dRPC", 15, "Too many request, try again later"],
  ["Cloudflare", -32005, "rate limit exceeded"],
  ["Base, public", -32016, "over rate limit"],
  ["Arbitrum, public", 429, "Too Many Requests"],
  ["LlamaRPC", -32005, "You have exceeded the rate limit. Please reduce your request rate"],
  ["BlastAPI", -32029, "Maximum requests per second exceeded. Please limit your requests"],
  ["Moralis", -32000, "Rate limit exceeded: please slow down or upgrade your plan"],
  ["Erigon", -32000, "server is busy: too many concurrent requests"],
];

/** What passes by itself. */
const LATER: readonly string[] = [
  "header not found",
  "unknown block",
  "block not found: 0x10",
  "missing trie node 7f1e (path 0a) state 0x7f is not available",
  "internal error",
  "Internal JSON-RPC error.",
  "no response",
  "node is syncing",
  "One of the blocks specified in filter (fromBlock, toBlock or blockHash) cannot be found.",
  "invalid block range params",
];

describe("what an indexer makes of a node's refusal", () => {
  for (const [provider, code, message, maxBlocks] of TOO_LARGE) {
    it(`asks ${provider} for fewer blocks`, () => {
      const expected = maxBlocks === undefined ? {} : { maxBlocks };
      expect(classifyFailure(new RpcNodeError(code, message, undefined))).to.deep.equal({
        kind: "tooLarge",
        ...expected,
      });
    });
  }

  for (const [provider, code, message] of BUSY) {
    it(`asks ${provider} later, for as many blocks`, () => {
      expect(classifyFailure(new RpcNodeError(code, message, undefined)).kind).to.equal("later");
    });
  }

  for (const message of LATER) {
    it(`asks again after "${message}"`, () => {
      expect(classifyFailure(new RpcNodeError(-32000, message, undefined)).kind).to.equal("later");
    });
  }

  it("asks for fewer blocks when a gateway refuses the size of the body", () => {
    const error = decodeError(
      Object.assign(new Error("HTTP status 413"), { name: "HttpRequestError" }),
    );
    expect(classifyFailure(error)).to.deep.equal({ kind: "tooLarge" });
  });

  it("asks again what was not answered, and what does not fit together", () => {
    for (const code of ["RPC_UNREACHABLE", "RPC_BUSY", "RPC_INCONSISTENT"] as const) {
      expect(classifyFailure(libraryError(code, "something")).kind, code).to.equal("later");
    }
  });

  it("gives up on what trying again cannot help", () => {
    for (const code of ["WRONG_CHAIN", "CHAIN_CHANGED", "DATABASE_MISMATCH"] as const) {
      expect(classifyFailure(libraryError(code, "something")).kind, code).to.equal("final");
    }
  });
});
