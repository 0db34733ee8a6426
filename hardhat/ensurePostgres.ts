import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { findPostgres } from "./findPostgres.ts";

const COMMANDS = [
  ["update", "-q"],
  ["install", "-q", "-y", "--no-install-recommends", "postgresql"],
];

/**
 * Installs a PostgreSQL server, which tests start and stop for themselves, where there is none and it can: as root on
 * Debian and its kin. Does nothing, and says nothing, where there is one.
 *
 * @throws {Error} that says what to install, where it cannot.
 */
export function ensurePostgres(): void {
  if (findPostgres() !== undefined) return;

  if (process.getuid?.() !== 0 || spawnSync("apt-get", ["--version"]).status !== 0) {
    throw new Error(
      "The tests need the programs of a PostgreSQL server, and there are none in /usr/lib/postgresql or PATH. " +
        "Install them: `sudo apt-get install postgresql`, or `brew install postgresql` on macOS.",
    );
  }

  console.log("installing PostgreSQL with apt-get (about 30 s, once)");
  for (const args of COMMANDS) aptGet(args);
  if (findPostgres() === undefined) {
    throw new Error("apt-get installed postgresql, but there is no initdb in /usr/lib/postgresql.");
  }
}

/** Its output goes to a file: a service that the package starts would keep a pipe open. */
function aptGet(args: readonly string[]): void {
  const folder = mkdtempSync(path.join(tmpdir(), "xmtp-apt-"));
  const log = path.join(folder, "log");
  const output = openSync(log, "w");

  try {
    const { status } = spawnSync("apt-get", args, {
      stdio: ["ignore", output, output],
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    });
    if (status !== 0) {
      const last = readFileSync(log, "utf8").trim().split("\n").slice(-10).join("\n");
      throw new Error(`\`apt-get ${args.join(" ")}\` failed:\n${last}`);
    }
  } finally {
    closeSync(output);
    rmSync(folder, { recursive: true, force: true });
  }
}
