import { RpcNodeError } from "../chain/createRpc.ts";
import { backoffMs } from "../chain/backoffMs.ts";

/** How the node can be reached: since when it is silent, and when to try again. Times are in milliseconds. */
export interface Contact {
  noteAnswer(): void;
  /** Waits before the next attempt, longer each time until there is an answer. */
  noteFailure(error: unknown): void;
  pause(durationMs: number): void;
  /** How long to wait before the next attempt; 0 or less if there is nothing to wait for. */
  untilNextAttempt(): number;
  /** Whether the node was silent for too long. Starts to count anew if so. */
  hasFallenSilent(): boolean;
  /** Forgets what was: there was nothing to ask for a while. */
  restart(): void;
}

export function createContact(unreachableAfterMs: number): Contact {
  let lastContactAt = Date.now();
  let failures = 0;
  let notBefore = 0;

  return {
    noteAnswer: () => {
      lastContactAt = Date.now();
      failures = 0;
    },
    noteFailure: (error) => {
      // An error is an answer too.
      if (error instanceof RpcNodeError) lastContactAt = Date.now();
      failures += 1;
      notBefore = Date.now() + backoffMs(failures);
    },
    pause: (durationMs) => {
      notBefore = Date.now() + durationMs;
    },
    untilNextAttempt: () => notBefore - Date.now(),
    hasFallenSilent: () => {
      if (Date.now() - lastContactAt < unreachableAfterMs) return false;
      lastContactAt = Date.now();
      return true;
    },
    restart: () => {
      lastContactAt = Date.now();
      failures = 0;
      notBefore = 0;
    },
  };
}
