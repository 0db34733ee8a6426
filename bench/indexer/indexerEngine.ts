import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

import type { Engine } from "./engine.ts";
import type { IndexerMessage, IndexerRequest } from "./indexerProcess.ts";

/** Ours. */
export const indexerEngine: Engine = {
  name: "indexer",
  start: ({ chain, addresses, place }) => {
    const child = fork(fileURLToPath(new URL("indexerProcess.ts", import.meta.url)), {
      execArgv: ["--disable-warning=ExperimentalWarning"],
    });
    const ask = (request: IndexerRequest): void => void child.send(request);
    ask({ kind: "start", place, addresses, url: chain.url, webSocketUrl: chain.webSocketUrl });

    const caughtUp = new Promise<void>((resolve, reject) => {
      child.on("message", (message: IndexerMessage) => {
        if (message.kind === "caughtUp") resolve();
      });
      child.once("exit", (code) => reject(new Error(`the indexer ended with code ${code}`)));
    });
    // Whoever stops it before does not wait for it.
    caughtUp.catch(() => undefined);

    return {
      pid: child.pid ?? 0,
      table: "group_messages",
      payloadBytes: "length(message)",
      caughtUp,
      countRows: async () => {
        const answer = once(child, "message") as Promise<[IndexerMessage]>;
        ask({ kind: "count" });
        const [message] = await answer;
        return message.kind === "rows" ? message.rows : 0;
      },
      stop: async () => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        const ended = once(child, "exit");
        child.kill("SIGKILL");
        await ended;
      },
    };
  },
};
