import { libraryError } from "../errors/libraryErrors.ts";
import { describe } from "../inputs/describe.ts";
import type { Cursor } from "./eventSources.ts";

const CURSOR = /^(?<block>\d{1,15}):(?<log>-1|\d{1,9})(?::(?<hash>0x[0-9a-f]{64}))?$/iu;
const BLOCK = /^\d{1,15}$/u;

/**
 * A cursor as one word: number of the block, position in the block, and hash of the block if it has one. What `--from`,
 * the HTTP interface and `parseCursorText` take.
 */
export function formatCursor({ blockNumber, logIndex, blockHash }: Cursor): string {
  const place = `${blockNumber}:${logIndex}`;

  return blockHash === undefined ? place : `${place}:${blockHash}`;
}

/** Reads what `formatCursor` wrote. @throws {XmtpError} `INVALID_CURSOR` */
export function parseCursorText(text: string): Cursor {
  const { block, log, hash } = CURSOR.exec(text)?.groups ?? {};
  if (block === undefined || log === undefined) {
    throw libraryError(
      "INVALID_CURSOR",
      `${describe(text)} is not a cursor as the events carry it`,
    );
  }
  const place = { blockNumber: Number(block), logIndex: Number(log) };

  return hash === undefined ? place : { ...place, blockHash: `0x${hash.slice(2).toLowerCase()}` };
}

/** What `--from` says: go on after an event, or begin with a block. Nothing if it says neither. */
export function parseFrom(
  text: string,
): { readonly after: Cursor } | { readonly fromBlock: number } | undefined {
  if (BLOCK.test(text)) return { fromBlock: Number(text) };

  if (!CURSOR.test(text)) return undefined;

  const after = parseCursorText(text);
  // Somebody typed it, or kept it: without a hash nothing would be noticed.
  return after.blockHash === undefined ? undefined : { after };
}
