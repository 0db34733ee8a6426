import { hexlify, type BytesLike } from "ethers";

import type { LogKind } from "./deployLog.ts";

/** A payload of a length, filled with one byte, so that payloads can be told apart. */
export function payloadOf(length: number | bigint, fill = 0xab): string {
  return hexlify(new Uint8Array(Number(length)).fill(fill));
}

/** An id of a group or an inbox, filled with one byte. */
export function idOf(kind: LogKind, fill: number): string {
  return payloadOf(kind.idLength, fill);
}

/** The same value several times. */
export function repeat(value: BytesLike, times: number): BytesLike[] {
  return Array.from({ length: times }, () => value);
}
