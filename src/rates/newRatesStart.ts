/** Seconds. Node software reads the list every five minutes, and gives up fees that are older than an hour. */
export const RATES_NOTICE = 7_200n;

/**
 * When new prices are to hold: at once if they are the first, and otherwise after a notice, so that every node knows
 * them by then, and after the last ones.
 *
 * @param now Unix seconds
 * @param lastStart Unix seconds at which the last entry of the list begins
 */
export function newRatesStart(now: bigint, lastStart: bigint | undefined): bigint {
  if (lastStart === undefined) return now;
  const [announced, following] = [now + RATES_NOTICE, lastStart + 1n];

  return announced > following ? announced : following;
}
