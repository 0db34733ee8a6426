import { numberToHex, type Address, type Hex } from "viem";

import { RpcNodeError, type Rpc } from "../chain/createRpc.ts";
import { pauseAfterFailure } from "../chain/pauseAfterFailure.ts";
import { XmtpError } from "../errors/XmtpError.ts";
import { libraryError } from "../errors/libraryErrors.ts";
import type { RawLog } from "../publisher/parseReceipt.ts";

const FIRST_RANGE = 1_000;
const MAX_RANGE = 50_000;
/** A range with fewer logs than this grows. */
const FEW_LOGS = 1_000;
/** Attempts at a range that the node does not answer for, before giving up. */
const MAX_ATTEMPTS = 6;

export interface LogFilter {
  readonly address: Address;
  readonly topics: readonly (Hex | readonly Hex[] | null)[];
}

export interface LogPage {
  readonly fromBlock: number;
  readonly toBlock: number;
  readonly logs: readonly RawLog[];
}

/**
 * Reads the logs of a range of blocks, both ends included, page by page in order. Pages shrink when the node refuses
 * them, for whatever limit it has, and grow while they hold little.
 *
 * @throws {XmtpError} `LOG_RANGE_REFUSED` if the node refuses a single block, `RPC_UNREACHABLE` after several attempts
 */
export async function* readLogs(
  rpc: Rpc,
  { address, topics }: LogFilter,
  {
    fromBlock,
    toBlock,
    signal,
  }: { fromBlock: number; toBlock: number; signal?: AbortSignal | undefined },
): AsyncGenerator<LogPage, void, undefined> {
  let range = FIRST_RANGE;
  let attempts = 0;
  let start = fromBlock;

  while (start <= toBlock) {
    if (signal?.aborted === true)
      throw libraryError("ABORTED", "the signal was aborted while events were read");
    const end = Math.min(toBlock, start + range - 1);
    try {
      const filter = { address, topics, fromBlock: numberToHex(start), toBlock: numberToHex(end) };
      const logs = await rpc.call("eth_getLogs", filter);
      if (!Array.isArray(logs))
        throw new RpcNodeError(0, "eth_getLogs returned no list", undefined);
      yield { fromBlock: start, toBlock: end, logs: logs as RawLog[] };
      start = end + 1;
      attempts = 0;
      if (logs.length < FEW_LOGS) range = Math.min(range * 2, MAX_RANGE);
      else if (logs.length > 10 * FEW_LOGS) range = Math.max(1, Math.floor(range / 2));
    } catch (error) {
      attempts += 1;
      const size = end - start + 1;
      if (size > 1) range = Math.max(1, Math.floor(size / 2));
      else if (attempts >= MAX_ATTEMPTS) throw giveUp(error, start);
      if (error instanceof XmtpError && !error.retryable) throw error;
      // A refusal of the size needs no pause; a silent or busy node does.
      if (error instanceof XmtpError || size === 1) {
        if (attempts >= MAX_ATTEMPTS) throw giveUp(error, start);
        await pauseAfterFailure(attempts, signal);
      }
    }
  }
}

function giveUp(error: unknown, block: number): XmtpError {
  if (error instanceof XmtpError) return error;
  const said = error instanceof Error ? error.message : String(error);

  return libraryError(
    "LOG_RANGE_REFUSED",
    `the node refuses the events of block ${block}: ${said}`,
    {
      cause: error,
    },
  );
}
