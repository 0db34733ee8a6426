import { decodeP256Point } from "./signatures/sec1.ts";
import type { Identifier } from "./types.ts";

const MAX_SHOWN = 80;

export function ethereum(value: string): Identifier {
  return { kind: "ethereum", value };
}

export function installation(publicKey: Uint8Array): Identifier {
  return { kind: "installation", value: toHex(publicKey) };
}

export function passkey(publicKey: Uint8Array): Identifier {
  return { kind: "passkey", value: toHex(publicKey) };
}

/** Two identifiers are the same member if, and only if, they have the same key. */
export function memberKey({ kind, value }: Identifier): string {
  return `${kind}:${value}`;
}

export function isSameIdentifier(left: Identifier, right: Identifier): boolean {
  return left.kind === right.kind && left.value === right.value;
}

/** Whether any signature can ever come from an identifier: signers are lower case, and keys are points of their curve. */
export function canSign({ kind, value }: Identifier): boolean {
  switch (kind) {
    case "ethereum":
      return /^(0x)?[0-9a-f]{40}$/.test(value);
    case "installation":
      return /^[0-9a-f]{64}$/.test(value);
    case "passkey":
      return isPasskey(Buffer.from(value, "hex"));
  }
}

/** An identifier for messages: other people's text, short and on one line. */
export function showIdentifier({ kind, value }: Identifier): string {
  const shown = value.length > MAX_SHOWN ? `${value.slice(0, MAX_SHOWN)}...` : value;

  return `${kind} ${JSON.stringify(shown)}`;
}

/** Bytes as lowercase hex, without `0x`. */
export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex");
}

function isPasskey(publicKey: Uint8Array): boolean {
  try {
    decodeP256Point(publicKey);
    return true;
  } catch {
    return false;
  }
}
