import { z } from "zod";

import { readBridgeMessages } from "../../read/readBridgeMessages.ts";
import { readIndexedNodes } from "../../read/readIndexedNodes.ts";
import { readIndexedParameters } from "../../read/readIndexedParameters.ts";
import { readIndexedRates } from "../../read/readIndexedRates.ts";
import { readIndexedReports } from "../../read/readIndexedReports.ts";
import { readIndexedRewards } from "../../read/readIndexedRewards.ts";
import type { Api, ApiContext } from "../apiContext.ts";
import {
  address,
  big,
  errors,
  flag,
  hash,
  hex,
  integer,
  limit,
  microdollars,
  picodollars,
  unixSeconds,
  wei,
} from "../schemas.ts";
import { toJson } from "../toJson.ts";

const nodeId = z.coerce.number().int().nonnegative();
const side = z.object({
  blockNumber: integer,
  blockTimestamp: unixSeconds,
  transactionHash: hash,
});

const node = z.object({
  nodeId: integer,
  owner: address,
  signer: address,
  isCanonical: z.boolean().describe("whether it is part of the network"),
  signingPublicKey: hex.describe("65 bytes"),
  httpAddress: z.string(),
  registeredBlock: integer,
  registeredAt: unixSeconds,
  changedBlock: integer,
  changedAt: unixSeconds,
});
const report = z.object({
  id: hash.describe("the digest, which charges carry as payerReportId"),
  originatorNodeId: integer,
  payerReportIndex: integer,
  startSequenceId: big,
  endSequenceId: big,
  endMinuteSinceEpoch: integer,
  payersMerkleRoot: hash,
  nodeIds: z.array(integer),
  signingNodeIds: z.array(integer),
  protocolFeeRate: integer.describe("hundredths of a percent that the protocol gets"),
  settledLeaves: integer.describe("payers charged"),
  remainingLeaves: integer.nullable().describe("payers left; null before the first settlement"),
  feesSettled: microdollars,
  isSettled: z.boolean(),
  submittedBlock: integer,
  submittedAt: unixSeconds,
});
const balance = z.object({
  nodeId: integer.nullable().describe("null: the protocol"),
  claimed: microdollars,
  withdrawn: microdollars,
  owed: microdollars,
});
const rewardEntry = z.object({
  kind: z.enum(["claim", "withdrawal", "protocolFeesClaim", "protocolFeesWithdrawal"]),
  nodeId: integer.nullable(),
  report: z
    .object({ originatorNodeId: integer, payerReportIndex: integer })
    .nullable()
    .describe("of a claim"),
  amount: microdollars,
  blockNumber: integer,
  blockTimestamp: unixSeconds,
});
const rate = z.object({
  messageFee: picodollars,
  storageFee: picodollars.describe("picodollars per byte and day of retention"),
  congestionFee: picodollars.describe("picodollars per unit of congestion"),
  targetRatePerMinute: big,
  startTime: big.describe("Unix seconds from which it holds"),
});
const parameter = z.object({
  key: z.string(),
  settlement: hash.nullable().describe("32 bytes; null where it was never set"),
  settlementBlock: integer.nullable(),
  appchain: hash.nullable(),
  appchainBlock: integer.nullable(),
  differs: z.boolean().describe("whether the appchain, which uses it, holds another value"),
});
const bridgeMessage = z.object({
  kind: z.enum(["deposit", "parameters", "withdrawal"]),
  from: z.enum(["settlement", "appchain"]),
  recipient: address.nullable(),
  messageNumber: big.nullable(),
  messageId: big.nullable().describe("nonce of parameters, id of a withdrawal"),
  keys: z.array(z.string()).nullable(),
  amount: microdollars.nullable(),
  maxFees: microdollars.nullable(),
  amountWei: wei.nullable(),
  sent: side.nullable(),
  received: side.nullable().describe("null while it is on its way"),
});

