import { libraryError } from "../errors/libraryErrors.ts";
import { XmtpError } from "../errors/XmtpError.ts";
import { indexedChain, type ChainName } from "./chain/contracts.ts";
import { parseChainConfig, type IndexerConfig } from "./config.ts";
import { openDatabase, type Database } from "./database/database.ts";
import { migrate } from "./database/migrate.ts";
import { runIndexing, type IndexingEvent } from "./runIndexing.ts";
import { CHANNEL } from "./store/progress.ts";

/** Whoever holds this lock of the database writes; the others wait for it. "xmtp" in ASCII. */
export const LEADER_LOCK = 0x786d_7470;
/** Milliseconds between two looks at whether the head was reached, in case no notice comes. */
const CAUGHT_UP_POLL_MS = 500;

export interface StartIndexerParameters extends IndexerConfig {
  readonly onEvent?: (event: IndexerEvent) => void;
}

/** "leading": this process writes from now on. "standingBy": it waits for the one that does to go away. */
export type IndexerEvent = IndexingEvent | { readonly type: "leading" | "standingBy" };

export interface Indexer {
  readonly database: Database;
  isLeader(): boolean;
  /** Resolves when the head of every chain was reached and every identity update decided, by whichever process. */
  caughtUp(): Promise<void>;
  /** Resolves when it was stopped. @throws {XmtpError} what trying again cannot help */
  readonly done: Promise<void>;
  /** Ends after what is being written. */
  stop(): Promise<void>;
}

/**
 * Indexes the events of a network into a database, until it is stopped. Any number of indexers may be started over one
 * PostgreSQL database: one of them writes, and another takes over when it is gone.
 *
 * @throws {XmtpError} `INVALID_OPTION`, `INVALID_URL`, `DATABASE_UNREACHABLE`
 * @example
 * const indexer = await startIndexer({
 *   database: { folder: "indexer-data" },
 *   addresses,
 *   chains: { appchain: { rpcUrls: ["http://127.0.0.1:8546"], webSocketUrl: "ws://127.0.0.1:8546" } },
 * });
 * await indexer.caughtUp();
 */
export async function startIndexer({
  database: location,
  addresses,
  chains: configs,
  onEvent = () => undefined,
}: StartIndexerParameters): Promise<Indexer> {
  const chains = (["settlement", "appchain"] as const).flatMap((name) => {
    const config = configs[name];
    if (config === undefined) return [];
    return [{ chain: indexedChain(name, addresses), config: parseChainConfig(name, config) }];
  });
  if (chains.length === 0) throw libraryError("INVALID_OPTION", "no chain is to be indexed");

  const database = await openDatabase(location);
  const stopping = new AbortController();
  let isLeader = false;

  /** Waits to be the one that writes, and writes while it is. */
  const lead = async (): Promise<void> => {
    const lost = new AbortController();
    const release = await database.lock(LEADER_LOCK, {
      signal: stopping.signal,
      onLost: () => lost.abort(),
    });
    if (release === undefined) return;
    try {
      await migrate(database);
      isLeader = true;
      onEvent({ type: "leading" });
      await runIndexing({
        database,
        chains,
        verifyContractWallet: async () => ({ undecided: "no chain is configured" }),
        signal: AbortSignal.any([stopping.signal, lost.signal]),
        onEvent,
      });
    } catch (error) {
      // With the lock, the connection may have gone that a statement was waiting on.
      if (!lost.signal.aborted || (error instanceof XmtpError && !error.retryable)) throw error;
    } finally {
      isLeader = false;
      await release();
    }
  };
  const done = (async () => {
    while (!stopping.signal.aborted) {
      onEvent({ type: "standingBy" });
      await lead();
    }
  })();
  // Whoever awaits it hears of the failure; nobody has to.
  done.catch(() => undefined);

  return {
    database,
    isLeader: () => isLeader,
    done,
    caughtUp: async () => {
      const names = chains.map(({ chain }) => chain.name);
      await Promise.race([
        done.then(() => Promise.reject(libraryError("ABORTED", "the indexer was stopped"))),
        waitUntilCaughtUp(database, names, stopping.signal),
      ]);
    },
    stop: async () => {
      stopping.abort();
      await done.catch(() => undefined);
      await database.close();
    },
  };
}

/** The database tells, so that it does not matter which process got there. */
async function waitUntilCaughtUp(
  database: Database,
  names: readonly ChainName[],
  signal: AbortSignal,
): Promise<void> {
  const isThere = async (): Promise<boolean> => {
    const [schema] = await database.query<{ chains: string | null }>(
      "select to_regclass('chains')::text as chains",
    );
    if (typeof schema?.chains !== "string") return false;
    const reached = await database.query(
      "select name from chains where is_caught_up and name = any($1::text[])",
      [names],
    );
    if (reached.length < names.length) return false;
    const undecided = await database.query(
      `select 1 from identity_updates
        where position > coalesce((select position from projections where name = 'identity'), -1) limit 1`,
    );
    return undecided.length === 0;
  };

  let wake = (): void => undefined;
  const stopListening = await database.listen(CHANNEL, () => wake());
  try {
    while (!signal.aborted) {
      let timer: NodeJS.Timeout | undefined;
      const news = new Promise<void>((resolve) => {
        wake = resolve;
        timer = setTimeout(resolve, CAUGHT_UP_POLL_MS);
      });
      const isDone = await isThere();
      if (!isDone) await news;
      clearTimeout(timer);
      if (isDone) return;
    }
  } finally {
    await stopListening();
  }
}
