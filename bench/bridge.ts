/**
 * The bridge of the devnet: how many deposits per second its relayer carries when a thousand wait, how long a deposit
 * takes under a steady load, and how long the devnet takes to start, with all contracts of the rollup or with a history.
 *
 * `QUICK=1 npm run bench -- bridge` takes a tenth of everything, and records nothing.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import {
  encodeAbiParameters,
  encodeFunctionData,
  numberToHex,
  parseAbi,
  type Address,
  type Hex,
} from "viem";
import { privateKeyToAccount } from "viem/accounts";

import { appchainGatewayAbi, feeTokenAbi } from "../src/abi/index.ts";
import { connectChain, type Chain } from "../src/chain/connectChain.ts";
import { createRpc } from "../src/chain/createRpc.ts";
import type { AddressBook } from "../src/deployment/addressBook.ts";
import { mintMockTokens } from "../src/payers/mintMockTokens.ts";
import { wrapFeeTokens } from "../src/payers/wrapFeeTokens.ts";

const SNAPSHOT = new URL("../snapshots/bridge.json", import.meta.url);
const DEVNET = fileURLToPath(new URL("devnetProcess.ts", import.meta.url));

const IS_QUICK = process.env["QUICK"] !== undefined;
const ROUNDS = IS_QUICK ? 1 : 5;
const BACKLOG = IS_QUICK ? 100 : 1_000;
/** Deposits per second that are tried, from the most down, until the relayer keeps up. */
const RATES = [100, 80, 60, 50, 40, 30, 20, 10];
const LOAD_SECONDS = IS_QUICK ? 3 : 15;
const HISTORY_BLOCKS = IS_QUICK ? 1_000 : 10_000;
/** So long that all blocks are made on demand. */
const HISTORY_BLOCK_TIME_MS = 60_000;
const STARTS = IS_QUICK ? 1 : 3;

const BLOCK_TIME_MS = 100;
/** Units of the fee token, a dollar, and what every account needs. */
const AMOUNT = 1_000_000n;
const FUNDS = 1_000_000n * AMOUNT;
/** Gas on the appchain, with some to spare, and wei of it: twice what it costs. */
const TICKET_GAS = 150_000n;
const TICKET_FEE = 200_000_000n;
const DEPOSIT_GAS = 300_000n;
const TRANSFER_GAS = 21_000n;
/** Wei per gas, on either chain. */
const MAX_FEE = 100n * 10n ** 9n;
const TIMEOUT_MS = 60_000;
/** Milliseconds between two looks at the appchain. */
const LOOK_MS = 5;
/** Share of the deposits of a load that may be under way when its last one is sent. */
const MAX_LAG_SECONDS = 1;
const TICKETS: Address = "0x000000000000000000000000000000000000006E";
const TICKETS_ABI = parseAbi([
  "struct Progress { uint64 messageCount; uint64 parentBlock; uint64 redeemCount; uint64 redeemsDone; bytes32 accumulator; uint8 step; }",
  "function progress() view returns (Progress)",
]);

interface Network {
  readonly url: string;
  readonly chainId: number;
  readonly settlement: { readonly url: string; readonly chainId: number };
  readonly addresses: AddressBook;
  readonly privateKeys: readonly Hex[];
}

