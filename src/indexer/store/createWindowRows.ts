import { decodeEventLog, type Hex } from "viem";

import type { BlockHeader } from "../../events/blocks.ts";
import { malformed } from "../../events/eventSources.ts";
import type { RawLog } from "../../publisher/parseReceipt.ts";
import { GROUP_MESSAGE, IDENTITY_UPDATE } from "../../publisher/payloadKinds.ts";
import type { IndexedChain, IndexedContract } from "../chain/contracts.ts";
import { createCopyBuffer, type CopyBuffer } from "../database/copyBuffer.ts";
import type { PartitionedTable } from "./createPartitions.ts";
import { positionOf } from "./position.ts";

export const TABLES = {
  blocks: ["chain", "number", "hash", "parent_hash", "timestamp"],
  group_messages: ["position", "sequence_id", "group_id", "message", "transaction_hash"],
  identity_updates: ["position", "sequence_id", "inbox_id", "update", "transaction_hash"],
  events: ["chain", "position", "contract", "name", "args", "transaction_hash"],
} as const;

export type TableName = keyof typeof TABLES;

/** Rows of a window of blocks, as COPY takes them. */
export interface WindowRows {
  addLog(log: RawLog): void;
  addBlock(header: BlockHeader): void;
  /** By table; a table without rows is left out. */
  copies(): readonly {
    readonly table: TableName;
    readonly rows: number;
    readonly bytes: Uint8Array;
  }[];
  /** Where the sequence ids of each log leave a gap, or begin and end: see `findGap`. */
  readonly sequences: Readonly<Record<PartitionedTable, SequenceRange>>;
}

/** The sequence ids of one log within a window. */
export interface SequenceRange {
  first: bigint | undefined;
  last: bigint | undefined;
  /** Whether each id is one more than the one before. */
  isDense: boolean;
}

/** A `bytes` argument alone: its offset, its length, and then its content, padded to words. */
const LENGTH_AT = 66;
const CONTENT_AT = 130;
const MAX_INT8 = 2n ** 63n - 1n;
/** What stands before the 48 low bits of a word. */
const ZEROS = `0x${"0".repeat(52)}`;

/** Turns logs into rows as they are read, so that the text of an answer need not be kept. */
export function createWindowRows(chain: IndexedChain): WindowRows {
  const byAddress = new Map<string, IndexedContract>(
    chain.contracts.map((contract) => [contract.address, contract]),
  );
  const buffers = new Map<TableName, CopyBuffer>();
  const sequences = { group_messages: emptyRange(), identity_updates: emptyRange() };

  const bufferOf = (table: TableName): CopyBuffer => {
    const known = buffers.get(table);
    if (known !== undefined) return known;
    const made = createCopyBuffer();
    buffers.set(table, made);
    return made;
  };

  const addPayload = (log: RawLog, table: PartitionedTable, idDigits: number): void => {
    const { topics, data } = log;
    const [, id, sequenceTopic] = topics;
    const bytes = Number(`0x${data.slice(LENGTH_AT, CONTENT_AT)}`);
    if (
      id === undefined ||
      sequenceTopic === undefined ||
      !Number.isSafeInteger(bytes) ||
      data.length < CONTENT_AT + 2 * bytes
    ) {
      throw malformed(log);
    }
    const sequenceId = sequenceOf(sequenceTopic);
    if (sequenceId > MAX_INT8) throw malformed(log);

    const range = sequences[table];
    if (range.last !== undefined && sequenceId !== range.last + 1n) range.isDense = false;
    range.first ??= sequenceId;
    range.last = sequenceId;

    const buffer = bufferOf(table);
    buffer.row(5);
    buffer.int8(positionOf(Number(log.blockNumber), Number(log.logIndex)));
    buffer.int8(sequenceId);
    buffer.hex(id, 2, 2 + idDigits);
    buffer.hex(data, CONTENT_AT, CONTENT_AT + 2 * bytes);
    buffer.bytes(log.transactionHash);
  };

  return {
    sequences,
    addLog: (log) => {
      const [topic] = log.topics;
      const contract = byAddress.get(log.address) ?? byAddress.get(log.address.toLowerCase());
      if (contract === undefined) throw malformed(log);
      if (topic === GROUP_MESSAGE.eventTopic && contract.name === "groupMessageBroadcaster") {
        return addPayload(log, "group_messages", 32);
      }
      if (topic === IDENTITY_UPDATE.eventTopic && contract.name === "identityUpdateBroadcaster") {
        return addPayload(log, "identity_updates", 64);
      }

      const { name, args } = decode(contract, log);
      const buffer = bufferOf("events");
      buffer.row(6);
      buffer.text(chain.name);
      buffer.int8(positionOf(Number(log.blockNumber), Number(log.logIndex)));
      buffer.text(contract.name);
      buffer.text(name);
      buffer.jsonb(JSON.stringify(args, toPlain));
      buffer.bytes(log.transactionHash);
    },
    addBlock: ({ number, hash, parentHash, timestamp }) => {
      const buffer = bufferOf("blocks");
      buffer.row(5);
      buffer.text(chain.name);
      buffer.int8(number);
      buffer.bytes(hash);
      buffer.bytes(parentHash);
      buffer.timestamp(timestamp);
    },
    copies: () =>
      [...buffers].map(([table, buffer]) => ({
        table,
        rows: buffer.rows(),
        bytes: buffer.finish(),
      })),
  };
}

/** Most ids fit a number, which is parsed five times as fast as a big integer. */
function sequenceOf(topic: Hex): bigint {
  return topic.startsWith(ZEROS) ? BigInt(Number(`0x${topic.slice(ZEROS.length)}`)) : BigInt(topic);
}

function emptyRange(): SequenceRange {
  return { first: undefined, last: undefined, isDense: true };
}

/** An upgraded contract may emit what this version does not know: it is kept as it came. */
function decode(
  { abi }: IndexedContract,
  { topics, data }: RawLog,
): { readonly name: string; readonly args: object } {
  try {
    const { eventName, args } = decodeEventLog({
      abi,
      topics: topics as [Hex, ...Hex[]],
      data,
    });
    return { name: eventName ?? "unknown", args: args ?? {} };
  } catch {
    return { name: "unknown", args: { topics, data } };
  }
}

/** Integers that JSON cannot hold become decimal strings; hex is lowercase, so that addresses compare as text. */
function toPlain(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();

  return typeof value === "string" && /^0x[0-9a-f]*$/iu.test(value) ? value.toLowerCase() : value;
}
