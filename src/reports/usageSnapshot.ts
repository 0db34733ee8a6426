import type { Address } from "viem";
import { z } from "zod";

import { libraryError } from "../errors/libraryErrors.ts";

const minute = z
  .number()
  .int()
  .min(0)
  .max(2 ** 31 - 1);
const decimal = z.string().regex(/^\d{1,20}$/u, "expected a whole number as decimal text");
const payer = z.string().regex(/^0x[0-9a-f]{40}$/u, "expected a lowercase address");

const schema = z.object({
  version: z.literal(1),
  originators: z.array(
    z.object({
      originatorNodeId: z
        .number()
        .int()
        .min(0)
        .max(2 ** 32 - 1),
      lastSequenceId: decimal,
      forgottenThroughMinute: minute.or(z.literal(-1)),
      minutes: z.array(
        z.object({
          minute,
          lastSequenceId: decimal,
          messageCount: z.number().int().min(1),
          fees: z.record(payer, decimal).describe("picodollars by payer"),
        }),
      ),
    }),
  ),
});

/** A usage ledger as plain JSON. Numbers that may exceed 2^53 are decimal text. */
export type UsageSnapshot = z.infer<typeof schema>;

/** What a usage ledger keeps of one originator. */
export interface OriginatorUsage {
  lastSequenceId: bigint;
  /** -1 when nothing was forgotten. */
  forgottenThroughMinute: number;
  readonly minutes: Map<number, UsageRow>;
}

/** What a usage ledger keeps of one minute of an originator. */
export interface UsageRow {
  lastSequenceId: bigint;
  messageCount: number;
  /** Picodollars by payer. */
  readonly fees: Map<Address, bigint>;
}

export function takeUsageSnapshot(usage: ReadonlyMap<number, OriginatorUsage>): UsageSnapshot {
  return {
    version: 1,
    originators: Array.from(usage, ([originatorNodeId, originator]) => ({
      originatorNodeId,
      lastSequenceId: String(originator.lastSequenceId),
      forgottenThroughMinute: originator.forgottenThroughMinute,
      minutes: Array.from(originator.minutes, ([at, { lastSequenceId, messageCount, fees }]) => ({
        minute: at,
        lastSequenceId: String(lastSequenceId),
        messageCount,
        fees: Object.fromEntries(Array.from(fees, ([who, fee]) => [who, String(fee)])),
      })),
    })),
  };
}

/** @throws {XmtpError} `INVALID_USAGE`, naming what is wrong */
export function parseUsageSnapshot(value: unknown): Map<number, OriginatorUsage> {
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    const issues = parsed.error.issues.map(
      ({ path, message }) => `${path.join(".") || "the whole"}: ${message}`,
    );
    throw libraryError("INVALID_USAGE", `the snapshot is not one: ${issues.join("; ")}`, {
      cause: parsed.error,
    });
  }

  return new Map(
    parsed.data.originators.map(
      ({ originatorNodeId, lastSequenceId, forgottenThroughMinute, minutes }) => [
        originatorNodeId,
        {
          lastSequenceId: BigInt(lastSequenceId),
          forgottenThroughMinute,
          minutes: new Map(
            minutes.map((row) => [
              row.minute,
              {
                lastSequenceId: BigInt(row.lastSequenceId),
                messageCount: row.messageCount,
                fees: new Map(
                  Object.entries(row.fees).map(([who, fee]) => [who as Address, BigInt(fee)]),
                ),
              },
            ]),
          ),
        },
      ],
    ),
  );
}
