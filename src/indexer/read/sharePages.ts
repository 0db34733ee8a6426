import { readEventPage, type EventPage, type ReadEventPageParameters } from "./readEventPage.ts";
import type { IndexWatch } from "./watchIndex.ts";

/** Reads pages as `readEventPage` does. */
export type PageReader = (parameters: ReadEventPageParameters) => Promise<EventPage>;

/**
 * Reads a page once for all who ask for the same at the same time, as followers do whom one notice has woken. Nobody gets
 * what was read before the last notice.
 */
export function sharePages(watch: IndexWatch, read: PageReader = readEventPage): PageReader {
  const reading = new Map<string, Promise<EventPage>>();

  return (parameters) => {
    const { database: _database, ...query } = parameters;
    const key = JSON.stringify([watch.version(), query]);
    const known = reading.get(key);
    if (known !== undefined) return known;
    const page = read(parameters).finally(() => reading.delete(key));
    reading.set(key, page);

    return page;
  };
}
