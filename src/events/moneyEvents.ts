import { decodeEventLog, numberToHex, padHex, toEventSelector, type Address, type Hex } from "viem";

import { payerReportsAbi, payersAbi, ratesAbi, rewardsAbi } from "../abi/index.ts";
import { libraryError } from "../errors/libraryErrors.ts";
import { describe } from "../inputs/describe.ts";
import { isHexBytes } from "../inputs/hexBytes.ts";
import { parseAddress } from "../inputs/parseAddress.ts";
import { parseNodeId } from "../inputs/parseIds.ts";
import { parseInteger } from "../inputs/parseOption.ts";
import type { RawLog } from "../publisher/parseReceipt.ts";
import type { Rates } from "../rates/rateAt.ts";
import { baseOf, malformed, type EventBase, type EventSource } from "./eventSources.ts";

const MAX_UINT32 = 2 ** 32 - 1;

/** A change of a payer's account by the payer, or by whoever pays for it. Amounts are microdollars. */
export type EscrowEvent = EventBase & { readonly payer: Address } & (
    | { readonly kind: "deposit"; readonly amount: bigint }
    | {
        readonly kind: "withdrawalRequested";
        readonly amount: bigint;
        /** Unix seconds. */
        readonly withdrawableTimestamp: number;
        readonly nonce: number;
      }
    /** The amount is that of the request with this nonce. */
    | { readonly kind: "withdrawalCancelled" | "withdrawalFinalized"; readonly nonce: number }
  );

/** A payer was charged for the usage of a report. */
export interface UsageSettledEvent extends EventBase {
  readonly kind: "usageSettled";
  /** The digest of the report. */
  readonly payerReportId: Hex;
  readonly payer: Address;
  /** Microdollars. */
  readonly amount: bigint;
}

export type PayerReportEvent = EventBase & {
  readonly originatorNodeId: number;
  readonly payerReportIndex: bigint;
} & (
    | {
        readonly kind: "payerReportSubmitted";
        readonly startSequenceId: bigint;
        readonly endSequenceId: bigint;
        readonly endMinuteSinceEpoch: number;
        readonly payersMerkleRoot: Hex;
        /** The nodes that share what is settled. */
        readonly nodeIds: readonly number[];
        readonly signingNodeIds: readonly number[];
      }
    | {
        readonly kind: "payerReportSubsetSettled";
        /** Leaves of this settlement. */
        readonly count: number;
        /** Leaves that are left. */
        readonly remaining: number;
        /** Microdollars of this settlement. */
        readonly feesSettled: bigint;
      }
  );

/** Fees of reports, of a node or of the protocol. Amounts are microdollars. */
export type RewardEvent = EventBase & { readonly amount: bigint } & (
    | {
        readonly kind: "rewardClaimed";
        readonly nodeId: number;
        readonly originatorNodeId: number;
        readonly payerReportIndex: bigint;
      }
    | { readonly kind: "rewardWithdrawn"; readonly nodeId: number }
    | {
        readonly kind: "protocolFeesClaimed";
        readonly originatorNodeId: number;
        readonly payerReportIndex: bigint;
      }
    | { readonly kind: "protocolFeesWithdrawn" }
  );

/** A new entry of the price list. */
export interface RatesUpdatedEvent extends EventBase, Rates {
  readonly kind: "ratesUpdated";
}

const ESCROW_TOPICS = [
  toEventSelector("Deposit(address,uint96)"),
  toEventSelector("WithdrawalRequested(address,uint96,uint32,uint24)"),
  toEventSelector("WithdrawalCancelled(address,uint24)"),
  toEventSelector("WithdrawalFinalized(address,uint24)"),
];
const USAGE_TOPIC = toEventSelector("UsageSettled(bytes32,address,uint96)");
const REPORT_TOPICS = [
  toEventSelector(
    "PayerReportSubmitted(uint32,uint256,uint64,uint64,uint32,bytes32,uint32[],uint32[])",
  ),
  toEventSelector("PayerReportSubsetSettled(uint32,uint256,uint32,uint32,uint96)"),
];

const NODE_REWARD_TOPICS = [
  toEventSelector("Claim(uint32,uint32,uint256,uint96)"),
  toEventSelector("Withdrawal(uint32,uint96)"),
];
const PROTOCOL_REWARD_TOPICS = [
  toEventSelector("ProtocolFeesClaim(uint32,uint256,uint96)"),
  toEventSelector("ProtocolFeesWithdrawal(uint96)"),
];
const RATES_TOPIC = toEventSelector("RatesUpdated(uint64,uint64,uint64,uint64,uint64)");

/**
 * Deposits into the escrow and withdrawals from it, of all payers or of one. What is charged is `usageSettlements`.
 *
 * @throws {XmtpError} `INVALID_ADDRESS`
 */
export function escrowChanges({
  address,
  payer,
}: {
  /** The escrow, `Payers`. */
  readonly address: string;
  readonly payer?: string;
}): EventSource<EscrowEvent> {
  return {
    address: parseAddress(address, "escrow of the payers"),
    topics: [ESCROW_TOPICS, addressTopic(payer)],
    decode: (log) => {
      const { eventName, args } = decodeEventLog({ abi: payersAbi, ...dataOf(log) });
      switch (eventName) {
        case "Deposit":
          return { ...baseOf(log), kind: "deposit", ...args };
        case "WithdrawalRequested":
          return { ...baseOf(log), kind: "withdrawalRequested", ...args };
        case "WithdrawalCancelled":
          return { ...baseOf(log), kind: "withdrawalCancelled", ...args };
        case "WithdrawalFinalized":
          return { ...baseOf(log), kind: "withdrawalFinalized", ...args };
        default:
          throw malformed(log);
      }
    },
  };
}

