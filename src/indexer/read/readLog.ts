import type { Queries } from "../database/database.ts";
import type { ParsedFilter } from "./eventFilter.ts";
import { readPartitionEnds } from "./readPartitionEnds.ts";
import {
  readLogRows,
  type LogKind,
  type PlacedEvent,
  type Range,
  type TableRows,
} from "./readRows.ts";

/** How many times more partitions are looked at when those before had too little. */
const WIDENING = 4;

/**
 * Reads one of the two logs: the first partition first, which has enough for nearly everybody, and ever more of them for
 * those who look for something rare. To plan a query over all partitions would take longer than to read a page.
 *
 * @throws {XmtpError} `EVENTS_DETACHED`
 */
export async function readLog(
  queries: Queries,
  kind: LogKind,
  filter: Pick<ParsedFilter, "groupId" | "inboxId">,
  { after, before, limit, maxBytes }: Range,
): Promise<TableRows> {
  const ends = await readPartitionEnds(queries, kind, after);
  const events: PlacedEvent[] = [];
  let bytes = 0;
  let from = after;

  for (let width = 1, index = 0; index < ends.length && from + 1 < before; width *= WIDENING) {
    index = Math.min(index + width, ends.length);
    const end = Math.min(ends[index - 1] ?? before, before);
    const rows = await readLogRows(queries, kind, filter, {
      after: from,
      before: end,
      limit: limit - events.length,
      maxBytes: maxBytes - bytes,
    });
    events.push(...rows.events);
    for (const event of rows.events) bytes += event.bytes;
    if (!rows.isComplete || events.length >= limit || bytes >= maxBytes) {
      return { events, isComplete: false };
    }
    from = end - 1;
  }

  return { events, isComplete: true };
}
