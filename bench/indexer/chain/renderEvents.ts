import { toFunctionSelector, type Address, type Hex } from "viem";

import type { EventSet } from "../sets.ts";
import { createKeystream } from "./createKeystream.ts";

export const MESSAGE_SENT = "0xe69329a8fa6c24860e47ba6211a332cf49c3e692bdbcc4bf5500d724bf9ccd05";

const ADD_MESSAGE = toFunctionSelector("addMessage(bytes16,bytes)");
/** Of a helper contract that makes up the payload by itself. */
const SHORT_CALL = "0x5b34b9660000000000000000000000000000000000000000000000000000000000000001";
const SENDER = "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266";
const HELPER = "0x5fbdb2315678afecb367f032d93f642f64180aa3";
const SIGNATURE = `0x${"5a".repeat(32)}`;

const GROUPS = 1_000;
const GROUP_BYTES = 16;
const GROUP_HEX = createKeystream("groups")(GROUPS * GROUP_BYTES).toString("hex");

/** Messages of one block, before it is known what hash the block has. */
export interface BlockContent {
  readonly messages: readonly { readonly group: string; readonly sequenceId: number }[];
  /** The payloads, each padded to words, as hex digits without a prefix. */
  readonly payloads: readonly { readonly bytes: number; readonly hex: string }[];
  readonly transactionHashes: readonly Hex[];
  readonly perTransaction: number;
}

/** The same for the same set, number and first id, whatever was asked for before. */
export function makeContent(
  { name, payloadBytes: { min, max }, perTransaction }: EventSet,
  blockNumber: number,
  firstSequenceId: number,
  count: number,
): BlockContent {
  const random = createKeystream(`${name} ${blockNumber}`);
  const choices = random(4 * count);
  const hashes = random(32 * Math.ceil(count / perTransaction)).toString("hex");
  const bytes = random(max * count);

  return {
    messages: Array.from({ length: count }, (_, index) => {
      const group = (choices.readUInt16LE(4 * index) % GROUPS) * 2 * GROUP_BYTES;
      return {
        group: GROUP_HEX.slice(group, group + 2 * GROUP_BYTES),
        sequenceId: firstSequenceId + index,
      };
    }),
    payloads: Array.from({ length: count }, (_, index) => {
      const size = min + (choices.readUInt16LE(4 * index + 2) % (max - min + 1));
      const hex = bytes.toString("hex", max * index, max * index + size);
      return { bytes: size, hex: hex.padEnd(Math.ceil(size / 32) * 64, "0") };
    }),
    transactionHashes: Array.from(
      { length: hashes.length / 64 },
      (_, index): Hex => `0x${hashes.slice(64 * index, 64 * (index + 1))}`,
    ),
    perTransaction,
  };
}

/** Topics of a message, which filters go by. */
export function topicsOf({ group, sequenceId }: BlockContent["messages"][number]): Hex[] {
  return [MESSAGE_SENT, `0x${group.padEnd(64, "0")}`, `0x${word(sequenceId)}`];
}

/** The logs of a block as JSON of Geth, without the brackets around. */
export function renderLogs(
  content: BlockContent,
  block: { readonly number: number; readonly hash: Hex; readonly timestamp: number },
  address: Address,
): string {
  const { messages, payloads, transactionHashes, perTransaction } = content;
  const head = `{"address":"${address}","topics":["`;
  const place = `","blockNumber":"0x${block.number.toString(16)}","transactionHash":"`;
  const tail = `","blockHash":"${block.hash}","blockTimestamp":"0x${block.timestamp.toString(16)}","logIndex":"0x`;

  return messages
    .map((message, index) => {
      const payload = payloads[index];
      const transaction = Math.floor(index / perTransaction);
      const data = `0x${word(32)}${word(payload?.bytes ?? 0)}${payload?.hex}`;
      return `${head}${topicsOf(message).join('","')}"],"data":"${data}${place}${transactionHashes[transaction]}","transactionIndex":"0x${transaction.toString(16)}${tail}${index.toString(16)}","removed":false}`;
    })
    .join(",");
}

/** The transactions of a block as JSON of Geth, in full, without the brackets around. */
export function renderTransactions(
  { messages, payloads, transactionHashes }: BlockContent,
  block: { readonly number: number; readonly hash: Hex },
  { address, hasCalldata }: { readonly address: Address; readonly hasCalldata: boolean },
): string {
  const to = hasCalldata ? address : HELPER;
  const chain = `"type":"0x2","accessList":[],"chainId":"0x7a6b","v":"0x0","yParity":"0x0","r":"${SIGNATURE}","s":"${SIGNATURE}"}`;

  return transactionHashes
    .map((hash, index) => {
      const payload = payloads[index];
      const input = hasCalldata
        ? `${ADD_MESSAGE}${messages[index]?.group.padEnd(64, "0")}${word(64)}${word(payload?.bytes ?? 0)}${payload?.hex}`
        : SHORT_CALL;
      return `{"blockHash":"${block.hash}","blockNumber":"0x${block.number.toString(16)}","from":"${SENDER}","gas":"0x186a0","gasPrice":"0x989680","maxFeePerGas":"0x989680","maxPriorityFeePerGas":"0x0","hash":"${hash}","input":"${input}","nonce":"0x${(block.number * 1000 + index).toString(16)}","to":"${to}","transactionIndex":"0x${index.toString(16)}","value":"0x0",${chain}`;
    })
    .join(",");
}

function word(value: number): string {
  return value.toString(16).padStart(64, "0");
}
