import { createRpc, RpcNodeError, type Rpc } from "../chain/createRpc.ts";
import type { Chain } from "../chain/connectChain.ts";
import { pauseAfterFailure } from "../chain/pauseAfterFailure.ts";
import { watchHeads } from "../chain/watchHeads.ts";
import { decodeError } from "../errors/decodeError.ts";
import { libraryError } from "../errors/libraryErrors.ts";
import { type XmtpError } from "../errors/XmtpError.ts";
import { parseInteger } from "../inputs/parseOption.ts";
import type { RawLog } from "../publisher/parseReceipt.ts";
import { mayContain, readHeaders, type BlockHeader } from "./blocks.ts";
import type { Cursor, EventSource } from "./eventSources.ts";
import { parseCursor } from "./parseCursor.ts";
import { readLogs } from "./readLogs.ts";

const TIMEOUT_MS = 30_000;
/** Blocks that are read with their headers at once; further behind the head, logs are read by ranges. */
const WINDOW = 48;
/** Blocks whose hashes are remembered; a deeper reorganisation cannot be told apart from another chain. */
const TRAIL = 256;
/** Errors in a row that are not worth trying again, before they are thrown. */
const MAX_FAILURES = 5;
/**
 * Headers that do not follow each other are a reorganisation in progress. If they stay so for more looks than this, they
 * are taken as they are: EDR gives the blocks of `hardhat_mine` wrong parents.
 */
const MAX_MISMATCHES = 5;

export interface FollowEventsParameters<Event> {
  readonly chain: Chain;
  /** What to follow: `groupMessages(...)`, `nodeChanges(...)`, `escrowChanges(...)` and the like. */
  readonly source: EventSource<Event>;
  /**
   * Go on after this event. Pass the cursors of the last events, oldest first, to find the way back when the newest of
   * them were undone while nobody followed.
   */
  readonly after?: Cursor | readonly Cursor[];
  /** The first block, when there is no cursor. Default: the one after the newest. */
  readonly fromBlock?: number;
  /** Blocks on top of the one with an event before it is delivered. Default 0: at once, and undone when it has to be. */
  readonly confirmations?: number;
  /** Milliseconds between two looks at the chain when the WebSocket says nothing. Default 1,000. */
  readonly pollIntervalMs?: number;
  /** Ends the iteration. */
  readonly signal?: AbortSignal;
  /** Called with each error that is being worked around. */
  readonly onRetry?: (error: XmtpError) => void;
}

/** An event, or the news that the events of the last blocks never happened. */
export type Followed<Event> =
  | { readonly type: "event"; readonly event: Event }
  | {
      readonly type: "reorg";
      /** Every event delivered before with this block number or a higher one is void. Their replacements follow. */
      readonly fromBlock: number;
      /** Where to resume from if the iteration ends here. */
      readonly cursor: Cursor;
    };

/**
 * Follows events in the order of the chain, for ever: first what there is already, then live.
 *
 * New blocks are noticed over WebSocket, or by polling while there is none; all data comes over HTTP, so a lost
 * connection loses and repeats nothing. The next blocks are read when the consumer asks for more. Errors of the node are
 * worked around; those that stay are thrown.
 *
 * @throws {XmtpError} `INVALID_CURSOR`, `INVALID_OPTION`, `REORG_TOO_DEEP`, `LOG_RANGE_REFUSED`, `RPC_REFUSED`
 * @example
 * const source = identityUpdates({ address: addresses.identityUpdateBroadcaster });
 * for await (const step of followEvents({ chain: appchain, source, after: lastCursors, signal })) {
 *   if (step.type === "event") store(step.event);
 *   else removeFromBlock(step.fromBlock);
 * }
 */
