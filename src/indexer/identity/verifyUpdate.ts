import type { Hex } from "viem";

import { decodeIdentityUpdate } from "./decodeIdentityUpdate.ts";
import { toHex } from "./identifiers.ts";
import { rejectionOf, type Rejection } from "./RejectedUpdate.ts";
import {
  claimOf,
  requestOf,
  type ContractWalletSignature,
  type ContractWalletVerifier,
} from "./signatures/contractWallet.ts";
import { createSignedText, type SignedText } from "./signatures/signedText.ts";
import { verifySignature } from "./signatures/verifySignature.ts";
import { signatureText } from "./signatureText.ts";
import type {
  CarriedSignature,
  IdentityAction,
  IdentityUpdate,
  VerifiedSignature,
} from "./types.ts";

/** An update whose signatures are all good; whether their signers may do what it does is for the state to say. */
export interface VerifiedUpdate {
  readonly outcome: "verified";
  readonly update: IdentityUpdate<VerifiedSignature>;
  /** The raw bytes of its signatures, each once: what the caller looks up and, if it is accepted, keeps. */
  readonly rawSignatures: readonly Uint8Array[];
  /** Whether the client wrote the inbox's topic, which nobody compares. */
  readonly hasOwnTopic: boolean;
}

/** An update that waits for a chain. */
export interface UndecidedUpdate {
  readonly outcome: "undecided";
  readonly detail: string;
  /** The update as it is if that chain accepts: what is rejected even so need not wait. */
  readonly ifValid: VerifiedUpdate;
}

/**
 * Decodes the bytes of an on-chain identity update and verifies its signatures. Needs no state, so many updates can be
 * verified ahead of being applied.
 *
 * @param inboxId the inbox id of the event
 */
export async function verifyUpdate(
  bytes: Uint8Array,
  inboxId: Hex,
  verifyContractWallet: ContractWalletVerifier,
): Promise<VerifiedUpdate | UndecidedUpdate | Rejection> {
  try {
    const { update, hasOwnTopic } = decodeIdentityUpdate(bytes, inboxId);
    const text = createSignedText(signatureText(update));
    // An invalid signature settles an update for good, so chains are asked last.
    const { verified, contractWallets } = verifySignatures(update, text);
    const answer = await askChains(contractWallets, text, verifyContractWallet);
    if (answer === "invalid") {
      return { outcome: "rejected", error: "Signature", detail: "a contract wallet refuses" };
    }

    const signatures = [...new Set(verified.values())];
    const ifValid: VerifiedUpdate = {
      outcome: "verified",
      update: withSignatures(update, verified),
      rawSignatures: distinct(signatures.map(({ raw }) => raw)),
      hasOwnTopic,
    };
    return answer === "valid"
      ? ifValid
      : { outcome: "undecided", detail: answer.undecided, ifValid };
  } catch (error) {
    return rejectionOf(error);
  }
}

/** The usual update signs several actions with one signature, which is verified once. */
function verifySignatures(update: IdentityUpdate<CarriedSignature>, text: SignedText) {
  const byBytes = new Map<string, VerifiedSignature>();
  const verified = new Map<CarriedSignature, VerifiedSignature>();
  const contractWallets: ContractWalletSignature[] = [];

  for (const signature of update.actions.flatMap(signaturesOf)) {
    const key = signatureKey(signature);
    let result = byBytes.get(key);
    if (result === undefined) {
      if (signature.kind === "erc-1271") {
        result = claimOf(signature);
        contractWallets.push(signature);
      } else result = verifySignature(signature, text);
      byBytes.set(key, result);
    }
    verified.set(signature, result);
  }

  return { verified, contractWallets };
}

/** One refusal outweighs any number of chains that cannot be asked. */
async function askChains(
  signatures: readonly ContractWalletSignature[],
  text: SignedText,
  verifyContractWallet: ContractWalletVerifier,
): Promise<"valid" | "invalid" | { readonly undecided: string }> {
  let result: "valid" | { readonly undecided: string } = "valid";
  for (const signature of signatures) {
    const answer = await verifyContractWallet(requestOf(signature, text.eip191Digest()));
    if (answer === "invalid") return answer;
    if (answer !== "valid") result = answer;
  }

  return result;
}

function signaturesOf(action: IdentityAction<CarriedSignature>): CarriedSignature[] {
  return action.kind === "addMember"
    ? [action.existingSignature, action.newSignature]
    : [action.signature];
}

function withSignatures(
  { inboxId, clientTimestampNs, actions }: IdentityUpdate<CarriedSignature>,
  verified: ReadonlyMap<CarriedSignature, VerifiedSignature>,
): IdentityUpdate<VerifiedSignature> {
  const lookUp = (signature: CarriedSignature): VerifiedSignature => {
    const result = verified.get(signature);
    if (result === undefined) throw new Error("a signature was not verified");
    return result;
  };

  return {
    inboxId,
    clientTimestampNs,
    actions: actions.map((action) =>
      action.kind === "addMember"
        ? {
            ...action,
            existingSignature: lookUp(action.existingSignature),
            newSignature: lookUp(action.newSignature),
          }
        : { ...action, signature: lookUp(action.signature) },
    ),
  };
}

function signatureKey(signature: CarriedSignature): string {
  return Object.values(signature)
    .map((value: string | bigint | Uint8Array) =>
      value instanceof Uint8Array ? toHex(value) : String(value),
    )
    .join("/");
}

function distinct(values: readonly Uint8Array[]): Uint8Array[] {
  return [...new Map(values.map((value) => [toHex(value), value])).values()];
}
