import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";

import { libraryError } from "../../errors/libraryErrors.ts";
import { withResolvers, type Resolvers } from "../../publisher/withResolvers.ts";
import type { Database, Queries, Row, Transaction } from "./database.ts";
import type { EmbeddedMessage, EmbeddedRequest } from "./embeddedWorker.ts";

/** Instead of a folder: nothing is kept. */
const TEMPORARY = "temporary";
/** Another process cannot have the database, so a lock has nobody to keep out but this one. */
const LOCK_RETRY_MS = 20;

type Ask = (
  request:
    | { readonly kind: "query"; readonly sql: string; readonly parameters: readonly unknown[] }
    | { readonly kind: "copy"; readonly sql: string; readonly rows: Uint8Array }
    | { readonly kind: "close" },
) => Promise<readonly unknown[]>;

/**
 * Opens PostgreSQL inside this process; its files are in the folder, which nobody else can open meanwhile. Whatever ends
 * the process, the folder stays usable: what was committed is there, and what was not is gone.
 *
 * @throws {XmtpError} `DATABASE_IN_USE`, `DATABASE_UNREACHABLE`
 */
export async function openEmbedded(folder: string): Promise<Database> {
  const isTemporary = folder === TEMPORARY;
  // In a folder that nobody keeps: PGlite's own file system in memory takes four times as long.
  const home = isTemporary ? mkdtempSync(join(tmpdir(), "xmtp-indexer-")) : folder;
  const unlock = await takeFolder(home);
  const release = (): void => {
    unlock();
    if (isTemporary) rmSync(home, { recursive: true, force: true });
  };
  const files = join(home, "files");
  const made = join(home, "made");
  // Files that a process left half made, when it was killed, must not be taken for a database.
  const isNew = !existsSync(made);
  if (isNew) rmSync(files, { recursive: true, force: true });
  const worker = new Worker(new URL(workerFile(), import.meta.url), {
    workerData: { place: files, isNew },
  });
  const waiting = new Map<number, Resolvers<readonly unknown[]>>();
  const listeners = new Map<string, Set<(payload: string) => void>>();
  const held = new Set<number>();
  let lastId = 0;
  let isClosed = false;

  const fail = (message: string): void => {
    for (const { reject } of waiting.values()) reject(new Error(message));
    waiting.clear();
  };
  worker.on("message", (message: EmbeddedMessage) => {
    if (message.kind === "notice") {
      for (const listener of listeners.get(message.channel) ?? []) listener(message.payload);
    } else if (message.kind === "result" || message.kind === "error") {
      const question = waiting.get(message.id);
      waiting.delete(message.id);
      if (message.kind === "result") question?.resolve(message.rows);
      else question?.reject(Object.assign(new Error(message.message), { code: message.code }));
    }
  });
  worker.on("error", (error: Error) => fail(error.message));
  worker.on("exit", () => {
    isClosed = true;
    fail("the embedded database was closed");
  });

  const [first] = (await once(worker, "message")) as [EmbeddedMessage];
  if (first.kind !== "ready") {
    await worker.terminate();
    release();
    const detail = first.kind === "failed" ? first.message : first.kind;
    throw libraryError(
      "DATABASE_UNREACHABLE",
      `the embedded database in ${folder} cannot be opened: ${detail}`,
    );
  }

  writeFileSync(made, "");

  const ask: Ask = (request) => {
    if (isClosed) return Promise.reject(new Error("the embedded database was closed"));
    const question = withResolvers<readonly unknown[]>();
    lastId += 1;
    waiting.set(lastId, question);
    worker.postMessage({ id: lastId, ...request } satisfies EmbeddedRequest);
    return question.promise;
  };

  /** Transactions and single queries take turns: there is one session. */
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = turn.then(work);
    turn = result.catch(() => undefined);
    return result;
  };
  const queries = queriesOf(ask);

  return {
    kind: "embedded",
    query: (sql, parameters) => inTurn(() => queries.query(sql, parameters)),
    transaction: (work, { isSnapshot = false } = {}) =>
      inTurn(async () => {
        await queries.query(isSnapshot ? "begin read only" : "begin");
        try {
          const result = await work(transactionOf(ask));
          await queries.query("commit");
          return result;
        } catch (error) {
          await queries.query("rollback").catch(() => undefined);
          throw error;
        }
      }),
    listen: async (channel, onNotice) => {
      await inTurn(() => queries.query(`listen "${channel}"`));
      const known = listeners.get(channel) ?? new Set();
      listeners.set(channel, known.add(onNotice));
      return async () => void known.delete(onNotice);
    },
    lock: async (key, { signal }) => {
      while (held.has(key)) {
        if (signal.aborted) return undefined;
        await sleep(LOCK_RETRY_MS);
      }
      if (signal.aborted) return undefined;
      held.add(key);
      return async () => void held.delete(key);
    },
    close: async () => {
      if (isClosed) return;
      await inTurn(() => ask({ kind: "close" })).catch(() => undefined);
      await worker.terminate();
      release();
    },
  };
}

/** Beside this file, as source or compiled. */
function workerFile(): string {
  return import.meta.url.endsWith(".ts") ? "./embeddedWorker.ts" : "./embeddedWorker.js";
}

/**
 * Two processes that write the same files would destroy them. Of all that Node comes with, only a database can lock a
 * file so that the system unlocks it when the process ends.
 */
async function takeFolder(folder: string): Promise<() => void> {
  mkdirSync(folder, { recursive: true });
  const sqlite = await import("node:sqlite").catch(() => undefined);
  // Node 20 has none; there the folder is not guarded.
  if (sqlite === undefined) return () => undefined;
  const lock = new sqlite.DatabaseSync(join(folder, "lock"));
  try {
    lock.exec("begin exclusive");
  } catch (error) {
    lock.close();
    throw libraryError(
      "DATABASE_IN_USE",
      `another process has the embedded database in ${folder} open`,
      { cause: error },
    );
  }

  return () => lock.close();
}

function queriesOf(ask: Ask): Queries {
  return {
    query: async <R extends Row>(sql: string, parameters: readonly unknown[] = []) =>
      (await ask({ kind: "query", sql, parameters })) as R[],
  };
}

function transactionOf(ask: Ask): Transaction {
  return {
    ...queriesOf(ask),
    copy: async (table, columns, rows) => {
      const sql = `copy ${table} (${columns.join(", ")}) from '/dev/blob' with (format binary)`;
      await ask({ kind: "copy", sql, rows });
    },
  };
}
