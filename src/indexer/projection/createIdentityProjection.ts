import { createHash } from "node:crypto";
import { setImmediate as breathe } from "node:timers/promises";

import { pauseAfterFailure } from "../../chain/pauseAfterFailure.ts";
import type { Database, Queries } from "../database/database.ts";
import { settle } from "../identity/evaluateUpdate.ts";
import { memberKey } from "../identity/identifiers.ts";
import type { ContractWalletVerifier } from "../identity/signatures/contractWallet.ts";
import type { Rejection } from "../identity/RejectedUpdate.ts";
import {
  verifyUpdate,
  type UndecidedUpdate,
  type VerifiedUpdate,
} from "../identity/verifyUpdate.ts";
import { CHANNEL } from "../store/progress.ts";
import {
  createIdentityChanges,
  NO_INBOX,
  readInboxes,
  readSeen,
  signatureKey,
  type IdentityChanges,
  type StoredInbox,
  type Verdict,
} from "./identityRows.ts";

const NAME = "identity";
const BATCH = 500;
/** Signatures are checked on the thread that follows the chains: between so many updates, others have their turn. */
const BREATH = 4;
/** Inboxes whose state is kept in memory. */
const CACHE = 20_000;

export interface IdentityProjectionParameters {
  readonly database: Database;
  readonly verifyContractWallet: ContractWalletVerifier;
  readonly signal: AbortSignal;
  /** Milliseconds until the chains are asked again for what could not be decided. */
  readonly retryMs: number;
  /** Updates were decided. */
  readonly onDecided: (updates: number) => void;
  readonly onFailure: (error: unknown) => void;
}

export interface IdentityProjection {
  /** There may be new updates, or fewer. */
  wake(): void;
  /** Decides updates in the order of the chain until the signal aborts. */
  run(): Promise<void>;
  /** Decides what there is, once. */
  decideAll(): Promise<void>;
  /** Looks again at the inboxes that wait for an answer, once. */
  retryWaiting(): Promise<void>;
}

interface StoredUpdate {
  readonly position: bigint;
  readonly sequenceId: bigint;
  readonly inboxId: string;
  readonly bytes: Uint8Array;
}

interface Batch {
  readonly updates: StoredUpdate[];
  /** The position of the last update before. */
  readonly after: bigint;
  readonly reorgs: bigint;
}

type Verification = VerifiedUpdate | UndecidedUpdate | Rejection;

/** A reorganisation came in between: what was read is no longer what is stored. */
class OvertakenError extends Error {}

/**
 * Decides what identity updates mean, behind the log they come from: signatures are checked outside of any transaction,
 * and verdicts, members and progress are written in one.
 */
