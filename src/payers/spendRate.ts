export const SECONDS_PER_DAY = 86_400;

/** What a day costs when so much was charged in so many seconds; rounded up. */
export function perDayUp(settled: bigint, windowSeconds: number): bigint {
  const seconds = BigInt(Math.max(windowSeconds, 1));

  return (settled * BigInt(SECONDS_PER_DAY) + seconds - 1n) / seconds;
}

/** How many days a balance lasts, rounded down to tenths; null when nothing is charged. */
export function daysLeftDown(balance: bigint, settledPerDay: bigint): number | null {
  if (settledPerDay === 0n) return null;

  return balance <= 0n ? 0 : Number((balance * 10n) / settledPerDay) / 10;
}
