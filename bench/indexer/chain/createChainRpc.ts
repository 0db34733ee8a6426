import { numberToHex, type Address, type Hex } from "viem";

import { nowMicros } from "../nowMicros.ts";
import type { Block, Chain } from "./createChain.ts";
import { headerFields, type Header } from "./header.ts";
import { MESSAGE_SENT } from "./renderEvents.ts";

/** As many blocks behind the head as with Anvil. */
const SAFE_DISTANCE = 32;
const FINALIZED_DISTANCE = 64;

const COMMA = Buffer.from(",");
const OPEN = Buffer.from("[");
const CLOSE = Buffer.from("]");
/** Any code: an indexer may look whether there is a contract. */
const CODE = '"0x6000"';

export interface Request {
  readonly id?: unknown;
  readonly method?: unknown;
  readonly params?: readonly unknown[];
}

/** What was asked for so far. */
export interface RpcStatistics {
  readonly requests: Readonly<Record<string, number>>;
  /** Of `eth_getLogs` with a range, in order. */
  readonly ranges: readonly BlockRange[];
  /** When the first of those came, in microseconds of the machine's monotonic clock. */
  readonly firstRangeAtMicros: number | undefined;
}

export interface BlockRange {
  readonly fromBlock: number;
  readonly toBlock: number;
}

interface LogFilter {
  readonly fromBlock?: string;
  readonly toBlock?: string;
  readonly blockHash?: string;
  readonly address?: string | readonly string[];
  readonly topics?: readonly (string | readonly string[] | null)[];
}

interface Log {
  readonly topics: readonly string[];
}

export class RpcError extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** Answers JSON-RPC requests over a chain, as pieces of JSON: what is kept ready is not copied. */
export function createChainRpc(chain: Chain, address: Address, chainId: number) {
  let requests: Record<string, number> = {};
  let ranges: BlockRange[] = [];
  let firstRangeAtMicros: number | undefined;

  return {
    /** The pieces of the result's JSON. @throws {RpcError} */
    answer: ({ method, params = [] }: Request): Buffer[] => {
      const name = String(method);
      requests[name] = (requests[name] ?? 0) + 1;
      const result = call(name, params);
      return typeof result === "string" ? [Buffer.from(result)] : result;
    },
    /** Counts from the last call on. */
    takeStatistics: (): RpcStatistics => {
      const taken = { requests, ranges, firstRangeAtMicros };
      requests = {};
      ranges = [];
      firstRangeAtMicros = undefined;
      return taken;
    },
  };

  function call(method: string, params: readonly unknown[]): string | Buffer[] {
    switch (method) {
      case "eth_chainId":
        return JSON.stringify(numberToHex(chainId));
      case "net_version":
        return JSON.stringify(String(chainId));
      case "web3_clientVersion":
        return '"replay/1.0.0"';
      case "eth_syncing":
        return "false";
      case "eth_getCode":
        return CODE;
      case "eth_blockNumber":
        return JSON.stringify(numberToHex(chain.headNumber()));
      case "eth_getBlockByNumber":
        return showBlock(numberOfTag(params[0]), params[1] === true);
      case "eth_getBlockByHash":
        return showBlock(chain.numberOf(String(params[0])), params[1] === true);
      case "eth_getLogs":
        return getLogs((params[0] ?? {}) as LogFilter);
      default:
        throw new RpcError(-32601, `the method ${method} does not exist/is not available`);
    }
  }

  function numberOfTag(tag: unknown): number {
    const head = chain.headNumber();
    switch (tag) {
      case undefined:
      case "latest":
      case "pending":
        return head;
      case "safe":
        return Math.max(0, head - SAFE_DISTANCE);
      case "finalized":
        return Math.max(0, head - FINALIZED_DISTANCE);
      case "earliest":
        return 0;
      default:
        return Number(tag);
    }
  }

  function showBlock(number: number | undefined, isFull: boolean): string | Buffer[] {
    if (number === undefined || chain.header(number) === undefined) return "null";
    const block = chain.block(number);
    if (block === undefined) return "null";

    const transactions = isFull
      ? block.transactions
      : Buffer.from(block.transactionHashes.map((hash) => `"${hash}"`).join(","));
    const fields = JSON.stringify(showHeader(block));
    return [
      Buffer.from(
        `${fields.slice(0, -1)},"size":"0x400","totalDifficulty":"0x0","uncles":[],"withdrawals":[],"transactions":[`,
      ),
      transactions,
      Buffer.from("]}"),
    ];
  }

  function getLogs(filter: LogFilter): Buffer[] {
    const { fromBlock, toBlock } = rangeOf(filter);
    const pieces: Buffer[] = [OPEN];
    for (let number = fromBlock; number <= toBlock; number++) {
      // A block without events is not made for nothing.
      const block = chain.block(number);
      if (block === undefined || block.events === 0) continue;
      const logs = select(block, filter);
      if (logs.length === 0) continue;
      if (pieces.length > 1) pieces.push(COMMA);
      pieces.push(logs);
    }
    pieces.push(CLOSE);

    return pieces;
  }

  function rangeOf(filter: LogFilter): BlockRange {
    if (filter.blockHash !== undefined) {
      const number = chain.numberOf(filter.blockHash);
      if (number === undefined) throw new RpcError(-32000, "unknown block");
      return { fromBlock: number, toBlock: number };
    }

    const fromBlock = numberOfTag(filter.fromBlock);
    const toBlock = numberOfTag(filter.toBlock);
    if (fromBlock > toBlock) throw new RpcError(-32000, "invalid block range params");
    ranges.push({ fromBlock, toBlock });
    firstRangeAtMicros ??= nowMicros();
    return { fromBlock, toBlock: Math.min(toBlock, chain.headNumber()) };
  }

  function select(block: Block, { address: wanted, topics = [] }: LogFilter): Buffer {
    const addresses = wanted === undefined ? [] : [wanted].flat();
    const isOurs = ({ length }: readonly string[]): boolean =>
      length === 0 || addresses.some((one) => one.toLowerCase() === address);
    const matches = (value: string | undefined, topic: (typeof topics)[number] | undefined) =>
      topic === null || topic === undefined || [topic].flat().includes(value ?? "");

    if (!isOurs(addresses) || !matches(MESSAGE_SENT, topics[0])) return Buffer.alloc(0);
    if (topics.slice(1).every((topic) => topic === null)) return block.logs;

    const logs = JSON.parse(`[${block.logs.toString("latin1")}]`) as Log[];
    const selected = logs.filter((log) =>
      topics.every((topic, index) => matches(log.topics[index], topic)),
    );
    return Buffer.from(JSON.stringify(selected).slice(1, -1));
  }
}

/** A header as JSON-RPC has it: in a block, and in the announcement of one. */
export function showHeader(header: Header): Readonly<Record<string, Hex>> {
  return { hash: header.hash, ...headerFields(header) };
}
