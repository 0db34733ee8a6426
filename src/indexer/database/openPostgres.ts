import { setTimeout as sleep } from "node:timers/promises";

import pg from "pg";
import { from as copyFrom } from "pg-copy-streams";

import { libraryError } from "../../errors/libraryErrors.ts";
import type { Database, Queries, Row, Transaction } from "./database.ts";

const CONNECT_TIMEOUT_MS = 5_000;
const RECONNECT_MS = 250;
/** Connections for queries at once; the lock and each listener have one of their own. */
const POOL_SIZE = 8;
/** What a crashed machine may hold is noticed by TCP: a lock must not stay with an indexer that is gone. */
const KEEP_ALIVE = { keepAlive: true, keepAliveInitialDelayMillis: 2_000 };
const LOCK_RETRY_MS = 200;
/** How often the holder of the lock looks whether its session is there. */
const LOCK_CHECK_MS = 1_000;
/** Nobody waits longer for an answer, and whatever is read is not worth keeping old rows alive for longer. */
const READ_LIMIT_MS = 10_000;
const BEGIN_SNAPSHOT = `begin isolation level repeatable read read only; set local statement_timeout = ${READ_LIMIT_MS}`;

const INT8 = 20;
const types = new pg.TypeOverrides();
types.setTypeParser(INT8, BigInt);

/** @throws {XmtpError} `DATABASE_UNREACHABLE` */
export async function openPostgres(url: string): Promise<Database> {
  const settings = {
    connectionString: url,
    types,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: "xmtp-indexer",
    ...KEEP_ALIVE,
  };
  const pool = new pg.Pool({ ...settings, max: POOL_SIZE });
  // An idle connection that is lost is replaced at the next query.
  pool.on("error", () => undefined);
  const sessions = new Set<pg.Client>();
  let isShut = false;

  try {
    await pool.query("select 1");
  } catch (error) {
    await pool.end();
    throw libraryError("DATABASE_UNREACHABLE", `PostgreSQL does not answer: ${textOf(error)}`, {
      cause: error,
    });
  }

  /** A connection outside the pool, for what belongs to a session. */
  const openSession = async (): Promise<pg.Client> => {
    const client = new pg.Client(settings);
    client.on("error", () => undefined);
    await client.connect();
    sessions.add(client);
    client.once("end", () => sessions.delete(client));
    return client;
  };

  return {
    kind: "postgres",
    ...queriesOf(pool),

    transaction: async (work, { isRepeatable = false, isSnapshot = false } = {}) => {
      const client = await pool.connect();
      let failure: Error | undefined;
      // Without a listener, a server that goes away while the connection is ours would end the process.
      const onError = (error: Error): void => void (failure = error);
      client.on("error", onError);
      try {
        if (isSnapshot) await client.query(BEGIN_SNAPSHOT);
        else {
          await client.query(isRepeatable ? "begin; set local synchronous_commit = off" : "begin");
        }
        const result = await work(transactionOf(client));
        await client.query("commit");
        return result;
      } catch (error) {
        await client.query("rollback").catch((cause: Error) => (failure = cause));
        throw error;
      } finally {
        client.off("error", onError);
        client.release(failure);
      }
    },

    listen: async (channel, onNotice) => {
      let isClosed = false;
      let session: pg.Client | undefined;
      const connect = async (): Promise<void> => {
        const client = await openSession();
        client.on("notification", ({ payload = "" }) => onNotice(payload));
        try {
          await client.query(`listen ${pg.escapeIdentifier(channel)}`);
        } catch (error) {
          // A standby refuses to listen.
          await client.end().catch(() => undefined);
          throw error;
        }
        client.once("end", () => void reconnect());
        session = client;
      };
      const reconnect = async (): Promise<void> => {
        while (!isClosed && !isShut) {
          await sleep(RECONNECT_MS);
          try {
            await connect();
            // What was notified meanwhile is not told again.
            onNotice("");
            return;
          } catch {
            // The server is still away.
          }
        }
      };
      await connect();

      return async () => {
        isClosed = true;
        await session?.end().catch(() => undefined);
      };
    },

    lock: async (key, { signal, onLost }) => {
      while (!signal.aborted) {
        const session = await openSession().catch(() => undefined);
        const isHeld = await session
          ?.query<{ held: boolean }>("select pg_try_advisory_lock($1) as held", [key])
          .then(({ rows }) => rows[0]?.held === true)
          .catch(() => false);
        if (session === undefined || isHeld !== true) {
          await session?.end().catch(() => undefined);
          await sleep(LOCK_RETRY_MS, undefined, { signal }).catch(() => undefined);
          continue;
        }

        let isReleased = false;
        const lose = (): void => {
          clearInterval(check);
          if (!isReleased) onLost();
          isReleased = true;
        };
        // A silent loss, such as a pulled cable, is only seen by talking.
        const check = setInterval(() => {
          session.query("select 1").catch(() => session.end().catch(() => undefined));
        }, LOCK_CHECK_MS);
        session.once("end", lose);

        return async () => {
          isReleased = true;
          clearInterval(check);
          await session.end().catch(() => undefined);
        };
      }
      return undefined;
    },

    close: async () => {
      isShut = true;
      await Promise.all([...sessions].map((session) => session.end().catch(() => undefined)));
      await pool.end();
    },
  };
}

function queriesOf(client: pg.Pool | pg.PoolClient): Queries {
  return {
    query: async <R extends Row>(sql: string, parameters: readonly unknown[] = []) => {
      // Without parameters a text may hold several statements, as migrations do.
      const { rows } = await (parameters.length === 0
        ? client.query<R>(sql)
        : client.query<R>(sql, [...parameters]));
      return rows;
    },
  };
}

function transactionOf(client: pg.PoolClient): Transaction {
  return {
    ...queriesOf(client),
    copy: (table, columns, rows) =>
      new Promise((resolve, reject) => {
        const stream = client.query(
          copyFrom(`copy ${table} (${columns.join(", ")}) from stdin with (format binary)`),
        );
        stream.once("error", reject);
        stream.once("finish", resolve);
        stream.end(rows);
      }),
  };
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message || error.name : String(error);
}
