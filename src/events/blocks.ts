import { keccak256, numberToHex, type Hex } from "viem";

import type { Rpc } from "../chain/createRpc.ts";
import { RpcNodeError } from "../chain/createRpc.ts";
import { decodeError } from "../errors/decodeError.ts";

/** What of a block decides whether it follows another. */
export interface BlockHeader {
  readonly number: number;
  readonly hash: Hex;
  readonly parentHash: Hex;
  /** Undefined where the node does not say. */
  readonly logsBloom: Hex | undefined;
}

/** Reads headers in one request; undefined for a block that the node does not have. @throws {XmtpError} */
export async function readHeaders(
  rpc: Rpc,
  blocks: readonly (number | "latest")[],
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
  const { number, hash, parentHash, logsBloom } = answer as Record<string, unknown>;
  if (typeof number !== "string" || typeof hash !== "string" || typeof parentHash !== "string") {
    return undefined;
  }

  return {
    number: Number(number),
    hash: hash as Hex,
    parentHash: parentHash as Hex,
    logsBloom: typeof logsBloom === "string" ? (logsBloom as Hex) : undefined,
  };
}

/**
 * Whether a block may hold a log with this address or topic: false is certain. The bloom filter of a block sets three
 * bits for each, each bit chosen by 11 bits of the hash.
 */
export function mayContain(logsBloom: Hex | undefined, value: Hex): boolean {
  if (logsBloom === undefined || logsBloom.length !== 514) return true;
  const hash = keccak256(value);

  return [0, 1, 2].every((pair) => {
    const bit = Number(`0x${hash.slice(2 + 4 * pair, 6 + 4 * pair)}`) & 2047;
    const byte = Number(
      `0x${logsBloom.slice(2 + 2 * (255 - (bit >> 3)), 4 + 2 * (255 - (bit >> 3)))}`,
    );
    return (byte & (1 << (bit & 7))) !== 0;
  });
}
