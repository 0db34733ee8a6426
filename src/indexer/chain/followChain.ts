import { toHex } from "viem";

import { pauseAfterFailure } from "../../chain/pauseAfterFailure.ts";
import { watchHeads } from "../../chain/watchHeads.ts";
import { libraryError } from "../../errors/libraryErrors.ts";
import { XmtpError } from "../../errors/XmtpError.ts";
import { readHeaders, type BlockHeader } from "../../events/blocks.ts";
import type { Database } from "../database/database.ts";
import { createPartitions, PARTITIONED, type PartitionedTable } from "../store/createPartitions.ts";
import { claimChain, moveProgress, StaleProgressError, type Progress } from "../store/progress.ts";
import { undoBlocks } from "../store/undoBlocks.ts";
import { writeWindow } from "../store/writeWindow.ts";
import { classifyFailure } from "./classifyFailure.ts";
import type { IndexedChain } from "./contracts.ts";
import { createCheckedNode } from "./createCheckedNode.ts";
import type { Endpoints } from "./createEndpoints.ts";
import { createWindowReader, type PlannedWindows } from "./createWindowReader.ts";
import { findLostLog } from "./findLostLog.ts";
import { insistsOn } from "./insistsOn.ts";
import { readTrail } from "./readTrail.ts";
import type { Window } from "./readWindow.ts";

/** Windows that are read ahead of the one that is written. */
const READ_AHEAD = 3;
/** Hashes that are looked at in one request for where a reorganisation began. */
const SEARCH_STEP = 32;
/** Times that a window is read again because its sequence ids have a gap. A bootstrap may leave one. */
const GAP_QUESTIONS = 2;
/** Blocks to the newest one at which the past is done with: a fast chain always has one more. */
const NEAR_BLOCKS = 2;
/** Looks at a node that has nothing new until another one is asked: it may be stuck. */
const IDLE_LOOKS = 10;

/** What may be said about blocks that never change again. */
export type Finality = "finalized" | number;

export interface FollowChainParameters {
  readonly database: Database;
  readonly chain: IndexedChain;
  readonly endpoints: Endpoints;
  readonly webSocketUrl?: string | undefined;
  readonly pollIntervalMs: number;
  readonly fromBlock: number;
  /** The node's word for it, or a depth in blocks. */
  readonly finality: Finality;
  /** See `readWindow`; blocks above the finalized one are always read with their headers. */
  readonly hasAllHeaders: boolean;
  /** The most blocks of one request. */
  readonly maxBlocks?: number | undefined;
  readonly signal: AbortSignal;
  readonly report: FollowReport;
}

/** What a chain's follower tells about itself. */
export interface FollowReport {
  wrote(window: Window, progress: Progress, headBlock: number): void;
  undid(blocks: number): void;
  /** The head was reached. */
  caughtUp(): void;
  /** Something did not work and is tried again. */
  retrying(error: XmtpError): void;
}

/**
 * Indexes a chain until the signal aborts: what there is, in large windows read ahead, and then block by block. Whatever
 * fails is tried again, from what the database says is done.
 *
 * @throws {XmtpError} what trying again cannot help: `DATABASE_MISMATCH`, `CHAIN_CHANGED`, `WRONG_CHAIN`
 */
export async function followChain(parameters: FollowChainParameters): Promise<void> {
  const { endpoints, signal, report, webSocketUrl, pollIntervalMs } = parameters;
  const heads = watchHeads({ webSocketUrl, pollIntervalMs, signal });
  let failures = 0;

  try {
    while (!signal.aborted) {
      try {
        const follower = await createFollower(parameters);
        while (await heads.next()) {
          while (!signal.aborted && (await follower.step())) failures = 0;
          failures = 0;
        }
      } catch (thrown) {
        if (signal.aborted) return;
        const error = asIndexerError(thrown);
        // What one node refuses, another may answer, or the same one in a while: it has happened to work before.
        if (!error.retryable && error.code !== "RPC_REFUSED") throw error;
        failures += 1;
        report.retrying(error);
        endpoints.rotate();
        await pauseAfterFailure(failures, signal);
      }
    }
  } finally {
    heads.stop();
  }
}

