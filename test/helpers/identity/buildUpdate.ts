import { create, toBinary, type MessageInitShape } from "@bufbuild/protobuf";

import {
  IdentityUpdateSchema,
  type IdentityActionSchema,
  type MemberIdentifierSchema,
} from "../../../src/indexer/identity/proto/associations_pb.ts";
import { signatureText } from "../../../src/indexer/identity/signatureText.ts";
import type { Identifier, IdentityAction } from "../../../src/indexer/identity/types.ts";
import type { Actor } from "./actors.ts";

/** What an update does and who signs it. */
export type Plan =
  | { readonly create: Identifier; readonly by: Actor; readonly nonce: bigint }
  | { readonly add: Identifier; readonly newBy: Actor; readonly by: Actor }
  | { readonly revoke: Identifier; readonly by: Actor }
  | { readonly recovery: Identifier; readonly by: Actor };

const PASSKEY_KIND = 2;
const ETHEREUM_KIND = 1;

/** A serialized `IdentityUpdate` with genuine signatures over its text, or over whatever `textOf` makes of it. */
export function buildUpdate({
  inboxId,
  clientTimestampNs,
  plans,
  textOf = (text) => text,
}: {
  readonly inboxId: string;
  readonly clientTimestampNs: bigint;
  readonly plans: readonly Plan[];
  readonly textOf?: (text: string) => string;
}): Uint8Array {
  const actions = plans.map(toAction);
  const text = textOf(signatureText({ inboxId, clientTimestampNs, actions }));

  return toBinary(
    IdentityUpdateSchema,
    create(IdentityUpdateSchema, {
      inboxId,
      clientTimestampNs,
      actions: plans.map((plan) => toMessage(plan, text)),
    }),
  );
}

function toAction(plan: Plan): IdentityAction<undefined> {
  const signature = undefined;
  if ("create" in plan) {
    return { kind: "createInbox", owner: plan.create, nonce: plan.nonce, signature };
  }
  if ("add" in plan) {
    const { add: member } = plan;
    return { kind: "addMember", member, existingSignature: signature, newSignature: signature };
  }
  if ("revoke" in plan) return { kind: "revokeMember", member: plan.revoke, signature };

  return { kind: "changeRecovery", recovery: plan.recovery, signature };
}

function toMessage(plan: Plan, text: string): MessageInitShape<typeof IdentityActionSchema> {
  const signature = plan.by.sign(text);
  if ("create" in plan) {
    const value = {
      initialIdentifier: plan.create.value,
      initialIdentifierKind: kindNumber(plan.create),
      nonce: plan.nonce,
      initialIdentifierSignature: signature,
    };
    return { kind: { case: "createInbox", value } };
  }
  if ("add" in plan) {
    const value = {
      newMemberIdentifier: toMember(plan.add),
      existingMemberSignature: signature,
      newMemberSignature: plan.newBy.sign(text),
    };
    return { kind: { case: "add", value } };
  }
  if ("revoke" in plan) {
    const value = { memberToRevoke: toMember(plan.revoke), recoveryIdentifierSignature: signature };
    return { kind: { case: "revoke", value } };
  }

  const value = {
    newRecoveryIdentifier: plan.recovery.value,
    newRecoveryIdentifierKind: kindNumber(plan.recovery),
    existingRecoveryIdentifierSignature: signature,
  };
  return { kind: { case: "changeRecoveryAddress", value } };
}

function toMember({ kind, value }: Identifier): MessageInitShape<typeof MemberIdentifierSchema> {
  switch (kind) {
    case "ethereum":
      return { kind: { case: "ethereumAddress", value } };
    case "installation":
      return { kind: { case: "installationPublicKey", value: Buffer.from(value, "hex") } };
    case "passkey":
      return { kind: { case: "passkey", value: { key: Buffer.from(value, "hex") } } };
  }
}

function kindNumber({ kind }: Identifier): number {
  return kind === "passkey" ? PASSKEY_KIND : ETHEREUM_KIND;
}
