import { inboxStateFromInboxIds } from "@xmtp/node-bindings";

import type { ContractWalletRequest } from "../../../src/indexer/identity/signatures/contractWallet.ts";
import type { IdentityErrorName, InboxState } from "../../../src/indexer/identity/types.ts";
import { startIdentityApi } from "./startIdentityApi.ts";

/** What the network's client library shows of an inbox. */
export interface OracleState {
  readonly recovery: { readonly isPasskey: boolean; readonly value: string };
  /** Wallets and passkeys, in order. */
  readonly identifiers: readonly string[];
  /** Keys and the times they were added, in order. */
  readonly installations: readonly string[];
}

export type OracleAnswer = OracleState | { readonly refusal: string };

const REFUSALS: readonly (readonly [string, IdentityErrorName | "Decode or Signature"])[] = [
  ["API error", "Decode or Signature"],
  ["signature validation error", "Decode or Signature"],
  ["Multiple create operations", "MultipleCreate"],
  ["XID not yet created", "NotCreated"],
  ["Replay detected", "Replay"],
  ["Missing existing member", "MissingExistingMember"],
  ["does not match the signer", "NewMemberIdSignatureMismatch"],
  ["tried to add self", "Generic"],
  ["Legacy key is only allowed", "LegacySignatureReuse"],
  ["Signature not allowed", "SignatureNotAllowed"],
  ["Wrong chain id", "ChainIdMismatch"],
  ["not allowed to add", "MemberNotAllowed"],
  ["Wrong inbox_id", "WrongInboxId"],
];

export interface Oracle {
  /** Reads a whole log: one bad update spoils it. */
  readonly read: (inboxId: string, updates: readonly Uint8Array[]) => Promise<OracleAnswer>;
  readonly asked: readonly ContractWalletRequest[];
  readonly stop: () => Promise<void>;
}

/** The network's own client library, which reads updates over a stand-in of the identity API on loopback. */
export async function createOracle(options: {
  readonly isValidWallet: (request: ContractWalletRequest) => boolean;
}): Promise<Oracle> {
  const api = await startIdentityApi(options);

  const read = async (inboxId: string, updates: readonly Uint8Array[]): Promise<OracleAnswer> => {
    api.serve(updates);
    try {
      const [inbox] = await inboxStateFromInboxIds(api.url, undefined, [inboxId]);
      if (inbox === undefined) return { refusal: "no inbox" };
      const { recoveryIdentifier, identifiers, installations } = inbox;
      return {
        recovery: {
          isPasskey: (recoveryIdentifier.identifierKind as number) === 1,
          value: recoveryIdentifier.identifier,
        },
        identifiers: identifiers.map(({ identifier }) => identifier).sort(),
        installations: installations
          .map(({ id, clientTimestampNs }) => `${id} ${clientTimestampNs ?? "none"}`)
          .sort(),
      };
    } catch (error) {
      return { refusal: (error as Error).message };
    }
  };

  return { read, asked: api.asked, stop: api.stop };
}

/** Whether the library read the log, and the name of our error for its refusal where it has one of its own. */
export function refusalOf(
  answer: OracleAnswer,
): IdentityErrorName | "Decode or Signature" | undefined {
  if (!("refusal" in answer)) return undefined;
  const [, name] = REFUSALS.find(([words]) => answer.refusal.includes(words)) ?? [];
  if (name === undefined)
    throw new Error(`the library refuses with other words: ${answer.refusal}`);

  return name;
}

/** What the library would show of a state of ours. */
export function toOracleState({ recovery, members }: InboxState): OracleState {
  const installations = members.filter(({ identifier }) => identifier.kind === "installation");
  const others = members.filter(({ identifier }) => identifier.kind !== "installation");

  return {
    recovery: { isPasskey: recovery.kind === "passkey", value: recovery.value },
    identifiers: others.map(({ identifier }) => identifier.value).sort(),
    installations: installations
      .map(
        ({ identifier, clientTimestampNs }) => `${identifier.value} ${clientTimestampNs ?? "none"}`,
      )
      .sort(),
  };
}
