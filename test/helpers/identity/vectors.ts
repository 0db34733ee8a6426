import { readFileSync } from "node:fs";

import type { Hex } from "viem";

import type {
  Identifier,
  IdentifierKind,
  InboxState,
} from "../../../src/indexer/identity/types.ts";

/** What an independent reading of the protocol and the network's own client library agree on. */
export interface IdentityVectors {
  readonly errorNames: readonly string[];
  readonly keys: {
    readonly ethereum: Readonly<Record<string, { privateKey: Hex; address: string }>>;
    readonly installation: Readonly<Record<string, { seed: string; publicKey: string }>>;
    readonly passkey: Readonly<
      Record<string, { secretKey: string; compressed: string; uncompressed: string }>
    >;
  };
  readonly inboxIds: readonly {
    readonly kind: IdentifierKind;
    readonly identifier: string;
    readonly nonce: string;
    readonly inboxId: string;
  }[];
  readonly timeLines: readonly { readonly clientTimestampNs: string; readonly line: string }[];
  readonly signatureTexts: readonly { readonly clientTimestampNs: string; readonly text: string }[];
  readonly ed25519ph: {
    readonly publicKey: string;
    readonly messageUtf8: string;
    readonly sha512OfMessage: string;
    readonly signature: string;
  };
  readonly erc191: {
    readonly messageUtf8: string;
    readonly digest: Hex;
    readonly signerW1: Hex;
  };
  readonly legacySignedPublicKey: {
    readonly signedPublicKey: Hex;
    readonly createIdentityText: string;
    readonly walletAddress: string;
    readonly publicKey: string;
  };
  readonly scenarios: readonly Scenario[];
  readonly onChainEnvelopes: readonly {
    readonly name: string;
    readonly eventInboxId: string;
    readonly update: Hex;
    readonly recommended: string;
  }[];
  readonly libxmtpProduced: {
    readonly inboxId: string;
    readonly updates: readonly {
      readonly sequenceId: number;
      readonly identityUpdate: Hex;
      readonly signatureText: string;
      readonly stateAfter: VectorState;
    }[];
    readonly libxmtpFinal: {
      readonly recovery: string;
      readonly identifiers: readonly string[];
      readonly installations: readonly string[];
    };
  };
}

export interface Scenario {
  readonly name: string;
  readonly inboxId: string;
  readonly contractWalletAnswer?: "valid" | "invalid";
  readonly updates: readonly {
    readonly sequenceId: number;
    readonly identityUpdate: Hex;
    /** Only of the first scenario. */
    readonly clientEnvelope?: Hex;
    readonly signatureText?: string;
    readonly result: "ok" | "rejected";
    readonly error?: string;
    /** What a rejected update leaves is what was before. */
    readonly stateAfter?: VectorState;
    readonly addressLogAfter?: AddressLog;
  }[];
}

export interface VectorState {
  readonly inboxId: string;
  readonly recovery: VectorIdentifier;
  readonly members: readonly (VectorIdentifier & {
    readonly addedBy: VectorIdentifier | null;
    readonly clientTimestampNs: string | null;
    readonly chainId: string | null;
  })[];
  readonly seenSignatures?: readonly string[];
  readonly seenSignatureCount: number;
}

interface VectorIdentifier {
  readonly kind: IdentifierKind;
  readonly id: string;
}

export type AddressLog = Readonly<
  Record<string, { associationSequenceId: number; revocationSequenceId: number | null }>
>;

const FILE = new URL("../../indexer/identity/fixtures/identity-vectors.json", import.meta.url);

export const vectors = JSON.parse(readFileSync(FILE, "utf8")) as IdentityVectors;

/** A state as the vectors spell it, members in order of their identifiers. */
export function toVectorState(
  state: InboxState | undefined,
  seen: ReadonlySet<string>,
): Required<VectorState> {
  if (state === undefined) throw new Error("there is no inbox");

  return {
    inboxId: state.inboxId,
    recovery: toVectorIdentifier(state.recovery),
    members: sortMembers(
      state.members.map(({ identifier, addedBy, clientTimestampNs, chainId }) => ({
        ...toVectorIdentifier(identifier),
        addedBy: addedBy === undefined ? null : toVectorIdentifier(addedBy),
        clientTimestampNs: clientTimestampNs?.toString() ?? null,
        chainId: chainId?.toString() ?? null,
      })),
    ),
    seenSignatures: [...seen].sort(),
    seenSignatureCount: seen.size,
  };
}

/** In the order of `toVectorState`. */
export function sortMembers<T extends VectorIdentifier>(members: readonly T[]): T[] {
  return members.toSorted((left, right) =>
    `${left.kind}:${left.id}` < `${right.kind}:${right.id}` ? -1 : 1,
  );
}

function toVectorIdentifier({ kind, value }: Identifier): VectorIdentifier {
  return { kind, id: value };
}