interface Follower {
  /** Does what there is to do; false once the head is reached. */
  step(): Promise<boolean>;
}

/** Takes up where the database says that the chain stands. */
async function createFollower({
  database,
  chain,
  endpoints,
  pollIntervalMs,
  fromBlock,
  finality,
  hasAllHeaders,
  maxBlocks,
  signal,
  report,
}: FollowChainParameters): Promise<Follower> {
  // The settlement chain has neither of the two logs.
  const partitions = createPartitions(
    database,
    fromBlock,
    chain.name === "appchain" ? PARTITIONED : [],
  );

  const node = await createCheckedNode(endpoints, chain);
  const { genesisHash } = node;
  let progress = await claimChain(database, chain, { genesisHash, fromBlock });
  await partitions.reload();
  if (progress.isCaughtUp) await partitions.index();
  /** Hashes of the stored blocks that may change, and of the one below. */
  const trail = await readTrail(database, chain, progress);
  const lastIds = await readLastIds(database);
  const windows = createWindowReader({
    ...{ chain, endpoints, node, hasAllHeaders, maxBlocks, signal },
    onRetry: (error) => report.retrying(error),
  });
  let lastNewsMs = performance.now();

  /** The newest block that the node and the database agree on. */
  async function findAncestor(below: number): Promise<number> {
    const numbers = [...trail.keys()].filter((number) => number <= below).sort((a, b) => b - a);
    let hasOthers = false;
    for (let at = 0; at < numbers.length; at += SEARCH_STEP) {
      const some = numbers.slice(at, at + SEARCH_STEP);
      const headers = await readHeaders(await node.get(), some);
      hasOthers ||= headers.some((header) => header !== undefined);
      const agreed = headers.find(
        (header) => header !== undefined && trail.get(header.number) === header.hash,
      );
      if (agreed !== undefined) return agreed.number;
    }
    if (!hasOthers) throw libraryError("RPC_INCONSISTENT", "the node has none of its blocks");
    const oldest = numbers.at(-1) ?? progress.nextBlock;
    if (oldest <= fromBlock && progress.finalizedBlock < fromBlock) {
      await node.check();
      return fromBlock - 1;
    }
    throw libraryError(
      "CHAIN_CHANGED",
      `the node has none of the blocks ${oldest} to ${numbers[0] ?? oldest} of the ${chain.name} that are stored, and ${progress.finalizedBlock} counts as final`,
    );
  }

  function replaced(block: number): XmtpError {
    return libraryError(
      "CHAIN_CHANGED",
      `the ${chain.name} replaced block ${block}, and ${progress.finalizedBlock} counts as final`,
    );
  }

  async function undo(ancestor: number, headBlock: number): Promise<void> {
    if (ancestor < progress.finalizedBlock) throw replaced(ancestor + 1);
    await takeBack(ancestor, headBlock);
  }

  async function takeBack(ancestor: number, headBlock: number): Promise<void> {
    const undone = progress.nextBlock - 1 - ancestor;
    progress = await undoBlocks({ database, chain, ancestor, from: progress, headBlock });
    for (const number of trail.keys()) if (number > ancestor) trail.delete(number);
    Object.assign(lastIds, await readLastIds(database));
    await partitions.reload();
    report.undid(undone);
  }

  async function step(): Promise<boolean> {
    const tip = progress.nextBlock - 1;
    const [head, atTip, finalizedHeader] = await readHeaders(await node.get(), [
      "latest",
      Math.max(tip, 0),
      ...(finality === "finalized" ? (["finalized"] as const) : []),
    ]);
    if (head === undefined) throw libraryError("RPC_INCONSISTENT", "the node has no newest block");
    const said =
      finality === "finalized" ? (finalizedHeader?.number ?? -1) : head.number - finality;
    const finalized = Math.max(progress.finalizedBlock, Math.min(said, head.number));

    // What comes next is checked against the tip block by block only above the finalized one.
    if (trail.has(tip) && atTip !== undefined && atTip.hash !== trail.get(tip)) {
      await undo(await findAncestor(tip), head.number);
      return true;
    }
    if (head.number < tip) return stepBehind(head);
    if (!progress.isCaughtUp && head.number <= tip + NEAR_BLOCKS) {
      await settleAtHead(head.number, finalized);
    }
    if (head.number === tip) {
      await settleAtHead(head.number, finalized);
      if (performance.now() - lastNewsMs < IDLE_LOOKS * pollIntervalMs) return false;
      endpoints.rotate();
      lastNewsMs = performance.now();
      return false;
    }

    lastNewsMs = performance.now();
    await indexTo(head.number, finalized);
    return true;
  }

  /** The node is behind what is stored. If it is on its way on another chain, its blocks tell already. */
  async function stepBehind(head: BlockHeader): Promise<boolean> {
    const known = trail.get(head.number);
    if (known !== undefined && known !== head.hash) {
      await undo(await findAncestor(head.number), head.number);
      return true;
    }
    if (known === undefined) {
      const [stored] = await database.query<{ number: bigint; hash: Uint8Array }>(
        "select number, hash from blocks where chain = $1 and number <= $2 order by number desc limit 1",
        [chain.name, head.number],
      );
      const number = Number(stored?.number ?? 0);
      const hash = stored === undefined ? genesisHash : toHex(stored.hash);
      const [now] = await readHeaders(await node.get(), [number]);
      if (now !== undefined && now.hash !== hash) throw replaced(number);
    }
    // It may stay behind for long; there may be another one that is not.
    endpoints.rotate();

    return false;
  }

  /** Nothing is new but perhaps what is final, or that the head was reached at all. */
  async function settleAtHead(headBlock: number, finalized: number): Promise<void> {
    if (progress.isCaughtUp && finalized <= progress.finalizedBlock) return;
    const { isCaughtUp } = progress;
    if (!isCaughtUp) await partitions.index();
    const finalizedBlock = Math.min(finalized, progress.nextBlock - 1);
    const to = { ...progress, finalizedBlock, isCaughtUp: true };
    await database.transaction((tx) => moveProgress(tx, chain, progress, { ...to, headBlock }));
    progress = to;
    forget();
    if (!isCaughtUp) report.caughtUp();
  }

  /** Reads windows ahead and writes them in order, up to this block. */
  async function indexTo(headBlock: number, finalized: number): Promise<void> {
    const ahead: PlannedWindows[] = [];
    let next = progress.nextBlock;
    const stop = new AbortController();
    try {
      for (;;) {
        while (ahead.length < READ_AHEAD && next <= headBlock && !signal.aborted) {
          const planned = windows.plan({ from: next, headBlock, finalized, stop: stop.signal });
          ahead.push(planned);
          next = planned.toBlock + 1;
        }
        const planned = ahead.shift();
        if (planned === undefined || signal.aborted) return;
        for (const window of await planned.windows) {
          if (signal.aborted) return;
          const whole = await withoutGap(window, headBlock);
          if (whole === undefined || !(await write(whole, headBlock, finalized))) return;
        }
      }
    } finally {
      stop.abort();
      await Promise.allSettled(ahead.map(({ windows }) => windows));
    }
  }

  /**
   * A gap in the sequence ids is looked at again: it is a log that the node left out, or one that a bootstrap did.
   * Undefined if what was left out is below the window, which then has to be read once more from there.
   */
  async function withoutGap(window: Window, headBlock: number): Promise<Window | undefined> {
    let seen = window;
    for (let question = 0; hasGap(seen) && question < GAP_QUESTIONS; question++) {
      await pauseAfterFailure(question + 1, signal);
      endpoints.rotate();
      const again = await windows.readAgain(window);
      if (again.logs >= seen.logs) seen = again;
    }
    const lost = hasGap(seen) ? await findLost(seen) : undefined;
    if (lost === undefined) return seen;

    // Whoever has read on is told to go back, even below the finalized block.
    await takeBack(lost - 1, headBlock);
    return undefined;
  }

  /** The block of a log that should have been stored before the window, if there is one. */
  async function findLost({ fromBlock: before, rows }: Window): Promise<number | undefined> {
    for (const table of PARTITIONED) {
      const { first } = rows.sequences[table];
      if (first === undefined || first <= lastIds[table] + 1n) continue;
      const block = await findLostLog({
        rpc: await node.get(),
        database,
        chain,
        table,
        fromBlock,
        before,
      });
      if (block !== undefined) return block;
    }

    return undefined;
  }

  function hasGap({ rows }: Window): boolean {
    return PARTITIONED.some((table) => {
      const { first, isDense } = rows.sequences[table];
      return first !== undefined && (!isDense || first !== lastIds[table] + 1n);
    });
  }

  /** False if the window does not follow what is stored: the chain has to be looked at anew. */
  async function write(window: Window, headBlock: number, finalized: number): Promise<boolean> {
    if (window.fromBlock !== progress.nextBlock) throw new StaleProgressError();
    const [first] = window.headers;
    const parent = trail.get(window.fromBlock - 1);
    const follows =
      first?.number !== window.fromBlock || parent === undefined || first.parentHash === parent;
    if (!follows) {
      const rpc = await node.get();
      const [before] = await readHeaders(rpc, [window.fromBlock - 1]);
      if (before === undefined) return false;
      if (before.hash !== parent) {
        await undo(await findAncestor(window.fromBlock - 1), headBlock);
        return false;
      }
      if (!(await insistsOn(rpc, [before, first]))) return false;
    }

    const to: Progress = {
      nextBlock: window.toBlock + 1,
      finalizedBlock: Math.min(Math.max(progress.finalizedBlock, finalized), window.toBlock),
      reorgs: progress.reorgs,
      isCaughtUp: progress.isCaughtUp,
    };
    await writeWindow({ database, chain, partitions, window, from: progress, to, headBlock });
    progress = to;
    for (const { number, hash } of window.headers) trail.set(number, hash);
    for (const table of PARTITIONED) {
      lastIds[table] = window.rows.sequences[table].last ?? lastIds[table];
    }
    forget();
    report.wrote(window, progress, headBlock);

    return true;
  }

  /** What is final is not looked at again, but for the newest of it, which the next block must follow. */
  function forget(): void {
    for (const number of trail.keys()) if (number < progress.finalizedBlock) trail.delete(number);
  }

  return { step };
}

/** The last sequence id of each log; 0 before the first. */
async function readLastIds(database: Database): Promise<Record<PartitionedTable, bigint>> {
  const newest = async (table: string): Promise<bigint> => {
    const [row] = await database.query<{ sequence_id: bigint }>(
      `select sequence_id from ${table} order by position desc limit 1`,
    );
    return row?.sequence_id ?? 0n;
  };

  return {
    group_messages: await newest("group_messages"),
    identity_updates: await newest("identity_updates"),
  };
}

/** Failures of the database are worth trying again: what was stored tells what was not. */
function asIndexerError(thrown: unknown): XmtpError {
  if (thrown instanceof XmtpError) return thrown;
  if (thrown instanceof StaleProgressError) {
    return libraryError("DATABASE_UNREACHABLE", "another indexer has written meanwhile");
  }
  const detail = thrown instanceof Error ? thrown.message : String(thrown);
  const failure = classifyFailure(thrown);
  if (failure.kind !== "tooLarge" && failure.error.retryable) return failure.error;

  return libraryError("DATABASE_UNREACHABLE", `the database failed: ${detail}`, { cause: thrown });
}
