import { parseInteger } from "../inputs/parseOption.ts";
import { parseFee } from "./picodollars.ts";
import type { Rates } from "./rateAt.ts";

/** Largest number of congestion units a message pays for. */
const MAX_UNITS = 100;
/** Nodes take the largest 32-bit number for "keep it for ever". */
const MAX_RETENTION_DAYS = 2 ** 32 - 1;

/** Messages of one originator per minute: in the current minute, then in each of the four before it, going back. */
export type MinuteCounts = readonly [
  current: number,
  oneBack: number,
  twoBack: number,
  threeBack: number,
  fourBack: number,
];

export interface BaseFeeParameters {
  readonly rates: Pick<Rates, "messageFee" | "storageFee">;
  /** Size of the payer envelope. */
  readonly envelopeBytes: number;
  readonly retentionDays: number;
}

export interface CongestionParameters {
  /** Messages of the originator, those before this one, in order of processing. */
  readonly counts: MinuteCounts;
  /** Messages per minute; of more than 32 bits the lower ones count, as a signed number. */
  readonly targetRatePerMinute: bigint;
}

/**
 * What a message costs without congestion, in picodollars: the fee per message, and storage for each byte and day. As
 * the production node software computes it.
 *
 * @throws {XmtpError} `INVALID_FEE` if a rate or the fee exceeds 2^63 - 1, `INVALID_OPTION`
 * @example
 * baseFee({ rates, envelopeBytes: 200, retentionDays: 60 }); // 100 + 200 * 200 * 60 = 2400100n picodollars
 */
export function baseFee({
  rates: { messageFee, storageFee },
  envelopeBytes,
  retentionDays,
}: BaseFeeParameters): bigint {
  const bytes = BigInt(parseInteger(envelopeBytes, "envelopeBytes", 0));
  const days = BigInt(parseInteger(retentionDays, "retentionDays", 0, MAX_RETENTION_DAYS));
  const storage = parseFee(storageFee, "storage fee") * bytes * days;

  return parseFee(parseFee(messageFee, "message fee") + storage, "base fee");
}

/**
 * How congested an originator is, from 0 to 100, as the production node software computes it.
 *
 * What counts is the busiest of the current minute, the one before it, and the weighted mean of the last four complete
 * minutes (4, 3, 2, 1, rounded down), in proportion to the target. Up to the target there is no congestion, from 1.5
 * times the target it is 100, and in between it grows exponentially. Rounded down.
 *
 * @throws {XmtpError} `INVALID_OPTION` if a count is not a whole number
 * @example
 * congestionUnits({ counts: [125, 0, 0, 0, 0], targetRatePerMinute: 100n }); // 26
 */
export function congestionUnits({ counts, targetRatePerMinute }: CongestionParameters): number {
  for (const count of counts) parseInteger(count, "count of messages", 0, 2 ** 31 - 1);
  const target = Number(BigInt.asIntN(32, targetRatePerMinute));
  if (target <= 0) return 0;

  const [current, oneBack, twoBack, threeBack, fourBack] = counts;
  const mean = Math.floor((4 * oneBack + 3 * twoBack + 2 * threeBack + fourBack) / 10);
  const load = Math.max(current, oneBack, mean) / target;
  if (load <= 1) return 0;
  if (load >= 1.5) return MAX_UNITS;

  return Math.trunc((MAX_UNITS * (Math.exp(4 * (load - 1)) - 1)) / (Math.exp(2) - 1));
}

/**
 * What a message costs on top for congestion, in picodollars: the congestion fee for each unit.
 *
 * @throws {XmtpError} `INVALID_FEE` if the rate or the fee exceeds 2^63 - 1, `INVALID_OPTION`
 */
export function congestionFee({
  rates: { congestionFee: feePerUnit, targetRatePerMinute },
  counts,
}: {
  readonly rates: Pick<Rates, "congestionFee" | "targetRatePerMinute">;
  readonly counts: MinuteCounts;
}): bigint {
  const units = BigInt(congestionUnits({ counts, targetRatePerMinute }));

  return parseFee(parseFee(feePerUnit, "congestion fee per unit") * units, "congestion fee");
}

/**
 * What a message costs, in picodollars: the base fee and the congestion fee.
 *
 * @throws {XmtpError} `INVALID_FEE` if a rate or the fee exceeds 2^63 - 1, `INVALID_OPTION`
 */
export function messageFee({
  rates,
  envelopeBytes,
  retentionDays,
  counts,
}: {
  readonly rates: Rates;
  readonly envelopeBytes: number;
  readonly retentionDays: number;
  readonly counts: MinuteCounts;
}): bigint {
  const base = baseFee({ rates, envelopeBytes, retentionDays });

  return parseFee(base + congestionFee({ rates, counts }), "fee of the message");
}
