import type { Hex } from "viem";

import type { Cursor, IdentityUpdateEvent } from "../../events/eventSources.ts";
import type { Database, Queries } from "../database/database.ts";
import { positionOf } from "../store/position.ts";
import { prepareEventPage } from "./readEventPage.ts";
import { findPayload, requireSequenceId, type PayloadEvent } from "./readPayload.ts";
import { readSnapshot } from "./readSnapshot.ts";
import type { Reorg } from "./resolveCursor.ts";

/** What became of an update. "pending": nobody has looked at it yet. */
export type Outcome = "accepted" | "rejected" | "undecided" | "pending";

export interface Verdict {
  readonly outcome: Outcome;
  /** Why not, by name and in words. */
  readonly error: string | undefined;
  readonly detail: string | undefined;
  readonly flags: readonly string[];
}

export type JudgedUpdate = IdentityUpdateEvent & {
  readonly blockTimestamp: number;
  readonly verdict: Verdict;
};

/**
 * Reads a page of the updates of an inbox with what they mean; the rest is as in `readEventPage`.
 *
 * @throws {XmtpError} as `readEventPage`
 */
export async function readIdentityUpdates({
  database,
  inboxId,
  after,
  limit,
  maxBytes,
}: {
  readonly database: Database;
  readonly inboxId: Hex | string;
  readonly after?: Cursor | undefined;
  /** Up to 1,000. Default 100. */
  readonly limit?: number | undefined;
  readonly maxBytes?: number | undefined;
}): Promise<{
  readonly updates: readonly JudgedUpdate[];
  readonly cursor: Cursor;
  readonly reorg?: Reorg;
  readonly isAtHead: boolean;
}> {
  const read = prepareEventPage({
    chain: "appchain",
    kinds: ["identityUpdate"],
    inboxId,
    after,
    limit,
    maxBytes,
  });

  return await readSnapshot(database, async (queries) => {
    const { events, ...page } = await read(queries);
    const updates = await judge(
      queries,
      events.filter((event) => event.kind === "identityUpdate"),
    );
    return { ...page, updates };
  });
}

/**
 * Reads the update with a sequence id and what it means; undefined if there is none.
 *
 * @throws {XmtpError} `INVALID_OPTION`, `NOT_INDEXED`, `DATABASE_UNREACHABLE`
 */
export async function readIdentityUpdate({
  database,
  sequenceId,
}: {
  readonly database: Database;
  readonly sequenceId: bigint;
}): Promise<JudgedUpdate | undefined> {
  requireSequenceId(sequenceId);

  return await readSnapshot(database, async (queries) => {
    const update = await findPayload(queries, "identityUpdate", sequenceId);
    if (update?.kind !== "identityUpdate") return undefined;
    const [judged] = await judge(queries, [update]);
    return judged;
  });
}

const PENDING: Verdict = { outcome: "pending", error: undefined, detail: undefined, flags: [] };

type Update = Extract<PayloadEvent, { readonly kind: "identityUpdate" }>;

async function judge(queries: Queries, updates: readonly Update[]): Promise<JudgedUpdate[]> {
  const rows = await queries.query<{
    position: bigint;
    outcome: Outcome;
    error: string | null;
    detail: string | null;
    flags: string[];
  }>(
    "select position, outcome, error, detail, flags from identity_verdicts where position = any($1::bigint[])",
    [updates.map(({ cursor }) => positionOf(cursor.blockNumber, cursor.logIndex))],
  );
  const verdicts = new Map<number, Verdict>(
    rows.map(({ position, outcome, error, detail, flags }) => [
      Number(position),
      { outcome, error: error ?? undefined, detail: detail ?? undefined, flags },
    ]),
  );

  return updates.map((update) => {
    const { blockNumber, logIndex } = update.cursor;
    return { ...update, verdict: verdicts.get(positionOf(blockNumber, logIndex)) ?? PENDING };
  });
}
