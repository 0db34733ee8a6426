import { numberToHex, type Address, type Hex, type RpcTransaction } from "viem";

import { parseInteger } from "../inputs/parseOption.ts";
import { DevnetError } from "./DevnetError.ts";
import { RpcRefusal, type AskNode, type RpcLayer, type RpcRequest } from "./devnetPlugin.ts";
import { feeCap } from "./feeCap.ts";
import type { BlockEntry, Journal, JournalEntry, SystemRequest } from "./journal.ts";
import { createLock } from "./lock.ts";
import { rawTransaction } from "./rawTransaction.ts";

/** Milliseconds between two blocks, 0 for none at all; `"automine"`: one block per transaction, none when idle. */
export type BlockTime = number | "automine";

/** Milliseconds: a day. */
const MAX_BLOCK_TIME = 86_400_000;
/** Of EIP-1474: the transaction was not taken. */
const TRANSACTION_REJECTED = -32_003;
/** Of EIP-1474. */
const METHOD_NOT_SUPPORTED = -32_004;
/** Change the latest block in ways of their own. */
const MOVES_HEAD = new Set(["evm_revert", "hardhat_mine", "hardhat_reset"]);
/** What may be asked of a chain with a journal: block times are in there, and no other trick is. */
const REPEATABLE = new Set(["evm_increaseTime", "evm_setNextBlockTimestamp", "hardhat_metadata"]);

/** A transaction from an account whose key nobody has. */
export interface SystemTransaction {
  readonly from: Address;
  /** Left out: creates a contract. */
  readonly to?: Address;
  /** Wei. */
  readonly value?: bigint;
  readonly data?: Hex;
  readonly gas: bigint;
  /** Base fee and gas price 0, as ArbOS's own transactions. Only on a chain with a constant base fee. */
  readonly free: boolean;
}

export interface SystemReceipt {
  readonly status: "success" | "reverted";
  readonly gasUsed: bigint;
  /** Wei per gas. */
  readonly effectiveGasPrice: bigint;
  readonly transactionHash: Hex;
  readonly blockNumber: bigint;
  readonly logs: readonly {
    readonly address: Address;
    readonly topics: readonly Hex[];
    readonly data: Hex;
  }[];
}

export interface SystemSender {
  /**
   * Sends a transaction and mines it, in a block of its own.
   *
   * @throws the node's error if it refuses the transaction; a failed one has status `"reverted"`
   */
  send(transaction: SystemTransaction): Promise<SystemReceipt>;
}

/** Makes all blocks of a chain, one at a time. */
export interface BlockProducer {
  /**
   * Runs `work` alone: transactions that wait get their block first, then nobody else sends or mines until it is done.
   * Not re-entrant: `work` must send by what it is given only.
   */
  exclusive<T>(work: (system: SystemSender) => Promise<T>): Promise<T>;
  /** Makes a block now, even an empty one. */
  mine(): Promise<void>;
  /** Calls `listener` after each block. Returns what ends that. */
  onBlock(listener: (number: bigint) => void): () => void;
}

export interface BlockProducerConfig {
  readonly askNode: AskNode;
  /** Wei per gas in every block that is not free. Without it the chain has its own rule. */
  readonly baseFee?: bigint | undefined;
  /** Milliseconds between two blocks while no transaction waits. Default: as while one does. */
  readonly idleBlockTime?: number;
  /** Gets everything that makes the chain, before clients see it. Without it, it ends with the process. */
  readonly journal?: Journal | undefined;
  /** Hashes of transactions that wait for a block already. */
  readonly waiting?: readonly Hex[] | undefined;
}

interface RpcBlock {
  readonly number: Hex;
  readonly hash: Hex;
  readonly timestamp: Hex;
  readonly transactions: readonly Hex[];
}

