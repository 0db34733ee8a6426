import { create, toBinary } from "@bufbuild/protobuf";
import { hexToBytes, type Hex, type LocalAccount } from "viem";

import { inboxIdOf } from "../../src/indexer/identity/inboxIdOf.ts";
import { ClientEnvelopeSchema } from "../../src/indexer/identity/proto/envelopes_pb.ts";
import { signatureText } from "../../src/indexer/identity/signatureText.ts";
import type { Identifier } from "../../src/indexer/identity/types.ts";

const ETHEREUM_KIND = 1;
const IDENTITY_UPDATE_TOPIC = 2;
/** What clients use when none is asked for. */
const NONCE = 1n;

/** The update with which a wallet creates its inbox, as a client sends it. */
export async function createInboxUpdate(
  wallet: LocalAccount,
): Promise<{ readonly inboxId: Hex; readonly payload: Uint8Array }> {
  const owner: Identifier = { kind: "ethereum", value: wallet.address.toLowerCase() };
  const inboxId = inboxIdOf(owner, NONCE);
  const clientTimestampNs = BigInt(Date.now()) * 1_000_000n;
  const text = signatureText({
    inboxId,
    clientTimestampNs,
    actions: [{ kind: "createInbox", owner, nonce: NONCE, signature: undefined }],
  });
  const signature = hexToBytes(await wallet.signMessage({ message: text }));

  const action = {
    case: "createInbox" as const,
    value: {
      initialIdentifier: owner.value,
      initialIdentifierKind: ETHEREUM_KIND,
      nonce: NONCE,
      initialIdentifierSignature: {
        signature: { case: "erc191" as const, value: { bytes: signature } },
      },
    },
  };
  const envelope = create(ClientEnvelopeSchema, {
    aad: { targetTopic: Uint8Array.of(IDENTITY_UPDATE_TOPIC, ...hexToBytes(`0x${inboxId}`)) },
    payload: {
      case: "identityUpdate",
      value: { inboxId, clientTimestampNs, actions: [{ kind: action }] },
    },
  });

  return { inboxId: `0x${inboxId}`, payload: toBinary(ClientEnvelopeSchema, envelope) };
}
