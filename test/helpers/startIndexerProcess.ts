import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { tmpdir } from "node:os";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import type { IndexerOrders } from "./indexerProcess.ts";

const PROCESS = fileURLToPath(new URL("indexerProcess.ts", import.meta.url));
/** Most of a short life is the start of the process. */
const CACHE = join(tmpdir(), "xmtp-indexer-compile-cache");

/** What the process says, an event of the indexer or its end. */
export type Said = Readonly<Record<string, unknown>> & { readonly type: string };

export interface IndexerProcess {
  readonly said: readonly Said[];
  /** Resolves once it said something that fits; rejects when it ends before that. */
  heard(fits: (said: Said) => boolean): Promise<Said>;
  kill(): void;
  /** Ends it as a user would. */
  stop(): Promise<void>;
  /** Resolves with whether it was killed, by whomever. @throws {Error} with all it said if it failed */
  readonly ended: Promise<boolean>;
}

export function startIndexerProcess(orders: IndexerOrders): IndexerProcess {
  const child = spawn(process.execPath, [PROCESS, JSON.stringify(orders)], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NODE_COMPILE_CACHE: CACHE },
  });
  const said: Said[] = [];
  const waiting = new Set<() => void>();
  let errors = "";
  child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
  createInterface(child.stdout).on("line", (line) => {
    said.push(JSON.parse(line) as Said);
    for (const look of [...waiting]) look();
  });
  const ended = once(child, "close").then(() => {
    for (const look of [...waiting]) look();
    if (child.signalCode === "SIGKILL") return true;
    if (child.exitCode === 0) return false;
    throw new Error(
      `the indexer failed: ${errors}\n${said.map((one) => JSON.stringify(one)).join("\n")}`,
    );
  });
  ended.catch(() => undefined);

  return {
    said,
    ended,
    heard: (fits) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = said.find(fits);
          const isOver = child.exitCode !== null || child.signalCode !== null;
          if (found === undefined && !isOver) return;
          waiting.delete(look);
          if (found === undefined) reject(new Error(`the indexer has ended: ${errors}`));
          else resolve(found);
        };
        waiting.add(look);
        look();
      }),
    kill: () => void child.kill("SIGKILL"),
    stop: async () => {
      child.kill("SIGTERM");
      await ended;
    },
  };
}
