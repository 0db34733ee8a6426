import { backoffMs } from "../chain/backoffMs.ts";
import type { Refusal } from "./classifyRefusal.ts";

/**
 * What to do about a refused transaction.
 *
 * - `sendAgain`: the same bytes once more
 * - `watch`: something stands at its nonce already, maybe an earlier transaction of its own: look what gets mined
 * - `renumber`: ask the chain for the next nonce and number anew from there
 * - `leaveNonce`: the same, and the nonce belongs to somebody else
 * - `price`: sign again with the fees that the node suggests now
 * - `outbid`: sign again with more than before
 * - `addGas`: let the node say how much gas it takes, and sign again with that
 * - `drop`: it cannot be sent
 */
export type Step =
  "sendAgain" | "watch" | "renumber" | "leaveNonce" | "price" | "outbid" | "addGas" | "drop";

export interface Decision {
  readonly step: Step;
  /** Milliseconds without sends, for everything in line; 0 if it can go on at once. */
  readonly pauseMs: number;
}

export interface RefusedAttempt {
  /** The node has taken an earlier transaction with this nonce, or may have: it cannot move. */
  readonly isFixed: boolean;
  /** Refusals in a row, this one included. */
  readonly attempts: number;
}

export function decideRefusal(refusal: Refusal, { isFixed, attempts }: RefusedAttempt): Decision {
  switch (refusal) {
    case "busy":
    case "unknown":
      return { step: "sendAgain", pauseMs: backoffMs(attempts) };
    case "nonceTooHigh":
      return { step: isFixed ? "sendAgain" : "renumber", pauseMs: backoffMs(1) };
    case "nonceTooLow":
    case "nonceTaken":
      return { step: isFixed ? "watch" : "leaveNonce", pauseMs: 0 };
    case "feeTooLow": {
      // Under a cap there may be nothing to add: then the base fee has to fall.
      const pauseMs = backoffMs(1);
      if (isFixed) return { step: "watch", pauseMs };
      return { step: attempts === 1 ? "price" : "outbid", pauseMs };
    }
    case "gasTooLow":
      return { step: "addGas", pauseMs: 0 };
    default:
      // If a replacement was refused for good, what it was to replace still stands.
      return { step: isFixed ? "watch" : "drop", pauseMs: 0 };
  }
}
