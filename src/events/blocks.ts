import { keccak256, numberToHex, type Hex } from "viem";

import type { Rpc } from "../chain/createRpc.ts";
import { RpcNodeError } from "../chain/createRpc.ts";
import { decodeError } from "../errors/decodeError.ts";

/** What of a block decides whether it follows another. */
export interface BlockHeader {
  readonly number: number;
  readonly hash: Hex;
  readonly parentHash: Hex;
  /** Unix seconds. */
  readonly timestamp: number;
  /** Undefined where the node does not say. */
  readonly logsBloom: Hex | undefined;
}

/** Reads headers in one request; undefined for a block that the node does not have. @throws {XmtpError} */
export async function readHeaders(
  rpc: Rpc,
  blocks: readonly (number | "latest" | "finalized")[],
): Promise<(BlockHeader | undefined)[]> {
  const answers = await rpc.batch(
    blocks.map((block) => ({
      method: "eth_getBlockByNumber",
      params: [typeof block === "number" ? numberToHex(block) : block, false],
    })),
  );

  return answers.map((answer) => {
    if (answer instanceof RpcNodeError) throw decodeError(answer);
    return parseHeader(answer);
  });
}

function parseHeader(answer: unknown): BlockHeader | undefined {
  if (typeof answer !== "object" || answer === null) return undefined;
  const { number, hash, parentHash, timestamp, logsBloom } = answer as Record<string, unknown>;
  if (typeof number !== "string" || typeof hash !== "string" || typeof parentHash !== "string") {
    return undefined;
  }

  return {
    number: Number(number),
    hash: hash as Hex,
    parentHash: parentHash as Hex,
    timestamp: Number(timestamp),
    logsBloom: typeof logsBloom === "string" ? (logsBloom as Hex) : undefined,
  };
}

/**
 * Whether a block may hold a log with this address or topic: false is certain. The bloom filter of a block sets three
 * bits for each, each bit chosen by 11 bits of the hash.
 */
export function mayContain(logsBloom: Hex | undefined, value: Hex): boolean {
  return mayHold(logsBloom, bloomBits(value));
}

/** The three bits of an address or topic in the bloom filter of a block: computed once where many blocks are asked. */
export function bloomBits(value: Hex): readonly number[] {
  const hash = keccak256(value);

  return [0, 1, 2].map((pair) => Number(`0x${hash.slice(2 + 4 * pair, 6 + 4 * pair)}`) & 2047);
}

/** As `mayContain`, of the bits. */
export function mayHold(logsBloom: Hex | undefined, bits: readonly number[]): boolean {
  if (logsBloom === undefined || logsBloom.length !== 514) return true;

  return bits.every((bit) => {
    const at = 2 + 2 * (255 - (bit >> 3));
    return (Number(`0x${logsBloom.slice(at, at + 2)}`) & (1 << (bit & 7))) !== 0;
  });
}
