import { decodeError } from "../errors/decodeError.ts";
import type { XmtpError } from "../errors/XmtpError.ts";
import type { ChainName, IndexedChain } from "./chain/contracts.ts";
import { createEndpoints } from "./chain/createEndpoints.ts";
import { followChain } from "./chain/followChain.ts";
import type { ParsedChainConfig } from "./config.ts";
import type { Database } from "./database/database.ts";
import type { ContractWalletVerifier } from "./identity/signatures/contractWallet.ts";
import { createIdentityProjection } from "./projection/createIdentityProjection.ts";

/** Milliseconds until a chain is asked again about a contract wallet that it did not answer for. */
const RETRY_MS = 10_000;

/** What happens while events are indexed; for logs, metrics and progress bars. */
export type IndexingEvent =
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
  /** So many identity updates were accepted, rejected or put off. */
  | { readonly type: "decided"; readonly updates: number }
  | {
      readonly type: "retrying";
      readonly what: ChainName | "identity" | "database";
      readonly error: XmtpError;
    };

export interface FollowedChain {
  readonly chain: IndexedChain;
  readonly config: ParsedChainConfig;
}

/**
 * Follows each chain, and decides the identity updates behind it, until the signal aborts.
 *
 * @throws {XmtpError} what trying again cannot help, of whichever fails first; the others have ended by then
 */
export async function runIndexing({
  database,
  chains,
  verifyContractWallet,
  signal,
  onEvent,
}: {
  readonly database: Database;
  readonly chains: readonly FollowedChain[];
  readonly verifyContractWallet: ContractWalletVerifier;
  readonly signal: AbortSignal;
  readonly onEvent: (event: IndexingEvent) => void;
}): Promise<void> {
  await runTogether(signal, (together) => {
    const identity = createIdentityProjection({
      database,
      verifyContractWallet,
      signal: together,
      retryMs: RETRY_MS,
      onDecided: (updates) => onEvent({ type: "decided", updates }),
      onFailure: (error) =>
        onEvent({ type: "retrying", what: "identity", error: decodeError(error) }),
    });
    const hasIdentity = chains.some(({ chain }) => chain.name === "appchain");

    return [
      ...chains.map((followed) =>
        follow(database, followed, together, onEvent, () => identity.wake()),
      ),
      ...(hasIdentity ? [identity.run()] : []),
    ];
  });
}

async function follow(
  database: Database,
  { chain, config }: FollowedChain,
  signal: AbortSignal,
  onEvent: (event: IndexingEvent) => void,
  wakeIdentity: () => void,
): Promise<void> {
  const { name } = chain;

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
    report: {
      wrote: ({ logs, fromBlock, rows }, { nextBlock, finalizedBlock }, headBlock) => {
        if (rows.sequences.identity_updates.first !== undefined) wakeIdentity();
        onEvent({
          type: "wrote",
          chain: name,
          logs,
          fromBlock,
          nextBlock,
          finalizedBlock,
          headBlock,
        });
      },
      undid: (blocks) => {
        wakeIdentity();
        onEvent({ type: "undid", chain: name, blocks });
      },
      caughtUp: () => onEvent({ type: "caughtUp", chain: name }),
      retrying: (error) => onEvent({ type: "retrying", what: name, error }),
    },
  });
}

/** Runs all until one fails; then the others are told to end, and are waited for. */
async function runTogether(
  signal: AbortSignal,
  start: (signal: AbortSignal) => readonly Promise<void>[],
): Promise<void> {
  const failed = new AbortController();
  const results = await Promise.allSettled(
    start(AbortSignal.any([signal, failed.signal])).map((one) =>
      one.catch((error: unknown) => {
        failed.abort();
        throw error;
      }),
    ),
  );
  const failure = results.find((result) => result.status === "rejected");
  if (failure !== undefined) throw failure.reason;
}
