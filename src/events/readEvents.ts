import type { Chain } from "../chain/connectChain.ts";
import { createRpc } from "../chain/createRpc.ts";
import { libraryError } from "../errors/libraryErrors.ts";
import { parseInteger } from "../inputs/parseOption.ts";
import { readHeaders } from "./blocks.ts";
import type { Cursor, EventSource } from "./eventSources.ts";
import { parseCursor } from "./parseCursor.ts";
import { readLogs } from "./readLogs.ts";

const TIMEOUT_MS = 30_000;

export interface ReadEventsParameters<Event> {
  readonly chain: Chain;
  /** What to read: `groupMessages(...)`, `nodeChanges(...)`, `escrowChanges(...)` and the like. */
  readonly source: EventSource<Event>;
  /** Read what comes after this event. */
  readonly after?: Cursor;
  /** The first block to read, when there is no cursor. Default 0; the deployment block saves time. */
  readonly fromBlock?: number;
  /** The last block to read. Default: the newest at the time of the call. */
  readonly toBlock?: number;
  readonly signal?: AbortSignal;
}

/**
 * Reads events in the order of the chain, from a cursor or a block up to a block, and ends.
 *
 * Nothing is read ahead of the consumer but one page.
 *
 * @throws {XmtpError} `INVALID_CURSOR` (also when the chain no longer has the cursor's block), `INVALID_OPTION`,
 *   `RPC_UNREACHABLE`, `LOG_RANGE_REFUSED`
 * @example
 * const source = groupMessages({ address: addresses.groupMessageBroadcaster, groupId });
 * for await (const { sequenceId, payload, cursor } of readEvents({ chain: appchain, source, after })) {
 *   store(sequenceId, payload, cursor);
 * }
 */
export async function* readEvents<Event extends { readonly cursor: Required<Cursor> }>({
  chain,
  source,
  after,
  fromBlock = 0,
  toBlock,
  signal,
}: ReadEventsParameters<Event>): AsyncGenerator<Event, void, undefined> {
  parseInteger(fromBlock, "fromBlock", 0);
  if (toBlock !== undefined) parseInteger(toBlock, "toBlock", 0);
  const start = after === undefined ? { blockNumber: fromBlock, logIndex: -1 } : parseCursor(after);

  const rpc = createRpc(chain.url, TIMEOUT_MS);
  const [head, block] = await readHeaders(rpc, ["latest", start.blockNumber]);
  if (after !== undefined) {
    // A cursor without a hash may stand before the first event of the next block.
    const isNext = after.blockHash === undefined && after.blockNumber === (head?.number ?? 0) + 1;
    if (block === undefined && !isNext) {
      throw libraryError(
        "INVALID_CURSOR",
        `the chain has no block ${after.blockNumber}, where the cursor is`,
      );
    }
    if (block !== undefined && after.blockHash !== undefined && block.hash !== after.blockHash) {
      throw libraryError(
        "INVALID_CURSOR",
        `block ${after.blockNumber} of the cursor was replaced by ${block.hash}`,
      );
    }
  }

  const end = Math.min(toBlock ?? Number.MAX_SAFE_INTEGER, head?.number ?? 0);
  for await (const { logs } of readLogs(rpc, source, {
    fromBlock: start.blockNumber,
    toBlock: end,
    signal,
  })) {
    for (const log of logs) {
      const isBefore =
        Number(log.blockNumber) === start.blockNumber && Number(log.logIndex) <= start.logIndex;
      if (!isBefore) yield source.decode(log);
    }
  }
}
