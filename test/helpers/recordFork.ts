import { numberToHex, type Address } from "viem";

import type { RawLog } from "../../src/publisher/parseReceipt.ts";
import type { Fault, PassingCall } from "./faultyProxy.ts";
import type { SteeredChain } from "./indexedNetwork.ts";
import { answerEach } from "./rpcFaults.ts";

interface Block {
  readonly number: string;
  readonly hash: string;
  readonly transactions: readonly string[];
}

/**
 * Keeps the newest blocks of a chain, from one on, and returns a node that stays on them when the chain has others. It
 * answers what an indexer asks.
 */
export async function recordFork(
  { running, head }: SteeredChain,
  fromBlock: number,
  address: readonly Address[],
): Promise<(call: PassingCall) => Fault> {
  const request = <T>(method: string, ...params: unknown[]): Promise<T> =>
    running.provider.request({ method, params }) as Promise<T>;
  const tip = await head();
  const blocks: Block[] = [];
  const receipts = new Map<string, unknown>();
  for (let number = fromBlock; number <= tip; number++) {
    const block = await request<Block>("eth_getBlockByNumber", numberToHex(number), false);
    blocks.push(block);
    for (const hash of block.transactions) {
      receipts.set(hash, await request("eth_getTransactionReceipt", hash));
    }
  }
  const logs = await request<RawLog[]>("eth_getLogs", {
    address,
    fromBlock: numberToHex(fromBlock),
    toBlock: numberToHex(tip),
  });

  return ({ body }) => ({
    answer: (ask) =>
      answerEach(
        body,
        async (call) => {
          const [param] = call.params;
          switch (call.method) {
            case "eth_getBlockByNumber": {
              const number = param === "latest" ? tip : Number(param);
              if (number > tip) return null;
              return blocks.find((block) => Number(block.number) === number) ?? call;
            }
            case "eth_getBlockByHash":
              return blocks.find(({ hash }) => hash === param) ?? call;
            case "eth_getTransactionReceipt":
              return receipts.get(String(param)) ?? call;
            case "eth_getLogs": {
              const filter = param as { fromBlock?: string; toBlock?: string; blockHash?: string };
              if (filter.blockHash !== undefined) {
                const isKept = blocks.some(({ hash }) => hash === filter.blockHash);
                return isKept ? logs.filter((log) => log.blockHash === filter.blockHash) : call;
              }
              const [from, to] = [Number(filter.fromBlock), Math.min(Number(filter.toBlock), tip)];
              const own = logs.filter(
                ({ blockNumber }) => Number(blockNumber) >= from && Number(blockNumber) <= to,
              );
              if (from >= fromBlock) return own;
              const common = {
                ...filter,
                toBlock: numberToHex(Math.min(to, fromBlock - 1)),
              };
              const answer = await ask(JSON.stringify({ ...call, params: [common] }));
              return [...(JSON.parse(answer) as { result: RawLog[] }).result, ...own];
            }
            default:
              return call;
          }
        },
        ask,
      ),
  });
}
