import type { Queries, Transaction } from "../database/database.ts";
import { memberKey } from "../identity/identifiers.ts";
import type { Identifier, InboxState, Member } from "../identity/types.ts";
import { escapeText, unescapeText } from "../store/escapeText.ts";

/** An inbox as the tables have it. */
export interface StoredInbox {
  readonly state: InboxState | undefined;
  /** By member: the sequence id since which it has been one without a break. */
  readonly since: ReadonlyMap<string, bigint>;
  /** Whether an update of it waits for an answer: then all later ones wait too. */
  readonly isWaiting: boolean;
}

export const NO_INBOX: StoredInbox = { state: undefined, since: new Map(), isWaiting: false };

/** What became of an update. */
export interface Verdict {
  readonly position: bigint;
  readonly sequenceId: bigint;
  /** 64 characters of lowercase hex. */
  readonly inboxId: string;
  readonly outcome: "accepted" | "rejected" | "undecided";
  readonly error: string | null;
  readonly detail: string | null;
  readonly flags: readonly string[];
}

interface MemberRow {
  readonly inboxId: string;
  readonly member: Member;
  readonly fromPosition: bigint;
  readonly sinceSequenceId: bigint;
  toPosition: bigint | null;
  untilSequenceId: bigint | null;
}

/** Reads inboxes by their ids; one that does not exist is missing. */
export async function readInboxes(
  queries: Queries,
  inboxIds: readonly string[],
): Promise<Map<string, StoredInbox>> {
  const parameters = [inboxIds];
  const wanted = "select decode(id, 'hex') from unnest($1::text[]) as id";
  const members = await queries.query<{
    inbox_id: string;
    kind: Identifier["kind"];
    identifier: string;
    since_sequence_id: bigint;
    added_by_kind: Identifier["kind"] | null;
    added_by: string | null;
    client_timestamp_ns: string | null;
    chain_id: string | null;
  }>(
    `select encode(inbox_id, 'hex') as inbox_id, kind, identifier, since_sequence_id, added_by_kind, added_by,
            client_timestamp_ns::text, chain_id::text
       from inbox_members where inbox_id in (${wanted}) and to_position is null
      order by since_sequence_id, kind, identifier`,
    parameters,
  );
  const recoveries = await queries.query<{
    inbox_id: string;
    kind: Identifier["kind"];
    identifier: string;
  }>(
    `select distinct on (inbox_id) encode(inbox_id, 'hex') as inbox_id, kind, identifier
       from inbox_recoveries where inbox_id in (${wanted}) order by inbox_id, from_position desc`,
    parameters,
  );
  const waiting = await queries.query<{ inbox_id: string }>(
    `select distinct encode(inbox_id, 'hex') as inbox_id from identity_verdicts
      where outcome = 'undecided' and inbox_id in (${wanted})`,
    parameters,
  );

  const isWaiting = new Set(waiting.map(({ inbox_id }) => inbox_id));
  const inboxes = new Map<string, StoredInbox>();
  for (const { inbox_id, kind, identifier } of recoveries) {
    const own = members.filter((row) => row.inbox_id === inbox_id);
    inboxes.set(inbox_id, {
      state: {
        inboxId: inbox_id,
        recovery: { kind, value: unescapeText(identifier) },
        members: own.map((row) => ({
          identifier: { kind: row.kind, value: row.identifier },
          ...(row.added_by_kind !== null &&
            row.added_by !== null && { addedBy: { kind: row.added_by_kind, value: row.added_by } }),
          ...(row.client_timestamp_ns !== null && {
            clientTimestampNs: BigInt(row.client_timestamp_ns),
          }),
          ...(row.chain_id !== null && { chainId: BigInt(row.chain_id) }),
        })),
      },
      since: new Map(
        own.map((row) => [
          memberKey({ kind: row.kind, value: row.identifier }),
          row.since_sequence_id,
        ]),
      ),
      isWaiting: isWaiting.has(inbox_id),
    });
  }
  for (const inboxId of isWaiting) {
    if (!inboxes.has(inboxId)) inboxes.set(inboxId, { ...NO_INBOX, isWaiting: true });
  }

  return inboxes;
}

