import { setTimeout as sleep } from "node:timers/promises";

import { PGlite, type Transaction as PgliteTransaction } from "@electric-sql/pglite";

import { libraryError } from "../../errors/libraryErrors.ts";
import type { Database, Queries, Row, Transaction } from "./database.ts";

const INT8 = 20;
/** PGlite answers one query at a time, so a lock has nobody to keep out but this process. */
const LOCK_RETRY_MS = 20;

/** Opens PostgreSQL inside this process; its files are in the folder. @throws {XmtpError} `DATABASE_UNREACHABLE` */
export async function openEmbedded(folder: string): Promise<Database> {
  const place = folder === "memory" ? "memory://" : folder;
  const engine = await PGlite.create(place, {
    relaxedDurability: true,
    parsers: { [INT8]: BigInt },
  }).catch((error: unknown) => {
    throw libraryError(
      "DATABASE_UNREACHABLE",
      `the embedded database in ${folder} cannot be opened: ${String(error)}`,
      { cause: error },
    );
  });
  const held = new Set<number>();

  return {
    kind: "embedded",
    query: queriesOf(engine).query,
    // One transaction runs at a time, so each sees one moment as it is.
    transaction: async (work, { isSnapshot = false } = {}) =>
      await engine.transaction(async (tx) => {
        if (isSnapshot) await tx.exec("set transaction read only");
        return work(transactionOf(tx));
      }),
    listen: async (channel, onNotice) => await engine.listen(channel, onNotice),
    lock: async (key, { signal }) => {
      while (held.has(key)) {
        if (signal.aborted) return undefined;
        await sleep(LOCK_RETRY_MS);
      }
      if (signal.aborted) return undefined;
      held.add(key);
      return async () => void held.delete(key);
    },
    close: async () => await engine.close(),
  };
}

function queriesOf(engine: PGlite | PgliteTransaction): Queries {
  return {
    query: async <R extends Row>(sql: string, parameters: readonly unknown[] = []) => {
      if (parameters.length > 0) return (await engine.query<R>(sql, [...parameters])).rows;
      return ((await engine.exec(sql)).at(-1)?.rows ?? []) as R[];
    },
  };
}

function transactionOf(tx: PgliteTransaction): Transaction {
  return {
    ...queriesOf(tx),
    copy: async (table, columns, rows) => {
      await tx.query(
        `copy ${table} (${columns.join(", ")}) from '/dev/blob' with (format binary)`,
        [],
        { blob: new Blob([rows as Uint8Array<ArrayBuffer>]) },
      );
    },
  };
}
