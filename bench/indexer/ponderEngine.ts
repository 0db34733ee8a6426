import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import type { Engine } from "./engine.ts";

const SOURCE = fileURLToPath(new URL("../ponder/", import.meta.url));
/** Ignored by git, as everything in `cache`. */
const FOLDER = fileURLToPath(new URL("../../cache/ponder/", import.meta.url));
const STAMP = `${FOLDER}installed.json`;
const COPIED = ["package.json", "package-lock.json", "ponder.config.ts", "ponder.schema.ts", "src"];
const HOST = "127.0.0.1";
const COMPLETED = "Completed backfill indexing";

/** Installs Ponder as its lock file says, unless that is done, and returns its version. */
export function installPonder(): string {
  const lock = readFileSync(`${SOURCE}package-lock.json`, "utf8");
  mkdirSync(FOLDER, { recursive: true });
  for (const name of COPIED) cpSync(`${SOURCE}${name}`, `${FOLDER}${name}`, { recursive: true });

  if (!existsSync(STAMP) || readFileSync(STAMP, "utf8") !== lock) {
    console.log("installing Ponder (about 30 s, once)");
    rmSync(STAMP, { force: true });
    // Not `npm ci`, which wants the packages of other platforms in the lock file too.
    const args = ["install", "--ignore-scripts", "--no-audit", "--no-fund"];
    const { status, error } = spawnSync("npm", args, { cwd: FOLDER, stdio: "inherit" });
    if (status !== 0) throw new Error("npm could not install Ponder", { cause: error });
    writeFileSync(STAMP, lock);
  }

  const manifest = readFileSync(`${FOLDER}node_modules/ponder/package.json`, "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}

/** Ponder with one table and an insert for each event, as its documentation says. */
export async function createPonder({
  bytes,
}: {
  readonly bytes: "bytes" | "text";
}): Promise<Engine> {
  const port = await freePort();

  return {
    name: `Ponder, ${bytes === "text" ? "bytes as text" : "bytes as bytes"}`,
    start: ({ chain, addresses, place }) => {
      rmSync(`${FOLDER}.ponder`, { recursive: true, force: true });
      const child = spawn(
        process.execPath,
        [
          ...["node_modules/ponder/dist/esm/bin/ponder.js", "start", "--schema", "ponder"],
          ...["--port", String(port), "--hostname", HOST, "--log-format", "json"],
        ],
        {
          cwd: FOLDER,
          stdio: ["ignore", "pipe", "inherit"],
          env: {
            ...withoutDatabase(process.env),
            NODE_NO_WARNINGS: "1",
            PONDER_TELEMETRY_DISABLED: "true",
            BENCH_RPC_URL: chain.url,
            BENCH_WS_URL: chain.webSocketUrl,
            BENCH_CHAIN_ID: String(addresses.appChainId),
            BENCH_ADDRESS: addresses.groupMessageBroadcaster,
            BENCH_BYTES: bytes,
            ...("url" in place ? { DATABASE_URL: place.url } : { BENCH_FOLDER: place.folder }),
          },
        },
      );

      const errors: string[] = [];
      const caughtUp = new Promise<void>((resolve, reject) => {
        createInterface(child.stdout).on("line", (line) => {
          if (line.includes(COMPLETED)) resolve();
          else if (/"level":(50|60|"error"|"fatal")/.test(line)) errors.push(line);
        });
        child.once("error", reject);
        child.once("exit", (code) => {
          reject(new Error(`Ponder ended with code ${code}:\n${errors.join("\n")}`));
        });
      });
      // Whoever stops it before does not wait for it.
      caughtUp.catch(() => undefined);

      return {
        pid: child.pid ?? 0,
        table: '"ponder"."message"',
        payloadBytes: bytes === "text" ? "length(payload) / 2 - 1" : "length(payload)",
        caughtUp,
        countRows: async () => {
          const response = await fetch(`http://${HOST}:${port}/count`);
          return ((await response.json()) as { rows: number }).rows;
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
}

function withoutDatabase({ DATABASE_URL: _, ...environment }: NodeJS.ProcessEnv) {
  return environment;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, HOST);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");

  return port;
}
