import { toHex, type Hex } from "viem";

import { pauseAfterFailure } from "../../chain/pauseAfterFailure.ts";
import { watchHeads } from "../../chain/watchHeads.ts";
import { libraryError } from "../../errors/libraryErrors.ts";
import { XmtpError } from "../../errors/XmtpError.ts";
import { bloomBits, readHeaders, type BlockHeader } from "../../events/blocks.ts";
import type { Rpc } from "../../chain/createRpc.ts";
import type { Database } from "../database/database.ts";
import { createPartitions } from "../store/createPartitions.ts";
import { claimChain, moveProgress, StaleProgressError, type Progress } from "../store/progress.ts";
import { undoBlocks } from "../store/undoBlocks.ts";
import { writeWindow } from "../store/writeWindow.ts";
import { classifyFailure } from "./classifyFailure.ts";
import type { IndexedChain } from "./contracts.ts";
import type { Endpoints } from "./createEndpoints.ts";
import { createRangePlanner } from "./createRangePlanner.ts";
import { findLostLog } from "./findLostLog.ts";
import { insistsOn } from "./insistsOn.ts";
import { readWindow, type Window } from "./readWindow.ts";

/** JSON that one answer should have: large enough for the overhead of a request, small enough for memory. */
const TARGET_BYTES = 6_000_000;
/** Windows that are read ahead of the one that is written. */
const READ_AHEAD = 3;
/** Headers of a window, where all are read. */
const MAX_HEADERS = 500;
/** Hashes that are looked at in one request for where a reorganisation began. */
const SEARCH_STEP = 32;
/** Times that a window is read again because its sequence ids have a gap. A bootstrap may leave one. */
const GAP_QUESTIONS = 2;

