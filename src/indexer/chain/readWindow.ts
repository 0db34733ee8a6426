import { numberToHex } from "viem";

import { RpcNodeError, type Rpc } from "../../chain/createRpc.ts";
import { libraryError } from "../../errors/libraryErrors.ts";
import { mayHold, readHeaders, type BlockHeader } from "../../events/blocks.ts";
import type { RawLog } from "../../publisher/parseReceipt.ts";
import { createWindowRows, type WindowRows } from "../store/createWindowRows.ts";
import type { IndexedChain } from "./contracts.ts";

/** A range of blocks with everything of it that is stored. */
export interface Window {
  readonly fromBlock: number;
  readonly toBlock: number;
  /** Ascending: all blocks, or those with events and the last one. */
  readonly headers: readonly BlockHeader[];
  readonly logs: number;
  /** Characters of the answers. */
  readonly bytes: number;
  readonly rows: WindowRows;
}

export interface ReadWindowParameters {
  readonly rpc: Rpc;
  readonly chain: IndexedChain;
  /** Bits of the contracts' addresses in the bloom filter of a block. */
  readonly addressBits: readonly (readonly number[])[];
  readonly fromBlock: number;
  readonly toBlock: number;
  /**
   * Whether to read the header of every block: only then are logs missed that a node, whose index of logs lags behind
   * its blocks, leaves out. Otherwise the headers of blocks with events are read.
   */
  readonly hasAllHeaders: boolean;
}

/** The answers contradict each other: a reorganisation in between, or nodes that disagree behind one URL. */
function inconsistent(detail: string) {
  return libraryError("RPC_INCONSISTENT", `the node's answers do not fit together: ${detail}`);
}

/**
 * Reads a range of blocks and checks that the answers fit together: each log belongs to the block that the node has at
 * that height, blocks follow each other, and no block's bloom filter promises a log that is missing.
 *
 * @throws {XmtpError} `RPC_INCONSISTENT`, `RPC_UNREACHABLE`, `RPC_BUSY`
 * @throws {RpcNodeError} what the node answered instead
 */
export async function readWindow({
  rpc,
  chain,
  addressBits,
  fromBlock,
  toBlock,
  hasAllHeaders,
}: ReadWindowParameters): Promise<Window> {
  const address = chain.contracts.map((contract) => contract.address);
  // In one request, so that behind a load balancer the node that answers for the logs is one that has the last block.
  const [answer, last] = await rpc.batch([
    {
      method: "eth_getLogs",
      params: [{ address, fromBlock: numberToHex(fromBlock), toBlock: numberToHex(toBlock) }],
    },
    { method: "eth_getBlockByNumber", params: [numberToHex(toBlock), false] },
  ]);
  if (answer instanceof RpcNodeError) throw answer;
  if (last instanceof RpcNodeError) throw last;
  if (last === null) throw inconsistent(`it does not have block ${toBlock} yet`);
  let logs = sortLogs(answer, fromBlock, toBlock);

  const wanted = hasAllHeaders
    ? Array.from({ length: toBlock - fromBlock + 1 }, (_, offset) => fromBlock + offset)
    : [...new Set([...logs.map(({ blockNumber }) => Number(blockNumber)), toBlock])];
  const headers = (await readHeaders(rpc, wanted)).map((header, index) => {
    if (header === undefined) throw inconsistent(`it has no block ${wanted[index]}`);
    return header;
  });
  if (hasAllHeaders) {
    checkLinks(headers);
    logs = await addMissing(rpc, chain, addressBits, headers, logs);
  }

  const rows = createWindowRows(chain);
  let bytes = 0;
  let at = 0;
  for (const log of logs) {
    const number = Number(log.blockNumber);
    while (headers[at] !== undefined && headers[at]!.number < number) at += 1;
    const header = headers[at];
    if (header?.number !== number || header.hash !== log.blockHash) {
      throw inconsistent(`a log of block ${number} belongs to another block of that number`);
    }
    rows.addLog(log);
    bytes += log.data.length + LOG_BYTES;
  }
  for (const header of headers) rows.addBlock(header);

  return {
    fromBlock,
    toBlock,
    headers,
    logs: logs.length,
    bytes: bytes + headers.length * HEADER_BYTES,
    rows,
  };
}

