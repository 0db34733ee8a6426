import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { appendFile, readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { APPCHAIN_CHAIN_ID, SETTLEMENT_CHAIN_ID } from "../../src/devnet/chains.ts";
import type { BridgeEnds } from "./bridgeAccounts.ts";
import type { DevnetOrders, ReadyDevnet } from "./bridgeProcess.ts";

const PROCESS = fileURLToPath(new URL("bridgeProcess.ts", import.meta.url));

/** One life of a devnet that is killed again and again. */
export type Life = Pick<DevnetOrders, "endedBetween" | "blocks"> & {
  /** Milliseconds after it was ready. */
  readonly killAfter?: number;
};

export interface CrashingDevnet {
  readonly ends: BridgeEnds;
  /** Where lives ended that ended between two steps. */
  readonly endedBetween: readonly string[];
  readonly kills: () => number;
  /** Ends the last life as a user would. */
  stop(): Promise<void>;
}

/**
 * A devnet that starts again on the same folder whenever it is killed. `next` says how the
 * next life ends, if it does. `afterKill` may do to the folder what a crash does.
 */
export async function startCrashingDevnet({
  state,
  next,
  afterKill = async () => {},
}: {
  readonly state: string;
  readonly next: (lives: {
    readonly endedBetween: readonly string[];
    readonly kills: number;
  }) => Life;
  readonly afterKill?: () => Promise<void>;
}): Promise<CrashingDevnet> {
  const endedBetween: string[] = [];
  let kills = 0;
  let isStopping = false;
  let child: ChildProcess | undefined;
  let ports = { settlementPort: 0, appchainPort: 0 };

  const live = async (onReady: (ready: ReadyDevnet) => void): Promise<void> => {
    while (!isStopping) {
      const { killAfter, ...life } = next({ endedBetween, kills });
      const orders: DevnetOrders = { state, ...ports, ...life };
      const running = spawn(process.execPath, [PROCESS, JSON.stringify(orders)], {
        stdio: ["ignore", "pipe", "pipe"],
        // Most of a short life is the start of the process.
        env: { ...process.env, NODE_COMPILE_CACHE: join(dirname(state), "cache") },
      });
      child = running;
      let output = "";
      let timer: NodeJS.Timeout | undefined;
      running.stderr.on("data", (chunk: Buffer) => {
        output += chunk.toString();
      });
      createInterface(running.stdout).on("line", (line) => {
        const [, word = "", rest = ""] = /^(\w+) (.*)$/u.exec(line) ?? [];
        if (word === "between") endedBetween.push(rest);
        if (word !== "ready") return;
        const ready = JSON.parse(rest) as ReadyDevnet;
        ports = { settlementPort: ready.settlementPort, appchainPort: ready.appchainPort };
        if (killAfter !== undefined) timer = setTimeout(() => running.kill("SIGKILL"), killAfter);
        onReady(ready);
      });
      await once(running, "close");
      clearTimeout(timer);
      if (running.signalCode === "SIGKILL") {
        kills += 1;
        await afterKill();
      } else if (!isStopping || running.exitCode !== 0) {
        throw new Error(`the devnet ended with ${running.exitCode}:\n${output}`);
      }
    }
  };

  let living: Promise<void> = Promise.resolve();
  const first = await new Promise<ReadyDevnet>((resolve, reject) => {
    living = live(resolve);
    living.catch(reject);
  });
  return {
    ends: {
      settlement: urlOf(first.settlementPort, SETTLEMENT_CHAIN_ID),
      appchain: urlOf(first.appchainPort, APPCHAIN_CHAIN_ID),
      addresses: first.addresses,
    },
    endedBetween,
    kills: () => kills,
    stop: async () => {
      isStopping = true;
      child?.kill("SIGTERM");
      await living;
    },
  };
}

function urlOf(port: number, chainId: number) {
  return { url: `http://127.0.0.1:${port}`, chainId };
}

/** Leaves in a journal what a crash leaves that comes in the middle of a line: the beginning of one. */
export async function tearLine(state: string, random: () => number): Promise<void> {
  const journals = (await readdir(state)).filter((name) => name.endsWith(".journal"));
  const name = journals[Math.floor(random() * journals.length)];
  if (name === undefined) throw new Error(`there is no journal in ${state}`);
  const path = join(state, name);
  const last = (await readFile(path, "utf8")).trimEnd().split("\n").at(-1) ?? "";
  await appendFile(path, last.slice(0, 1 + Math.floor(random() * (last.length - 1))));
}
