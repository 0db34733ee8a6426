import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

import type { Address } from "viem";

import type { RpcStatistics } from "./chain/createChainRpc.ts";
import type { ChainMessage, ChainRequest, MinedBlock } from "./chainServer.ts";

export interface ReplayedChain {
  readonly url: string;
  readonly webSocketUrl: string;
  readonly headNumber: number;
  /** What was asked for since the last call. */
  readonly takeStatistics: () => Promise<RpcStatistics>;
  /** Adds so many blocks, one each interval, and returns them once the last one's interval is over. */
  readonly mine: (options: {
    readonly blocks: number;
    readonly events: number;
    readonly intervalMs: number;
  }) => Promise<readonly MinedBlock[]>;
  readonly stop: () => Promise<void>;
}

/** Starts a chain with the events of a set; see `sets.ts`. */
export async function startChain(
  set: string,
  { address, chainId }: { readonly address: Address; readonly chainId: number },
): Promise<ReplayedChain> {
  const child = fork(
    fileURLToPath(new URL("chainServer.ts", import.meta.url)),
    [set, address, String(chainId)],
    { execArgv: ["--disable-warning=ExperimentalWarning", "--max-old-space-size=4096"] },
  );
  const mined: MinedBlock[] = [];
  child.on("message", (message: ChainMessage) => {
    if (message.kind === "mined") mined.push(message);
  });

  const ready = await next("ready");

  return {
    url: ready.url,
    webSocketUrl: ready.webSocketUrl,
    headNumber: ready.headNumber,
    takeStatistics: () => ask({ kind: "statistics" }, "statistics"),
    mine: async (options) => {
      await ask({ kind: "mine", ...options }, "minedAll");
      return mined.splice(0);
    },
    stop: async () => {
      const ended = once(child, "exit");
      child.disconnect();
      await ended;
    },
  };

  function ask<Kind extends ChainMessage["kind"]>(request: ChainRequest, kind: Kind) {
    const answer = next(kind);
    child.send(request);
    return answer;
  }

  function next<Kind extends ChainMessage["kind"]>(kind: Kind) {
    return new Promise<Extract<ChainMessage, { kind: Kind }>>((resolve, reject) => {
      const onMessage = (message: ChainMessage): void => {
        if (message.kind !== kind) return;
        settle();
        resolve(message as Extract<ChainMessage, { kind: Kind }>);
      };
      const onExit = (code: number | null): void => {
        settle();
        reject(new Error(`the chain's process ended with code ${code}`));
      };
      const settle = (): void => {
        child.off("message", onMessage).off("exit", onExit);
      };
      child.on("message", onMessage).on("exit", onExit);
    });
  }
}
