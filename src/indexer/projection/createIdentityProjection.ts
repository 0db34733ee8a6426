import { setImmediate as breathe } from "node:timers/promises";

import { pauseAfterFailure } from "../../chain/pauseAfterFailure.ts";
import type { Database, Queries } from "../database/database.ts";
import type { ContractWalletVerifier } from "../identity/signatures/contractWallet.ts";
import { verifyUpdate } from "../identity/verifyUpdate.ts";
import { CHANNEL } from "../store/progress.ts";
import { decideUpdates, digestsOf, type StoredUpdate, type Verification } from "./decideUpdates.ts";
import {
  NO_INBOX,
  readInboxes,
  readSeen,
  type IdentityChanges,
  type StoredInbox,
} from "./identityRows.ts";

const NAME = "identity";
const BATCH = 500;
/** Signatures are checked on the thread that follows the chains: between so many updates, others have their turn. */
const BREATH = 4;
/** Waiting inboxes that are looked at in one round: strangers can make as many as they pay for. */
const WAITING = 100;
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

interface Batch {
  readonly updates: StoredUpdate[];
  /** The position of the last update before. */
  readonly after: bigint;
  readonly reorgs: bigint;
}

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
    const wanted = [...new Set(updates.map(({ inboxId }) => inboxId))];
    if (cache.size + wanted.filter((id) => !cache.has(id)).length > CACHE) cache.clear();
    const missing = wanted.filter((id) => !cache.has(id));
    const stored = await readInboxes(database, missing);
    for (const inboxId of missing) cache.set(inboxId, stored.get(inboxId) ?? NO_INBOX);
    highest ??= await readHighest(database);
  };

  const decide = async (
    updates: readonly StoredUpdate[],
    verifications: readonly Verification[],
    isRetry: boolean,
  ): Promise<IdentityChanges> => {
    const signatures = updates.flatMap(({ inboxId }, index) =>
      digestsOf(verifications[index]).map((digest) => ({ inboxId, digest })),
    );
    const seen = await readSeen(database, signatures);
    const decided = decideUpdates({
      ...{ updates, verifications, seen, isRetry },
      inboxes: cache,
      highest: highest ?? 0n,
    });
    highest = decided.highest;

    return decided.changes;
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
      `select encode(inbox_id, 'hex') as inbox_id from identity_verdicts where outcome = 'undecided'
        group by inbox_id order by random() limit $1`,
      [WAITING],
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

function toUpdate({ position, sequence_id, inbox_id, update }: UpdateRow): StoredUpdate {
  return { position, sequenceId: sequence_id, inboxId: inbox_id, bytes: update };
}

async function readHighest(queries: Queries): Promise<bigint> {
  const [row] = await queries.query<{ sequence_id: bigint }>(
    "select sequence_id from identity_verdicts where outcome <> 'rejected' order by position desc limit 1",
  );

  return row?.sequence_id ?? 0n;
}
