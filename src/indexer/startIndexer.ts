import { pauseAfterFailure } from "../chain/pauseAfterFailure.ts";
import { libraryError } from "../errors/libraryErrors.ts";
import { XmtpError } from "../errors/XmtpError.ts";
import { indexedChain } from "./chain/contracts.ts";
import { parseChainConfig, type IndexerConfig } from "./config.ts";
import { openDatabase, type Database } from "./database/database.ts";
import { migrate } from "./database/migrate.ts";
import { createContractWalletVerifier } from "./identity/createContractWalletVerifier.ts";
import { rememberAnswers } from "./projection/rememberAnswers.ts";
import { runIndexing, type IndexingEvent } from "./runIndexing.ts";
import { waitUntilCaughtUp } from "./waitUntilCaughtUp.ts";

/** Whoever holds this lock of the database writes; the others wait for it. "xmtp" in ASCII. */
export const LEADER_LOCK = 0x786d_7470;

export interface StartIndexerParameters extends IndexerConfig {
  readonly onEvent?: (event: IndexerEvent) => void;
}

/** "leading": this process writes from now on. "standingBy": it waits for the one that does to go away. */
export type IndexerEvent = IndexingEvent | { readonly type: "leading" | "standingBy" };

export interface Indexer {
  readonly database: Database;
  isLeader(): boolean;
  /**
   * Resolves when everything is indexed, by whichever process, that is on the chains at the time of the call, and every
   * identity update in it is decided or put off. @throws what ended the indexer
   */
  caughtUp(): Promise<void>;
  /** Resolves when it was stopped. @throws {XmtpError} what trying again cannot help */
  readonly done: Promise<void>;
  /** Ends after what is being written; may be called twice. */
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
  contractWalletRpcUrls = {},
  onEvent = () => undefined,
}: StartIndexerParameters): Promise<Indexer> {
  const chains = (["settlement", "appchain"] as const).flatMap((name) => {
    const config = configs[name];
    if (config === undefined) return [];
    return [{ chain: indexedChain(name, addresses), config: parseChainConfig(name, config) }];
  });
  if (chains.length === 0) throw libraryError("INVALID_OPTION", "no chain is to be indexed");

  const askWallets = createContractWalletVerifier({ urls: contractWalletRpcUrls });

  const database = await openDatabase(location);
  const stopping = new AbortController();
  let isLeader = false;
  let stopped: Promise<void> | undefined;

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
        verifyContractWallet: rememberAnswers(database, askWallets),
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
    let failures = 0;
    while (!stopping.signal.aborted) {
      onEvent({ type: "standingBy" });
      try {
        await lead();
        failures = 0;
      } catch (thrown) {
        // With a server that goes away, what it was asked at the time fails sooner than the lock.
        if (!(thrown instanceof XmtpError) || !thrown.retryable) throw thrown;
        failures += 1;
        onEvent({ type: "retrying", what: "database", error: thrown });
        await pauseAfterFailure(failures, stopping.signal);
      }
    }
  })();
  // Whoever awaits it hears of the failure; nobody has to.
  done.catch(() => undefined);

  return {
    database,
    isLeader: () => isLeader,
    done,
    caughtUp: async () => {
      await Promise.race([
        done.then(() => Promise.reject(libraryError("ABORTED", "the indexer was stopped"))),
        waitUntilCaughtUp(database, chains, stopping.signal),
      ]);
    },
    stop: () => {
      stopping.abort();
      stopped ??= done.catch(() => undefined).then(() => database.close());
      return stopped;
    },
  };
}
