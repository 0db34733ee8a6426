import type { Hex } from "viem";

import { libraryError } from "../errors/libraryErrors.ts";
import { RATE_KEYS } from "./parameterKeys.ts";

/** What contracts demand of a value beyond its type. */
const LIMITS: Readonly<Record<string, { readonly min?: bigint; readonly max?: bigint }>> = {
  // The zero address is the number 0.
  "xmtp.payerRegistry.settler": { min: 1n },
  "xmtp.payerRegistry.feeDistributor": { min: 1n },
  // Microdollars.
  "xmtp.payerRegistry.minimumDeposit": { min: 1n },
  // Seconds: a week.
  "xmtp.payerRegistry.withdrawLockPeriod": { max: 604_800n },
  // Basis points: all of it.
  "xmtp.payerReportManager.protocolFeeRate": { max: 10_000n },
};

/**
 * Refuses a value that the registry would hold and no contract would take.
 *
 * @throws {XmtpError} `INVALID_PARAMETER`
 */
export function requireWithinLimits(key: string, word: Hex): void {
  const { min = 0n, max } = LIMITS[key] ?? {};
  const value = BigInt(word);
  if (value >= min && (max === undefined || value <= max)) return;
  const bounds = [`at least ${min}`, ...(max === undefined ? [] : [`at most ${max}`])];
  throw libraryError("INVALID_PARAMETER", `${value} is no value for ${key}`, {
    hint: `pass ${bounds.join(" and ")}, or no contract takes it`,
  });
}

/**
 * Refuses some of the five keys of the price list without the others: anyone could have the half-changed list appended.
 *
 * @throws {XmtpError} `INVALID_PARAMETER`
 */
export function requireWholeRates(keys: readonly string[]): void {
  const missing = Object.values(RATE_KEYS).filter((key) => !keys.includes(key));
  if (missing.length === 0 || missing.length === Object.keys(RATE_KEYS).length) return;
  throw libraryError(
    "INVALID_PARAMETER",
    `the five keys of the rates change together; ${missing.join(", ")} is missing`,
    {
      hint: "pass all five keys; setRates (rates set on the command line) does, and appends the entry",
    },
  );
}