/**
 * What payers are charged: of all payers or of one, for all reports or for one.
 *
 * @throws {XmtpError} `INVALID_ADDRESS`, `INVALID_REPORT` if the id of the report is not 32 bytes
 */
export function usageSettlements({
  address,
  payer,
  payerReportId,
}: {
  /** The escrow, `Payers`. */
  readonly address: string;
  readonly payer?: string;
  /** The digest of the report; see `payerReportDigest`. */
  readonly payerReportId?: Hex;
}): EventSource<UsageSettledEvent> {
  if (payerReportId !== undefined && !(isHexBytes(payerReportId) && payerReportId.length === 66)) {
    throw libraryError("INVALID_REPORT", `${describe(payerReportId)} is not the id of a report`);
  }

  return {
    address: parseAddress(address, "escrow of the payers"),
    topics: [USAGE_TOPIC, payerReportId ?? null, addressTopic(payer)],
    decode: (log) => {
      const { eventName, args } = decodeEventLog({ abi: payersAbi, ...dataOf(log) });
      if (eventName !== "UsageSettled") throw malformed(log);
      return { ...baseOf(log), kind: "usageSettled", ...args };
    },
  };
}

/**
 * Submissions and settlements of payer reports, of all originators or of one.
 *
 * @throws {XmtpError} `INVALID_ADDRESS`, `INVALID_OPTION`
 */
export function payerReportEvents({
  address,
  originatorNodeId,
}: {
  /** The contract `PayerReports`. */
  readonly address: string;
  readonly originatorNodeId?: number;
}): EventSource<PayerReportEvent> {
  return {
    address: parseAddress(address, "payer reports"),
    topics: [REPORT_TOPICS, numberTopic(originatorNodeId, "originatorNodeId")],
    decode: (log) => {
      const { eventName, args } = decodeEventLog({ abi: payerReportsAbi, ...dataOf(log) });
      switch (eventName) {
        case "PayerReportSubmitted":
          return { ...baseOf(log), kind: "payerReportSubmitted", ...args };
        case "PayerReportSubsetSettled":
          return { ...baseOf(log), kind: "payerReportSubsetSettled", ...args };
        default:
          throw malformed(log);
      }
    },
  };
}

/**
 * Claims and withdrawals of fees: of all nodes and the protocol, or of one node.
 *
 * @throws {XmtpError} `INVALID_ADDRESS`, `INVALID_NODE_ID`
 */
export function rewardEvents({
  address,
  nodeId,
}: {
  /** The contract `Rewards`. */
  readonly address: string;
  readonly nodeId?: number | string;
}): EventSource<RewardEvent> {
  return {
    address: parseAddress(address, "rewards"),
    topics:
      nodeId === undefined
        ? [[...NODE_REWARD_TOPICS, ...PROTOCOL_REWARD_TOPICS]]
        : [NODE_REWARD_TOPICS, numberTopic(parseNodeId(nodeId), "nodeId")],
    decode: (log) => {
      const { eventName, args } = decodeEventLog({ abi: rewardsAbi, ...dataOf(log) });
      switch (eventName) {
        case "Claim":
          return { ...baseOf(log), kind: "rewardClaimed", ...args };
        case "Withdrawal":
          return { ...baseOf(log), kind: "rewardWithdrawn", ...args };
        case "ProtocolFeesClaim":
          return { ...baseOf(log), kind: "protocolFeesClaimed", ...args };
        case "ProtocolFeesWithdrawal":
          return { ...baseOf(log), kind: "protocolFeesWithdrawn", ...args };
        default:
          throw malformed(log);
      }
    },
  };
}

/** New entries of the network's price list. @throws {XmtpError} `INVALID_ADDRESS` */
export function rateChanges({
  address,
}: {
  /** The contract `Rates`. */
  readonly address: string;
}): EventSource<RatesUpdatedEvent> {
  return {
    address: parseAddress(address, "rates"),
    topics: [RATES_TOPIC],
    decode: (log) => {
      const { eventName, args } = decodeEventLog({ abi: ratesAbi, ...dataOf(log) });
      if (eventName !== "RatesUpdated") throw malformed(log);
      return { ...baseOf(log), kind: "ratesUpdated", ...args };
    },
  };
}

function dataOf(log: RawLog): { topics: [Hex, ...Hex[]]; data: Hex } {
  const [topic, ...rest] = log.topics;
  if (topic === undefined) throw malformed(log);

  return { topics: [topic, ...rest], data: log.data };
}

function addressTopic(address: string | undefined): Hex | null {
  return address === undefined ? null : padHex(parseAddress(address, "payer"), { size: 32 });
}

function numberTopic(value: number | undefined, name: string): Hex | null {
  return value === undefined
    ? null
    : numberToHex(parseInteger(value, name, 0, MAX_UINT32), { size: 32 });
}
