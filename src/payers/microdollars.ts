import { libraryError } from "../errors/libraryErrors.ts";
import { describe } from "../inputs/describe.ts";

const DECIMALS = 6;
const MICRODOLLARS_PER_DOLLAR = 10n ** BigInt(DECIMALS);
/** On the appchain the same dollars are native currency, with 18 decimals. */
export const WEI_PER_MICRODOLLAR = 10n ** BigInt(18 - DECIMALS);
/** The contracts keep amounts in 96 bits. */
const MAX_MICRODOLLARS = 2n ** 96n - 1n;
const DOLLARS = /^(?<whole>\d{1,23})(?:\.(?<fraction>\d{1,6}))?$/u;
/** Digits after the point that are always printed. */
const CENTS = 2;

/**
 * Dollars as people write them, in microdollars: the unit of fee tokens, of the underlying token, and of the escrow. At
 * most six digits after the point, and no sign, separator or exponent.
 *
 * @throws {XmtpError} `INVALID_AMOUNT`
 * @example
 * parseDollars("12.34"); // 12_340_000n
 */
export function parseDollars(text: string): bigint {
  const { whole, fraction = "" } = (typeof text === "string" && DOLLARS.exec(text)?.groups) || {};
  if (whole === undefined) {
    throw libraryError("INVALID_AMOUNT", `${describe(text)} is not an amount of dollars`);
  }
  const amount = BigInt(`${whole}${fraction.padEnd(DECIMALS, "0")}`);
  if (amount > MAX_MICRODOLLARS) {
    throw libraryError("INVALID_AMOUNT", `${describe(text)} dollars are more than fit 96 bits`);
  }

  return amount;
}

/**
 * Microdollars as dollars, exact: with two digits after the point, and up to six where they are needed.
 *
 * @example
 * formatDollars(12_340_000n); // "12.34"
 * formatDollars(-1n); // "-0.000001"
 */
export function formatDollars(microdollars: bigint): string {
  const size = microdollars < 0n ? -microdollars : microdollars;
  const fraction = (size % MICRODOLLARS_PER_DOLLAR).toString().padStart(DECIMALS, "0");
  const shown = fraction.replace(/0+$/u, "").padEnd(CENTS, "0");

  return `${microdollars < 0n ? "-" : ""}${size / MICRODOLLARS_PER_DOLLAR}.${shown}`;
}

/**
 * An amount of microdollars to be moved.
 *
 * @param name what the amount is of, for the message
 * @throws {XmtpError} `INVALID_AMOUNT` unless it is a bigint from 1 to 2^96 - 1
 */
export function parseAmount(value: bigint, name = "amount"): bigint {
  if (typeof value !== "bigint" || value <= 0n || value > MAX_MICRODOLLARS) {
    throw libraryError(
      "INVALID_AMOUNT",
      `the ${name} is ${describe(value)}, it must be a bigint of 1 to 2^96 - 1 microdollars`,
    );
  }

  return value;
}
