import { createMembership, type Membership } from "./createMembership.ts";
import { canSign, isSameIdentifier, memberKey, toHex } from "./identifiers.ts";
import { memberChanges, type MemberChanges } from "./memberChanges.ts";
import { orRejection, RejectedUpdate, type Rejection } from "./RejectedUpdate.ts";
import type { IdentityFlag, InboxState } from "./types.ts";
import type { VerifiedUpdate } from "./verifyUpdate.ts";

export interface Acceptance {
  readonly outcome: "accepted";
  readonly state: InboxState;
  /** Raw signatures to keep for this inbox. */
  readonly addedSeen: readonly Uint8Array[];
  readonly members: MemberChanges;
  readonly flags: readonly IdentityFlag[];
}

/**
 * Applies an update to an inbox, as a whole or not at all. The state that is passed stays as it is.
 *
 * @param state undefined before the update that creates the inbox
 * @param seenFlags for each of the update's raw signatures, whether an earlier accepted update of the inbox had it
 */
export function applyVerified(
  state: InboxState | undefined,
  verified: VerifiedUpdate,
  seenFlags: readonly boolean[],
): Acceptance | Rejection {
  return orRejection(() => {
    const { update, rawSignatures } = verified;
    const seen = new Set(rawSignatures.filter((_, index) => seenFlags[index]).map(toHex));
    const membership = createMembership({
      state,
      clientTimestampNs: update.clientTimestampNs,
      isSeen: (raw) => seen.has(toHex(raw)),
    });
    for (const action of update.actions) membership.perform(action);

    const after = stateOf(membership, update.inboxId);
    const before = new Map(state?.members.map((member) => [memberKey(member.identifier), member]));
    return {
      outcome: "accepted",
      state: after,
      addedSeen: rawSignatures.filter((raw) => !seen.has(toHex(raw))),
      members: memberChanges(before, membership.members),
      flags: flagsOf(state, after, verified),
    };
  });
}

function stateOf({ inbox, members }: Membership, inboxId: string): InboxState {
  const created = inbox();
  if (created === undefined) throw new RejectedUpdate("NotCreated", "the inbox does not exist yet");
  if (created.inboxId !== inboxId) {
    throw new RejectedUpdate("WrongInboxId", `the update creates the inbox ${created.inboxId}`);
  }

  return { ...created, members: [...members.values()] };
}

function flagsOf(
  before: InboxState | undefined,
  after: InboxState,
  { update: { actions }, hasOwnTopic }: VerifiedUpdate,
): IdentityFlag[] {
  const signatures = actions.flatMap((action) =>
    action.kind === "addMember"
      ? [action.existingSignature, action.newSignature]
      : [action.signature],
  );
  const changesRecovery =
    before === undefined || !isSameIdentifier(before.recovery, after.recovery);
  const flags: readonly [IdentityFlag, boolean][] = [
    ["aad-topic-differs", !hasOwnTopic],
    ["no-actions", actions.length === 0],
    [
      "malleable-signatures",
      // An inbox is created once, and an installation's signature has a single encoding.
      before !== undefined &&
        signatures.length > 0 &&
        signatures.every(({ kind }) => kind !== "installation-key"),
    ],
    ["unusable-recovery", changesRecovery && !canSign(after.recovery)],
  ];

  return flags.filter(([, holds]) => holds).map(([flag]) => flag);
}
