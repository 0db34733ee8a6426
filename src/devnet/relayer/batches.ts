import { brotliCompressSync, brotliDecompressSync, constants } from "node:zlib";

import {
  bytesToHex,
  concat,
  fromRlp,
  hexToBigInt,
  hexToBytes,
  hexToNumber,
  numberToHex,
  size,
  slice,
  toRlp,
  type Address,
  type Hex,
  type RpcTransaction,
} from "viem";

import { rawTransaction } from "../rawTransaction.ts";

/** Of nitro: the data that follow are compressed with Brotli. */
const BROTLI = "0x00";
/** The mark, first and last block in eight bytes each, part and number of parts in two bytes each. */
const HEADER_SIZE = 21;
/** Higher ones take longer than the blocks took. */
const QUALITY = 5;

/** What a batch of the devnet says: a part of the compressed blocks from `first` to `last`. */
export interface Batch {
  readonly first: bigint;
  readonly last: bigint;
  /** From 0. */
  readonly part: number;
  readonly parts: number;
  readonly data: Hex;
}

/** All that a block of the appchain was made of. */
export interface BatchedBlock {
  /** Seconds since the epoch. */
  readonly timestamp: bigint;
  /** Wei per gas. */
  readonly baseFee: bigint;
  /** Raw ones as their senders signed them, and those of the chain itself, which nobody signed. */
  readonly transactions: readonly (Hex | UnsignedTransaction)[];
}

export interface UnsignedTransaction {
  readonly from: Address;
  /** Left out: creates a contract. */
  readonly to?: Address;
  readonly nonce: number;
  readonly value: bigint;
  readonly data: Hex;
  readonly gas: bigint;
  /** Wei per gas. */
  readonly gasPrice: bigint;
}

export function encodeBatch({ first, last, part, parts, data }: Batch): Hex {
  return concat([
    BROTLI,
    numberToHex(first, { size: 8 }),
    numberToHex(last, { size: 8 }),
    numberToHex(part, { size: 2 }),
    numberToHex(parts, { size: 2 }),
    data,
  ]);
}

/** Nothing for the batch that the rollup posts itself when it is created, which is empty. */
export function decodeBatch(batch: Hex): Batch | undefined {
  if (batch === "0x") return undefined;
  return {
    first: hexToBigInt(slice(batch, 1, 9)),
    last: hexToBigInt(slice(batch, 9, 17)),
    part: hexToNumber(slice(batch, 17, 19)),
    parts: hexToNumber(slice(batch, 19, HEADER_SIZE)),
    data: slice(batch, HEADER_SIZE),
  };
}

/** The batches that hold the blocks from `first` on, none longer than `maxSize` bytes. The same blocks make the same batches. */
export function batchesOf(
  first: bigint,
  blocks: readonly BatchedBlock[],
  maxSize: number,
): readonly Batch[] {
  const data = compress(encodeBlocks(blocks));
  const partSize = maxSize - HEADER_SIZE;
  const parts = Math.ceil(size(data) / partSize);
  return Array.from({ length: parts }, (_, part) => ({
    first,
    last: first + BigInt(blocks.length) - 1n,
    part,
    parts,
    data: slice(data, part * partSize, Math.min((part + 1) * partSize, size(data))),
  }));
}

/** The blocks that all parts of one message hold. */
export function blocksOf(parts: readonly Batch[]): readonly BatchedBlock[] {
  const compressed = hexToBytes(concat(parts.map(({ data }) => data)));
  return decodeBlocks(bytesToHex(brotliDecompressSync(compressed)));
}

function compress(data: Hex): Hex {
  const params = { [constants.BROTLI_PARAM_QUALITY]: QUALITY };
  return bytesToHex(brotliCompressSync(hexToBytes(data), { params }));
}

/** A transaction as it goes into a batch: what its sender signed, if anybody did. */
export function batchedTransaction(transaction: RpcTransaction): Hex | UnsignedTransaction {
  const { from, to, nonce, value, input, gas, gasPrice, r } = transaction;
  // The node signs for accounts whose keys it has not by repeating their address.
  if (BigInt(r) !== BigInt(from)) return rawTransaction(transaction);
  return {
    from,
    ...(to !== null && { to }),
    nonce: hexToNumber(nonce),
    value: hexToBigInt(value),
    data: input,
    gas: hexToBigInt(gas),
    gasPrice: hexToBigInt(gasPrice ?? "0x0"),
  };
}

type Rlp = Hex | readonly Rlp[];

const encodeBlocks = (blocks: readonly BatchedBlock[]): Hex =>
  toRlp(
    blocks.map(({ timestamp, baseFee, transactions }) => [
      integer(timestamp),
      integer(baseFee),
      transactions.map(encodeTransaction),
    ]) as Parameters<typeof toRlp>[0],
  );

function encodeTransaction(transaction: Hex | UnsignedTransaction): Rlp {
  if (typeof transaction === "string") return transaction;
  const { from, to = "0x", nonce, value, data, gas, gasPrice } = transaction;
  return [from, to, integer(nonce), integer(value), data, integer(gas), integer(gasPrice)];
}

function decodeBlocks(data: Hex): readonly BatchedBlock[] {
  return (fromRlp(data, "hex") as [Hex, Hex, readonly (Hex | Hex[])[]][]).map(
    ([timestamp, baseFee, transactions]) => ({
      timestamp: toInteger(timestamp),
      baseFee: toInteger(baseFee),
      transactions: transactions.map(decodeTransaction),
    }),
  );
}

function decodeTransaction(transaction: Hex | readonly Hex[]): Hex | UnsignedTransaction {
  if (typeof transaction === "string") return transaction;
  const [from, to, nonce, value, data, gas, gasPrice] = transaction as readonly [
    Address,
    Address | "0x",
    ...[Hex, Hex, Hex, Hex, Hex],
  ];
  return {
    from,
    ...(to !== "0x" && { to }),
    nonce: Number(toInteger(nonce)),
    value: toInteger(value),
    data,
    gas: toInteger(gas),
    gasPrice: toInteger(gasPrice),
  };
}

/** RLP knows integers without leading zeros only. */
const integer = (value: bigint | number): Hex =>
  BigInt(value) === 0n ? "0x" : padToBytes(numberToHex(value));
const padToBytes = (hex: Hex): Hex => (hex.length % 2 === 0 ? hex : `0x0${hex.slice(2)}`);
const toInteger = (hex: Hex): bigint => (hex === "0x" ? 0n : hexToBigInt(hex));
