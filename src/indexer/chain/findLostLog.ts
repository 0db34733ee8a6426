import { numberToHex } from "viem";

import type { Rpc } from "../../chain/createRpc.ts";
import { GROUP_MESSAGE, IDENTITY_UPDATE } from "../../publisher/payloadKinds.ts";
import type { RawLog } from "../../publisher/parseReceipt.ts";
import type { Database } from "../database/database.ts";
import type { PartitionedTable } from "../store/createPartitions.ts";
import { blockOf, positionOf } from "../store/position.ts";
import { classifyFailure } from "./classifyFailure.ts";
import type { IndexedChain } from "./contracts.ts";

/** Blocks that are looked through at most: what a node leaves out for a while is not far from its newest block. */
const MAX_BLOCKS = 2_000;

const LOGS = {
  group_messages: { contract: "groupMessageBroadcaster", topic: GROUP_MESSAGE.eventTopic },
  identity_updates: { contract: "identityUpdateBroadcaster", topic: IDENTITY_UPDATE.eventTopic },
} as const;

/**
 * Looks for a log that was left out when its block was stored, after the last one that is in the table.
 *
 * @returns the block of the first one; undefined if there is none
 */
export async function findLostLog({
  rpc,
  database,
  chain,
  table,
  fromBlock,
  before,
}: {
  readonly rpc: Rpc;
  readonly database: Database;
  readonly chain: IndexedChain;
  readonly table: PartitionedTable;
  /** The first block that is indexed. */
  readonly fromBlock: number;
  /** The first block that is not stored yet. */
  readonly before: number;
}): Promise<number | undefined> {
  const [last] = await database.query<{ position: bigint }>(
    `select position from ${table} order by position desc limit 1`,
  );
  const position = Number(last?.position ?? -1n);
  const { contract, topic } = LOGS[table];
  const address = chain.contracts.find(({ name }) => name === contract)?.address;

  for (let blocks = MAX_BLOCKS; blocks >= 1; blocks = Math.floor(blocks / 2)) {
    const first = Math.max(fromBlock, blockOf(Math.max(position, 0)), before - blocks);
    if (first >= before) return undefined;
    try {
      const logs = (await rpc.call("eth_getLogs", {
        address,
        topics: [topic],
        fromBlock: numberToHex(first),
        toBlock: numberToHex(before - 1),
      })) as RawLog[];
      const lost = logs
        .filter((log) => positionOf(Number(log.blockNumber), Number(log.logIndex)) > position)
        .map(({ blockNumber }) => Number(blockNumber));
      return lost.length === 0 ? undefined : Math.min(...lost);
    } catch (error) {
      if (classifyFailure(error).kind !== "tooLarge") throw error;
    }
  }

  return undefined;
}
