import { XmtpError } from "../../errors/XmtpError.ts";
import { pauseAfterFailure } from "../../chain/pauseAfterFailure.ts";
import type { Cursor } from "../../events/eventSources.ts";
import type { Followed } from "../../events/followEvents.ts";
import type { IndexedEvent } from "./indexedEvents.ts";
import { readEventPage, type EventQuery } from "./readEventPage.ts";
import type { PageReader } from "./sharePages.ts";
import { watchIndex, type IndexWatch } from "./watchIndex.ts";

/** Errors in a row that are waited out: some two minutes. */
const MAX_FAILURES = 20;

export interface FollowIndexParameters extends EventQuery {
  /** Ends the iteration. */
  readonly signal?: AbortSignal | undefined;
  /** Events that are read at once. Default 100. */
  readonly pageSize?: number | undefined;
  /** Bytes of payloads after which a page ends. Default 4 MiB. */
  readonly maxBytes?: number | undefined;
  /** Shared with others who follow the same database. Default: one of its own. */
  readonly watch?: IndexWatch | undefined;
  /** Default: each reads for itself. See `sharePages`. */
  readonly readPage?: PageReader | undefined;
  /** Called with each error that is being worked around. */
  readonly onRetry?: ((error: XmtpError) => void) | undefined;
}

/**
 * Follows events in the index for ever: first what there is already, then as they are stored. Each event comes once and
 * in order, and after a reorganisation it is told how far to go back, as with `followEvents`. The next page is read when
 * the consumer asks for more.
 *
 * @throws {XmtpError} what `readEventPage` throws; what may pass, such as a replica that is behind, only if it lasts
 * @example
 * for await (const step of followIndex({ database, chain: "appchain", groupId, after: lastCursor, signal })) {
 *   if (step.type === "event") store(step.event);
 *   else removeFromBlock(step.fromBlock);
 * }
 */
export async function* followIndex({
  signal,
  pageSize,
  watch: shared,
  readPage = readEventPage,
  onRetry = () => undefined,
  after: given,
  ...query
}: FollowIndexParameters): AsyncGenerator<Followed<IndexedEvent>, void, undefined> {
  const isAborted = (): boolean => signal?.aborted === true;
  const watch = shared ?? (await watchIndex(query));
  let after: Cursor | undefined = given;
  let failures = 0;
  try {
    while (!isAborted()) {
      const version = watch.version();
      try {
        const page = await readPage({ ...query, after, limit: pageSize });
        failures = 0;
        after = page.cursor;
        if (page.reorg !== undefined) {
          const { fromBlock, cursor } = page.reorg;
          yield { type: "reorg", fromBlock, cursor };
          continue;
        }
        for (const event of page.events) {
          if (isAborted()) return;
          yield { type: "event", event };
        }
        if (page.isAtHead) await watch.changedSince(version, signal);
      } catch (error) {
        failures += 1;
        if (!(error instanceof XmtpError) || !error.retryable || failures >= MAX_FAILURES)
          throw error;
        onRetry(error);
        await pauseAfterFailure(failures, signal);
      }
    }
  } finally {
    if (shared === undefined) await watch.stop();
  }
}
