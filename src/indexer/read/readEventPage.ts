import { libraryError } from "../../errors/libraryErrors.ts";
import { parseCursor } from "../../events/parseCursor.ts";
import type { Cursor } from "../../events/eventSources.ts";
import { parseInteger } from "../../inputs/parseOption.ts";
import type { ChainName } from "../chain/contracts.ts";
import type { Database, Queries } from "../database/database.ts";
import { firstPosition } from "../store/position.ts";
import { parseEventFilter, type EventFilter, type ParsedFilter } from "./eventFilter.ts";
import type { IndexedEvent } from "./indexedEvents.ts";
import { mergeRows } from "./mergeRows.ts";
import { readLog } from "./readLog.ts";
import { readContractRows, type Range, type TableRows } from "./readRows.ts";
import { readSnapshot } from "./readSnapshot.ts";
import { resolveCursor, type Reorg } from "./resolveCursor.ts";

/** Events of a page at most. */
export const MAX_PAGE_EVENTS = 1_000;
const DEFAULT_LIMIT = 100;
const DEFAULT_MAX_BYTES = 4 << 20;

/** "latest": all that is stored. "finalized": what never changes again. */
export type Finality = "latest" | "finalized";

export interface EventQuery extends EventFilter {
  readonly database: Database;
  readonly chain: ChainName;
  /** Read what comes after this event. */
  readonly after?: Cursor | undefined;
  /** The first block to read, when there is no cursor. Default 0. */
  readonly fromBlock?: number | undefined;
  /** Default "latest". */
  readonly finality?: Finality | undefined;
}

export interface ReadEventPageParameters extends EventQuery {
  /** Events at most, up to 1,000. Default 100. */
  readonly limit?: number | undefined;
  /** Bytes of payloads after which a page ends; it has one event at least. Default 4 MiB. */
  readonly maxBytes?: number | undefined;
}

export interface EventPage {
  /** In the order of the chain. */
  readonly events: readonly IndexedEvent[];
  /** Where the next page begins: pass it as `after`. */
  readonly cursor: Cursor;
  /** Set instead of events if blocks that were read before are no longer part of the chain. */
  readonly reorg?: Reorg;
  /** Whether nothing followed at the moment of reading. */
  readonly isAtHead: boolean;
}

/**
 * Reads a page of a chain's events from the index, all of it as of one moment.
 *
 * After a reorganisation that undid the block of `after`, the page has no events but says from which block on everything
 * that was read is void, and the cursor to go on with.
 *
 * @throws {XmtpError} `INVALID_OPTION`, `INVALID_CURSOR`, `CURSOR_UNKNOWN` while a replica is behind, `NOT_INDEXED`,
 *   `EVENTS_DETACHED`, `DATABASE_UNREACHABLE`, and those of the ids
 * @example
 * const { events, cursor, reorg } = await readEventPage({
 *   database, chain: "appchain", kinds: ["groupMessage"], groupId, after,
 * });
 */
export async function readEventPage({
  database,
  ...query
}: ReadEventPageParameters): Promise<EventPage> {
  const read = prepareEventPage(query);

  return await readSnapshot(database, read);
}

/**
 * Checks what is asked for before the database is.
 *
 * @returns what reads the page within a snapshot
 * @throws {XmtpError} what is wrong with the parameters of `readEventPage`
 */
export function prepareEventPage({
  chain,
  after,
  fromBlock = 0,
  finality = "latest",
  limit = DEFAULT_LIMIT,
  maxBytes = DEFAULT_MAX_BYTES,
  ...filter
}: Omit<ReadEventPageParameters, "database">): (queries: Queries) => Promise<EventPage> {
  parseInteger(limit, "limit", 1, MAX_PAGE_EVENTS);
  parseInteger(maxBytes, "maxBytes", 1);
  parseInteger(fromBlock, "fromBlock", 0);
  if (finality !== "latest" && finality !== "finalized") {
    throw libraryError("INVALID_OPTION", 'finality must be "latest" or "finalized"');
  }
  const wanted = parseEventFilter(chain, filter);
  const start = after === undefined ? { blockNumber: fromBlock, logIndex: -1 } : parseCursor(after);

  return async (queries) => {
    const resolved = await resolveCursor(queries, chain, start);
    if ("reorg" in resolved) {
      const { reorg } = resolved;
      return { events: [], cursor: reorg.cursor, reorg, isAtHead: false };
    }
    const { nextBlock, finalizedBlock } = resolved.head;
    const end = finality === "latest" ? nextBlock : Math.min(finalizedBlock + 1, nextBlock);
    const range = { after: resolved.position, before: firstPosition(end), limit, maxBytes };
    const { events, isComplete } = mergeRows(
      await readTables(queries, chain, wanted, range),
      range,
    );

    return { events, cursor: events.at(-1)?.cursor ?? start, isAtHead: isComplete };
  };
}

async function readTables(
  queries: Queries,
  chain: ChainName,
  wanted: ParsedFilter,
  range: Range,
): Promise<TableRows[]> {
  const tables: TableRows[] = [];
  for (const kind of ["groupMessage", "identityUpdate"] as const) {
    if (chain !== "appchain" || !(wanted.kinds?.has(kind) ?? true)) continue;
    tables.push(await readLog(queries, kind, wanted, range));
  }
  tables.push(await readContractRows(queries, chain, wanted, range));

  return tables;
}
