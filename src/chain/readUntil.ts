import { setTimeout as pause } from "node:timers/promises";

const POLL_MS = 100;
const DEFAULT_TIMEOUT_MS = 60_000;

/**
 * Reads until the chain shows what made it refuse a call, and returns what was read last, also when the time is over.
 *
 * A node may judge a call by the block to come, so what somebody else has sent refuses it before any block holds it.
 */
export async function readUntil<Value>({
  read,
  isShown,
  timeoutMs = DEFAULT_TIMEOUT_MS,
}: {
  readonly read: () => Promise<Value>;
  readonly isShown: (value: Value) => boolean;
  readonly timeoutMs?: number | undefined;
}): Promise<Value> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const value = await read();
    if (isShown(value) || Date.now() >= deadline) return value;
    await pause(POLL_MS);
  }
}
