import { setTimeout as sleep } from "node:timers/promises";

import type { Database } from "../database/database.ts";
import { CHANNEL } from "../store/progress.ts";

const DEFAULT_POLL_INTERVAL_MS = 100;
/** Should a notification be lost after all, followers look again after this long. */
const LOOK_AGAIN_MS = 5_000;

/** Tells when there may be something new to read. One serves any number of followers. */
export interface IndexWatch {
  /** How often something has changed so far: take it before reading. */
  version(): number;
  /** Resolves when something has changed since that version, after five seconds anyway, or when the signal aborts. */
  changedSince(version: number, signal?: AbortSignal): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Listens to what the indexer notifies. Where the database refuses to listen, as a standby does, it looks at the chains
 * every so often instead.
 */
export async function watchIndex({
  database,
  pollIntervalMs = DEFAULT_POLL_INTERVAL_MS,
}: {
  readonly database: Database;
  /** Milliseconds between two looks at a database that does not notify. Default 100. */
  readonly pollIntervalMs?: number | undefined;
}): Promise<IndexWatch> {
  let version = 0;
  const waiting = new Set<() => void>();
  const change = (): void => {
    version += 1;
    for (const wake of [...waiting]) wake();
  };
  const stopListening = await database
    .listen(CHANNEL, change)
    .catch(() => poll(database, pollIntervalMs, change));

  return {
    version: () => version,
    changedSince: async (seen, signal) => {
      if (version !== seen || signal?.aborted === true) return;
      await new Promise<void>((resolve) => {
        const done = (): void => {
          clearTimeout(timer);
          waiting.delete(done);
          signal?.removeEventListener("abort", done);
          resolve();
        };
        const timer = setTimeout(done, LOOK_AGAIN_MS);
        waiting.add(done);
        signal?.addEventListener("abort", done);
      });
    },
    stop: async () => {
      await stopListening();
      change();
    },
  };
}

function poll(database: Database, intervalMs: number, change: () => void): () => Promise<void> {
  const stopped = new AbortController();
  const run = async (): Promise<void> => {
    let seen = "";
    while (!stopped.signal.aborted) {
      await sleep(intervalMs, undefined, { signal: stopped.signal }).catch(() => undefined);
      const rows = await database
        .query(
          `select string_agg(concat_ws(':', name, next_block, finalized_block, reorgs), ' ' order by name) as state
             from chains`,
        )
        .catch(() => undefined);
      const state = rows?.[0]?.state;
      if (typeof state !== "string" || state === seen) continue;
      seen = state;
      change();
    }
  };
  const running = run();

  return async () => {
    stopped.abort();
    await running;
  };
}
