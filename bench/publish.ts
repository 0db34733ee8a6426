/**
 * Messages per second that one publisher pushes through an appchain node, beside what the same node takes of transactions
 * that were signed beforehand. All in one run, in turn, on one node in a process of its own.
 */
import { fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { bytesToHex, encodeFunctionData, type Hex } from "viem";
import { privateKeyToAccount } from "viem/accounts";

import { groupMessagesAbi } from "../src/abi/index.ts";
import { connectChain, type Chain } from "../src/chain/connectChain.ts";
import { createRpc } from "../src/chain/createRpc.ts";
import type { AddressBook } from "../src/deployment/addressBook.ts";
import { createPublisher } from "../src/publisher/createPublisher.ts";
import type { Published } from "../src/publisher/decodePublished.ts";

const SNAPSHOT = new URL("../snapshots/publish.json", import.meta.url);

const ROUNDS = 7;
/** Bytes; the size of a usual commit. */
const PAYLOAD_SIZE = 200;
const BLOCK_TIME_MS = 100;
/** Enough for a second or more each, so that the start does not count for much. */
const SINGLE_COUNT = 2_000;
const BATCHED_COUNT = 40_000;
/** Some three transactions' worth. */
const MAX_QUEUED_BYTES = 256 * 1024;
/** As many as the other side has in flight. The default, 64, is what the pool of geth queues for one account. */
const MAX_IN_FLIGHT = 256;
/** Calls of `eth_sendRawTransaction` under way at once. */
const CONCURRENCY = 4;
/** Generous; what is not used is not charged. */
const SINGLE_GAS = 100_000n;
const BATCH_GAS = 16_000_000n;

interface Node {
  readonly url: string;
  readonly webSocketUrl: string;
  readonly chainId: number;
  readonly addresses: AddressBook;
  readonly privateKeys: readonly Hex[];
}

const child = fork(
  fileURLToPath(new URL("devnetProcess.ts", import.meta.url)),
  [String(BLOCK_TIME_MS)],
  { execArgv: ["--disable-warning=ExperimentalWarning"] },
);
const node = await new Promise<Node>((resolve, reject) => {
  child.once("message", (message) => resolve(message as Node));
  child.once("exit", (code) => reject(new Error(`the devnet ended with code ${code}`)));
});

try {
  const chain = await connectChain(node);
  const rates = {
    rawSingle: [] as number[],
    rawBatched: [] as number[],
    publisher: [] as number[],
  };
  let payloadsPerTransaction = 0;

  for (let round = 0; round < ROUNDS; round++) {
    const published = await measurePublisher(chain);
    payloadsPerTransaction = published.payloadsPerTransaction;

    rates.publisher.push(published.rate);
    rates.rawBatched.push(await measureRaw(chain, BATCHED_COUNT, payloadsPerTransaction));
    rates.rawSingle.push(await measureRaw(chain, SINGLE_COUNT, 1));
  }

  const result = {
    payloadBytes: PAYLOAD_SIZE,
    blockTimeMs: BLOCK_TIME_MS,
    payloadsPerTransaction,
    messagesPerSecond: {
      publisher: Math.round(median(rates.publisher)),
      rawBatched: Math.round(median(rates.rawBatched)),
      rawSingle: Math.round(median(rates.rawSingle)),
    },
    publisherToRawBatched: pairedRatio(rates.publisher, rates.rawBatched),
    publisherToRawSingle: pairedRatio(rates.publisher, rates.rawSingle),
  };

  console.log(JSON.stringify(result, null, 2));
  await writeFile(SNAPSHOT, `${JSON.stringify(result, null, 2)}\n`);
} finally {
  child.disconnect();
}

/** From the first call to the last outcome, through the library, as a service streams: paced by `ready`. */
async function measurePublisher(
  chain: Chain,
): Promise<{ rate: number; payloadsPerTransaction: number }> {
  const publisher = await createPublisher({
    chain,
    account: privateKeyToAccount(node.privateKeys[1] ?? "0x"),
    addresses: node.addresses,
    maxQueuedBytes: MAX_QUEUED_BYTES,
    maxInFlightTransactions: MAX_IN_FLIGHT,
  });
  const messages = Array.from({ length: BATCHED_COUNT }, message);

  const began = performance.now();
  const publishing: Promise<Published>[] = [];
  for (const next of messages) {
    await publisher.ready();
    publishing.push(publisher.publishGroupMessage(next));
  }
  const published = await Promise.all(publishing);
  const rate = perSecond(BATCHED_COUNT, began);

  await publisher.close();

  const transactions = new Set(published.map(({ transactionHash }) => transactionHash));
  return { rate, payloadsPerTransaction: Math.floor(BATCHED_COUNT / transactions.size) };
}

/** From the first call to the last receipt, transactions signed beforehand, each with so many messages. */
async function measureRaw(chain: Chain, count: number, perTransaction: number): Promise<number> {
  const account = privateKeyToAccount(node.privateKeys[2] ?? "0x");
  const rpc = createRpc(chain.url, 30_000);
  let nonce = await chain.client.getTransactionCount({ address: account.address });

  const signed: Hex[] = [];
  for (let done = 0; done < count; done += perTransaction) {
    const messages = Array.from({ length: Math.min(perTransaction, count - done) }, message);
    signed.push(
      await account.signTransaction({
        chainId: chain.chainId,
        to: node.addresses.groupMessageBroadcaster,
        data: encode(messages),
        nonce: nonce++,
        gas: perTransaction === 1 ? SINGLE_GAS : BATCH_GAS,
        maxFeePerGas: 10n ** 10n,
        maxPriorityFeePerGas: 10n ** 9n,
      }),
    );
  }

  const began = performance.now();
  let next = 0;
  const hashes: unknown[] = [];
  const send = async (): Promise<void> => {
    while (next < signed.length)
      hashes.push(await rpc.call("eth_sendRawTransaction", signed[next++]));
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, send));
  while ((await rpc.call("eth_getTransactionReceipt", hashes.at(-1))) === null) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const last = await chain.client.getTransactionCount({ address: account.address });
  if (last !== nonce) throw new Error(`${nonce - last} transactions are not in a block`);

  return perSecond(count, began);
}

function message(): { groupId: Hex; payload: Hex } {
  return { groupId: bytesToHex(randomBytes(16)), payload: bytesToHex(randomBytes(PAYLOAD_SIZE)) };
}

function encode(messages: readonly ReturnType<typeof message>[]): Hex {
  const [first] = messages;
  return messages.length === 1 && first !== undefined
    ? encodeFunctionData({
        abi: groupMessagesAbi,
        functionName: "addMessage",
        args: [first.groupId, first.payload],
      })
    : encodeFunctionData({
        abi: groupMessagesAbi,
        functionName: "addMessages",
        args: [messages.map(({ groupId }) => groupId), messages.map(({ payload }) => payload)],
      });
}

function perSecond(count: number, began: number): number {
  return (count / (performance.now() - began)) * 1000;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

/** The median of the ratios of each round: drift of the machine falls out. */
function pairedRatio(values: readonly number[], others: readonly number[]): number {
  return Number(median(values.map((value, round) => value / (others[round] ?? 0))).toFixed(3));
}
