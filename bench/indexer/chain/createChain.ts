import type { Address, Hex } from "viem";

import { EMPTY_BLOCKS, type EventSet } from "../sets.ts";
import { hashHeader, headerFields, type Header } from "./header.ts";
import { logsBloom } from "./logsBloom.ts";
import {
  makeContent,
  renderLogs,
  renderTransactions,
  topicsOf,
  type BlockContent,
} from "./renderEvents.ts";

const GENESIS_TIMESTAMP = 1_750_000_000;
const GAS_PER_EVENT = 25_000;
const NO_PARENT: Hex = `0x${"00".repeat(32)}`;
/** Says "perhaps" to every question: for blocks whose events are not made in advance. */
const FULL_BLOOM: Hex = `0x${"ff".repeat(256)}`;
const NOTHING = Buffer.alloc(0);
/** Blocks that are made for a request and perhaps asked for again soon, for their headers. */
const MAX_RECENT = 32;

/** A block as it is served: its parts are JSON. */
export interface Block extends Header {
  readonly firstSequenceId: number;
  readonly events: number;
  readonly transactionHashes: readonly Hex[];
  /** Without the brackets around. */
  readonly logs: Buffer;
  readonly transactions: Buffer;
}

/** A block that is not kept: what is needed to make it again. */
type Stub = Omit<Block, "logs" | "transactions" | "transactionHashes">;

export interface Chain {
  readonly headNumber: () => number;
  readonly header: (number: number) => Header | undefined;
  readonly block: (number: number) => Block | undefined;
  readonly numberOf: (hash: string) => number | undefined;
  /** Adds a block with so many events, as of now. */
  readonly mine: (events: number) => Block;
}

/** A chain of blocks that link to each other by real hashes, from 0 on: one empty, those of the set, some empty ones. */
export function createChain(set: EventSet, address: Address): Chain {
  const blocks: (Block | Stub)[] = [];
  const numbers = new Map<string, number>();
  let nextSequenceId = 1;
  const recent = new Map<number, Block>();

  const add = (events: number, isKept: boolean, timestamp: number): Block | Stub => {
    const number = blocks.length;
    const content =
      isKept && events > 0 ? makeContent(set, number, nextSequenceId, events) : undefined;
    const fields = {
      number,
      parentHash: blocks.at(-1)?.hash ?? NO_PARENT,
      timestamp,
      logsBloom: bloomOf(events, content),
      gasUsed: events * GAS_PER_EVENT,
    };
    const stub = {
      ...fields,
      hash: hashHeader(headerFields(fields)),
      firstSequenceId: nextSequenceId,
      events,
    };
    const block = isKept ? fill(stub, content) : stub;

    blocks.push(block);
    numbers.set(block.hash, number);
    nextSequenceId += events;
    return block;
  };

  const bloomOf = (events: number, content: BlockContent | undefined): Hex => {
    if (events > 0 && content === undefined) return FULL_BLOOM;
    const topics = content?.messages.flatMap(topicsOf) ?? [];
    return logsBloom(topics.length > 0 ? [address, ...topics] : []);
  };

  const fill = (stub: Stub, content: BlockContent | undefined): Block => ({
    ...stub,
    transactionHashes: content?.transactionHashes ?? [],
    logs:
      content === undefined ? NOTHING : Buffer.from(renderLogs(content, stub, address), "latin1"),
    transactions:
      content === undefined
        ? NOTHING
        : Buffer.from(
            renderTransactions(content, stub, { address, hasCalldata: set.hasCalldata }),
            "latin1",
          ),
  });

  add(0, true, GENESIS_TIMESTAMP);
  for (let left = set.events; left > 0; left -= set.perBlock) {
    add(Math.min(left, set.perBlock), set.isKept, GENESIS_TIMESTAMP + blocks.length);
  }
  for (let count = 0; count < EMPTY_BLOCKS; count++) {
    add(0, true, GENESIS_TIMESTAMP + blocks.length);
  }

  return {
    headNumber: () => blocks.length - 1,
    header: (number) => blocks[number],
    block: (number) => {
      const block = blocks[number];
      if (block === undefined || "logs" in block) return block;
      const made =
        recent.get(number) ??
        fill(block, makeContent(set, number, block.firstSequenceId, block.events));
      recent.delete(number);
      recent.set(number, made);
      if (recent.size > MAX_RECENT) recent.delete(recent.keys().next().value ?? 0);
      return made;
    },
    numberOf: (hash) => numbers.get(hash.toLowerCase()),
    mine: (events) => add(events, true, Math.floor(Date.now() / 1000)) as Block,
  };
}
