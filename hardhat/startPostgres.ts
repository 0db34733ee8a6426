import { execFile, spawn, type ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { chown, mkdir, mkdtemp, open, readFile, rm } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

import { Client, escapeIdentifier } from "pg";

import { findPostgres } from "./findPostgres.ts";

const HOST = "127.0.0.1";
const USER = "postgres";
const START_LIMIT_MS = 30_000;
/** Another process may take the free port before the server does. */
const START_TRIES = 3;
/** The line of `postmaster.pid` in which the server says that it takes connections; `pg_ctl` waits for it too. */
const STATUS_LINE = 7;

/** Ends the server and removes its folder once this process is gone, however it went: then its end of the pipe is closed. */
const WATCHDOG = `
cat > /dev/null
if read -r pid < "$1/data/postmaster.pid"; then
  kill -QUIT "$pid"
  tries=0
  while kill -0 "$pid" && [ $tries -lt 100 ]; do sleep 0.1; tries=$((tries + 1)); done
fi
rm -rf "$1"
`;

/** As `pg_ctl` has them: "fast" ends sessions and writes everything down, "immediate" is a crash that is recovered from. */
export type StopMode = "fast" | "immediate";

const STOP_SIGNALS = { fast: "SIGINT", immediate: "SIGQUIT" } as const;

export interface Postgres {
  /** Of the database `postgres`. */
  readonly url: string;
  /** Makes an empty database and returns its URL. */
  readonly createDatabase: (name?: string) => Promise<string>;
  /** Removes a database that `createDatabase` made, whoever is connected to it. */
  readonly dropDatabase: (url: string) => Promise<void>;
  /** Ends the server as told and starts it on the same port and data. */
  readonly restart: (options: { readonly mode: StopMode }) => Promise<void>;
  /** Ends the server and removes its data; may be called twice. */
  readonly stop: () => Promise<void>;
}

export interface PostgresOptions {
  /** Whether commits reach the disk. `false` is faster, and still survives `restart`: the machine stays up. */
  readonly fsync?: boolean;
  /** More settings of the server, such as `{ shared_buffers: "256MB" }`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** URL of a server to replicate: this one then only reads, and follows it. */
  readonly standbyOf?: string;
}

/**
 * Starts a PostgreSQL server of its own on a free port of the loopback interface, with its data in a temporary folder. It
 * ends with `stop`, and with this process.
 *
 * @throws {Error} with the end of the server's log if it does not start, or if none is installed.
 */
export async function startPostgres({
  fsync = true,
  settings = {},
  standbyOf,
}: PostgresOptions = {}): Promise<Postgres> {
  const programs = findPostgres();
  if (programs === undefined) {
    throw new Error("There is no PostgreSQL server: install the package `postgresql`.");
  }

  const identity = await unprivileged();
  const folder = await mkdtemp(path.join(tmpdir(), "xmtp-postgres-"));
  const data = path.join(folder, "data");
  const log = path.join(folder, "log");
  const watchdog = watchOver(folder);
  const environment = withoutSettings(process.env);
  let server: ChildProcess | undefined;
  let port = 0;

  try {
    await mkdir(data, { mode: 0o700 });
    for (const place of [folder, data]) await chown(place, identity.uid, identity.gid);
    const [program, args] =
      standbyOf === undefined
        ? ["initdb", ["--username", USER, "--auth", "trust", "--encoding", "UTF8", "--locale", "C"]]
        : [
            "pg_basebackup",
            ["--dbname", standbyOf, "--write-recovery-conf", "--checkpoint", "fast"],
          ];
    await promisify(execFile)(
      path.join(programs, program),
      ["--pgdata", data, "--no-sync", ...args],
      { cwd: folder, env: environment, ...identity },
    );

    for (let left = START_TRIES; ; left--) {
      port = await freePort();
      try {
        server = await start();
        break;
      } catch (error) {
        if (left === 1) throw error;
      }
    }
  } catch (error) {
    await stop();
    throw error;
  }

  const urlOf = (name: string): string => `postgres://${USER}@${HOST}:${port}/${name}`;
  const command = async (sql: string): Promise<void> => {
    const client = new Client({ connectionString: urlOf("postgres") });
    await client.connect();
    try {
      await client.query(sql);
    } finally {
      await client.end();
    }
  };

  return {
    url: urlOf("postgres"),
    createDatabase: async (name = `test_${randomUUID().replaceAll("-", "")}`) => {
      await command(`create database ${escapeIdentifier(name)}`);
      return urlOf(name);
    },
    dropDatabase: async (url) => {
      await command(
        `drop database ${escapeIdentifier(new URL(url).pathname.slice(1))} with (force)`,
      );
    },
    restart: async ({ mode }) => {
      await end(mode);
      server = await start();
    },
    stop,
  };

  async function start(): Promise<ChildProcess> {
    const all = {
      listen_addresses: HOST,
      port: String(port),
      unix_socket_directories: folder,
      ...(!fsync && { fsync: "off", full_page_writes: "off" }),
      ...settings,
    };
    const args = Object.entries(all).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
    const output = await open(log, "a");
    // In a process group of its own: a Ctrl-C is for the tests, which then end the server.
    const child = spawn(path.join(programs ?? "", "postgres"), ["-D", data, ...args], {
      cwd: folder,
      env: environment,
      detached: true,
      stdio: ["ignore", output.fd, output.fd],
      ...identity,
    });
    child.unref();
    await output.close();

    const deadline = performance.now() + START_LIMIT_MS;
    while (!(await isReady(child))) {
      if (child.exitCode !== null || performance.now() > deadline) {
        child.kill("SIGQUIT");
        const last = (await readFile(log, "utf8")).trim().split("\n").slice(-5).join("\n");
        throw new Error(`PostgreSQL did not start:\n${last}`);
      }
      await sleep(10);
    }
    return child;
  }

  /** Of this start: what a crash left behind names another process. */
  async function isReady({ pid }: ChildProcess): Promise<boolean> {
    const text = await readFile(path.join(data, "postmaster.pid"), "utf8").catch(() => "");
    const lines = text.split("\n");

    return lines[0] === String(pid) && lines[STATUS_LINE]?.trim() === "ready";
  }

  async function end(mode: StopMode): Promise<void> {
    if (server === undefined || server.exitCode !== null || server.signalCode !== null) return;
    server.ref();
    const ended = once(server, "exit");
    server.kill(STOP_SIGNALS[mode]);
    await ended;
  }

  async function stop(): Promise<void> {
    await end("immediate");
    await rm(folder, { recursive: true, force: true });
    watchdog.stdin?.end();
  }
}

function watchOver(folder: string): ChildProcess {
  const watchdog = spawn("sh", ["-c", WATCHDOG, "sh", folder], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  watchdog.unref();
  // A pipe is a socket, which can be unreferenced; the declared type does not say so.
  (watchdog.stdin as unknown as { unref: () => void }).unref();

  return watchdog;
}

/** Who the server runs as: it refuses to be root, for whom Debian's package makes the user `postgres`. */
async function unprivileged(): Promise<{ uid: number; gid: number }> {
  const { uid, gid } = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  if (uid !== 0) return { uid, gid };

  const users = (await readFile("/etc/passwd", "utf8")).split("\n").map((line) => line.split(":"));
  const user = ["postgres", "nobody"].map((name) => users.find(([first]) => first === name));
  const [, , userId, groupId] = user.find((fields) => fields !== undefined) ?? [];
  if (userId === undefined || groupId === undefined) {
    throw new Error(
      "PostgreSQL does not run as root, and there is no user `postgres` or `nobody`.",
    );
  }

  return { uid: Number(userId), gid: Number(groupId) };
}

/** `PGDATA`, `PGPORT` and the like would mean another server. */
function withoutSettings(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith("PG")));
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, HOST);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");

  return port;
}
