import { setTimeout as delay } from "node:timers/promises";

import { DeploymentError } from "../src/deployment/DeploymentError.ts";

/** Milliseconds: a sequencer takes over what its parent chain cannot undo any more, on Base after some 20 minutes. */
const LONGEST_WAY = 45 * 60_000;

/**
 * Waits until what was sent over the bridge is there.
 *
 * @param isThere asks the appchain; may throw what ends the wait
 * @throws {DeploymentError} `MESSAGE_LATE`
 */
export async function waitForArrival({
  what,
  isThere,
  pollingInterval,
  timeout = LONGEST_WAY,
}: {
  readonly what: string;
  readonly isThere: () => Promise<boolean>;
  /** Milliseconds. */
  readonly pollingInterval: number;
  /** Milliseconds. */
  readonly timeout?: number | undefined;
}): Promise<void> {
  const deadline = Date.now() + timeout;
  while (!(await isThere())) {
    if (Date.now() > deadline) {
      throw new DeploymentError(
        "MESSAGE_LATE",
        `${what} have not arrived after ${timeout / 60_000} minutes`,
      );
    }
    await delay(pollingInterval);
  }
}