/** Looks at a node that has nothing new until another one is asked: it may be stuck. */
const IDLE_LOOKS = 10;
/** Attempts at a window before everything is looked at anew. */
const MAX_ATTEMPTS = 5;

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
          while (await follower.step()) failures = 0;
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
  const addressBits = chain.contracts.map(({ address }) => bloomBits(address));
  const planner = createRangePlanner({
    targetBytes: TARGET_BYTES,
    ...(maxBlocks !== undefined && { maxBlocks }),
  });
  const partitions = createPartitions(database, fromBlock);

  const checked = new Set<Rpc>([endpoints.rpc()]);
  const genesisHash = await checkChain(endpoints, chain);
  let progress = await claimChain(database, chain, { genesisHash, fromBlock });
  await partitions.reload();
  /** Hashes of the stored blocks that may change, and of the one below. */
  const trail = await readTrail(database, chain, progress);
  const lastIds = await readLastIds(database);
  let lastNewsMs = performance.now();

  /** The node to ask, which was seen to have this chain. */
  async function node(): Promise<Rpc> {
    const rpc = endpoints.rpc();
    if (checked.has(rpc)) return rpc;
    if ((await checkChain(endpoints, chain)) !== genesisHash) throw otherGenesis();
    checked.add(rpc);
    return rpc;
  }

  function otherGenesis(): XmtpError {
    return libraryError(
      "CHAIN_CHANGED",
      `the node ${endpoints.name()} has another block 0 of the ${chain.name} than the one that is indexed, ${genesisHash}`,
    );
  }

  /** The newest block that the node and the database agree on. */
  async function findAncestor(below: number): Promise<number> {
    const numbers = [...trail.keys()].filter((number) => number <= below).sort((a, b) => b - a);
    let hasOthers = false;
    for (let at = 0; at < numbers.length; at += SEARCH_STEP) {
      const some = numbers.slice(at, at + SEARCH_STEP);
      const headers = await readHeaders(await node(), some);
      hasOthers ||= headers.some((header) => header !== undefined);
      const agreed = headers.find(
        (header) => header !== undefined && trail.get(header.number) === header.hash,
      );
      if (agreed !== undefined) return agreed.number;
    }
    if (!hasOthers) throw libraryError("RPC_INCONSISTENT", "the node has none of its blocks");
    const oldest = numbers.at(-1) ?? progress.nextBlock;
    if (oldest <= fromBlock && progress.finalizedBlock < fromBlock) {
      if ((await checkChain(endpoints, chain)) !== genesisHash) throw otherGenesis();
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
    const [head, atTip, finalizedHeader] = await readHeaders(await node(), [
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
      const [now] = await readHeaders(await node(), [number]);
      if (now !== undefined && now.hash !== hash) throw replaced(number);
    }
    // It may stay behind for long; there may be another one that is not.
    endpoints.rotate();

    return false;
  }

  /** Nothing is new but perhaps what is final, or that the head was reached at all. */
  async function settleAtHead(headBlock: number, finalized: number): Promise<void> {
    if (progress.isCaughtUp && finalized <= progress.finalizedBlock) return;
    const to = { ...progress, finalizedBlock: finalized, isCaughtUp: true };
    await database.transaction((tx) => moveProgress(tx, chain, progress, { ...to, headBlock }));
    progress = to;
    forget();
    report.caughtUp();
  }

  /** Reads windows ahead and writes them in order, up to this block. */
  async function indexTo(headBlock: number, finalized: number): Promise<void> {
    const ahead: Planned[] = [];
    let next = progress.nextBlock;
    const stop = new AbortController();
    try {
      for (;;) {
        while (ahead.length < READ_AHEAD && next <= headBlock && !signal.aborted) {
          const planned = plan(next, headBlock, finalized, stop.signal);
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

  function plan(from: number, headBlock: number, finalized: number, stop: AbortSignal): Planned {
    const isFinal = from <= finalized;
    const needsHeaders = hasAllHeaders || !isFinal;
    const blocks = needsHeaders ? Math.min(planner.blocks(), MAX_HEADERS) : planner.blocks();
    const toBlock = Math.min(from + blocks - 1, isFinal ? finalized : headBlock);

    const rechecks = toBlock < finalized ? "otherEvents" : "everything";
    const windows = read(from, toBlock, needsHeaders, rechecks, stop);
    // Whoever awaits it hears of the failure; until then somebody has to listen.
    windows.catch(() => undefined);

    return { toBlock, windows };
  }

  /** Reads a range in as many windows as the node wants it in. */
  async function read(
    from: number,
    toBlock: number,
    needsHeaders: boolean,
    rechecks: "everything" | "otherEvents",
    stop: AbortSignal,
  ): Promise<Window[]> {
    const windows: Window[] = [];
    let size = toBlock - from + 1;
    let start = from;
    let failures = 0;
    while (start <= toBlock && !stop.aborted && !signal.aborted) {
      const end = Math.min(toBlock, start + size - 1);
      try {
        const window = await readWindow({
          rpc: await node(),
          chain,
          addressBits,
          fromBlock: start,
          toBlock: end,
          hasAllHeaders: needsHeaders,
          rechecks,
        });
        planner.succeeded(end - start + 1, window.bytes);
        windows.push(window);
        start = end + 1;
        failures = 0;
      } catch (thrown) {
        const failure = classifyFailure(thrown);
        if (failure.kind === "final") throw failure.error;
        if (failure.kind === "tooLarge" && end > start) {
          planner.refused(end - start + 1, failure.maxBlocks);
          size = Math.min(end - start, failure.maxBlocks ?? Math.ceil((end - start + 1) / 2));
          continue;
        }
        failures += 1;
        const error =
          failure.kind === "later"
            ? failure.error
            : libraryError("LOG_RANGE_REFUSED", `the node refuses the events of block ${start}`);
        report.retrying(error);
        // Blocks that may change are looked at anew from the head; the others are there to stay.
        if (error.code === "RPC_INCONSISTENT" && failures > 1) throw error;
        if (failures > MAX_ATTEMPTS) throw error;
        endpoints.rotate();
        await pauseAfterFailure(failures, signal);
      }
    }

    return windows;
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
      const again = await readWindow({
        rpc: await node(),
        chain,
        addressBits,
        fromBlock: window.fromBlock,
        toBlock: window.toBlock,
        hasAllHeaders: true,
      });
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
    for (const table of ["group_messages", "identity_updates"] as const) {
      const { first } = rows.sequences[table];
      if (first === undefined || first <= lastIds[table] + 1n) continue;
      const block = await findLostLog({
        rpc: await node(),
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
    return (["group_messages", "identity_updates"] as const).some((table) => {
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
      const rpc = await node();
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
      isCaughtUp: progress.isCaughtUp || window.toBlock === headBlock,
    };
    await writeWindow({ database, chain, partitions, window, from: progress, to, headBlock });
    const isFirst = !progress.isCaughtUp && to.isCaughtUp;
    progress = to;
    for (const { number, hash } of window.headers) trail.set(number, hash);
    for (const table of ["group_messages", "identity_updates"] as const) {
      lastIds[table] = window.rows.sequences[table].last ?? lastIds[table];
    }
    forget();
    report.wrote(window, progress, headBlock);
    if (isFirst) report.caughtUp();

    return true;
  }

  /** What is final is not looked at again, but for the newest of it, which the next block must follow. */
  function forget(): void {
    for (const number of trail.keys()) if (number < progress.finalizedBlock) trail.delete(number);
  }

  return { step };
}

interface Planned {
  readonly toBlock: number;
  readonly windows: Promise<Window[]>;
}

/** Checks that the node serves the chain that is meant. @returns the hash of its first block */
async function checkChain(endpoints: Endpoints, chain: IndexedChain): Promise<Hex> {
  const rpc = endpoints.rpc();
  const chainId = Number(await rpc.call("eth_chainId"));
  if (chainId !== chain.chainId) {
    throw libraryError(
      "WRONG_CHAIN",
      `the node ${endpoints.name()} serves chain ${chainId}, not ${chain.chainId}`,
    );
  }
  const [genesis] = await readHeaders(rpc, [0]);
  if (genesis === undefined) {
    throw libraryError("RPC_REFUSED", `the node ${endpoints.name()} does not have block 0`);
  }

  return genesis.hash;
}

async function readTrail(
  database: Database,
  chain: IndexedChain,
  { finalizedBlock }: Progress,
): Promise<Map<number, Hex>> {
  // At least one block below, for a chain that was reset and is not as long yet.
  const rows = await database.query<{ number: bigint; hash: Uint8Array }>(
    `select number, hash from blocks where chain = $1 and number >= least($2, (select max(number) from blocks where chain = $1))
      order by number`,
    [chain.name, finalizedBlock],
  );

  return new Map(rows.map(({ number, hash }) => [Number(number), toHex(hash)]));
}

/** The last sequence id of each log; 0 before the first. */
async function readLastIds(
  database: Database,
): Promise<Record<"group_messages" | "identity_updates", bigint>> {
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
