// The indexer in a process of its own, for tests that kill it: `indexerProcess.ts <orders as JSON>`.
import { writeSync } from "node:fs";
import { Writable } from "node:stream";

import pg from "pg";

import type { AddressBook } from "../../src/deployment/addressBook.ts";
import type { IndexerConfig } from "../../src/indexer/config.ts";
import type { DatabaseLocation } from "../../src/indexer/database/database.ts";
import { startIndexer } from "../../src/indexer/startIndexer.ts";

/** How an indexer starts, and where its life ends. */
export interface IndexerOrders {
  readonly database: DatabaseLocation;
  readonly addresses: AddressBook;
  readonly chains: IndexerConfig["chains"];
  /** Ends as it sends a statement to PostgreSQL, or as it has the answer. */
  readonly killAt?: KillPoint;
}

export interface KillPoint {
  /** The beginning of the statement. */
  readonly statement: string;
  readonly when: "before" | "after";
  /** Statements of this kind that are let through first. */
  readonly skips: number;
}

// Test runners import every file below `test`; only a process of its own has arguments.
if (process.argv[1] === import.meta.filename)
  await run(JSON.parse(process.argv[2] ?? "{}") as IndexerOrders);

async function run({ killAt, ...config }: IndexerOrders): Promise<void> {
  if (killAt !== undefined) endAt(killAt);
  const indexer = await startIndexer({
    ...config,
    onEvent: (event) => {
      if (event.type === "retrying") say({ type: "retrying", message: event.error.message });
      else say(event);
    },
  });
  process.once("SIGTERM", () => void indexer.stop());
  await indexer.done;
  say({ type: "ended" });
}

/** Sees every statement, of pool and sessions alike, however it is sent. */
function endAt({ statement, when, skips }: KillPoint): void {
  let left = skips;
  const isIt = (given: unknown): boolean => {
    const { text } = (typeof given === "object" ? given : { text: given }) as { text?: unknown };
    if (typeof text !== "string" || !text.trimStart().startsWith(statement)) return false;
    left -= 1;
    return left === -1;
  };
  const { query } = pg.Client.prototype;
  const watched = function (this: pg.Client, ...args: unknown[]): unknown {
    if (!isIt(args[0])) return Reflect.apply(query, this, args);
    if (when === "before") end();
    if (typeof args.at(-1) === "function")
      return Reflect.apply(query, this, [...args.slice(0, -1), end]);
    const result: unknown = Reflect.apply(query, this, args);
    if (result instanceof Promise) void result.then(end, end);
    // A COPY is a stream.
    else if (result instanceof Writable) result.once("finish", end);
    return result;
  };
  pg.Client.prototype.query = watched as typeof query;
}

/** Nothing of it may be lost with the process. */
function say(event: object): void {
  writeSync(process.stdout.fd, `${JSON.stringify(event)}\n`);
}

function end(): void {
  say({ type: "ending" });
  process.kill(process.pid, "SIGKILL");
}
