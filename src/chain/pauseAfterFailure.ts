import { backoffMs } from "./backoffMs.ts";

const FIRST_BACKOFF_MS = 100;
const MAX_BACKOFF_MS = 10_000;

/** Waits before a reader's next attempt, after so many that failed; ends early, without an error, on abort. */
export function pauseAfterFailure(
  failures: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, backoffMs(failures, FIRST_BACKOFF_MS, MAX_BACKOFF_MS));
    function done(): void {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    }
    signal?.addEventListener("abort", done);
    if (signal?.aborted === true) done();
  });
}
