import type { Cursor } from "../../src/events/eventSources.ts";

const CURSOR = /^(?<block>\d{1,15}):(?<log>\d{1,9}):(?<hash>0x[0-9a-f]{64})$/iu;
const BLOCK = /^\d{1,15}$/u;

/** A cursor as one word, which `--from` takes: block number, position in the block, and block hash. */
export function formatCursor({ blockNumber, logIndex, blockHash }: Required<Cursor>): string {
  return `${blockNumber}:${logIndex}:${blockHash}`;
}

/** What `--from` says: go on after an event, or begin with a block. Nothing if it says neither. */
export function parseFrom(
  text: string,
): { readonly after: Cursor } | { readonly fromBlock: number } | undefined {
  if (BLOCK.test(text)) return { fromBlock: Number(text) };
  const { block, log, hash } = CURSOR.exec(text)?.groups ?? {};
  if (block === undefined || log === undefined || hash === undefined) return undefined;

  return {
    after: {
      blockNumber: Number(block),
      logIndex: Number(log),
      blockHash: `0x${hash.slice(2).toLowerCase()}`,
    },
  };
}
