import { createRpc, type Rpc } from "../../chain/createRpc.ts";
import { postKeptAlive } from "./postKeptAlive.ts";

/** The nodes of one chain, of which one is asked at a time. */
export interface Endpoints {
  rpc(): Rpc;
  /** The URL that is asked, without what may be secret in it. */
  name(): string;
  /** The one that is asked failed, or contradicted itself: ask the next. */
  rotate(): void;
}

export function createEndpoints(urls: readonly string[], timeoutMs: number): Endpoints {
  const rpcs = urls.map((url) => createRpc(url, timeoutMs, postKeptAlive));
  let current = 0;

  return {
    rpc: () => rpcs[current]!,
    name: () => new URL(urls[current]!).host,
    rotate: () => {
      current = (current + 1) % rpcs.length;
    },
  };
}
