import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

import { expect } from "chai";

import { devnetAccounts } from "../../src/devnet/accounts.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

export interface NetworkRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningNetwork {
  /** Resolves with the match once the output has it; rejects if the command ends before. */
  prints(pattern: RegExp): Promise<RegExpExecArray>;
  /** Asks the command to stop, as Ctrl-C does. */
  interrupt(): void;
  readonly ended: Promise<NetworkRun>;
}

export interface RunNetworkOptions {
  /** Default: `scripts/network.ts`. */
  readonly script?: string;
  /** Environment, besides what a shell has. */
  readonly env?: Readonly<Record<string, string>>;
  /** Standard input; without it there is none. */
  readonly input?: string;
}

/** Runs `npm run network -- <args>` as a process of its own, and checks that no private key is in what it prints. */
export async function runNetwork(
  args: readonly string[],
  options: RunNetworkOptions = {},
): Promise<NetworkRun> {
  return startNetwork(args, options).ended;
}

/** As `runNetwork`, for commands that go on. */
export function startNetwork(
  args: readonly string[],
  { script = "scripts/network.ts", env = {}, input = "" }: RunNetworkOptions = {},
): RunningNetwork {
  const child = spawn(process.execPath, [script, ...args], {
    cwd: ROOT,
    stdio: ["pipe", "pipe", "pipe"],
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"], CI: "true", ...env },
  });
  let stdout = "";
  let stderr = "";
  const looks = new Set<() => void>();
  child.stdout.on("data", (chunk: Buffer) => {
    stdout += chunk.toString();
    for (const look of looks) look();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
    for (const look of looks) look();
  });
  // A command that needs no input may be gone before it is written.
  child.stdin.on("error", () => undefined).end(input);

  const ended = once(child, "close").then(([code]) => {
    for (const key of [env["PRIVATE_KEY"], devnetAccounts(1)[0]?.privateKey]) {
      if (key === undefined) continue;
      expect(`${stdout}${stderr}`.toLowerCase()).not.to.include(
        key.replace(/^0x/u, "").toLowerCase(),
        "a private key is in the output",
      );
    }
    return { code: code as number | null, stdout, stderr };
  });

  return {
    ended,
    interrupt: () => void child.kill("SIGINT"),
    prints: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const match = pattern.exec(`${stdout}\n${stderr}`);
          if (match === null) return;
          looks.delete(look);
          resolve(match);
        };
        looks.add(look);
        look();
        ended.then(
          () => reject(new Error(`ended without ${pattern}:\n${stdout}${stderr}`)),
          reject,
        );
      }),
  };
}
