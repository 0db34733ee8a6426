import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";

const AAD = 1;
const IDENTITY_UPDATE = 5;
const TARGET_TOPIC = 2;
const IDENTITY_TOPIC = 2;

/** The envelope around a serialized identity update, as clients put it on chain. The update may be anything. */
export function envelopeOf(
  identityUpdate: Uint8Array,
  inboxId: string,
  topicKind = IDENTITY_TOPIC,
): Uint8Array {
  const topic = Buffer.concat([
    Buffer.of(topicKind),
    Buffer.from(inboxId.replace(/^0x/, ""), "hex"),
  ]);
  const aad = new BinaryWriter().tag(TARGET_TOPIC, WireType.LengthDelimited).bytes(topic).finish();

  return new BinaryWriter()
    .tag(AAD, WireType.LengthDelimited)
    .bytes(aad)
    .tag(IDENTITY_UPDATE, WireType.LengthDelimited)
    .bytes(identityUpdate)
    .finish();
}
