import type { Address } from "viem";

import { libraryError } from "../errors/libraryErrors.ts";
import {
  GROUP_MESSAGES_ORIGINATOR,
  IDENTITY_UPDATES_ORIGINATOR,
} from "../publisher/payloadKinds.ts";
import { baseFee, congestionFee, type MinuteCounts } from "../rates/fees.ts";
import { parseFee } from "../rates/picodollars.ts";
import { rateAt, type Rates } from "../rates/rateAt.ts";
import { nextReportRange, type ReportRange, type UsageMinute } from "./nextReportRange.ts";
import { parsePayer } from "./parsePayer.ts";
import type { PayerFee } from "./payerLeaves.ts";
import {
  parseUsageSnapshot,
  takeUsageSnapshot,
  type OriginatorUsage,
  type UsageRow,
  type UsageSnapshot,
} from "./usageSnapshot.ts";

const NANOSECONDS_PER_SECOND = 1_000_000_000n;
const SECONDS_PER_MINUTE = 60n;
const MAX_MINUTE = 2 ** 31 - 1;
const MAX_UINT32 = 2 ** 32 - 1;
const MAX_UINT64 = 2n ** 64n - 1n;
/** Minutes before the newest whose counts still matter for congestion. */
const CONGESTION_MINUTES = 4;
/** What comes from these is free: they are the logs on the appchain. */
const CHAIN_ORIGINATORS: readonly number[] = [
  GROUP_MESSAGES_ORIGINATOR,
  IDENTITY_UPDATES_ORIGINATOR,
];
/** Sources that the network migrated from; their messages pay no congestion. */
const MIGRATED_ORIGINATORS: readonly number[] = [10, 11, 13];

/** A message that somebody pays for. Payer reports and their attestations are free: do not add them. */
export type UsageMessage = {
  readonly payer: string;
  readonly originatorNodeId: number;
  readonly sequenceId: bigint;
} & (
  | {
      /** The time of the originator, in nanoseconds since the Unix epoch. */
      readonly originatorNs: bigint;
      /** Size of the payer envelope; the fee follows from it, the retention and the rates in force. */
      readonly envelopeBytes: number;
      readonly retentionDays: number;
    }
  | { readonly originatorNs: bigint; readonly feePicodollars: bigint }
  | {
      /** Minutes since the Unix epoch. */
      readonly minute: number;
      readonly feePicodollars: bigint;
    }
);

/** Sums of what payers owe, by originator and minute. */
export interface UsageLedger {
  /**
   * Books a message and returns its fee in picodollars.
   *
   * Messages of one originator are added in the order of their sequence ids, so congestion is the same for everybody
   * who reads them. One that does not follow on the last is taken for a repeat: nothing is booked, and undefined is
   * returned. After a restart, add again from the snapshot's `lastSequenceId` on, or from before it. Messages from the
   * chain, of originators 0 and 1, are free and not booked.
   *
   * @throws {XmtpError} `INVALID_USAGE`, `INVALID_ADDRESS`, `INVALID_FEE`, `INVALID_OPTION`, `NO_RATES`; then nothing is booked
   */
  add(message: UsageMessage): bigint | undefined;
  /** The highest sequence id of an originator that was added, 0 if none was. */
  lastSequenceId(originatorNodeId: number): bigint;
  /** The originators of which messages were added, ascending. */
  originators(): readonly number[];
  /** The minutes in which an originator sent messages, ascending. */
  minutes(originatorNodeId: number): readonly UsageMinute[];
  /** Where the next report ends; see the function of the same name. */
  nextReportRange(range: {
    readonly originatorNodeId: number;
    readonly startSequenceId: bigint;
    readonly startMinute: number;
  }): ReportRange | undefined;
  /**
   * What each payer owes for the minutes after one, up to and with another, in picodollars. Payers who owe 0 are there.
   *
   * @throws {XmtpError} `INVALID_FEE` if a sum exceeds 2^63 - 1, `INVALID_USAGE` if some of it was forgotten
   */
  payerFees(range: {
    readonly originatorNodeId: number;
    readonly afterMinute: number;
    readonly throughMinute: number;
  }): PayerFee[];
  /** Drops what payers owe for the minutes up to and with one. Call it when their reports are settled. */
  forget(range: { readonly originatorNodeId: number; readonly throughMinute: number }): void;
  /** Everything as plain JSON, to be passed to `createUsageLedger` after a restart. */
  snapshot(): UsageSnapshot;
}

export interface CreateUsageLedgerParameters {
  /** The rates of the network, asked for at each message that comes without a fee; see `readRates`. */
  readonly rates?: () => readonly Rates[];
  /** What `snapshot` returned, perhaps through JSON. Default: an empty ledger. */
  readonly snapshot?: unknown;
}

/**
 * Creates the books of a node: who owes what for which minute of which originator, as the production node software
 * keeps them. They live in memory; write `snapshot()` to disk together with what was read, and nothing is lost.
 *
 * @throws {XmtpError} `INVALID_USAGE` if the snapshot is not one
 * @example
 * const ledger = createUsageLedger({ rates: () => rates });
 * ledger.add({ payer, originatorNodeId: 100, sequenceId: 1n, originatorNs, envelopeBytes: 200, retentionDays: 60 });
 */
