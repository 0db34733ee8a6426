import { libraryError } from "../../errors/libraryErrors.ts";
import { openEmbedded } from "./openEmbedded.ts";
import { openPostgres } from "./openPostgres.ts";

/** One row: `int8` is a bigint, `bytea` a Uint8Array, `numeric` a string, `jsonb` a value, `timestamptz` a Date. */
export type Row = Readonly<Record<string, unknown>>;

export interface Queries {
  query<R extends Row = Row>(sql: string, parameters?: readonly unknown[]): Promise<R[]>;
}

export interface Transaction extends Queries {
  /** Adds rows in PostgreSQL's binary COPY format; `createCopyBuffer` writes it. */
  copy(table: string, columns: readonly string[], rows: Uint8Array): Promise<void>;
}

export interface TransactionOptions {
  /**
   * Whether the server may lose the transaction if its machine fails right after. Only for what can be had again, and
   * would be the same: events below the finalized block. Default false.
   */
  readonly isRepeatable?: boolean;
  /**
   * Whether everything is read as of one moment, and nothing is written; a statement that takes longer than ten seconds
   * is given up. Default false.
   */
  readonly isSnapshot?: boolean;
}

/** What the indexer needs of a database: the same SQL for PostgreSQL and for the embedded one, which is PGlite. */
export interface Database extends Queries {
  readonly kind: "postgres" | "embedded";
  /** All or nothing. What `work` throws is thrown after the rollback. */
  transaction<T>(work: (tx: Transaction) => Promise<T>, options?: TransactionOptions): Promise<T>;
  /** Calls back on every `notify` of the channel, and after a connection that was lost is there again. */
  listen(channel: string, onNotice: (payload: string) => void): Promise<() => Promise<void>>;
  /**
   * Waits until nobody else holds the lock, then holds it until released or until the session is lost, which `onLost`
   * hears of. Resolves to undefined if the signal aborts first.
   */
  lock(
    key: number,
    options: { readonly signal: AbortSignal; readonly onLost: () => void },
  ): Promise<(() => Promise<void>) | undefined>;
  close(): Promise<void>;
}

/** A PostgreSQL server, or a folder for the embedded database; "temporary" keeps nothing. */
export type DatabaseLocation =
  | {
      /** `postgres://user:password@host:port/database`. */
      readonly url: string;
    }
  | { readonly folder: string };

/** @throws {XmtpError} `DATABASE_UNREACHABLE`, `INVALID_OPTION` */
export async function openDatabase(location: DatabaseLocation): Promise<Database> {
  if ("folder" in location) return await openEmbedded(location.folder);
  if (!/^postgres(?:ql)?:\/\//u.test(location.url)) {
    throw libraryError("INVALID_OPTION", "the database's URL must begin with postgres://");
  }

  return await openPostgres(location.url);
}
