import { setTimeout as delay } from "node:timers/promises";

import type { JsonRpcServer, NetworkConnection } from "hardhat/types/network";

import { DevnetError } from "./DevnetError.ts";
import type { trackSockets } from "./trackSockets.ts";

const STOP_DEADLINE_MS = 5_000;

/** What `startChains` has started so far; the lists grow while it starts. */
interface Started {
  readonly servers: readonly JsonRpcServer[];
  readonly connections: ReadonlyMap<string, NetworkConnection<string>>;
  readonly sockets: ReturnType<typeof trackSockets>;
}

/** Makes a `stop` that runs once, however often it is called. */
export function stopChains({ servers, connections, sockets }: Started): () => Promise<void> {
  const stop = async (): Promise<void> => {
    // Blocks stop first, so that no interval is left running behind a closed server.
    for (const { provider } of connections.values()) {
      await provider.request({ method: "evm_setIntervalMining", params: [0] });
    }
    const closed = servers.map((server) => server.close());
    sockets.cut();
    await Promise.all(closed);
    for (const connection of connections.values()) await connection.close();
  };
  let stopped: Promise<void> | undefined;
  return () => (stopped ??= withDeadline(stop()));
}

async function withDeadline(work: Promise<void>): Promise<void> {
  const done = new AbortController();
  const late = delay(STOP_DEADLINE_MS, undefined, { signal: done.signal }).then(() => {
    throw new DevnetError("STOP_TIMEOUT", `the devnet did not stop within ${STOP_DEADLINE_MS} ms`);
  });
  late.catch(() => {}); // aborted, once the work is done
  try {
    await Promise.race([work, late]);
  } finally {
    done.abort();
  }
}
