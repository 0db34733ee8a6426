import { libraryError } from "../errors/libraryErrors.ts";
import { XmtpError } from "../errors/XmtpError.ts";
import { indexedChain, type ChainName, type IndexedChain } from "./chain/contracts.ts";
import { createEndpoints } from "./chain/createEndpoints.ts";
import { followChain, type FollowReport } from "./chain/followChain.ts";
import { parseChainConfig, type IndexerConfig, type ParsedChainConfig } from "./config.ts";
import { openDatabase, type Database } from "./database/database.ts";
import { migrate } from "./database/migrate.ts";
import { CHANNEL } from "./store/progress.ts";

/** Whoever holds this lock of the database writes; the others wait for it. "xmtp" in ASCII. */
export const LEADER_LOCK = 0x786d_7470;

export interface Indexer {
  readonly database: Database;
  /** Whether this process writes, or waits for the one that does to go away. */
  isLeader(): boolean;
  /** Resolves when the head of every chain was reached, by whichever process. @throws what ended the indexer */
  caughtUp(): Promise<void>;
  /** Resolves when it was stopped. @throws {XmtpError} what trying again cannot help */
  readonly done: Promise<void>;
  /** Ends after what is being written. */
  stop(): Promise<void>;
}

export interface StartIndexerParameters extends IndexerConfig {
  /** Hears of what happens; for logs, metrics and progress bars. */
  readonly onEvent?: (event: IndexerEvent) => void;
}

export type IndexerEvent =
  | { readonly type: "leading" | "standingBy" }
  | {
      readonly type: "wrote";
      readonly chain: ChainName;
      readonly logs: number;
      readonly fromBlock: number;
      readonly nextBlock: number;
      readonly finalizedBlock: number;
      readonly headBlock: number;
    }
  | { readonly type: "undid"; readonly chain: ChainName; readonly blocks: number }
  | { readonly type: "caughtUp"; readonly chain: ChainName }
  | { readonly type: "retrying"; readonly chain: ChainName; readonly error: XmtpError };

/**
 * Indexes the events of a network into a database, until it is stopped. Any number of indexers may be started over one
 * PostgreSQL database: one of them writes, and another takes over when it is gone.
 *
 * @throws {XmtpError} `INVALID_OPTION`, `INVALID_URL`, `DATABASE_UNREACHABLE`, `DATABASE_MISMATCH`
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
  chains,
  onEvent = () => undefined,
}: StartIndexerParameters): Promise<Indexer> {
  const followed = (["settlement", "appchain"] as const).flatMap((name) => {
    const config = chains[name];
    if (config === undefined) return [];
    return [{ chain: indexedChain(name, addresses), config: parseChainConfig(name, config) }];
  });
  if (followed.length === 0) throw libraryError("INVALID_OPTION", "no chain is to be indexed");

  const database = await openDatabase(location);
  const stopping = new AbortController();
  let isLeader = false;

  const lead = async (): Promise<void> => {
    onEvent({ type: "standingBy" });
    while (!stopping.signal.aborted) {
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
        const signal = AbortSignal.any([stopping.signal, lost.signal]);
        await runTogether(signal, (together) =>
          followed.map((one) => follow(database, one, together, onEvent)),
        );
      } catch (error) {
        if (!lost.signal.aborted || !isTransient(error)) throw error;
      } finally {
        isLeader = false;
        await release();
      }
    }
  };
  const done = lead();
  done.catch(() => undefined);

  return {
    database,
    isLeader: () => isLeader,
    done,
    caughtUp: async () => {
      const names = followed.map(({ chain }) => chain.name);
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

/** Runs the identity updates' meaning behind the appchain. */
async function project(
  database: Database,
  signal: AbortSignal,
  wakers: Set<() => void>,
  onEvent: (event: IndexerEvent) => void,
): Promise<void> {
  const projection = createIdentityProjection({
    database,
    verifyContractWallet,
    signal,
    retryMs: PROJECTION_RETRY_MS,
    onDecided: (updates) => onEvent({ type: "decided", updates }),
    onFailure: (error) => onEvent({ type: "retrying", chain: "appchain", error: decodeError(error) }),
  });
  wakers.add(projection.wake);
  await projection.run();
}

async function follow(
  database: Database,
  { chain, config }: { readonly chain: IndexedChain; readonly config: ParsedChainConfig },
  signal: AbortSignal,
  onEvent: (event: IndexerEvent) => void,
): Promise<void> {
  const { name } = chain;
  const report: FollowReport = {
    started: () => undefined,
    wrote: ({ logs, fromBlock }, { nextBlock, finalizedBlock }, headBlock) =>
      onEvent({
        type: "wrote",
        chain: name,
        logs,
        fromBlock,
        nextBlock,
        finalizedBlock,
        headBlock,
      }),
    undid: (blocks) => onEvent({ type: "undid", chain: name, blocks }),
    caughtUp: () => onEvent({ type: "caughtUp", chain: name }),
    retrying: (error) => onEvent({ type: "retrying", chain: name, error }),
  };

  await followChain({
    database,
    chain,
    endpoints: createEndpoints(config.rpcUrls, config.timeoutMs),
    webSocketUrl: config.webSocketUrl,
    pollIntervalMs: config.pollIntervalMs,
    fromBlock: config.fromBlock ?? chain.fromBlock,
    finality: config.finality,
    hasAllHeaders: config.hasAllHeaders ?? name === "appchain",
    maxBlocks: config.maxBlocks,
    signal,
    report,
  });
}

/** Runs all until one fails; then the others are told to end, and are waited for. */
async function runTogether(
  signal: AbortSignal,
  start: (signal: AbortSignal) => readonly Promise<void>[],
): Promise<void> {
  const failed = new AbortController();
  const running = start(AbortSignal.any([signal, failed.signal]));
  const results = await Promise.allSettled(
    running.map((one) =>
      one.catch((error: unknown) => {
        failed.abort();
        throw error;
      }),
    ),
  );
  const failure = results.find((result) => result.status === "rejected");
  if (failure !== undefined) throw failure.reason;
}

function isTransient(error: unknown): boolean {
  return !(error instanceof XmtpError) || error.retryable;
}

/** The database tells, so that it does not matter which process got there. */
async function waitUntilCaughtUp(
  database: Database,
  names: readonly ChainName[],
  signal: AbortSignal,
): Promise<void> {
  const isThere = async (): Promise<boolean> => {
    const [table] = await database.query<{ name: string | null }>(
      "select to_regclass('chains')::text as name",
    );
    if (typeof table?.name !== "string") return false;
    const rows = await database.query(
      "select name from chains where is_caught_up and name = any($1::text[])",
      [names],
    );
    return rows.length === names.length;
  };

  let wake = (): void => undefined;
  const stopListening = await database.listen(CHANNEL, () => wake());
  try {
    while (!signal.aborted) {
      const news = new Promise<void>((resolve) => {
        wake = resolve;
        setTimeout(resolve, CAUGHT_UP_POLL_MS).unref();
      });
      if (await isThere()) return;
      await news;
    }
  } finally {
    await stopListening();
  }
}

const CAUGHT_UP_POLL_MS = 500;