/** Which of these signatures inboxes have seen: keys as `signatureKey` makes them. */
export async function readSeen(
  queries: Queries,
  signatures: readonly { readonly inboxId: string; readonly digest: string }[],
): Promise<Set<string>> {
  if (signatures.length === 0) return new Set();
  const rows = await queries.query<{ inbox_id: string; digest: string }>(
    `select encode(s.inbox_id, 'hex') as inbox_id, encode(s.digest, 'hex') as digest
       from unnest($1::text[], $2::text[]) as wanted (inbox_id, digest)
       join inbox_signatures s
         on s.inbox_id = decode(wanted.inbox_id, 'hex') and s.digest = decode(wanted.digest, 'hex')`,
    [signatures.map(({ inboxId }) => inboxId), signatures.map(({ digest }) => digest)],
  );

  return new Set(rows.map(({ inbox_id, digest }) => signatureKey(inbox_id, digest)));
}

export function signatureKey(inboxId: string, digest: string): string {
  return `${inboxId}:${digest}`;
}

/** Collects what a batch of updates changes, and writes it. */
export interface IdentityChanges {
  verdict(verdict: Verdict): void;
  /** A member came, or came again with another parent, time or chain. */
  opened(row: Omit<MemberRow, "toPosition" | "untilSequenceId">): void;
  /** A member went, or was replaced by itself: then `untilSequenceId` is null. */
  closed(
    inboxId: string,
    identifier: Identifier,
    toPosition: bigint,
    untilSequenceId: bigint | null,
  ): void;
  recovery(inboxId: string, position: bigint, recovery: Identifier): void;
  signature(inboxId: string, position: bigint, digest: string): void;
  write(tx: Transaction): Promise<void>;
}

