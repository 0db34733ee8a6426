import { keccak256, type Address, type Hex } from "viem";

import type { XmtpError } from "../errors/XmtpError.ts";
import type { Refusal } from "./classifyRefusal.ts";
import type { Fees } from "./fees.ts";
import type { Receipt } from "./parseReceipt.ts";

export interface SendRequest {
  readonly to: Address;
  readonly data: Hex;
  /** Gas limit. */
  readonly gas: number;
  /**
   * The event that the call emits first if it succeeds. Where it is given, one event stands for the receipt: receipts of
   * full batches are larger than the batches.
   */
  readonly firstEvent?: { readonly address: Address; readonly topics: readonly [Hex, Hex] };
}

/** A request, the nonce it is to be mined with, and how far it got. */
export interface Entry {
  readonly request: SendRequest;
  /** Position in the line of all requests; nonces follow it. */
  readonly order: number;
  readonly resolve: (receipt: Receipt) => void;
  readonly reject: (error: XmtpError) => void;
  nonce: number;
  fees: Fees;
  /** The signed transaction; `0x` until it is signed. */
  raw: Hex;
  hashes: Hex[];
  state: "ready" | "sending" | "sent";
  /** The node has taken one of the hashes, or may have: the nonce cannot be given to anything else. */
  isFixed: boolean;
  refusal: Refusal | undefined;
  refusalError: unknown;
  attempts: number;
  rebroadcasts: number;
  /** The newest block when it got its nonce: it can only be in a later one. */
  notBeforeBlock: number;
  seenBlock: number | undefined;
  missingSince: { readonly block: number; readonly at: number } | undefined;
  /** Nobody waits for the outcome any more; the nonce still counts. */
  isGivenUp: boolean;
}

/** An entry without a nonce. */
export function createEntry(
  request: SendRequest,
  order: number,
  { resolve, reject }: Pick<Entry, "resolve" | "reject">,
): Entry {
  return {
    request,
    order,
    resolve,
    reject,
    nonce: -1,
    fees: { maxFeePerGas: 0n, maxPriorityFeePerGas: 0n },
    raw: "0x",
    hashes: [],
    state: "ready",
    isFixed: false,
    refusal: undefined,
    refusalError: undefined,
    attempts: 0,
    rebroadcasts: 0,
    notBeforeBlock: 0,
    seenBlock: undefined,
    missingSince: undefined,
    isGivenUp: false,
  };
}

/** Whether the node may have the transaction, so that it makes sense to look for it. */
export function isOut({ state, isFixed }: Entry): boolean {
  return state === "sent" || isFixed;
}

/** Whether somebody has to decide what the node's refusal means for it. */
export function isRefused({ refusal }: Entry): boolean {
  return refusal !== undefined;
}

/** The transactions that may carry the request; empty while nothing can have reached the node. */
export function sentHashes({ state, isFixed, hashes, raw }: Entry): readonly Hex[] {
  if (state === "sending") return [...new Set([...hashes, keccak256(raw)])];

  return isFixed ? hashes : [];
}

/** The node has taken it. */
export function noteTaken(entry: Entry, hash: Hex): void {
  entry.state = "sent";
  entry.isFixed = true;
  entry.attempts = 0;
  addHash(entry, hash);
}

/** Sending it failed. Unless the node has it all the same, the refusal waits for a decision. */
export function noteRefused(entry: Entry, refusal: Refusal, error: unknown): void {
  entry.state = refusal === "known" ? "sent" : "ready";
  if (refusal === "known" || refusal === "unknown") {
    entry.isFixed = true;
    addHash(entry, keccak256(entry.raw));
  }
  entry.refusal = refusal === "known" ? undefined : refusal;
  entry.refusalError = error;
}

function addHash(entry: Entry, hash: Hex): void {
  if (!entry.hashes.includes(hash)) entry.hashes.push(hash);
}