/** What a log and a header take in an answer besides the data. */
const LOG_BYTES = 700;
const HEADER_BYTES = 2_000;

/** Logs in the order of the chain, each once. Nodes behind a proxy repeat them, and return them in any order. */
function sortLogs(answer: unknown, fromBlock: number, toBlock: number): RawLog[] {
  if (!Array.isArray(answer)) throw inconsistent("eth_getLogs returned no list");
  let isSorted = true;
  let block = -1;
  let index = -1;
  for (const log of answer as (RawLog & { readonly removed?: boolean })[]) {
    const number = Number(log.blockNumber);
    const logIndex = Number(log.logIndex);
    if (!(number >= fromBlock && number <= toBlock)) {
      throw inconsistent(`it returned a log of block ${number} for ${fromBlock} to ${toBlock}`);
    }
    if (log.removed === true) throw inconsistent(`it returned a removed log of block ${number}`);
    if (number < block || (number === block && logIndex <= index)) isSorted = false;
    block = number;
    index = logIndex;
  }
  const logs = answer as RawLog[];
  if (isSorted) return logs;

  const sorted = logs.toSorted(
    (a, b) =>
      Number(a.blockNumber) - Number(b.blockNumber) || Number(a.logIndex) - Number(b.logIndex),
  );
  return sorted.filter((log, at) => {
    const before = sorted[at - 1];
    const isRepeated =
      before?.blockNumber === log.blockNumber && Number(before.logIndex) === Number(log.logIndex);
    if (isRepeated && before.blockHash !== log.blockHash) {
      throw inconsistent(`it returned logs of two blocks with number ${Number(log.blockNumber)}`);
    }
    return !isRepeated;
  });
}

function checkLinks(headers: readonly BlockHeader[]): void {
  for (const [at, header] of headers.entries()) {
    const before = headers[at - 1];
    if (before !== undefined && header.parentHash !== before.hash) {
      throw inconsistent(`block ${header.number} does not follow block ${before.number}`);
    }
  }
}

/** How often a block is asked for again whose bloom filter promises a log. A filter may promise what is not there. */
const MAX_QUESTIONS = 4;

/**
 * Adds the logs of blocks that should have some, by the hash of the block. The receipts of the block decide where the
 * node has them: they come from the block itself, and not from the index of logs.
 */
async function addMissing(
  rpc: Rpc,
  { contracts }: IndexedChain,
  addressBits: readonly (readonly number[])[],
  headers: readonly BlockHeader[],
  logs: RawLog[],
): Promise<RawLog[]> {
  const present = new Set(logs.map(({ blockNumber }) => Number(blockNumber)));
  const suspects = headers.filter(
    ({ number, logsBloom }) =>
      !present.has(number) &&
      logsBloom !== undefined &&
      addressBits.some((bits) => mayHold(logsBloom, bits)),
  );
  if (suspects.length === 0) return logs;

  const addresses = new Set<string>(contracts.map(({ address }) => address));
  const found: RawLog[] = [];
  for (const { hash, number } of suspects) {
    const receipts = await rpc.call("eth_getBlockReceipts", numberToHex(number)).catch(() => null);
    if (Array.isArray(receipts) && receipts.every(isReceiptOf(hash))) {
      found.push(
        ...(receipts as { logs: RawLog[] }[]).flatMap((receipt) =>
          receipt.logs.filter((log) => addresses.has(log.address.toLowerCase())),
        ),
      );
      continue;
    }
    for (let question = 1; question <= MAX_QUESTIONS; question++) {
      const filter = { address: [...addresses], blockHash: hash };
      const answer = await rpc.call("eth_getLogs", filter);
      if (!Array.isArray(answer)) throw inconsistent("eth_getLogs returned no list");
      if (answer.length === 0) continue;
      found.push(...(answer as RawLog[]));
      break;
    }
  }

  return found.length === 0
    ? logs
    : sortLogs([...logs, ...found], headers[0]?.number ?? 0, headers.at(-1)?.number ?? 0);
}

function isReceiptOf(hash: string) {
  return (receipt: unknown): boolean =>
    typeof receipt === "object" &&
    receipt !== null &&
    (receipt as { blockHash?: unknown }).blockHash === hash &&
    Array.isArray((receipt as { logs?: unknown }).logs);
}
