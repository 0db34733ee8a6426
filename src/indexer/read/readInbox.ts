import type { Hex } from "viem";

import { parseInboxId } from "../../inputs/parseIds.ts";
import type { Database, Queries } from "../database/database.ts";
import { toBytes } from "./bytes.ts";
import { readSnapshot } from "./readSnapshot.ts";

/** The rules know no limit, so there is one here. */
const MAX_MEMBERS = 1_000;
const MAX_REFUSED = 100;

export type IdentifierKind = "ethereum" | "installation" | "passkey";

/** A wallet, passkey or installation, as it is carried: the text of an address, or lowercase hex of a key. */
export interface Identifier {
  readonly kind: IdentifierKind;
  readonly identifier: string;
}

export interface InboxMember extends Identifier {
  /** Undefined for the one that created the inbox. */
  readonly addedBy: Identifier | undefined;
  /** When the client said it was added, in nanoseconds; undefined for the one that created the inbox. */
  readonly clientTimestampNs: bigint | undefined;
  /** Of a contract wallet. */
  readonly chainId: bigint | undefined;
  /** The update since which it has been a member without a break. */
  readonly sinceSequenceId: bigint;
}

export type RefusedOutcome = "rejected" | "undecided";

/** An update that changed nothing. */
export interface RefusedUpdate {
  readonly sequenceId: bigint;
  /** "undecided": a chain that has to be asked does not answer. */
  readonly outcome: RefusedOutcome;
  readonly error: string | undefined;
  readonly detail: string | undefined;
}

/** What the updates of an inbox have made of it. */
export interface Inbox {
  readonly inboxId: Hex;
  /** Whether an update has created it; without, it has no members and no recovery identifier. */
  readonly isCreated: boolean;
  /** By client timestamp, those without one last; then by kind and identifier. The first 1,000. */
  readonly members: readonly InboxMember[];
  readonly memberCount: number;
  readonly recovery: Identifier | undefined;
  readonly acceptedUpdates: number;
  readonly rejectedUpdates: number;
  /** Above zero, the inbox is shown as it was before the first of them. */
  readonly undecidedUpdates: number;
  /** Of the last accepted update. */
  readonly lastSequenceId: bigint | undefined;
  /** Rejected and undecided updates, newest first; the first 100. */
  readonly refused: readonly RefusedUpdate[];
  /** What is worth a look although the rules allow it. */
  readonly flags: readonly string[];
}

/**
 * Reads what an inbox is; undefined if no update was ever sent for it.
 *
 * @throws {XmtpError} `INVALID_INBOX_ID`, `NOT_INDEXED`, `DATABASE_UNREACHABLE`
 * @example
 * const inbox = await readInbox({ database, inboxId });
 * const wallets = inbox?.members.filter(({ kind }) => kind === "ethereum");
 */
export async function readInbox({
  database,
  inboxId: given,
}: {
  readonly database: Database;
  /** 32 bytes, with or without 0x. */
  readonly inboxId: Hex | string;
}): Promise<Inbox | undefined> {
  const inboxId = parseInboxId(given);
  const id = toBytes(inboxId);

  return await readSnapshot(database, async (queries) => {
    const [row] = await queries.query<InboxRow>("select * from inboxes where inbox_id = $1", [id]);
    if (row === undefined) return undefined;

    return {
      inboxId,
      isCreated: row.recovery_identifier !== null,
      members: await readMembers(queries, id),
      memberCount: Number(row.wallets + row.passkeys + row.installations),
      recovery: identifier(row.recovery_kind, row.recovery_identifier),
      acceptedUpdates: Number(row.accepted_updates),
      rejectedUpdates: Number(row.rejected_updates),
      undecidedUpdates: Number(row.undecided_updates),
      lastSequenceId: row.last_sequence_id ?? undefined,
      refused: await readRefused(queries, id),
      flags: await readFlags(queries, id),
    };
  });
}

interface InboxRow extends Record<string, unknown> {
  readonly recovery_kind: string | null;
  readonly recovery_identifier: string | null;
  readonly wallets: bigint;
  readonly passkeys: bigint;
  readonly installations: bigint;
  readonly accepted_updates: bigint;
  readonly rejected_updates: bigint;
  readonly undecided_updates: bigint;
  readonly last_sequence_id: bigint | null;
}

async function readMembers(queries: Queries, inboxId: Uint8Array): Promise<InboxMember[]> {
  const rows = await queries.query<{
    kind: string;
    identifier: string;
    added_by_kind: string | null;
    added_by: string | null;
    client_timestamp_ns: string | null;
    chain_id: string | null;
    since_sequence_id: bigint;
  }>(
    `select kind, identifier, added_by_kind, added_by, client_timestamp_ns, chain_id, since_sequence_id
       from inbox_members
      where inbox_id = $1 and to_position is null
      order by client_timestamp_ns nulls last, kind, identifier
      limit $2`,
    [inboxId, MAX_MEMBERS],
  );

  return rows.map((row) => ({
    kind: row.kind as IdentifierKind,
    identifier: row.identifier,
    addedBy: identifier(row.added_by_kind, row.added_by),
    clientTimestampNs:
      row.client_timestamp_ns === null ? undefined : BigInt(row.client_timestamp_ns),
    chainId: row.chain_id === null ? undefined : BigInt(row.chain_id),
    sinceSequenceId: row.since_sequence_id,
  }));
}

async function readRefused(queries: Queries, inboxId: Uint8Array): Promise<RefusedUpdate[]> {
  const rows = await queries.query<{
    sequence_id: bigint;
    outcome: RefusedOutcome;
    error: string | null;
    detail: string | null;
  }>(
    `select sequence_id, outcome, error, detail from identity_verdicts
      where inbox_id = $1 and outcome <> 'accepted' order by position desc limit $2`,
    [inboxId, MAX_REFUSED],
  );

  return rows.map(({ sequence_id, outcome, error, detail }) => ({
    sequenceId: sequence_id,
    outcome,
    error: error ?? undefined,
    detail: detail ?? undefined,
  }));
}

async function readFlags(queries: Queries, inboxId: Uint8Array): Promise<string[]> {
  const rows = await queries.query<{ flag: string }>(
    `select distinct unnest(flags) as flag from identity_verdicts where inbox_id = $1 order by flag`,
    [inboxId],
  );

  return rows.map(({ flag }) => flag);
}

function identifier(kind: string | null, text: string | null): Identifier | undefined {
  return kind === null || text === null
    ? undefined
    : { kind: kind as IdentifierKind, identifier: text };
}
