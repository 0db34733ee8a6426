import { setTimeout as pause } from "node:timers/promises";

import { libraryError } from "../errors/libraryErrors.ts";
import { XmtpError } from "../errors/XmtpError.ts";
import { parseInteger } from "../inputs/parseOption.ts";

const DEFAULT_TIMEOUT_MS = 60_000;
const DEFAULT_POLL_MS = 500;

/** What every function takes that waits for a message between the chains. */
export interface WaitParameters {
  /** Milliseconds to wait. Default 60,000. */
  readonly timeoutMs?: number | undefined;
  /** Milliseconds between two looks. Default 500. */
  readonly pollIntervalMs?: number | undefined;
}

/**
 * Reads until the chains show what is waited for. A node that does not answer, or knows less than another did, is asked
 * again.
 *
 * @throws {XmtpError} `MESSAGE_AWAITED` when the time is over; what the last look failed with, if it did
 */
export async function pollChain<Value>({
  read,
  isShown,
  describe,
  timeoutMs = DEFAULT_TIMEOUT_MS,
  pollIntervalMs = DEFAULT_POLL_MS,
}: WaitParameters & {
  readonly read: () => Promise<Value>;
  readonly isShown: (value: Value) => boolean;
  /** Where it stands, for the message; of undefined if nothing was there to be read. */
  readonly describe: (value: Value | undefined) => string;
}): Promise<Value> {
  parseInteger(timeoutMs, "timeoutMs", 1);
  parseInteger(pollIntervalMs, "pollIntervalMs", 1);
  const deadline = Date.now() + timeoutMs;

  for (;;) {
    const { value, failure } = await look(read);
    if (value !== undefined && isShown(value)) return value;
    if (Date.now() + pollIntervalMs > deadline) {
      if (failure !== undefined && failure.code !== "TRANSACTION_NOT_FOUND") throw failure;
      throw libraryError("MESSAGE_AWAITED", describe(value), { cause: failure });
    }
    await pause(pollIntervalMs);
  }
}

/** @throws what trying again does not help with */
async function look<Value>(
  read: () => Promise<Value>,
): Promise<{ readonly value?: Value; readonly failure?: XmtpError }> {
  try {
    return { value: await read() };
  } catch (error) {
    if (error instanceof XmtpError && error.retryable) return { failure: error };
    throw error;
  }
}
