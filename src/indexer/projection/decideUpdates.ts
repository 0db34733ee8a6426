import { createHash } from "node:crypto";

import { settle } from "../identity/evaluateUpdate.ts";
import { memberKey } from "../identity/identifiers.ts";
import type { Rejection } from "../identity/RejectedUpdate.ts";
import type { UndecidedUpdate, VerifiedUpdate } from "../identity/verifyUpdate.ts";
import {
  createIdentityChanges,
  NO_INBOX,
  signatureKey,
  type IdentityChanges,
  type StoredInbox,
  type Verdict,
} from "./identityRows.ts";

/** An update as the log has it. */
export interface StoredUpdate {
  readonly position: bigint;
  readonly sequenceId: bigint;
  /** 64 characters of lowercase hex. */
  readonly inboxId: string;
  readonly bytes: Uint8Array;
}

/** What `verifyUpdate` says of it. */
export type Verification = VerifiedUpdate | UndecidedUpdate | Rejection;

type Outcome =
  | ReturnType<typeof settle>
  | {
      readonly outcome: "rejected";
      /** Production's nodes drop an update that does not exceed every one before it; a bootstrap may send such. */
      readonly error: "OutOfOrder";
      readonly detail: string;
    };

/** Decides verified updates in the order of the log, in memory. */
export function decideUpdates({
  updates,
  verifications,
  inboxes,
  seen,
  highest,
  isRetry,
}: {
  readonly updates: readonly StoredUpdate[];
  /** One for each update. */
  readonly verifications: readonly Verification[];
  /** All that the updates are of; they are brought up to date. */
  readonly inboxes: Map<string, StoredInbox>;
  /** Those of the updates' signatures that were seen before; the accepted ones are added. */
  readonly seen: Set<string>;
  /** The highest sequence id that was not rejected before. */
  readonly highest: bigint;
  /** Whether these have waited: then their order was looked at before. */
  readonly isRetry: boolean;
}): { readonly changes: IdentityChanges; readonly highest: bigint } {
  const changes = createIdentityChanges();
  /** Inboxes with an update among these that waits; all later ones do too. */
  const stopped = new Set<string>();
  let passed = highest;

  for (const [index, update] of updates.entries()) {
    const verification = verifications[index];
    if (verification === undefined) throw new Error(`update ${update.sequenceId} is not verified`);
    const { inboxId, position, sequenceId } = update;
    const inbox = inboxes.get(inboxId) ?? NO_INBOX;
    const outcome = decide(verification, {
      inbox,
      isInOrder: isRetry || sequenceId > passed,
      isStopped: stopped.has(inboxId) || (inbox.isWaiting && !isRetry),
      isSeen: (raw) => seen.has(signatureKey(inboxId, digestOf(raw))),
    });
    changes.verdict(verdictOf(update, outcome));
    if (outcome.outcome === "rejected") continue;
    if (sequenceId > passed) passed = sequenceId;

    if (outcome.outcome === "undecided") {
      stopped.add(inboxId);
      inboxes.set(inboxId, { ...inbox, isWaiting: true });
      continue;
    }
    for (const digest of outcome.addedSeen.map(digestOf)) {
      seen.add(signatureKey(inboxId, digest));
      changes.signature(inboxId, position, digest);
    }
    inboxes.set(inboxId, accept(update, inbox, outcome, changes));
  }

  return { changes, highest: passed };
}

/** What is kept of the raw signatures of an update: none of one that was rejected for good. */
export function digestsOf(verification: Verification | undefined): string[] {
  if (verification === undefined || verification.outcome === "rejected") return [];

  return rawSignaturesOf(verification).map(digestOf);
}

function decide(
  verification: Verification,
  {
    inbox,
    isInOrder,
    isStopped,
    isSeen,
  }: {
    readonly inbox: StoredInbox;
    readonly isInOrder: boolean;
    readonly isStopped: boolean;
    readonly isSeen: (raw: Uint8Array) => boolean;
  },
): Outcome {
  if (verification.outcome === "rejected") return verification;
  if (!isInOrder) {
    return {
      outcome: "rejected",
      error: "OutOfOrder",
      detail: "an update with a higher sequence id came before",
    };
  }
  if (isStopped) {
    return { outcome: "undecided", detail: "waits for an earlier update of this inbox" };
  }

  return settle(inbox.state, verification, rawSignaturesOf(verification).map(isSeen));
}

function rawSignaturesOf(verification: VerifiedUpdate | UndecidedUpdate): readonly Uint8Array[] {
  return (verification.outcome === "verified" ? verification : verification.ifValid).rawSignatures;
}

function digestOf(raw: Uint8Array): string {
  return createHash("sha256").update(raw).digest("hex");
}

function verdictOf({ position, sequenceId, inboxId }: StoredUpdate, outcome: Outcome): Verdict {
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
