import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

export interface Replica {
  readonly url: string;
  readonly pid: number;
  readonly stop: () => Promise<void>;
}

/** Serves the index in a server's database, from a process of its own. */
export async function startReplica(databaseUrl: string): Promise<Replica> {
  const child = fork(fileURLToPath(new URL("replicaProcess.ts", import.meta.url)), [databaseUrl], {
    execArgv: ["--disable-warning=ExperimentalWarning"],
  });
  const failed = once(child, "exit").then(([code]: unknown[]) => {
    throw new Error(`the replica ended with code ${String(code)}`);
  });
  failed.catch(() => undefined);
  const [url] = (await Promise.race([once(child, "message"), failed])) as [string];

  return {
    url,
    pid: child.pid ?? 0,
    stop: async () => {
      if (child.exitCode !== null) return;
      const ended = once(child, "exit");
      child.disconnect();
      await ended;
    },
  };
}
