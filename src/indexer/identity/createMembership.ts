import { inboxIdOf } from "./inboxIdOf.ts";
import { isSameIdentifier, memberKey, showIdentifier } from "./identifiers.ts";
import { RejectedUpdate } from "./RejectedUpdate.ts";
import type {
  Identifier,
  IdentifierKind,
  IdentityAction,
  InboxState,
  Member,
  SignatureKind,
  VerifiedSignature,
} from "./types.ts";

type ActionOf<K> = Extract<IdentityAction<VerifiedSignature>, { kind: K }>;

const SIGNED_BY: Record<SignatureKind, IdentifierKind> = {
  "erc-191": "ethereum",
  "erc-1271": "ethereum",
  "legacy-delegated": "ethereum",
  "installation-key": "installation",
  p256: "passkey",
};

/** Legacy keys speak for one inbox per wallet: the one with this nonce. */
const LEGACY_NONCE = 0n;

/** A working copy of an inbox. What it holds after an error counts for nothing. */
export interface Membership {
  /** The inbox, once it is created. */
  readonly inbox: () => { readonly inboxId: string; readonly recovery: Identifier } | undefined;
  readonly members: ReadonlyMap<string, Member>;
  /** @throws {RejectedUpdate} the rule that the action breaks */
  readonly perform: (action: IdentityAction<VerifiedSignature>) => void;
}

/**
 * The rules of who may add, revoke and change what. Their order decides which error an update is rejected with.
 *
 * @param isSeen whether an earlier accepted update had a signature with these raw bytes
 */
export function createMembership({
  state,
  clientTimestampNs,
  isSeen,
}: {
  readonly state: InboxState | undefined;
  readonly clientTimestampNs: bigint;
  readonly isSeen: (raw: Uint8Array) => boolean;
}): Membership {
  const members = new Map(state?.members.map((member) => [memberKey(member.identifier), member]));
  let inbox: { inboxId: string; recovery: Identifier } | undefined = state && {
    inboxId: state.inboxId,
    recovery: state.recovery,
  };

  const perform = (action: IdentityAction<VerifiedSignature>): void => {
    switch (action.kind) {
      case "createInbox":
        return create(action);
      case "addMember":
        return add(action);
      case "revokeMember":
        requireRecovery(action.signature);
        return revoke(action.member);
      case "changeRecovery":
        inbox = {
          inboxId: requireRecovery(action.signature).inboxId,
          recovery: action.recovery,
        };
    }
  };

  const create = ({ owner, nonce, signature }: ActionOf<"createInbox">): void => {
    if (inbox !== undefined) throw new RejectedUpdate("MultipleCreate", "the inbox exists already");
    if (!isSameIdentifier(signature.signer, owner)) {
      throw new RejectedUpdate(
        "MissingExistingMember",
        `${showIdentifier(owner)} did not sign, ${showIdentifier(signature.signer)} did`,
      );
    }
    requireAllowed(signature, owner);
    if (isLegacy(signature) && nonce !== LEGACY_NONCE) {
      throw new RejectedUpdate("LegacySignatureReuse", `a legacy key signs for nonce ${nonce}`);
    }

    inbox = { inboxId: inboxIdOf(owner, nonce), recovery: owner };
    members.set(memberKey(owner), { identifier: owner, ...chainOf(signature) });
  };

  const add = (action: ActionOf<"addMember">): void => {
    const { member, existingSignature, newSignature } = action;
    const { inboxId, recovery } = requireCreated();
    const existing = existingSignature.signer;
    requireUnseen(existingSignature);
    requireUnseen(newSignature);
    if (!isSameIdentifier(newSignature.signer, member)) {
      throw new RejectedUpdate(
        "NewMemberIdSignatureMismatch",
        `${showIdentifier(member)} did not sign, ${showIdentifier(newSignature.signer)} did`,
      );
    }
    if (isSameIdentifier(existing, member)) {
      throw new RejectedUpdate("Generic", `${showIdentifier(member)} tried to add itself`);
    }
    if (
      (isLegacy(existingSignature) || isLegacy(newSignature)) &&
      existing.kind !== "installation" &&
      inboxIdOf(existing, LEGACY_NONCE) !== inboxId
    ) {
      throw new RejectedUpdate("LegacySignatureReuse", "a legacy key signs for another inbox");
    }
    requireAllowed(newSignature, member);
    requireSameChain(existingSignature);
    if (!members.has(memberKey(existing))) {
      requireIs(recovery, existing);
      if (isLegacy(existingSignature)) {
        throw new RejectedUpdate("LegacySignatureReuse", "a legacy key signs for the recovery");
      }
    }
    requireAllowed(existingSignature, existing);
    if (existing.kind === "installation" && member.kind === "installation") {
      throw new RejectedUpdate("MemberNotAllowed", "an installation cannot add an installation");
    }

    members.set(memberKey(member), {
      identifier: member,
      addedBy: existing,
      clientTimestampNs,
      ...chainOf(newSignature),
    });
  };

  /** One that is no member is revoked all the same: the installations it once added go. */
  const revoke = (revoked: Identifier): void => {
    for (const [key, { identifier, addedBy }] of members) {
      const isChild = addedBy !== undefined && isSameIdentifier(addedBy, revoked);
      if (identifier.kind === "installation" && isChild) members.delete(key);
    }
    members.delete(memberKey(revoked));
  };

  const requireCreated = () => {
    if (inbox === undefined) throw new RejectedUpdate("NotCreated", "the inbox does not exist yet");

    return inbox;
  };

  const requireRecovery = (signature: VerifiedSignature) => {
    const created = requireCreated();
    requireUnseen(signature);
    requireSameChain(signature);
    if (isLegacy(signature)) {
      throw new RejectedUpdate("SignatureNotAllowed", "a legacy key cannot act as the recovery");
    }
    requireIs(created.recovery, signature.signer);

    return created;
  };

  const requireUnseen = ({ raw, signer }: VerifiedSignature): void => {
    if (isSeen(raw)) {
      throw new RejectedUpdate(
        "Replay",
        `${showIdentifier(signer)} signed that in an earlier update`,
      );
    }
  };

  const requireSameChain = ({ signer, chainId }: VerifiedSignature): void => {
    const member = members.get(memberKey(signer));
    if (member !== undefined && member.chainId !== chainId) {
      throw new RejectedUpdate(
        "ChainIdMismatch",
        `${showIdentifier(signer)} joined on chain ${member.chainId ?? 0n} and signs on ${chainId ?? 0n}`,
      );
    }
  };

  return { inbox: () => inbox, members, perform };
}

function requireIs(recovery: Identifier, signer: Identifier): void {
  if (isSameIdentifier(recovery, signer)) return;

  throw new RejectedUpdate(
    "MissingExistingMember",
    `${showIdentifier(signer)} has no right to that in this inbox`,
  );
}

function requireAllowed({ kind }: VerifiedSignature, identifier: Identifier): void {
  if (SIGNED_BY[kind] === identifier.kind) return;

  throw new RejectedUpdate("SignatureNotAllowed", `${kind} cannot stand for ${identifier.kind}`);
}

function isLegacy({ kind }: VerifiedSignature): boolean {
  return kind === "legacy-delegated";
}

function chainOf({ chainId }: VerifiedSignature): { readonly chainId?: bigint } {
  return chainId === undefined ? {} : { chainId };
}
