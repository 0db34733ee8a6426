import { setImmediate as nextTurn, setTimeout as delay } from "node:timers/promises";

import type { JsonRpcServer } from "hardhat/types/network";

import { DevnetError } from "./DevnetError.ts";
import type { DevnetPlugin } from "./devnetPlugin.ts";
import type { SocketTracker } from "./trackSockets.ts";

/** What `startChains` has started so far; `servers` and `producers` grow while it starts. */
interface Started {
  readonly servers: readonly JsonRpcServer[];
  readonly producers: readonly { stop(): Promise<void> }[];
  readonly plugin: Pick<DevnetPlugin, "connections" | "idle">;
  readonly sockets: SocketTracker;
  readonly state?: { close(): void } | undefined;
  /** Milliseconds that stopping may take. */
  readonly deadline?: number;
}

/** Makes a `stop` that runs once, however often it is called. */
export function stopChains({
  servers,
  producers,
  plugin: { connections, idle },
  sockets,
  state,
  deadline = 5_000,
}: Started): () => Promise<void> {
  const stop = async (): Promise<void> => {
    // Blocks stop first, so that no interval is left running behind a closed server.
    await Promise.all(producers.map((producer) => producer.stop()));
    const closed = servers.map((server) => server.close());
    sockets.cut();
    await Promise.all(closed);
    // A WebSocket client that goes away has its subscriptions ended by requests, which a closed chain would refuse.
    await nextTurn();
    await idle();
    for (const connection of connections.values()) await connection.close();
    state?.close();
  };
  let stopped: Promise<void> | undefined;
  return () => (stopped ??= withDeadline(stop(), deadline));
}

async function withDeadline(work: Promise<void>, deadline: number): Promise<void> {
  const done = new AbortController();
  const late = delay(deadline, undefined, { signal: done.signal }).then(() => {
    throw new DevnetError("STOP_TIMEOUT", `the devnet did not stop within ${deadline} ms`);
  });
  late.catch(() => {}); // aborted, once the work is done
  try {
    await Promise.race([work, late]);
  } finally {
    done.abort();
  }
}
