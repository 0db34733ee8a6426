import { keccak_256 } from "@noble/hashes/sha3.js";
import { sha512 } from "@noble/hashes/sha2.js";

/** The text that the signatures of an update sign, in the forms in which they sign it, each computed once. */
export interface SignedText {
  /** The 32 bytes that wallets sign (EIP-191). */
  eip191Digest(): Uint8Array;
  /** The 64 bytes that installation keys sign. */
  sha512(): Uint8Array;
  /** The challenge that passkeys sign: the text itself as base64url. */
  challenge(): string;
}

export function createSignedText(text: string): SignedText {
  const bytes = Buffer.from(text);
  let digest: Uint8Array | undefined;
  let prehash: Uint8Array | undefined;

  return {
    eip191Digest: () => (digest ??= eip191Digest(bytes)),
    sha512: () => (prehash ??= sha512(bytes)),
    challenge: () => bytes.toString("base64url"),
  };
}

/** The digest of a text that `personal_sign` signs. */
export function eip191Digest(text: Uint8Array): Uint8Array {
  return keccak_256(
    Buffer.concat([Buffer.from(`\x19Ethereum Signed Message:\n${text.length}`), text]),
  );
}
