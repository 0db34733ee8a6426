import { p256 } from "@noble/curves/nist.js";
import { sha256 } from "@noble/hashes/sha2.js";

import { RejectedUpdate } from "../RejectedUpdate.ts";
import { parseClientData } from "./parseClientData.ts";
import { decodeP256Point } from "./sec1.ts";

type PasskeySignature = InstanceType<typeof p256.Signature>;

/**
 * Checks a passkey's signature (WebAuthn): the challenge must be the text, and the key must have signed it. Origin, type,
 * flags and counter are free, and s may be high or low.
 *
 * @returns r and s, 64 bytes
 * @throws {RejectedUpdate} `Signature`
 */
export function verifyPasskey({
  publicKey,
  signature,
  authenticatorData,
  clientData,
  challenge,
}: {
  readonly publicKey: Uint8Array;
  /** DER. */
  readonly signature: Uint8Array;
  readonly authenticatorData: Uint8Array;
  readonly clientData: Uint8Array;
  readonly challenge: string;
}): Uint8Array {
  if (parseClientData(clientData).challenge !== challenge) {
    throw new RejectedUpdate("Signature", "a passkey's challenge is not the text");
  }
  const raw = decodeDer(signature).toBytes("compact");
  const message = Buffer.concat([authenticatorData, sha256(clientData)]);
  if (!isSignatureOf(publicKey, raw, message)) {
    throw new RejectedUpdate("Signature", "a passkey's signature is not over this text");
  }

  return raw;
}

function decodeDer(signature: Uint8Array): PasskeySignature {
  try {
    const decoded = p256.Signature.fromBytes(signature, "der");
    // Strict: a signature has one encoding.
    if (Buffer.from(decoded.toBytes("der")).equals(signature)) return decoded;
  } catch {
    // Says no more than that it is none.
  }

  throw new RejectedUpdate("Signature", "a passkey's signature is not DER");
}

function isSignatureOf(publicKey: Uint8Array, raw: Uint8Array, message: Uint8Array): boolean {
  try {
    const key = decodeP256Point(publicKey).toBytes();
    return p256.verify(raw, message, key, { format: "compact", lowS: false, prehash: true });
  } catch {
    return false;
  }
}