export async function* followEvents<Event extends { readonly cursor: Required<Cursor> }>({
  chain,
  source,
  after = [],
  fromBlock,
  confirmations = 0,
  pollIntervalMs = 1_000,
  signal,
  onRetry = () => undefined,
}: FollowEventsParameters<Event>): AsyncGenerator<Followed<Event>, void, undefined> {
  parseInteger(confirmations, "confirmations", 0);
  parseInteger(pollIntervalMs, "pollIntervalMs", 1);
  if (fromBlock !== undefined) parseInteger(fromBlock, "fromBlock", 0);
  const known = (Array.isArray(after) ? (after as readonly Cursor[]) : [after as Cursor]).map(
    parseCursor,
  );

  const rpc = createRpc(chain.url, TIMEOUT_MS);
  const trail = new Map<number, BlockHeader["hash"]>();
  /** The last block that is done with; -1 before the first. */
  let processed = -1;
  /** Events of this block up to this one were delivered before. */
  let skip: Cursor | undefined;
  /** The highest block of which an event was delivered. */
  let delivered = -1;
  /** Looks in a row at headers that do not follow each other. */
  let mismatches = 0;
  let isStarted = false;
  let failures = 0;

  const heads = watchHeads({ webSocketUrl: chain.webSocketUrl, pollIntervalMs, signal });
  try {
    while (await heads.next()) {
      try {
        if (!isStarted) {
          const undone = await start();
          isStarted = true;
          if (undone !== undefined) yield undone;
        }
        for (;;) {
          const step = await look();
          if (step === undefined) break;
          if (step.reorg !== undefined) yield step.reorg;
          for (const log of step.logs) if (!isSkipped(log)) yield deliver(log);
          if (step.range !== undefined) {
            for await (const page of readLogs(rpc, source, { ...step.range, signal })) {
              for (const log of page.logs) if (!isSkipped(log)) yield deliver(log);
              processed = page.toBlock;
            }
          }
          for (const header of step.headers ?? []) {
            remember(header);
            processed = header.number;
          }
          failures = 0;
        }
      } catch (error) {
        if (signal?.aborted === true) return;
        const decoded = decodeError(error);
        failures += 1;
        const isLasting = !decoded.retryable && FINAL_CODES.has(decoded.code);
        if (isLasting || (!decoded.retryable && failures >= MAX_FAILURES)) throw decoded;
        onRetry(decoded);
        await pauseAfterFailure(failures, signal);
      }
    }
  } finally {
    heads.stop();
  }

  /** Finds the newest of the known cursors that the chain still has. */
  async function start(): Promise<Followed<Event> | undefined> {
    const [head, ...headers] = await readHeaders(rpc, [
      "latest",
      ...known.map(({ blockNumber }) => blockNumber),
    ]);
    if (head === undefined) throw libraryError("RPC_REFUSED", "the node has no newest block");
    const newest = known.at(-1);
    if (newest === undefined) {
      processed = (fromBlock ?? head.number + 1) - 1;
      return undefined;
    }

    const index = known.findLastIndex(({ blockHash, blockNumber }, position) =>
      blockHash === undefined
        ? blockNumber <= head.number + 1
        : headers[position]?.hash === blockHash,
    );
    const valid = known[index];
    if (valid === undefined) {
      throw libraryError(
        "REORG_TOO_DEEP",
        `the chain has none of the blocks of the ${known.length} cursors`,
      );
    }
    trail.clear();
    skip = valid;
    processed = valid.blockNumber - 1;
    delivered = newest.blockNumber;
    if (valid === newest) return undefined;
    delivered = valid.blockNumber;

    return { type: "reorg", fromBlock: valid.blockNumber + 1, cursor: valid };
  }

  /** Decides what to do next; undefined once everything up to the head is done with. */
  async function look(): Promise<Step<Event> | undefined> {
    const [head, last] = await readHeaders(rpc, processed < 0 ? ["latest"] : ["latest", processed]);
    if (head === undefined) return undefined;
    const expected = trail.get(processed);
    if (expected !== undefined && last?.hash !== expected)
      return { logs: [], reorg: await findBack() };
    if (processed >= 0 && last === undefined) return undefined;
    if (last !== undefined) remember(last);

    const target = head.number - confirmations;
    if (target <= processed) return undefined;
    if (target - processed > 2 * WINDOW) {
      return { logs: [], range: { fromBlock: processed + 1, toBlock: target - WINDOW } };
    }

    return readWindow(Math.min(target, processed + WINDOW), last);
  }

  /** Reads some blocks by their hashes. An incomplete or inconsistent answer is read again. */
  async function readWindow(
    end: number,
    last: BlockHeader | undefined,
  ): Promise<Step<Event> | undefined> {
    const numbers = Array.from({ length: end - processed }, (_, index) => processed + 1 + index);
    const headers = (await readHeaders(rpc, numbers)).filter((header) => header !== undefined);
    const isLinked = headers.every(
      ({ parentHash }, index) =>
        parentHash === (headers[index - 1] ?? last ?? { hash: parentHash }).hash,
    );
    mismatches = isLinked ? 0 : mismatches + 1;
    if (!isLinked && mismatches <= MAX_MISMATCHES) return undefined;
    if (headers.length < numbers.length) return undefined;
    const replaced = headers.find(({ number }) => number === skip?.blockNumber);
    if (
      replaced !== undefined &&
      skip?.blockHash !== undefined &&
      replaced.hash !== skip.blockHash
    ) {
      return { logs: [], reorg: await start() };
    }

    const logs = await readBlockLogs(rpc, source, headers);

    return { logs, headers };
  }

  /** Goes back along the remembered blocks to the newest that the chain still has. */
  async function findBack(): Promise<Followed<Event> | undefined> {
    const remembered = [...trail].sort(([a], [b]) => a - b);
    const headers = await readHeaders(
      rpc,
      remembered.map(([number]) => number),
    );
    const index = remembered.findLastIndex(
      ([, hash], position) => headers[position]?.hash === hash,
    );
    const common = remembered[index]?.[0];
    if (common === undefined) {
      throw libraryError(
        "REORG_TOO_DEEP",
        `none of the last ${remembered.length} blocks is on the chain any more`,
      );
    }
    for (const [number] of remembered) if (number > common) trail.delete(number);
    processed = common;
    if (skip !== undefined && skip.blockNumber > common) skip = undefined;
    if (delivered <= common) return undefined;
    delivered = common;

    return {
      type: "reorg",
      fromBlock: common + 1,
      cursor: { blockNumber: common + 1, logIndex: -1 },
    };
  }

  function remember({ number, hash }: BlockHeader): void {
    trail.set(number, hash);
    trail.delete(number - TRAIL);
  }

  function isSkipped({ blockNumber, logIndex }: RawLog): boolean {
    return (
      skip !== undefined &&
      Number(blockNumber) === skip.blockNumber &&
      Number(logIndex) <= skip.logIndex
    );
  }

  function deliver(log: RawLog): Followed<Event> {
    delivered = Math.max(delivered, Number(log.blockNumber));

    return { type: "event", event: source.decode(log) };
  }
}