/** Nodes, reports, rewards, prices, parameters and the bridge. */
export function addNetworkRoutes(api: Api, { database }: ApiContext): void {
  api.get(
    "/v1/nodes",
    {
      schema: {
        tags: ["network"],
        summary: "The registered nodes, by id",
        querystring: z.object({
          canonicalOnly: flag.default(false).describe("only those that are part of the network"),
          afterNodeId: nodeId.default(0).describe("the last node of the page before"),
          limit,
        }),
        response: { 200: z.object({ nodes: z.array(node) }), ...errors(400, 503) },
      },
    },
    async ({ query }) => ({ nodes: toJson(await readIndexedNodes({ database, ...query })) }),
  );

  api.get(
    "/v1/reports",
    {
      schema: {
        tags: ["money"],
        summary: "Payer reports and how much of them is settled",
        querystring: z
          .object({
            originatorNodeId: nodeId.optional(),
            isSettled: flag.optional(),
            afterOriginatorNodeId: nodeId.optional().describe("the last report of the page before"),
            afterPayerReportIndex: nodeId.optional(),
            limit,
          })
          .refine(
            (query) =>
              (query.afterOriginatorNodeId === undefined) ===
              (query.afterPayerReportIndex === undefined),
            "afterOriginatorNodeId and afterPayerReportIndex come together",
          ),
        response: { 200: z.object({ reports: z.array(report) }), ...errors(400, 503) },
      },
    },
    async ({ query: { afterOriginatorNodeId, afterPayerReportIndex, ...query } }) => {
      const after =
        afterOriginatorNodeId === undefined || afterPayerReportIndex === undefined
          ? undefined
          : { originatorNodeId: afterOriginatorNodeId, payerReportIndex: afterPayerReportIndex };
      return { reports: toJson(await readIndexedReports({ database, ...query, after })) };
    },
  );

  api.get(
    "/v1/rewards",
    {
      schema: {
        tags: ["money"],
        summary: "What nodes and the protocol are owed, and the newest claims and withdrawals",
        querystring: z.object({
          nodeId: nodeId.optional(),
          afterNodeId: nodeId.default(0).describe("the last balance of the page before"),
          limit,
        }),
        response: {
          200: z.object({ balances: z.array(balance), entries: z.array(rewardEntry) }),
          ...errors(400, 503),
        },
      },
    },
    async ({ query }) => toJson(await readIndexedRewards({ database, ...query })),
  );

  api.get(
    "/v1/rates",
    {
      schema: {
        tags: ["network"],
        summary: "The price list, by start time",
        querystring: z.object({ limit }),
        response: { 200: z.object({ rates: z.array(rate) }), ...errors(400, 503) },
      },
    },
    async ({ query }) => ({ rates: toJson(await readIndexedRates({ database, ...query })) }),
  );

  api.get(
    "/v1/parameters",
    {
      schema: {
        tags: ["network"],
        summary: "The parameters on both chains, by key",
        querystring: z.object({
          differsOnly: flag.default(false).describe("only what is to be pushed, or on its way"),
          afterKey: z.string().max(1_000).default("").describe("the last key of the page before"),
          limit,
        }),
        response: { 200: z.object({ parameters: z.array(parameter) }), ...errors(400, 503) },
      },
    },
    async ({ query }) => ({
      parameters: toJson(await readIndexedParameters({ database, ...query })),
    }),
  );

  api.get(
    "/v1/bridge",
    {
      schema: {
        tags: ["network"],
        summary: "The newest messages of the bridge, with both sides",
        querystring: z.object({
          kind: z.enum(["deposit", "parameters", "withdrawal"]).optional(),
          recipient: z.string().max(42).optional(),
          isReceived: flag.optional().describe("false: only what is on its way"),
          limit,
        }),
        response: { 200: z.object({ messages: z.array(bridgeMessage) }), ...errors(400, 503) },
      },
    },
    async ({ query }) => ({ messages: toJson(await readBridgeMessages({ database, ...query })) }),
  );
}
