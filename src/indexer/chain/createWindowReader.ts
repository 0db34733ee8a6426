import { pauseAfterFailure } from "../../chain/pauseAfterFailure.ts";
import { libraryError } from "../../errors/libraryErrors.ts";
import type { XmtpError } from "../../errors/XmtpError.ts";
import { bloomBits } from "../../events/blocks.ts";
import { classifyFailure } from "./classifyFailure.ts";
import type { IndexedChain } from "./contracts.ts";
import type { CheckedNode } from "./createCheckedNode.ts";
import type { Endpoints } from "./createEndpoints.ts";
import { createRangePlanner } from "./createRangePlanner.ts";
import { readWindow, type Window } from "./readWindow.ts";

/** JSON that one answer should have: large enough for the overhead of a request, small enough for memory. */
const TARGET_BYTES = 6_000_000;
/** Headers of a window, where all are read. */
const MAX_HEADERS = 500;
/** Attempts at a window before everything is looked at anew. */
const MAX_ATTEMPTS = 5;

/** Windows that are being read. */
export interface PlannedWindows {
  readonly toBlock: number;
  readonly windows: Promise<Window[]>;
}

/** Reads ahead, in ranges of a size that the node and this process can do with. */
export interface WindowReader {
  /** Begins to read from a block on, as far as one request may go. */
  plan(range: {
    readonly from: number;
    readonly headBlock: number;
    readonly finalized: number;
    readonly stop: AbortSignal;
  }): PlannedWindows;
  /** Reads a window once more, with every header. */
  readAgain(window: Window): Promise<Window>;
}

export function createWindowReader({
  chain,
  endpoints,
  node,
  hasAllHeaders,
  maxBlocks,
  signal,
  onRetry,
}: {
  readonly chain: IndexedChain;
  readonly endpoints: Endpoints;
  readonly node: CheckedNode;
  /** See `readWindow`; blocks above the finalized one are always read with their headers. */
  readonly hasAllHeaders: boolean;
  readonly maxBlocks: number | undefined;
  readonly signal: AbortSignal;
  readonly onRetry: (error: XmtpError) => void;
}): WindowReader {
  const addressBits = chain.contracts.map(({ address }) => bloomBits(address));
  const planner = createRangePlanner({
    targetBytes: TARGET_BYTES,
    ...(maxBlocks !== undefined && { maxBlocks }),
  });

  const plan: WindowReader["plan"] = ({ from, headBlock, finalized, stop }) => {
    const isFinal = from <= finalized;
    const needsHeaders = hasAllHeaders || !isFinal;
    const blocks = needsHeaders ? Math.min(planner.blocks(), MAX_HEADERS) : planner.blocks();
    const toBlock = Math.min(from + blocks - 1, isFinal ? finalized : headBlock);

    const rechecks = toBlock < finalized ? "otherEvents" : "everything";
    const windows = read(from, toBlock, needsHeaders, rechecks, stop);
    // Whoever awaits it hears of the failure; until then somebody has to listen.
    windows.catch(() => undefined);

    return { toBlock, windows };
  };

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
          rpc: await node.get(),
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
        onRetry(error);
        // Blocks that may change are looked at anew from the head; the others are there to stay.
        if (error.code === "RPC_INCONSISTENT" && failures > 1) throw error;
        if (failures > MAX_ATTEMPTS) throw error;
        endpoints.rotate();
        await pauseAfterFailure(failures, signal);
      }
    }

    return windows;
  }

  return {
    plan,
    readAgain: async ({ fromBlock, toBlock }) =>
      await readWindow({
        ...{ chain, addressBits, fromBlock, toBlock },
        rpc: await node.get(),
        hasAllHeaders: true,
      }),
  };
}