/** Errors that no further attempt can change. */
const FINAL_CODES: ReadonlySet<string> = new Set([
  "REORG_TOO_DEEP",
  "INVALID_CURSOR",
  "UNEXPECTED_RECEIPT",
]);

/** What one look at the chain led to, in the order in which it is to be done. */
interface Step<Event> {
  readonly reorg?: Followed<Event> | undefined;
  readonly logs: readonly RawLog[];
  /** A range far from the head, to be read page by page. */
  readonly range?: { readonly fromBlock: number; readonly toBlock: number };
  /** The blocks that are done with once the logs are delivered. */
  readonly headers?: readonly BlockHeader[];
}

/** Reads the logs of blocks by their hashes: a node that does not have a block says so instead of returning nothing. */
async function readBlockLogs(
  rpc: Rpc,
  { address, topics }: EventSource<unknown>,
  headers: readonly BlockHeader[],
): Promise<RawLog[]> {
  const [topic] = topics;
  const candidates = headers.filter(
    ({ logsBloom }) =>
      mayContain(logsBloom, address) && (typeof topic !== "string" || mayContain(logsBloom, topic)),
  );
  const answers = await rpc.batch(
    candidates.map(({ hash }) => ({
      method: "eth_getLogs",
      params: [{ address, topics, blockHash: hash }],
    })),
  );

  return answers.flatMap((answer) => {
    if (answer instanceof RpcNodeError) throw decodeError(answer);
    if (!Array.isArray(answer)) throw libraryError("RPC_REFUSED", "eth_getLogs returned no list");
    return answer as RawLog[];
  });
}
