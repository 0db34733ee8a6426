import { z } from "zod";

import {
  address,
  big,
  cursorText,
  hash,
  hex,
  integer,
  microdollars,
  picodollars,
  unixSeconds,
  wei,
} from "./schemas.ts";

const base = {
  transactionHash: hash,
  blockNumber: integer,
  blockHash: hash,
  logIndex: integer,
  blockTimestamp: unixSeconds,
  cursor: cursorText,
};
const groupId = z
  .string()
  .regex(/^0x[0-9a-f]{32}$/u)
  .describe("16 bytes");
const inboxId = hash.describe("32 bytes");
const nodeId = integer.describe("a multiple of 100");
const report = { originatorNodeId: integer, payerReportIndex: big };
const messageNumber = big.describe("number in the inbox of the rollup");
const word = hash.describe("32 bytes");

const event = <Kind extends string, Shape extends z.core.$ZodLooseShape>(
  kind: Kind,
  shape: Shape,
) => z.object({ kind: z.literal(kind), ...shape, ...base });

/** An identity update alone: it is also what the routes of inboxes return, with a verdict. */
export const identityUpdate = event("identityUpdate", {
  originator: integer.describe("always 1"),
  sequenceId: big,
  inboxId,
  payload: hex,
});

export const groupMessage = event("groupMessage", {
  originator: integer.describe("always 0"),
  sequenceId: big,
  groupId,
  payload: hex,
});

/** Every kind of event, as the interface returns it. */
export const eventBody = z
  .discriminatedUnion("kind", [
    groupMessage,
    identityUpdate,
    event("nodeAdded", {
      nodeId,
      owner: address,
      signer: address,
      signingPublicKey: hex,
      httpAddress: z.string(),
    }),
    event("nodeAddedToNetwork", { nodeId }),
    event("nodeRemovedFromNetwork", { nodeId }),
    event("nodeHttpAddressUpdated", { nodeId, httpAddress: z.string() }),
    event("nodeTransferred", { nodeId, from: address, to: address }),
    event("deposit", { payer: address, amount: microdollars }),
    event("withdrawalRequested", {
      payer: address,
      amount: microdollars,
      withdrawableTimestamp: unixSeconds,
      nonce: integer,
    }),
    event("withdrawalCancelled", { payer: address, nonce: integer }),
    event("withdrawalFinalized", { payer: address, nonce: integer }),
    event("usageSettled", { payerReportId: hash, payer: address, amount: microdollars }),
    event("payerReportSubmitted", {
      ...report,
      startSequenceId: big,
      endSequenceId: big,
      endMinuteSinceEpoch: integer,
      payersMerkleRoot: hash,
      nodeIds: z.array(integer),
      signingNodeIds: z.array(integer),
    }),
    event("payerReportSubsetSettled", {
      ...report,
      count: integer.describe("payers charged"),
      remaining: integer.describe("payers left"),
      feesSettled: microdollars,
    }),
    event("rewardClaimed", { nodeId, ...report, amount: microdollars }),
    event("rewardWithdrawn", { nodeId, amount: microdollars }),
    event("protocolFeesClaimed", { ...report, amount: microdollars }),
    event("protocolFeesWithdrawn", { amount: microdollars }),
    event("ratesUpdated", {
      messageFee: picodollars,
      storageFee: picodollars,
      congestionFee: picodollars,
      targetRatePerMinute: big,
      startTime: big.describe("Unix seconds"),
    }),
    event("parameterSet", { key: z.string(), value: word }),
    event("bridgeDepositSent", {
      chainId: big,
      messageNumber,
      recipient: address,
      amount: microdollars,
      maxFees: microdollars,
    }),
    event("bridgeDepositReceived", { recipient: address, amountWei: wei }),
    event("parametersSent", {
      chainId: big,
      messageNumber,
      nonce: big,
      keys: z.array(z.string()),
    }),
    event("parametersReceived", { nonce: big, keys: z.array(z.string()) }),
    event("bridgeWithdrawalSent", { messageId: big, recipient: address, amountWei: wei }),
    event("bridgeWithdrawalReceived", { recipient: address, amount: microdollars }),
    event("contractUpgraded", { contract: z.string(), implementation: address }),
    event("contractEvent", {
      contract: z.string().describe("its name in the address book"),
      name: z.string().describe("as in the contract's interface"),
      args: z.record(z.string(), z.unknown()),
    }),
  ])
  .register(z.globalRegistry, { id: "Event" });

export const eventPage = z
  .object({
    events: z.array(eventBody).describe("in the order of the chain"),
    cursor: cursorText.describe("pass it as `after` for the next page"),
    reorg: z
      .object({ fromBlock: integer, cursor: cursorText })
      .nullable()
      .describe(
        "set instead of events if blocks that were read before are no longer part of the chain: forget what is in `fromBlock` or above, and go on with the cursor",
      ),
    isAtHead: z.boolean().describe("whether nothing followed at the moment of reading"),
  })
  .register(z.globalRegistry, { id: "EventPage" });
