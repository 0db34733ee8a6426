import { fromBinary } from "@bufbuild/protobuf";
import type { Hex } from "viem";

import { checkWireFormat } from "./checkWireFormat.ts";
import { decodeAction } from "./decodeAction.ts";
import { ClientEnvelopeSchema, type ClientEnvelope } from "./proto/envelopes_pb.ts";
import { RejectedUpdate } from "./RejectedUpdate.ts";
import type { CarriedSignature, IdentityUpdate } from "./types.ts";

/** The kind byte of topics of identity updates, and the highest that there is. */
const IDENTITY_TOPIC = 2;
const LAST_TOPIC = 5;
/** The shortest topic: a kind byte and an identifier. */
const MIN_TOPIC_BYTES = 2;

export interface DecodedUpdate {
  readonly update: IdentityUpdate<CarriedSignature>;
  /** Whether the client wrote the inbox's topic. Nodes do not compare it. */
  readonly hasOwnTopic: boolean;
}

/**
 * Reads the bytes of an on-chain identity update, a serialized `ClientEnvelope`. Signatures are read, not verified.
 *
 * @param eventInboxId the inbox id of the event. The contract lets anybody say any, so it must be the one in the update.
 * @throws {RejectedUpdate} `Decode` if the bytes are no identity update, `WrongInboxId` if it is for another inbox
 */
export function decodeIdentityUpdate(bytes: Uint8Array, eventInboxId: Hex): DecodedUpdate {
  const { aad, payload } = decodeEnvelope(bytes);
  if (aad === undefined) throw new RejectedUpdate("Decode", "the envelope has no aad");

  const [kind] = aad.targetTopic;
  if (kind === undefined || kind > LAST_TOPIC || aad.targetTopic.length < MIN_TOPIC_BYTES) {
    throw new RejectedUpdate("Decode", "the target topic is none");
  }
  if (payload.case !== "identityUpdate") {
    throw new RejectedUpdate("Decode", `the payload is ${payload.case ?? "missing"}`);
  }

  const { inboxId, clientTimestampNs } = payload.value;
  const actions = payload.value.actions.map(decodeAction);

  const eventInbox = eventInboxId.slice(2).toLowerCase();
  if (inboxId !== eventInbox) {
    throw new RejectedUpdate(
      "WrongInboxId",
      `the update is not for the event's inbox ${eventInbox}`,
    );
  }

  const topic = Buffer.from(aad.targetTopic).toString("hex");
  return {
    update: { inboxId, clientTimestampNs, actions },
    hasOwnTopic: topic === `0${IDENTITY_TOPIC}${eventInbox}`,
  };
}

function decodeEnvelope(bytes: Uint8Array): ClientEnvelope {
  try {
    checkWireFormat(ClientEnvelopeSchema, bytes);
    return fromBinary(ClientEnvelopeSchema, bytes, { readUnknownFields: false });
  } catch (error) {
    throw new RejectedUpdate("Decode", `the envelope cannot be read: ${(error as Error).message}`);
  }
}
