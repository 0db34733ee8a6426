/** The three name spaces of members. The same text in two of them is two members. */
export type IdentifierKind = "ethereum" | "installation" | "passkey";

export interface Identifier {
  readonly kind: IdentifierKind;
  /** Ethereum: the text as carried, in whatever case. Installation and passkey: lowercase hex of the key, without `0x`. */
  readonly value: string;
}

export interface Member {
  readonly identifier: Identifier;
  /** The signer that let this member in; none for the one that created the inbox. */
  readonly addedBy?: Identifier;
  /** The clock of the client that added it, in nanoseconds, unchecked; none for the one that created the inbox. */
  readonly clientTimestampNs?: bigint;
  /** The chain of a contract wallet; none for everything else, which is not the same as any chain. */
  readonly chainId?: bigint;
}

/** What an inbox is after its accepted updates, but for the signatures it has seen, which the caller keeps. */
export interface InboxState {
  /** 64 characters of lowercase hex, without `0x`. */
  readonly inboxId: string;
  /** Who may revoke members and name another recovery; need not be a member, nor anything that can ever sign. */
  readonly recovery: Identifier;
  /** In the order they were first added. */
  readonly members: readonly Member[];
}

export type SignatureKind =
  "erc-191" | "erc-1271" | "installation-key" | "legacy-delegated" | "p256";

/** Why an update is dropped for good. */
export type IdentityErrorName =
  | "Decode"
  | "Signature"
  | "MultipleCreate"
  | "NotCreated"
  | "Replay"
  | "MissingExistingMember"
  | "NewMemberIdSignatureMismatch"
  | "Generic"
  | "LegacySignatureReuse"
  | "SignatureNotAllowed"
  | "ChainIdMismatch"
  | "MemberNotAllowed"
  | "InvalidAccountAddress"
  | "WrongInboxId";

/** What people should know of an accepted update. */
export type IdentityFlag =
  /** The topic that the client wrote is not that of the inbox; nobody compares it. */
  | "aad-topic-differs"
  /** No actions: it changes nothing, and anybody may append it to any inbox. */
  | "no-actions"
  /** Nothing but signatures with several encodings: whoever rewrites them can replay the update. */
  | "malleable-signatures"
  /** It leaves a recovery identifier that no signature can come from: nobody can revoke any more. */
  | "unusable-recovery";

/** One thing that an update does, with the signatures that it needs in the form `S`. */
export type IdentityAction<S> =
  | {
      readonly kind: "createInbox";
      readonly owner: Identifier;
      /** Unsigned 64 bits. */
      readonly nonce: bigint;
      readonly signature: S;
    }
  | {
      readonly kind: "addMember";
      readonly member: Identifier;
      readonly existingSignature: S;
      readonly newSignature: S;
    }
  | { readonly kind: "revokeMember"; readonly member: Identifier; readonly signature: S }
  | { readonly kind: "changeRecovery"; readonly recovery: Identifier; readonly signature: S };

export interface IdentityUpdate<S> {
  /** As carried. */
  readonly inboxId: string;
  /** Nanoseconds, unsigned 64 bits as carried. */
  readonly clientTimestampNs: bigint;
  readonly actions: readonly IdentityAction<S>[];
}

/** A signature as an update carries it. */
export type CarriedSignature =
  | {
      readonly kind: "erc-191";
      /** r, s and v. */
      readonly bytes: Uint8Array;
    }
  | {
      readonly kind: "erc-1271";
      /** CAIP-10: `namespace:reference:address`. */
      readonly accountId: string;
      readonly blockNumber: bigint;
      readonly bytes: Uint8Array;
    }
  | {
      readonly kind: "installation-key";
      readonly bytes: Uint8Array;
      /** 32 bytes. */
      readonly publicKey: Uint8Array;
    }
  | {
      readonly kind: "legacy-delegated";
      /** An `UnsignedPublicKey`, as the wallet signed it. */
      readonly keyBytes: Uint8Array;
      /** The wallet's signature over the key: r, s and the recovery number. */
      readonly keySignature: Uint8Array;
      /** The key's signature over the update. */
      readonly bytes: Uint8Array;
    }
  | {
      readonly kind: "p256";
      readonly publicKey: Uint8Array;
      /** DER. */
      readonly bytes: Uint8Array;
      readonly authenticatorData: Uint8Array;
      readonly clientData: Uint8Array;
    };

/** What a verified signature says. */
export interface VerifiedSignature {
  readonly kind: SignatureKind;
  readonly signer: Identifier;
  /** The bytes that must not come again in a later update. */
  readonly raw: Uint8Array;
  /** The chain of a contract wallet. */
  readonly chainId?: bigint;
}
