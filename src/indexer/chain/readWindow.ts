import { numberToHex, toEventSelector } from "viem";

import { RpcNodeError, type Rpc } from "../../chain/createRpc.ts";
import { libraryError } from "../../errors/libraryErrors.ts";
import { mayHold, readHeaders, type BlockHeader } from "../../events/blocks.ts";
import { insistsOn } from "./insistsOn.ts";
import type { RawLog } from "../../publisher/parseReceipt.ts";
import { GROUP_MESSAGE, IDENTITY_UPDATE } from "../../publisher/payloadKinds.ts";
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
  /**
   * What is asked again of the last block with events, in case the list was cut off there: everything, or all but the two
   * logs, whose sequence ids would tell. Of long lists the first would be a good part. Only with all headers.
   */
  readonly rechecks?: "everything" | "otherEvents" | undefined;
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
  rechecks = "everything",
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
  const [answers, rechecked] = await Promise.all([
    readHeaders(rpc, wanted),
    hasAllHeaders ? recheckLast(rpc, chain, logs.at(-1), rechecks) : [],
  ]);
  const headers = answers.map((header, index) => {
    if (header === undefined || header.number !== wanted[index])
      throw inconsistent(`it has no block ${wanted[index]}`);
    return header;
  });
  if (hasAllHeaders) {
    await checkLinks(rpc, headers);
    const missing = await readMissing(rpc, chain, addressBits, headers, logs);
    const more = [...rechecked, ...missing];
    if (more.length > 0) logs = sortLogs([...logs, ...more], fromBlock, toBlock);
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

async function checkLinks(rpc: Rpc, headers: readonly BlockHeader[]): Promise<void> {
  const broken = headers.flatMap((header, at) => {
    const before = headers[at - 1];
    return before === undefined || header.parentHash === before.hash ? [] : [before, header];
  });
  if (broken.length === 0 || (await insistsOn(rpc, broken))) return;
  throw inconsistent(`block ${broken[1]?.number} does not follow block ${broken[0]?.number}`);
}

/** A list that was cut off lacks whole blocks, which their filters tell, and perhaps a part of the last that it has. */
async function recheckLast(
  rpc: Rpc,
  { name, contracts }: IndexedChain,
  last: RawLog | undefined,
  rechecks: "everything" | "otherEvents",
): Promise<RawLog[]> {
  if (last === undefined) return [];
  const topics = contracts
    .flatMap(({ abi }) => abi.filter((item) => item.type === "event"))
    .map((event) => toEventSelector(event))
    .filter((topic) => topic !== GROUP_MESSAGE.eventTopic && topic !== IDENTITY_UPDATE.eventTopic);
  const answer = await rpc.call("eth_getLogs", {
    address: contracts.map(({ address }) => address),
    blockHash: last.blockHash,
    ...(name === "appchain" && rechecks === "otherEvents" && { topics: [[...new Set(topics)]] }),
  });
  if (!Array.isArray(answer)) throw inconsistent("eth_getLogs returned no list");

  return answer as RawLog[];
}

/**
 * The logs of blocks that should have some and have none. They come from the receipts, which belong to the block itself,
 * and not from the index of logs. A filter may promise what is not there.
 */
async function readMissing(
  rpc: Rpc,
  { contracts }: IndexedChain,
  addressBits: readonly (readonly number[])[],
  headers: readonly BlockHeader[],
  logs: readonly RawLog[],
): Promise<RawLog[]> {
  const present = new Set(logs.map(({ blockNumber }) => Number(blockNumber)));
  const suspects = headers.filter(
    ({ number, logsBloom }) =>
      !present.has(number) &&
      logsBloom !== undefined &&
      addressBits.some((bits) => mayHold(logsBloom, bits)),
  );
  const addresses = new Set<string>(contracts.map(({ address }) => address));
  const missing: RawLog[] = [];
  for (const header of suspects) {
    for (const receipt of await readReceipts(rpc, header)) {
      missing.push(...receipt.logs.filter((log) => addresses.has(log.address.toLowerCase())));
    }
  }

  return missing;
}

interface Receipt {
  readonly blockHash: string;
  readonly logs: readonly RawLog[];
}

/** The receipts of a block that has some. */
async function readReceipts(rpc: Rpc, { hash, number }: BlockHeader): Promise<Receipt[]> {
  const isOfBlock = (receipt: unknown): receipt is Receipt =>
    typeof receipt === "object" &&
    receipt !== null &&
    (receipt as { blockHash?: unknown }).blockHash === hash &&
    Array.isArray((receipt as { logs?: unknown }).logs);

  const together = await rpc.call("eth_getBlockReceipts", numberToHex(number)).catch(() => null);
  if (Array.isArray(together) && together.length > 0 && together.every(isOfBlock)) return together;

  // Not every node has that method.
  const block = await rpc.call("eth_getBlockByHash", hash, false);
  const { transactions } = (block ?? {}) as { transactions?: unknown };
  if (!Array.isArray(transactions)) throw inconsistent(`it does not have block ${number} any more`);
  const receipts = await rpc.batch(
    transactions.map((transaction) => ({
      method: "eth_getTransactionReceipt",
      params: [transaction],
    })),
  );
  if (receipts.length === 0 || !receipts.every(isOfBlock)) {
    throw inconsistent(`it does not have the receipts of block ${number}`);
  }

  return receipts;
}
