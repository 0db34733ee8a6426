import type { Hex } from "viem";

import { byteLength } from "../inputs/hexBytes.ts";
import { idWord, type PayloadKind } from "./payloadKinds.ts";

const WORD = 32;
const SELECTOR = 4;
/** RLP of nonce, fees, gas, address and signature, rounded up. */
const TRANSACTION_OVERHEAD = 256;

/** A payload of one kind with the id it belongs to; both have been parsed. */
export interface EncodablePayload {
  readonly id: Hex;
  readonly payload: Hex;
}

/**
 * The call that publishes the payloads: the single form for one, the batch form for more. Equal to what viem's
 * `encodeFunctionData` gives, and some ten times faster for many payloads.
 */
export function encodePayloads(kind: PayloadKind, payloads: readonly EncodablePayload[]): Hex {
  const [first] = payloads;
  if (payloads.length === 1 && first !== undefined) {
    const body = [idWord(first.id).slice(2), word(2 * WORD), encodeBytes(first.payload)];
    return `${kind.singleSelector}${body.join("")}`;
  }

  const count = payloads.length;
  const parts = [word(2 * WORD), word(3 * WORD + count * WORD), word(count)];
  for (const { id } of payloads) parts.push(idWord(id).slice(2));
  parts.push(word(count));
  let offset = count * WORD;
  for (const { payload } of payloads) {
    parts.push(word(offset));
    offset += WORD + padded(byteLength(payload));
  }
  for (const { payload } of payloads) parts.push(encodeBytes(payload));

  return `${kind.batchSelector}${parts.join("")}`;
}

/** Bytes that one payload adds to a batch. */
export function elementBytes(payload: Hex): number {
  return 3 * WORD + padded(byteLength(payload));
}

/** Bytes of a signed transaction whose payloads add up to these element bytes. */
export function transactionBytes(elements: number): number {
  return TRANSACTION_OVERHEAD + SELECTOR + 4 * WORD + elements;
}

export function padded(bytes: number): number {
  return Math.ceil(bytes / WORD) * WORD;
}

function encodeBytes(payload: Hex): string {
  const bytes = byteLength(payload);

  return word(bytes) + payload.slice(2).padEnd(padded(bytes) * 2, "0");
}

function word(value: number): string {
  return value.toString(16).padStart(64, "0");
}
