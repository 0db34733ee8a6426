import { libraryError } from "../../errors/libraryErrors.ts";
import {
  GROUP_MESSAGES_ORIGINATOR,
  IDENTITY_UPDATES_ORIGINATOR,
} from "../../publisher/payloadKinds.ts";
import type { Database, Queries } from "../database/database.ts";
import type { IndexedEvent } from "./indexedEvents.ts";
import { logColumns, logTable, payloadEvent, type LogKind, type PayloadRow } from "./readRows.ts";
import { readSnapshot } from "./readSnapshot.ts";

export type PayloadEvent = Extract<
  IndexedEvent,
  { readonly kind: "groupMessage" | "identityUpdate" }
>;

const MAX_SEQUENCE_ID = 2n ** 63n - 1n;

/**
 * Reads the message with a sequence id; undefined if there is none.
 *
 * @throws {XmtpError} `INVALID_OPTION`, `NOT_INDEXED`, `DATABASE_UNREACHABLE`
 * @example
 * const update = await readPayload({ database, originator: IDENTITY_UPDATES_ORIGINATOR, sequenceId: 42n });
 */
export async function readPayload({
  database,
  originator,
  sequenceId,
}: {
  readonly database: Database;
  /** 0 for group messages, 1 for identity updates. */
  readonly originator: number;
  readonly sequenceId: bigint;
}): Promise<PayloadEvent | undefined> {
  if (originator !== GROUP_MESSAGES_ORIGINATOR && originator !== IDENTITY_UPDATES_ORIGINATOR) {
    throw libraryError("INVALID_OPTION", `the originator is ${originator}, it must be 0 or 1`);
  }
  const kind = originator === GROUP_MESSAGES_ORIGINATOR ? "groupMessage" : "identityUpdate";
  requireSequenceId(sequenceId);

  return await readSnapshot(database, (queries) => findPayload(queries, kind, sequenceId));
}

/** @throws {XmtpError} `INVALID_OPTION` */
export function requireSequenceId(sequenceId: bigint): void {
  if (typeof sequenceId !== "bigint" || sequenceId < 0n || sequenceId > MAX_SEQUENCE_ID) {
    throw libraryError("INVALID_OPTION", "a sequence id is a bigint from 0 to 2^63 - 1");
  }
}

/** Finds what a log has under a sequence id. */
export async function findPayload(
  queries: Queries,
  kind: LogKind,
  sequenceId: bigint,
): Promise<PayloadEvent | undefined> {
  const [row] = await queries.query<PayloadRow>(
    `select found.*, b.hash as block_hash, b.timestamp as block_timestamp
       from (
         select ${logColumns(kind)} from ${logTable(kind)}
          where sequence_id = $1 order by position limit 1
       ) found
       left join blocks b on b.chain = 'appchain' and b.number = found.position >> 20`,
    [sequenceId],
  );

  return row === undefined ? undefined : (payloadEvent(kind, row).event as PayloadEvent);
}
