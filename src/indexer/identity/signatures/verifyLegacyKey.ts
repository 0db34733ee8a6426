import { fromBinary } from "@bufbuild/protobuf";

import { checkWireFormat } from "../checkWireFormat.ts";
import { toHex } from "../identifiers.ts";
import { UnsignedPublicKeySchema, type UnsignedPublicKey } from "../proto/message_contents_pb.ts";
import { RejectedUpdate } from "../RejectedUpdate.ts";
import { addressOf, recoverAddress, type RecoveredAddress } from "./recoverAddress.ts";
import { decodeSecp256k1Point } from "./sec1.ts";
import { eip191Digest } from "./signedText.ts";

/**
 * Checks that a key of the protocol before inboxes signed a digest, and recovers the wallet that had signed the key. The
 * raw bytes are the wallet's old signature: whatever the key signs counts once.
 *
 * @param keySignature the wallet's signature over the key: r, s and a recovery number
 * @throws {RejectedUpdate} `Signature`
 */
export function verifyLegacyKey({
  keyBytes,
  keySignature,
  signature,
  digest,
}: {
  readonly keyBytes: Uint8Array;
  readonly keySignature: Uint8Array;
  readonly signature: Uint8Array;
  readonly digest: Uint8Array;
}): RecoveredAddress {
  const { address: signer } = recoverAddress(signature, digest);
  const wallet = recoverAddress(keySignature, eip191Digest(createIdentityText(keyBytes)));
  if (addressOfKey(keyBytes) !== signer) {
    throw new RejectedUpdate(
      "Signature",
      "a legacy signature is not of the key that comes with it",
    );
  }

  return wallet;
}

/** What a wallet signed to let a key speak for it. It ends in a slash, which today's text does not. */
export function createIdentityText(keyBytes: Uint8Array): Uint8Array {
  return Buffer.from(
    `XMTP : Create Identity\n${toHex(keyBytes)}\n\nFor more info: https://xmtp.org/signatures/`,
  );
}

function addressOfKey(keyBytes: Uint8Array): string {
  const { union } = decodeKey(keyBytes);
  if (union.case === undefined) throw new RejectedUpdate("Signature", "a legacy key is missing");

  try {
    return addressOf(decodeSecp256k1Point(union.value.bytes));
  } catch {
    throw new RejectedUpdate("Signature", "a legacy key is no point of the curve");
  }
}

function decodeKey(keyBytes: Uint8Array): UnsignedPublicKey {
  try {
    checkWireFormat(UnsignedPublicKeySchema, keyBytes);
    return fromBinary(UnsignedPublicKeySchema, keyBytes, { readUnknownFields: false });
  } catch {
    throw new RejectedUpdate("Signature", "the bytes of a legacy key cannot be read");
  }
}