export function createIdentityChanges(): IdentityChanges {
  const verdicts: Verdict[] = [];
  const opened: MemberRow[] = [];
  const openedBy = new Map<string, MemberRow>();
  const closed: {
    inboxId: string;
    identifier: Identifier;
    toPosition: bigint;
    untilSequenceId: bigint | null;
  }[] = [];
  const recoveries: { inboxId: string; position: bigint; recovery: Identifier }[] = [];
  const signatures: { inboxId: string; position: bigint; digest: string }[] = [];
  const keyOf = (inboxId: string, identifier: Identifier): string =>
    `${inboxId}:${memberKey(identifier)}`;

  return {
    verdict: (verdict) => void verdicts.push(verdict),
    opened: (fields) => {
      const row = { ...fields, toPosition: null, untilSequenceId: null };
      opened.push(row);
      openedBy.set(keyOf(row.inboxId, row.member.identifier), row);
    },
    closed: (inboxId, identifier, toPosition, untilSequenceId) => {
      const key = keyOf(inboxId, identifier);
      const row = openedBy.get(key);
      openedBy.delete(key);
      if (row === undefined) {
        closed.push({ inboxId, identifier, toPosition, untilSequenceId });
        return;
      }
      row.toPosition = toPosition;
      row.untilSequenceId = untilSequenceId;
    },
    recovery: (inboxId, position, recovery) => {
      recoveries.push({ inboxId, position, recovery });
    },
    signature: (inboxId, position, digest) => void signatures.push({ inboxId, position, digest }),
    write: async (tx) => {
      await insert(
        tx,
        verdicts.map(({ position, sequenceId, inboxId, outcome, error, detail, flags }) => ({
          position: String(position),
          sequence_id: String(sequenceId),
          inbox_id: inboxId,
          outcome,
          error,
          detail: detail === null ? null : escapeText(detail.slice(0, MAX_DETAIL)),
          flags,
        })),
        `insert into identity_verdicts (position, sequence_id, inbox_id, outcome, error, detail, flags)
         select position, sequence_id, decode(inbox_id, 'hex'), outcome, error, detail, flags
           from jsonb_to_recordset($1::jsonb) as r (position bigint, sequence_id bigint, inbox_id text, outcome text,
                error text, detail text, flags text[])
             on conflict (position) do update
                set outcome = excluded.outcome, error = excluded.error, detail = excluded.detail, flags = excluded.flags`,
      );
      await insert(
        tx,
        closed.map(({ inboxId, identifier, toPosition, untilSequenceId }) => ({
          inbox_id: inboxId,
          kind: identifier.kind,
          identifier: identifier.value,
          to_position: String(toPosition),
          until_sequence_id: untilSequenceId === null ? null : String(untilSequenceId),
        })),
        `update inbox_members m set to_position = r.to_position, until_sequence_id = r.until_sequence_id
           from jsonb_to_recordset($1::jsonb) as r (inbox_id text, kind text, identifier text, to_position bigint,
                until_sequence_id bigint)
          where m.inbox_id = decode(r.inbox_id, 'hex') and m.kind = r.kind and m.identifier = r.identifier
            and m.to_position is null`,
      );
      await insert(
        tx,
        opened.map(({ inboxId, member, ...row }) => ({
          inbox_id: inboxId,
          kind: member.identifier.kind,
          identifier: member.identifier.value,
          from_position: String(row.fromPosition),
          to_position: row.toPosition === null ? null : String(row.toPosition),
          since_sequence_id: String(row.sinceSequenceId),
          until_sequence_id: row.untilSequenceId === null ? null : String(row.untilSequenceId),
          added_by_kind: member.addedBy?.kind ?? null,
          added_by: member.addedBy?.value ?? null,
          client_timestamp_ns: member.clientTimestampNs?.toString() ?? null,
          chain_id: member.chainId?.toString() ?? null,
        })),
        `insert into inbox_members (inbox_id, kind, identifier, from_position, to_position, since_sequence_id,
                until_sequence_id, added_by_kind, added_by, client_timestamp_ns, chain_id)
         select decode(inbox_id, 'hex'), kind, identifier, from_position, to_position, since_sequence_id,
                until_sequence_id, added_by_kind, added_by, client_timestamp_ns, chain_id
           from jsonb_to_recordset($1::jsonb) as r (inbox_id text, kind text, identifier text, from_position bigint,
                to_position bigint, since_sequence_id bigint, until_sequence_id bigint, added_by_kind text, added_by text,
                client_timestamp_ns numeric, chain_id numeric)`,
      );
      await insert(
        tx,
        recoveries.map(({ inboxId, position, recovery }) => ({
          inbox_id: inboxId,
          from_position: String(position),
          kind: recovery.kind,
          identifier: escapeText(recovery.value),
        })),
        `insert into inbox_recoveries (inbox_id, from_position, kind, identifier)
         select decode(inbox_id, 'hex'), from_position, kind, identifier
           from jsonb_to_recordset($1::jsonb) as r (inbox_id text, from_position bigint, kind text, identifier text)`,
      );
      await insert(
        tx,
        signatures.map(({ inboxId, position, digest }) => ({
          inbox_id: inboxId,
          digest,
          position: String(position),
        })),
        `insert into inbox_signatures (inbox_id, digest, position)
         select decode(inbox_id, 'hex'), decode(digest, 'hex'), position
           from jsonb_to_recordset($1::jsonb) as r (inbox_id text, digest text, position bigint)`,
      );
    },
  };
}

/** An explanation may quote what an update carries, which may be as long as the update. */
const MAX_DETAIL = 500;

async function insert(tx: Transaction, rows: readonly object[], sql: string): Promise<void> {
  if (rows.length > 0) await tx.query(sql, [JSON.stringify(rows)]);
}