/** Makes the blocks of a chain whose own mining is off. Nothing is mined before `setBlockTime`. */
export function createBlockProducer({
  askNode,
  baseFee,
  idleBlockTime = 0,
  journal,
  waiting: waitingBefore = [],
}: BlockProducerConfig) {
  const lock = createLock();
  const listeners = new Set<(number: bigint) => void>();
  /** Hashes of transactions that may get into the next block. */
  const waiting = new Set(waitingBefore);
  let automine = false;
  let interval = 0;
  let timer: NodeJS.Timeout | undefined;
  let lastBlockAt = 0;
  /** Pending while a block is not in the journal yet, and rejected for good once the journal cannot be written. */
  let visible = Promise.resolve();

  const setBaseFee = (wei: bigint) =>
    askNode("hardhat_setNextBlockBaseFeePerGas", [numberToHex(wei)]);

  const write = (entry: JournalEntry): void => {
    try {
      journal?.append(entry);
    } catch (cause) {
      const error = new DevnetError(
        "STATE_NOT_WRITTEN",
        "the chain stands still: its journal cannot be written",
        cause,
      );
      visible = Promise.reject(error);
      visible.catch(() => {}); // every request gets it
      throw error;
    }
  };

  const readBlock = async (): Promise<RpcBlock> =>
    (await askNode("eth_getBlockByNumber", ["latest", false])) as RpcBlock;

  const announceBlock = async ({ number, transactions }: RpcBlock): Promise<void> => {
    for (const hash of transactions) waiting.delete(hash);
    // What is left over an empty block waits for another transaction, which counts itself.
    if (transactions.length === 0) waiting.clear();
    // At once, for clients that look at the pending block.
    if (baseFee !== undefined) await setBaseFee(baseFee);
    lastBlockAt = performance.now();
    for (const listener of listeners) listener(BigInt(number));
  };

  const mineBlock = async (
    params: readonly unknown[] = [],
    system?: SentBySystem,
  ): Promise<void> => {
    await visible;
    const written = Promise.withResolvers<void>();
    written.promise.catch(() => {}); // every request gets it
    visible = written.promise;
    try {
      await askNode("evm_mine", params);
    } catch (error) {
      written.resolve(); // there is no block
      throw error;
    }
    try {
      const block = await readBlock();
      write(blockEntry(block, system));
      written.resolve();
      await announceBlock(block);
    } catch (error) {
      written.reject(error);
      throw error;
    }
  };

  const mineWaiting = async (): Promise<void> => {
    while (waiting.size > 0) await mineBlock();
  };

  const schedule = (delay: number): void => {
    clearTimeout(timer);
    if (interval > 0) timer = setTimeout(() => void tick().catch(() => {}), delay);
  };
  /** Fails only if the chain stands still, which every request is told. */
  const tick = async (): Promise<void> => {
    const began = performance.now();
    const isDue = waiting.size > 0 || began - lastBlockAt >= idleBlockTime;
    if (isDue) await lock.alone(() => mineBlock());
    schedule(Math.max(0, interval - (performance.now() - began)));
  };
  const setAutomine = (isOn: boolean): void => {
    automine = isOn;
    // What waits already brings no block about. Fails only if the chain stands still, which every request is told.
    if (automine && waiting.size > 0) void lock.alone(mineWaiting).catch(() => {});
  };
  const setBlockTime = (blockTime: BlockTime): void => {
    setAutomine(blockTime === "automine");
    interval = automine ? 0 : Number(blockTime);
    schedule(interval);
  };

  const sendSystem = async (
    transaction: SystemTransaction,
    impersonated: Set<Address>,
  ): Promise<SystemReceipt> => {
    const { from, to, value = 0n, data = "0x", gas, free } = transaction;
    if (free && baseFee === undefined) throw new Error("only an orbit chain has free transactions");
    const gasPrice = free ? 0n : (baseFee ?? BigInt((await askNode("eth_gasPrice")) as Hex));
    const request: SystemRequest = {
      from,
      ...(to && { to }),
      value: numberToHex(value),
      data,
      gas: numberToHex(gas),
      gasPrice: numberToHex(gasPrice),
    };
    if (!impersonated.has(from)) {
      impersonated.add(from);
      await askNode("hardhat_impersonateAccount", [from]);
    }
    const hash = (await askNode("eth_sendTransaction", [request])) as Hex;
    if (free) await setBaseFee(0n);
    await mineBlock([], { hash, request, free });
    return readReceipt(hash);
  };

  const readReceipt = async (hash: Hex): Promise<SystemReceipt> => {
    const receipt = (await askNode("eth_getTransactionReceipt", [hash])) as RpcReceipt | null;
    if (receipt === null) {
      await askNode("hardhat_dropTransaction", [hash]);
      throw new Error(`the system transaction ${hash} did not get into its block`);
    }
    return {
      status: receipt.status === "0x1" ? "success" : "reverted",
      gasUsed: BigInt(receipt.gasUsed),
      effectiveGasPrice: BigInt(receipt.effectiveGasPrice),
      transactionHash: hash,
      blockNumber: BigInt(receipt.blockNumber),
      logs: receipt.logs.map(({ address, topics, data }) => ({ address, topics, data })),
    };
  };

  const exclusive = <T>(work: (system: SystemSender) => Promise<T>): Promise<T> =>
    lock.alone(async () => {
      await mineWaiting();
      const impersonated = new Set<Address>();
      let isLastFree = false;
      try {
        return await work({
          send: (transaction) => {
            isLastFree = transaction.free;
            return sendSystem(transaction, impersonated);
          },
        });
      } finally {
        for (const account of impersonated) {
          await askNode("hardhat_stopImpersonatingAccount", [account]);
        }
        // The latest block shows clients what gas costs.
        if (isLastFree) await mineBlock();
      }
    });

  const readRaw = async (hash: Hex, { method, params: [raw] }: RpcRequest): Promise<Hex> =>
    method === "eth_sendRawTransaction"
      ? (raw as Hex)
      : rawTransaction((await askNode("eth_getTransactionByHash", [hash])) as RpcTransaction);

  const send = async (request: RpcRequest, next: Parameters<RpcLayer>[1]): Promise<unknown> => {
    // It would wait for a block without a base fee, and get into one that is not meant for it.
    const cap = baseFee === undefined ? undefined : feeCap(request);
    if (cap !== undefined && baseFee !== undefined && cap < baseFee) {
      throw new RpcRefusal(
        TRANSACTION_REJECTED,
        `max fee per gas less than block base fee: maxFeePerGas: ${cap}, baseFee: ${baseFee}`,
      );
    }
    const hash = (await next(request)) as Hex;
    waiting.add(hash);
    if (journal !== undefined) write({ sent: hash, raw: await readRaw(hash, request) });
    return hash;
  };

  /** What sends, mines, or changes the chain from outside a transaction, one at a time. */
  const answer: RpcLayer = async (request, next) => {
    const { method, params } = request;
    switch (method) {
      case "eth_sendTransaction":
      case "eth_sendRawTransaction":
        if (!automine) return lock.shared(() => send(request, next));
        return lock.alone(async () => {
          const hash = await send(request, next);
          await mineWaiting();
          return hash;
        });
      case "evm_mine":
        await lock.alone(() => mineBlock(params));
        return "0x0";
      case "evm_setAutomine":
        setAutomine(params[0] === true);
        return true;
      case "evm_setIntervalMining":
        interval = parseInteger(params[0] as number, "interval", 0, MAX_BLOCK_TIME);
        schedule(interval);
        return true;
      case "hardhat_getAutomine":
        return automine;
    }
    if (!/^(?:evm|hardhat)_/u.test(method)) return next(request);
    if (journal !== undefined && !REPEATABLE.has(method)) {
      throw new RpcRefusal(
        METHOD_NOT_SUPPORTED,
        `${method} is refused on a chain that is kept: no restart could repeat it`,
      );
    }
    return lock.alone(async () => {
      const result = await next(request);
      if (MOVES_HEAD.has(method)) await announceBlock(await readBlock());
      return result;
    });
  };

  const layer: RpcLayer = async (request, next) => {
    await visible;
    const result = await answer(request, next);
    // It may tell of a block that is not in the journal yet.
    await visible;
    return result;
  };

  return {
    exclusive,
    mine: () => lock.alone(() => mineBlock()),
    onBlock: (listener: (number: bigint) => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    layer,
    visible: () => visible,
    setBlockTime,
    /** Ends the blocks; the last one is done when it resolves. */
    stop: async (): Promise<void> => {
      setBlockTime(0);
      await lock.alone(async () => {});
    },
  } satisfies BlockProducer & Record<string, unknown>;
}

interface SentBySystem {
  readonly hash: Hex;
  readonly request: SystemRequest;
  readonly free: boolean;
}

function blockEntry(
  { hash, timestamp, transactions }: RpcBlock,
  system?: SentBySystem,
): BlockEntry {
  return {
    block: hash,
    timestamp: Number(timestamp),
    ...(system?.free === true && { free: true }),
    transactions: transactions.map((sent) => (sent === system?.hash ? system.request : sent)),
  };
}

interface RpcReceipt {
  readonly status: Hex;
  readonly gasUsed: Hex;
  readonly effectiveGasPrice: Hex;
  readonly blockNumber: Hex;
  readonly logs: SystemReceipt["logs"];
}

/** @throws {XmtpError} `INVALID_OPTION` */
export function parseBlockTime(blockTime: BlockTime): void {
  if (blockTime !== "automine") parseInteger(blockTime, "blockTime", 0, MAX_BLOCK_TIME);
}
