import { decodeSignature } from "./decodeSignature.ts";
import { ethereum, installation, passkey } from "./identifiers.ts";
import type * as proto from "./proto/associations_pb.ts";
import { RejectedUpdate } from "./RejectedUpdate.ts";
import type { CarriedSignature, Identifier, IdentityAction } from "./types.ts";

/** The number of a passkey's kind. Every other number, known or not, stands for Ethereum. */
const PASSKEY_KIND = 2;

const WHOLE_BYTES_OF_HEX = /^([0-9a-fA-F]{2})*$/;

/** @throws {RejectedUpdate} `Decode` if something is missing or of a kind that is not known */
export function decodeAction({
  kind: action,
}: proto.IdentityAction): IdentityAction<CarriedSignature> {
  switch (action.case) {
    case "createInbox": {
      const { initialIdentifier, initialIdentifierKind, nonce } = action.value;
      return {
        kind: "createInbox",
        owner: decodeText(initialIdentifier, initialIdentifierKind),
        nonce,
        signature: decodeSignature(action.value.initialIdentifierSignature),
      };
    }
    case "add":
      return {
        kind: "addMember",
        member: decodeMember(action.value.newMemberIdentifier),
        existingSignature: decodeSignature(action.value.existingMemberSignature),
        newSignature: decodeSignature(action.value.newMemberSignature),
      };
    case "revoke":
      return {
        kind: "revokeMember",
        member: decodeMember(action.value.memberToRevoke),
        signature: decodeSignature(action.value.recoveryIdentifierSignature),
      };
    case "changeRecoveryAddress": {
      const { newRecoveryIdentifier, newRecoveryIdentifierKind } = action.value;
      return {
        kind: "changeRecovery",
        recovery: decodeText(newRecoveryIdentifier, newRecoveryIdentifierKind),
        signature: decodeSignature(action.value.existingRecoveryIdentifierSignature),
      };
    }
    case undefined:
      throw new RejectedUpdate("Decode", "an action is of no known kind");
  }
}

function decodeText(text: string, kind: number): Identifier {
  if (kind !== PASSKEY_KIND) return ethereum(text);
  if (!WHOLE_BYTES_OF_HEX.test(text)) {
    throw new RejectedUpdate("Decode", "a passkey's identifier is not hex of whole bytes");
  }

  return { kind: "passkey", value: text.toLowerCase() };
}

function decodeMember(identifier: proto.MemberIdentifier | undefined): Identifier {
  const kind = identifier?.kind;
  switch (kind?.case) {
    case "ethereumAddress":
      return ethereum(kind.value);
    case "installationPublicKey":
      return installation(kind.value);
    case "passkey":
      return passkey(kind.value.key);
    case undefined:
      throw new RejectedUpdate("Decode", "a member's identifier is missing or of no known kind");
  }
}