export function createIdentityProjection({
  database,
  verifyContractWallet,
  signal,
  retryMs,
  onDecided,
  onFailure,
}: IdentityProjectionParameters): IdentityProjection {
  const cache = new Map<string, StoredInbox>();
  /** The highest sequence id that was not rejected; nodes drop updates that do not exceed it. */
  let highest: bigint | undefined;
  /** Reorganisations that the cache knows of. */
  let knownReorgs = -1n;
  let isAwake = true;
  let wake = (): void => undefined;
  let nextRetry = 0;

  const forget = (): void => {
    cache.clear();
    highest = undefined;
  };

  /** What comes next, with how many reorganisations there were when it was read. */
  const readBatch = async (): Promise<Batch> =>
    await database.transaction(
      async (tx) => {
        const [chain] = await tx.query<{ reorgs: bigint }>(
          "select reorgs from chains where name = 'appchain'",
        );
        const [progress] = await tx.query<{ position: bigint }>(
          "select position from projections where name = $1",
          [NAME],
        );
        const after = progress?.position ?? -1n;
        const rows = await tx.query<UpdateRow>(
          `select position, sequence_id, encode(inbox_id, 'hex') as inbox_id, update from identity_updates
            where position > $1 order by position limit $2`,
          [after, BATCH],
        );
        return { updates: rows.map(toUpdate), after, reorgs: chain?.reorgs ?? 0n };
      },
      { isSnapshot: true },
    );

  const verify = async (updates: readonly StoredUpdate[]): Promise<Verification[]> => {
    const verifications: Verification[] = [];
    for (const [index, { bytes, inboxId }] of updates.entries()) {
      if (index % BREATH === 0) await breathe();
      if (signal.aborted) throw new OvertakenError();
      verifications.push(await verifyUpdate(bytes, `0x${inboxId}`, verifyContractWallet));
    }
    return verifications;
  };

  const load = async (updates: readonly StoredUpdate[]): Promise<void> => {
    const unknown = [...new Set(updates.map(({ inboxId }) => inboxId))].filter(
      (inboxId) => !cache.has(inboxId),
    );
    if (cache.size + unknown.length > CACHE) cache.clear();
    const missing = updates.map(({ inboxId }) => inboxId).filter((id) => !cache.has(id));
    const stored = await readInboxes(database, [...new Set(missing)]);
    for (const inboxId of missing) cache.set(inboxId, stored.get(inboxId) ?? NO_INBOX);
    highest ??= await readHighest(database);
  };

  /** Decides updates in order, in memory. */
  const decide = async (
    updates: readonly StoredUpdate[],
    verifications: readonly Verification[],
    isRetry: boolean,
  ): Promise<IdentityChanges> => {
    const changes = createIdentityChanges();
    const digests = verifications.map(digestsOf);
    const seen = await readSeen(
      database,
      updates.flatMap(({ inboxId }, index) =>
        (digests[index] ?? []).map((digest) => ({ inboxId, digest })),
      ),
    );
    const stopped = new Set<string>();

    for (const [index, update] of updates.entries()) {
      const verification = verifications[index];
      if (verification === undefined) continue;
      const inbox = cache.get(update.inboxId) ?? NO_INBOX;
      const isStopped = stopped.has(update.inboxId) || (inbox.isWaiting && !isRetry);
      const outcome = evaluate(update, verification, inbox, isStopped, isRetry, (raw) =>
        seen.has(signatureKey(update.inboxId, digestOf(raw))),
      );
      changes.verdict(verdictOf(update, outcome));

      if (outcome.outcome === "undecided") {
        stopped.add(update.inboxId);
        cache.set(update.inboxId, { ...inbox, isWaiting: true });
      }
      if (outcome.outcome === "accepted") {
        for (const raw of outcome.addedSeen) {
          const digest = digestOf(raw);
          seen.add(signatureKey(update.inboxId, digest));
          changes.signature(update.inboxId, update.position, digest);
        }
        cache.set(update.inboxId, accept(update, inbox, outcome, changes));
      }
      if (outcome.outcome !== "rejected" && update.sequenceId > (highest ?? 0n)) {
        highest = update.sequenceId;
      }
    }

    return changes;
  };

  const evaluate = (
    update: StoredUpdate,
    verification: Verification,
    { state }: StoredInbox,
    isStopped: boolean,
    isRetry: boolean,
    isSeen: (raw: Uint8Array) => boolean,
  ): ReturnType<typeof settle> | OutOfOrder => {
    if (verification.outcome === "rejected") return verification;
    if (!isRetry && update.sequenceId <= (highest ?? 0n)) {
      const detail = `update ${highest} came before`;
      return { outcome: "rejected", error: "OutOfOrder", detail };
    }
    if (isStopped) {
      return { outcome: "undecided", detail: "waits for an earlier update of this inbox" };
    }
    const { rawSignatures } =
      verification.outcome === "verified" ? verification : verification.ifValid;
    return settle(state, verification, rawSignatures.map(isSeen));
  };

  const write = async (
    changes: IdentityChanges,
    reorgs: bigint,
    progress?: { readonly from: bigint; readonly to: bigint },
  ): Promise<void> => {
    await database.transaction(async (tx) => {
      const [chain] = await tx.query<{ reorgs: bigint }>(
        "select reorgs from chains where name = 'appchain' for share",
      );
      if (chain?.reorgs !== reorgs) throw new OvertakenError();
      if (progress !== undefined) {
        const moved = await tx.query(
          `insert into projections as p (name, position) values ($1, $2)
               on conflict (name) do update set position = excluded.position where p.position = $3
        returning 1`,
          [NAME, progress.to, progress.from],
        );
        if (moved.length !== 1) throw new OvertakenError();
      }
      await changes.write(tx);
      const notice = { chain: "appchain", projection: NAME, reorgs: String(reorgs) };
      await tx.query("select pg_notify($1, $2)", [CHANNEL, JSON.stringify(notice)]);
    });
  };

  /** False when there is nothing left to do. */
  const step = async (): Promise<boolean> => {
    const { updates, after, reorgs } = await readBatch();
    const last = updates.at(-1);
    if (last === undefined) return false;
    if (reorgs !== knownReorgs) forget();
    knownReorgs = reorgs;
    const verifications = await verify(updates);
    await load(updates);
    const changes = await decide(updates, verifications, false);
    await write(changes, reorgs, { from: after, to: last.position });
    onDecided(updates.length);

    return updates.length === BATCH;
  };

  /** Asks again for inboxes that wait, one by one. */
  const retryWaiting = async (): Promise<void> => {
    const waiting = await database.query<{ inbox_id: string }>(
      "select distinct encode(inbox_id, 'hex') as inbox_id from identity_verdicts where outcome = 'undecided'",
    );
    for (const { inbox_id: inboxId } of waiting) {
      if (signal.aborted) return;
      const [chain] = await database.query<{ reorgs: bigint }>(
        "select reorgs from chains where name = 'appchain'",
      );
      const rows = await database.query<UpdateRow>(
        `select u.position, u.sequence_id, encode(u.inbox_id, 'hex') as inbox_id, u.update
           from identity_verdicts v join identity_updates u using (position)
          where v.inbox_id = decode($1, 'hex') and v.outcome = 'undecided' order by u.position limit $2`,
        [inboxId, BATCH],
      );
      const updates = rows.map(toUpdate);
      const verifications = await verify(updates);
      if (verifications[0]?.outcome === "undecided") continue;
      cache.delete(inboxId);
      await load(updates);
      const changes = await decide(updates, verifications, true);
      cache.delete(inboxId);
      await write(changes, chain?.reorgs ?? 0n);
      onDecided(updates.length);
    }
  };

  const decideAll = async (): Promise<void> => {
    while (!signal.aborted && (await step()));
  };

  return {
    decideAll,
    retryWaiting,
    wake: () => {
      isAwake = true;
      wake();
    },
    run: async () => {
      let failures = 0;
      signal.addEventListener("abort", () => wake());
      while (!signal.aborted) {
        isAwake = false;
        try {
          await decideAll();
          if (performance.now() >= nextRetry) {
            await retryWaiting();
            nextRetry = performance.now() + retryMs;
          }
          failures = 0;
        } catch (error) {
          forget();
          if (signal.aborted) return;
          failures += 1;
          if (!(error instanceof OvertakenError)) onFailure(error);
          await pauseAfterFailure(failures, signal);
          continue;
        }
        if (isAwake || signal.aborted) continue;
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, retryMs);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
    },
  };
}

