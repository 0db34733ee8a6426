import {
  hexToBigInt,
  numberToHex,
  size,
  zeroHash,
  type BlockTag,
  type Hex,
  type PublicClient,
  type RpcBlock,
} from "viem";

import { batchedTransaction, type BatchedBlock } from "./batches.ts";
import { arbSysAbi, SYSTEM_CONTRACTS, systemTicketsAbi } from "./systemContracts.ts";

/** The block before the system contracts were placed. */
export const GENESIS = 0n;
/** Bytes of transactions after which a message ends, so that a long history does not have to fit in memory at once. */
const MESSAGE_SIZE = 4_000_000;

/** What the settlement chain is to know of the appchain. */
export function createAppchainReader(child: PublicClient) {
  /** How many messages were sent to the settlement chain up to a block, and the root of their tree. */
  const readSends = async (blockNumber: bigint): Promise<{ size: bigint; root: Hex }> => {
    if (blockNumber === GENESIS) return { size: 0n, root: zeroHash };
    const [size, root] = await child.readContract({
      address: SYSTEM_CONTRACTS.ArbSys,
      abi: arbSysAbi,
      functionName: "sendMerkleTreeState",
      blockNumber,
    });
    return { size, root };
  };

  /** How many messages of the settlement chain were dealt with up to a block. */
  const readMessageCount = async (blockNumber: bigint): Promise<bigint> => {
    if (blockNumber === GENESIS) return 0n;
    const { messageCount } = await child.readContract({
      address: SYSTEM_CONTRACTS.ArbRetryableTx,
      abi: systemTicketsAbi,
      functionName: "progress",
      blockNumber,
    });
    return messageCount;
  };

  const readBlock = async (number: bigint): Promise<RpcBlock<BlockTag, true>> => {
    const block = await child.request({
      method: "eth_getBlockByNumber",
      params: [numberToHex(number), true],
    });
    if (block === null) throw new Error(`the appchain has no block ${number}`);
    return block as RpcBlock<BlockTag, true>;
  };

  /** The blocks from `first` to `last`, or as many of them as one message holds. */
  const readBlocks = async (first: bigint, last: bigint): Promise<readonly BatchedBlock[]> => {
    const blocks: BatchedBlock[] = [];
    let bytes = 0;
    for (let number = first; number <= last && bytes < MESSAGE_SIZE; number += 1n) {
      const block = await readBlock(number);
      blocks.push({
        timestamp: hexToBigInt(block.timestamp),
        baseFee: hexToBigInt(block.baseFeePerGas ?? "0x0"),
        transactions: block.transactions.map(batchedTransaction),
      });
      bytes += block.transactions.reduce((sum, { input }) => sum + size(input), 0);
    }
    return blocks;
  };

  return { readSends, readMessageCount, readBlocks };
}
