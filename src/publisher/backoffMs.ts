const FIRST_BACKOFF_MS = 50;
const MAX_BACKOFF_MS = 5_000;

/** Milliseconds before the next attempt, after so many that failed: twice as long each time. */
export function backoffMs(failures: number): number {
  return Math.min(FIRST_BACKOFF_MS * 2 ** (failures - 1), MAX_BACKOFF_MS);
}
