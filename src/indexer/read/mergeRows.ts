import type { IndexedEvent } from "./indexedEvents.ts";
import type { PlacedEvent, Range, TableRows } from "./readRows.ts";

/**
 * Puts what several tables have of a range in the order of the chain, up to the limits. Where a table was cut off, nobody
 * knows what it has next, so nothing beyond that is taken of the others.
 */
export function mergeRows(
  tables: readonly TableRows[],
  { limit, maxBytes }: Pick<Range, "limit" | "maxBytes">,
): { readonly events: readonly IndexedEvent[]; readonly isComplete: boolean } {
  const known = tables.map(({ events, isComplete }) =>
    isComplete ? Infinity : (events.at(-1)?.position ?? 0),
  );
  const horizon = Math.min(...known);
  const next = tables.map(() => 0);
  const events: IndexedEvent[] = [];
  let bytes = 0;

  while (events.length < limit && bytes < maxBytes) {
    const from = firstOf(tables, next);
    const placed = tables[from]?.events[next[from] ?? 0];
    if (placed === undefined || placed.position > horizon) break;
    events.push(placed.event);
    bytes += placed.bytes;
    next[from] = (next[from] ?? 0) + 1;
  }
  const isEmptied = tables.every((table, index) => next[index] === table.events.length);

  return { events, isComplete: horizon === Infinity && isEmptied };
}

/** Which table has the lowest event that is not taken yet; the first if none has any. */
function firstOf(tables: readonly TableRows[], next: readonly number[]): number {
  let first = 0;
  let lowest: PlacedEvent | undefined;
  for (const [index, { events }] of tables.entries()) {
    const candidate = events[next[index] ?? 0];
    if (candidate !== undefined && candidate.position < (lowest?.position ?? Infinity)) {
      first = index;
      lowest = candidate;
    }
  }

  return first;
}