interface UpdateRow extends Record<string, unknown> {
  readonly position: bigint;
  readonly sequence_id: bigint;
  readonly inbox_id: string;
  readonly update: Uint8Array;
}

interface OutOfOrder {
  readonly outcome: "rejected";
  /** Production's nodes drop an update that does not exceed every one before it; a bootstrap may send such. */
  readonly error: "OutOfOrder";
  readonly detail: string;
}

function toUpdate({ position, sequence_id, inbox_id, update }: UpdateRow): StoredUpdate {
  return { position, sequenceId: sequence_id, inboxId: inbox_id, bytes: update };
}

function digestsOf(verification: Verification): string[] {
  if (verification.outcome === "rejected") return [];
  const { rawSignatures } =
    verification.outcome === "verified" ? verification : verification.ifValid;

  return rawSignatures.map(digestOf);
}

function digestOf(raw: Uint8Array): string {
  return createHash("sha256").update(raw).digest("hex");
}

function verdictOf(
  { position, sequenceId, inboxId }: StoredUpdate,
  outcome: ReturnType<typeof settle> | OutOfOrder,
): Verdict {
  return {
    position,
    sequenceId,
    inboxId,
    outcome: outcome.outcome,
    error: outcome.outcome === "rejected" ? outcome.error : null,
    detail: outcome.outcome === "accepted" ? null : outcome.detail,
    flags: outcome.outcome === "accepted" ? outcome.flags : [],
  };
}

/** Notes what an accepted update changes, and returns the inbox after it. */
function accept(
  { position, sequenceId, inboxId }: StoredUpdate,
  before: StoredInbox,
  { state, members }: Extract<ReturnType<typeof settle>, { outcome: "accepted" }>,
  changes: IdentityChanges,
): StoredInbox {
  const since = new Map(before.since);
  for (const { identifier } of members.removed) {
    since.delete(memberKey(identifier));
    changes.closed(inboxId, identifier, position, sequenceId);
  }
  for (const { identifier } of members.changed) changes.closed(inboxId, identifier, position, null);
  for (const member of [...members.added, ...members.changed]) {
    const key = memberKey(member.identifier);
    const sinceSequenceId = since.get(key) ?? sequenceId;
    since.set(key, sinceSequenceId);
    changes.opened({ inboxId, member, fromPosition: position, sinceSequenceId });
  }
  const { recovery } = state;
  const former = before.state?.recovery;
  if (former?.kind !== recovery.kind || former.value !== recovery.value) {
    changes.recovery(inboxId, position, recovery);
  }

  return { state, since, isWaiting: false };
}

async function readHighest(queries: Queries): Promise<bigint> {
  const [row] = await queries.query<{ sequence_id: bigint }>(
    "select sequence_id from identity_verdicts where outcome <> 'rejected' order by position desc limit 1",
  );

  return row?.sequence_id ?? 0n;
}