export function createUsageLedger({
  rates = () => [],
  snapshot,
}: CreateUsageLedgerParameters = {}): UsageLedger {
  const usage: Map<number, OriginatorUsage> =
    snapshot === undefined ? new Map<number, OriginatorUsage>() : parseUsageSnapshot(snapshot);

  const of = (originatorNodeId: number): OriginatorUsage =>
    usage.get(originatorNodeId) ?? {
      lastSequenceId: 0n,
      forgottenThroughMinute: -1,
      minutes: new Map(),
    };

  const feeOf = (message: UsageMessage, { minutes }: OriginatorUsage, minute: number): bigint => {
    if ("feePicodollars" in message) return parseFee(message.feePicodollars);
    const { originatorNodeId, originatorNs, envelopeBytes, retentionDays } = message;
    const inForce = rateAt(rates(), originatorNs / NANOSECONDS_PER_SECOND);
    const base = baseFee({ rates: inForce, envelopeBytes, retentionDays });
    if (MIGRATED_ORIGINATORS.includes(originatorNodeId)) return base;
    const count = (back: number) => minutes.get(minute - back)?.messageCount ?? 0;
    const counts: MinuteCounts = [count(0), count(1), count(2), count(3), count(4)];

    return parseFee(base + congestionFee({ rates: inForce, counts }), "fee of the message");
  };

  const minutesOf = (originatorNodeId: number): UsageMinute[] =>
    [...of(originatorNodeId).minutes]
      .map(([minute, { lastSequenceId, messageCount }]) => ({
        minute,
        lastSequenceId,
        messageCount,
      }))
      .sort((a, b) => a.minute - b.minute);

  return {
    add: (message) => {
      const { originatorNodeId, sequenceId } = message;
      checkIds(originatorNodeId, sequenceId);
      if (CHAIN_ORIGINATORS.includes(originatorNodeId)) return 0n;
      const originator = of(originatorNodeId);
      if (sequenceId <= originator.lastSequenceId) return undefined;

      const payer = parsePayer(message.payer);
      const minute = minuteOf(message);
      const fee = feeOf(message, originator, minute);
      const row: UsageRow = originator.minutes.get(minute) ?? {
        lastSequenceId: 0n,
        messageCount: 0,
        fees: new Map(),
      };
      const sum = parseFee((row.fees.get(payer) ?? 0n) + fee, `sum of ${payer}`);

      row.fees.set(payer, sum);
      row.lastSequenceId = sequenceId;
      row.messageCount += 1;
      originator.minutes.set(minute, row);
      originator.lastSequenceId = sequenceId;
      usage.set(originatorNodeId, originator);

      return fee;
    },

    lastSequenceId: (originatorNodeId) => of(originatorNodeId).lastSequenceId,
    originators: () => [...usage.keys()].sort((a, b) => a - b),
    minutes: minutesOf,
    nextReportRange: ({ originatorNodeId, ...start }) =>
      nextReportRange({ minutes: minutesOf(originatorNodeId), ...start }),

    payerFees: ({ originatorNodeId, afterMinute, throughMinute }) => {
      const { minutes, forgottenThroughMinute } = of(originatorNodeId);
      if (afterMinute < forgottenThroughMinute) {
        throw libraryError(
          "INVALID_USAGE",
          `the usage of originator ${originatorNodeId} through minute ${forgottenThroughMinute} was forgotten`,
        );
      }
      const totals = new Map<Address, bigint>();
      for (const [minute, { fees }] of minutes) {
        if (minute <= afterMinute || minute > throughMinute) continue;
        for (const [payer, fee] of fees) {
          totals.set(payer, parseFee((totals.get(payer) ?? 0n) + fee, `sum of ${payer}`));
        }
      }

      return Array.from(totals, ([payer, feePicodollars]) => ({ payer, feePicodollars }));
    },

    forget: ({ originatorNodeId, throughMinute }) => {
      const originator = usage.get(originatorNodeId);
      if (originator === undefined) return;
      const newest = Math.max(...originator.minutes.keys());
      for (const [minute, row] of originator.minutes) {
        if (minute > throughMinute) continue;
        if (minute < newest - CONGESTION_MINUTES) originator.minutes.delete(minute);
        else row.fees.clear();
      }
      originator.forgottenThroughMinute = Math.max(
        originator.forgottenThroughMinute,
        throughMinute,
      );
    },

    snapshot: () => takeUsageSnapshot(usage),
  };
}

function checkIds(originatorNodeId: number, sequenceId: bigint): void {
  if (
    !Number.isInteger(originatorNodeId) ||
    originatorNodeId < 0 ||
    originatorNodeId > MAX_UINT32
  ) {
    throw libraryError("INVALID_USAGE", `${originatorNodeId} is not the id of an originator`);
  }
  if (typeof sequenceId !== "bigint" || sequenceId < 1n || sequenceId > MAX_UINT64) {
    throw libraryError(
      "INVALID_USAGE",
      `${String(sequenceId)} is not a sequence id: a bigint of 1 to 2^64 - 1`,
    );
  }
}

function minuteOf(message: UsageMessage): number {
  if ("minute" in message) return checkMinute(message.minute);
  const { originatorNs } = message;
  if (typeof originatorNs !== "bigint" || originatorNs < 0n) {
    throw libraryError(
      "INVALID_USAGE",
      `${String(originatorNs)} is not a time: nanoseconds since the Unix epoch, as a bigint`,
    );
  }

  return checkMinute(Number(originatorNs / (NANOSECONDS_PER_SECOND * SECONDS_PER_MINUTE)));
}

function checkMinute(minute: number): number {
  if (Number.isInteger(minute) && minute >= 0 && minute <= MAX_MINUTE) return minute;
  throw libraryError("INVALID_USAGE", `${minute} is not a minute since the Unix epoch of 31 bits`);
}
