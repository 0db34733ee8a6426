import { hexToBytes, type Hex } from "viem";

import type { RpcRequest } from "./devnetPlugin.ts";

/** Wei per gas that the sender of a transaction pays at most; undefined if the node is to choose. */
export function feeCap({ method, params: [transaction] }: RpcRequest): bigint | undefined {
  if (method === "eth_sendRawTransaction") return feeCapOfRaw(transaction as Hex);
  const { maxFeePerGas, gasPrice } = transaction as { maxFeePerGas?: Hex; gasPrice?: Hex };
  const cap = maxFeePerGas ?? gasPrice;
  return cap === undefined ? undefined : BigInt(cap);
}

/** Reads no further than the field: all of a large transaction takes milliseconds. */
function feeCapOfRaw(raw: Hex): bigint | undefined {
  const bytes = hexToBytes(raw.slice(0, 2 + 2 * MAX_HEAD) as Hex);
  const type = bytes[0] ?? 0;
  const isLegacy = type >= 0xc0;
  let at = isLegacy ? 0 : 1;
  at += (bytes[at] ?? 0) > 0xf7 ? (bytes[at] ?? 0) - 0xf7 + 1 : 1; // the head of the list
  // (chain id,) nonce(, priority fee), fee cap
  const index = isLegacy ? 1 : type === 1 ? 2 : 3;
  for (let field = 0; ; field++) {
    const first = bytes[at];
    if (first === undefined || first > 0xb7) return undefined; // not a transaction: the node says so
    const [start, end] = first < 0x80 ? [at, at + 1] : [at + 1, at + 1 + first - 0x80];
    if (field === index) {
      return BigInt(`0x${Buffer.from(bytes.subarray(start, end)).toString("hex") || "0"}`);
    }
    at = end;
  }
}

/** Bytes: a type, the head of a list, and four numbers of 32 bytes at most. */
const MAX_HEAD = 1 + 9 + 4 * 33;
