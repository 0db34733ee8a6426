import { libraryError } from "../errors/libraryErrors.ts";

/** One entry of the network's price list, as the contract `Rates` holds it. A picodollar is 10^-12 dollars. */
export interface Rates {
  /** Picodollars per message. */
  readonly messageFee: bigint;
  /** Picodollars per byte and day of retention. */
  readonly storageFee: bigint;
  /** Picodollars per unit of congestion; a message pays for 0 to 100 of them. */
  readonly congestionFee: bigint;
  /** Messages per minute and originator up to which there is no congestion. */
  readonly targetRatePerMinute: bigint;
  /** Unix seconds from which the entry holds. */
  readonly startTime: bigint;
}

/**
 * The rates in force at a time: the last entry that has started by then, as the production node software picks it.
 *
 * @param rates by ascending start time, as `readRates` returns them
 * @param time Unix seconds
 * @throws {XmtpError} `NO_RATES` if the list is empty or begins later
 */
export function rateAt(rates: readonly Rates[], time: bigint): Rates {
  const inForce = rates.findLast(({ startTime }) => startTime <= time);
  if (inForce !== undefined) return inForce;

  const [first] = rates;
  throw libraryError(
    "NO_RATES",
    first === undefined
      ? "the list of rates is empty"
      : `no rates are in force at ${time}, the first begin at ${first.startTime}`,
  );
}