const folder = await mkdtemp(path.join(tmpdir(), "xmtp-appchain-"));
try {
  const startSeconds: number[] = [];
  for (let start = 0; start < STARTS; start++) {
    const devnet = await startDevnet(BLOCK_TIME_MS);
    startSeconds.push(devnet.seconds);
    await devnet.stop();
  }

  const devnet = await startDevnet(BLOCK_TIME_MS);
  const bridge = await connectBridge(devnet.network);
  const rates: number[] = [];
  for (let round = 0; round < ROUNDS; round++) rates.push(await measureBacklog(bridge));
  const load = await measureMostLoad(bridge);
  await devnet.stop();

  const result = {
    backlog: BACKLOG,
    ticketsPerSecond: Math.round(median(rates)),
    blockTimeMs: BLOCK_TIME_MS,
    depositsPerSecond: load.rate,
    depositToCreditMs: { median: load.median, p99: load.p99 },
    startSeconds: median(startSeconds),
    restart: await measureRestart(path.join(folder, "state")),
  };
  console.log(JSON.stringify(result, null, 2));
  if (!IS_QUICK) await writeFile(SNAPSHOT, `${JSON.stringify(result, null, 2)}\n`);
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** From the start of the process until the devnet is ready. */
async function startDevnet(blockTime: number, state?: string) {
  const began = performance.now();
  const child = fork(DEVNET, [String(blockTime), ...(state === undefined ? [] : [state])], {
    execArgv: ["--disable-warning=ExperimentalWarning"],
  });
  const network = await new Promise<Network>((resolve, reject) => {
    child.once("message", (message) => resolve(message as Network));
    child.once("exit", (code) => reject(new Error(`the devnet ended with code ${code}`)));
  });
  const seconds = secondsSince(began);

  return {
    network,
    seconds,
    stop: async (): Promise<void> => {
      const ended = once(child, "exit");
      child.disconnect();
      await ended;
    },
  };
}

type Bridge = Awaited<ReturnType<typeof connectBridge>>;

/** Every account of the devnet with fee tokens, and a way to deposit them for recipients that nobody has used before. */
async function connectBridge({ settlement, addresses, privateKeys, ...appchain }: Network) {
  const here = await connectChain(settlement);
  const there = await connectChain(appchain);
  const rpc = createRpc(settlement.url, TIMEOUT_MS);
  const senders = await Promise.all(
    privateKeys.map(async (privateKey) => {
      const account = privateKeyToAccount(privateKey);
      const shared = { chain: here, account, amount: FUNDS };
      await mintMockTokens({ ...shared, address: addresses.underlyingFeeToken });
      await wrapFeeTokens({ ...shared, address: addresses.feeToken });
      const nonce = await here.client.getTransactionCount({ address: account.address });
      return { account, nonce };
    }),
  );
  let recipients = 0;

  return {
    rpc,
    there,
    addresses,
    /** Deposits, signed by all accounts in turn: for whom, and the transaction. */
    sign: async (count: number): Promise<{ recipient: Address; raw: Hex }[]> => {
      const signed: { recipient: Address; raw: Hex }[] = [];
      for (let index = 0; index < count; index++) {
        const sender = senders[index % senders.length];
        if (sender === undefined) throw new Error("the devnet has no accounts");
        const recipient = numberToHex((0xbe2cn << 144n) + BigInt(recipients++), { size: 20 });
        const ticket = encodeAbiParameters(
          [{ type: "uint256" }, { type: "address" }, { type: "uint256" }, { type: "uint256" }],
          [BigInt(appchain.chainId), recipient, TICKET_GAS, TICKET_FEE],
        );
        const raw = await sender.account.signTransaction({
          chainId: settlement.chainId,
          to: addresses.feeToken,
          data: encodeFunctionData({
            abi: feeTokenAbi,
            functionName: "transferAndCall",
            args: [addresses.settlementChainGateway, AMOUNT, ticket],
          }),
          nonce: sender.nonce++,
          gas: DEPOSIT_GAS,
          maxFeePerGas: MAX_FEE,
          maxPriorityFeePerGas: 0n,
        });
        signed.push({ recipient, raw });
      }
      return signed;
    },
    /** Messages that the appchain has dealt with. */
    relayed: async (): Promise<bigint> => {
      const { messageCount } = await there.client.readContract({
        address: TICKETS,
        abi: TICKETS_ABI,
        functionName: "progress",
      });
      return messageCount;
    },
  };
}

/** Tickets per second, from the first block with deposits, which hold them all at once, until the last is credited. */
async function measureBacklog({ rpc, sign, relayed }: Bridge): Promise<number> {
  const target = (await relayed()) + BigInt(BACKLOG);
  const deposits = await sign(BACKLOG);
  await rpc.call("evm_setIntervalMining", 0);
  for (const { raw } of deposits) await rpc.call("eth_sendRawTransaction", raw);

  const began = performance.now();
  await rpc.call("evm_setIntervalMining", 1);
  while ((await relayed()) < target) await pause(LOOK_MS);
  const seconds = secondsSince(began);
  await rpc.call("evm_setIntervalMining", BLOCK_TIME_MS);

  return BACKLOG / seconds;
}

interface Load {
  /** Deposits per second. */
  readonly rate: number;
  /** Milliseconds from handing in a deposit until the recipient has it. */
  readonly median: number;
  readonly p99: number;
}

/** The highest rate with which the relayer keeps up. */
async function measureMostLoad(bridge: Bridge): Promise<Load> {
  for (const rate of RATES) {
    const load = await measureLoad(bridge, rate);
    if (load !== undefined) return load;
  }
  throw new Error(`the relayer does not keep up with ${RATES.at(-1)} deposits per second`);
}

/** Deposits at a steady rate, one by one. Undefined if they pile up. */
async function measureLoad({ rpc, there, addresses, sign }: Bridge, rate: number) {
  const deposits = await sign(rate * LOAD_SECONDS);
  const sentAt = new Map<string, number>();
  const latencies: number[] = [];
  let fromBlock = (await there.client.getBlockNumber()) + 1n;

  const look = async (): Promise<void> => {
    const toBlock = await there.client.getBlockNumber();
    if (toBlock < fromBlock) return;
    const events = await there.client.getContractEvents({
      address: addresses.appChainGateway,
      abi: appchainGatewayAbi,
      eventName: "DepositReceived",
      fromBlock,
      toBlock,
      strict: true,
    });
    const now = performance.now();
    for (const { args } of events) {
      const sent = sentAt.get(args.recipient.toLowerCase());
      if (sent !== undefined) latencies.push(now - sent);
    }
    fromBlock = toBlock + 1n;
  };

  const began = performance.now();
  let isSent = false;
  const sending = (async () => {
    const answers: Promise<unknown>[] = [];
    for (const [index, { recipient, raw }] of deposits.entries()) {
      await pause(Math.max(0, began + (index * 1000) / rate - performance.now()));
      sentAt.set(recipient, performance.now());
      answers.push(rpc.call("eth_sendRawTransaction", raw));
    }
    await Promise.all(answers);
    isSent = true;
  })();
  let atEnd: number | undefined;
  while (latencies.length < deposits.length) {
    await look();
    if (isSent) atEnd ??= deposits.length - latencies.length;
    await pause(LOOK_MS);
  }
  await sending;
  if ((atEnd ?? 0) > rate * MAX_LAG_SECONDS) return undefined;

  const sorted = latencies.toSorted((a, b) => a - b);
  const at = (share: number) => Math.round(sorted[Math.floor(share * sorted.length)] ?? 0);
  return { rate, median: at(0.5), p99: at(0.99) };
}

/** From the start of the process until the devnet is ready with all its history. */
async function measureRestart(state: string): Promise<{ blocks: number; seconds: number }> {
  const first = await startDevnet(HISTORY_BLOCK_TIME_MS, state);
  await makeHistory(first.network);
  await first.stop();

  const seconds: number[] = [];
  let blocks = 0;
  for (let start = 0; start < STARTS; start++) {
    const again = await startDevnet(BLOCK_TIME_MS, state);
    seconds.push(again.seconds);
    const chains = await Promise.all([
      connectChain(again.network),
      connectChain(again.network.settlement),
    ]);
    const heights = await Promise.all(chains.map(({ client }: Chain) => client.getBlockNumber()));
    blocks = Number(heights.reduce((sum, height) => sum + height, 0n));
    await again.stop();
  }

  return { blocks, seconds: median(seconds) };
}

/** Blocks of the appchain with a transfer each, until both chains have as many as wanted. */
async function makeHistory(network: Network): Promise<void> {
  const chain = await connectChain(network);
  const settlement = await connectChain(network.settlement);
  const account = privateKeyToAccount(network.privateKeys[1] ?? "0x");
  const rpc = createRpc(network.url, TIMEOUT_MS);
  let nonce = await chain.client.getTransactionCount({ address: account.address });
  const height = async () =>
    Number((await chain.client.getBlockNumber()) + (await settlement.client.getBlockNumber()));

  for (let missing = HISTORY_BLOCKS - (await height()); missing > 0;) {
    await rpc.call(
      "eth_sendRawTransaction",
      await account.signTransaction({
        chainId: network.chainId,
        to: account.address,
        nonce: nonce++,
        gas: TRANSFER_GAS,
        maxFeePerGas: MAX_FEE,
        maxPriorityFeePerGas: 0n,
      }),
    );
    await rpc.call("evm_mine");
    missing -= 1;
  }
}

function secondsSince(began: number): number {
  return Number(((performance.now() - began) / 1000).toFixed(2));
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
