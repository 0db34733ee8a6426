/** Milliseconds before the next attempt, after so many that failed: twice as long each time, up to a maximum. */
export function backoffMs(failures: number, firstMs = 50, maxMs = 5_000): number {
  return Math.min(firstMs * 2 ** (failures - 1), maxMs);
}
