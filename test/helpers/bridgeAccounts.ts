import { expect } from "chai";
import {
  decodeFunctionData,
  hexToBigInt,
  isAddressEqual,
  parseAbi,
  parseEventLogs,
  size,
  slice,
  type Address,
  type Hex,
  type Log,
  type TransactionReceipt,
} from "viem";

import { appchainGatewayAbi, feeTokenAbi } from "../../src/abi/index.ts";
import { parseMessages, parseTicketMessage } from "../../src/bridge/parseMessages.ts";
import { nativeDepositHash, ticketId, type TicketMessage } from "../../src/bridge/ticketId.ts";
import { connectChain, type Chain } from "../../src/chain/connectChain.ts";
import type { AddressBook } from "../../src/deployment/addressBook.ts";
import {
  ARBOS_ACCOUNT,
  ARBOS_BALANCE,
  SEQUENCER_ACCOUNT,
  SEQUENCER_BALANCE,
} from "../../src/devnet/orbit.ts";

/** Wei of the appchain in a unit of the fee token. */
export const UNIT = 10n ** 12n;

const ARB_SYS = "0x0000000000000000000000000000000000000064";
const ARB_RETRYABLE_TX = "0x000000000000000000000000000000000000006E";
const SYSTEM = parseAbi([
  "struct Progress { uint64 messageCount; uint64 parentBlock; uint64 redeemCount; uint64 redeemsDone; bytes32 accumulator; uint8 step; }",
  "event TicketCreated(bytes32 indexed ticketId)",
  "event SubmissionFailed(bytes32 indexed ticketId)",
  "event RedeemScheduled(bytes32 indexed ticketId, bytes32 indexed retryTxHash, uint64 indexed sequenceNum, uint64 donatedGas, address gasDonor, uint256 maxRefund, uint256 submissionFeeRefund)",
  "event Canceled(bytes32 indexed ticketId)",
  "event Expired(bytes32 indexed ticketId)",
  "event Executed(bytes32 indexed hash, bytes32 indexed transactionHash)",
  "event L2ToL1Tx(address caller, address indexed destination, uint256 indexed hash, uint256 indexed position, uint256 arbBlockNum, uint256 ethBlockNum, uint256 timestamp, uint256 callvalue, bytes data)",
  "event OutBoxTransactionExecuted(address indexed to, address indexed l2Sender, uint256 indexed zero, uint256 transactionIndex)",
  "function delayedMessageCount() view returns (uint256)",
  "function progress() view returns (Progress)",
  "function openTickets() view returns (bytes32[] ticketIds, uint256[] timeouts)",
  "function startRedeem(uint64 nonce, bool isRunnable) payable",
]);
/** Numbers below this are no addresses that anybody has. */
const FIRST_ADDRESS = 2n ** 96n;
/** Calls under way at once. */
const CONCURRENCY = 500;

/** Both ends of a bridge. */
export interface BridgeEnds {
  readonly settlement: { readonly url: string; readonly chainId: number };
  readonly appchain: { readonly url: string; readonly chainId: number };
  readonly addresses: AddressBook;
}

/** What is where. Amounts in wei of the appchain. */
export interface BridgeAccounts {
  /** Messages of the bridge, and how many of them the appchain has dealt with. */
  readonly messages: number;
  readonly relayed: number;
  readonly tickets: Readonly<Record<TicketEnd, number>>;
  /** What the bridge holds. */
  readonly escrow: bigint;
  /** In messages that the appchain has not taken. */
  readonly pending: bigint;
  /** Of the appchain, what was burned for gas included. */
  readonly supply: bigint;
  /** In withdrawals that were not claimed. */
  readonly inFlight: bigint;
  readonly withdrawals: number;
  readonly claimed: number;
}

export type TicketEnd = "open" | "redeemed" | "cancelled" | "expired" | "refused";

/**
 * Adds up what both chains say, each read from its first block on, and nothing through the relayer: every unit in escrow
 * has its counterpart, every message was relayed once and in order, every ticket has one end, and what was paid for it is
 * where it belongs.
 */
export async function checkBridgeAccounts(ends: BridgeEnds): Promise<BridgeAccounts> {
  const { addresses } = ends;
  const settlement = await connectChain(ends.settlement);
  const appchain = await connectChain(ends.appchain);
  // In this order: what the appchain has, the settlement chain has had before.
  const there = await readAppchain(appchain, addresses);
  const here = await readSettlement(settlement, addresses, appchain.chainId);

  // The settlement chain by itself.
  const sent = sum(here.messages.map(({ deposit }) => deposit));
  expect(
    here.received * UNIT,
    "tokens that the bridge took, and messages that bring them",
  ).to.equal(sent);
  expect(here.escrow, "escrow, and what came and went").to.equal(here.received - here.paid);

  // The appchain by itself.
  const { burned, balances } = there;
  const all = sum([...balances.values()]);
  expect(all + burned, "balances and burned gas").to.equal(ARBOS_BALANCE + SEQUENCER_BALANCE);
  const sends = sum(there.sends.map(({ callvalue }) => callvalue));
  expect(balances.get(ARB_SYS), "balance of ArbSys").to.equal(sends);

  // Messages: each once, in order.
  const relayed = here.messages.filter(({ index }) => index < there.messageCount);
  expect(here.messageCount >= there.messageCount, "messages relayed").to.equal(true);
  const known = new Set(here.messages.map(({ hash }) => hash));
  expect(
    there.executed.map(({ hash }) => hash).filter((hash) => known.has(hash)),
    "messages in the order of the appchain",
  ).to.deep.equal(relayed.map(({ hash }) => hash));

  const ended = relayed.flatMap(({ ticket, hash }) =>
    ticket === undefined ? [] : [{ ...ticket, hash, end: there.endOf(hash) }],
  );
  const redeemed = ended.filter(({ end }) => end === "redeemed");
  expect(
    there.deposits.map(({ recipient, amount }) => `${recipient} ${amount}`).toSorted(),
    "deposits credited",
  ).to.deep.equal(
    redeemed
      .flatMap(({ data, value }) => {
        const recipient = recipientOf(data);
        return recipient === undefined ? [] : [`${recipient} ${value}`];
      })
      .toSorted(),
  );
  expect(there.pushes.toSorted(), "pushes received").to.deep.equal(
    redeemed.flatMap(({ data }) => nonceOf(data) ?? []).toSorted(),
  );
  const escrowed = sum(ended.filter(({ end }) => end === "open").map(({ value }) => value));
  expect(balances.get(ARB_RETRYABLE_TX), "value of open tickets").to.equal(escrowed);

  // Withdrawals: each claimed once, or in flight.
  const valueAt = new Map(there.sends.map(({ position, callvalue }) => [position, callvalue]));
  expect(new Set(here.executed).size, "withdrawals claimed once").to.equal(here.executed.length);
  const claimedValues = here.executed.map((position) => {
    const value = valueAt.get(position);
    if (value === undefined) throw new Error(`withdrawal ${position} was paid and never made`);
    return value;
  });
  expect(here.paid, "tokens paid for withdrawals").to.equal(
    sum(claimedValues.map((value) => value / UNIT)),
  );
  const dust = sum(claimedValues.map((value) => value % UNIT));
  const inFlight = sends - sum(claimedValues);

  // Both chains together, to the wei.
  const credited = sum(relayed.map(({ deposit }) => deposit));
  const pending = sent - credited;
  const vault = balances.get(ARBOS_ACCOUNT) ?? 0n;
  expect(ARBOS_BALANCE - vault, "what left the vault").to.equal(credited + there.redeemGas);
  const supply = all - vault - sends - SEQUENCER_BALANCE + burned - there.redeemGas;
  expect(here.escrow * UNIT, "escrow, supply and withdrawals in flight").to.equal(
    pending + supply + inFlight + dust,
  );

  const count = (end: TicketEnd) => ended.filter((ticket) => ticket.end === end).length;
  return {
    messages: Number(here.messageCount),
    relayed: Number(there.messageCount),
    tickets: {
      open: count("open"),
      redeemed: count("redeemed"),
      cancelled: count("cancelled"),
      expired: count("expired"),
      refused: count("refused"),
    },
    escrow: here.escrow * UNIT,
    pending,
    supply,
    inFlight,
    withdrawals: there.sends.length,
    claimed: here.executed.length,
  };
}

/** Whether the appchain has dealt with all messages and redeems that there are. */
export async function isRelayed(ends: BridgeEnds): Promise<boolean> {
  const { appChainBridge: address = "0x" } = ends.addresses;
  const settlement = await connectChain(ends.settlement);
  const appchain = await connectChain(ends.appchain);
  const count = await settlement.client.readContract({
    address,
    abi: SYSTEM,
    functionName: "delayedMessageCount",
  });
  const { messageCount, redeemCount, redeemsDone, step } = await appchain.client.readContract({
    address: ARB_RETRYABLE_TX,
    abi: SYSTEM,
    functionName: "progress",
  });

  return messageCount === count && redeemsDone === redeemCount && step === 0;
}

/** How many tickets the appchain keeps, those included that have expired and are still to be paid out. */
export async function countOpenTickets({ appchain }: BridgeEnds): Promise<number> {
  const { client } = await connectChain(appchain);
  const [ids] = await client.readContract({
    address: ARB_RETRYABLE_TX,
    abi: SYSTEM,
    functionName: "openTickets",
  });

  return ids.length;
}

/** A message that brings tokens. */
interface Deposited {
  readonly index: bigint;
  /** By which the appchain knows it. */
  readonly hash: Hex;
  /** Wei. */
  readonly deposit: bigint;
  readonly ticket: TicketMessage | undefined;
}

async function readSettlement({ client }: Chain, addresses: AddressBook, appchainId: number) {
  const { appChainBridge: bridge, appChainOutbox: outbox, feeToken } = addresses;
  if (bridge === undefined || outbox === undefined) throw new Error("the network has no bridge");
  const blockNumber = await client.getBlockNumber();
  const logs: Log[] = await client.getLogs({ fromBlock: 0n, toBlock: blockNumber });
  const from = (address: Address) => logs.filter((log) => isAddressEqual(log.address, address));

  const messages = parseMessages(logs).filter((message) => isAddressEqual(message.bridge, bridge));
  const deposited = messages.flatMap<Deposited>((message) => {
    const { messageNumber: index, kind, data, sender } = message;
    const ticket = parseTicketMessage(message);
    if (ticket !== undefined) {
      const hash = ticketId(ticket, appchainId);
      return [{ index, hash, deposit: ticket.deposit, ticket }];
    }
    if (kind !== DEPOSIT_KIND || size(data) !== DEPOSIT_SIZE) return [];
    const deposit = hexToBigInt(slice(data, 20));
    const hash = nativeDepositHash(
      { messageNumber: index, from: sender, recipient: slice(data, 0, 20), value: deposit },
      appchainId,
    );
    return [{ index, hash, deposit, ticket: undefined }];
  });
  const transfers = parseEventLogs({
    abi: feeTokenAbi,
    eventName: "Transfer",
    logs: from(feeToken),
  }).map(({ args }) => args);
  const amounts = (moved: typeof transfers) => sum(moved.map(({ value }) => value));

  return {
    messageCount: BigInt(messages.length),
    messages: deposited,
    /** Units. */
    escrow: await client.readContract({
      address: feeToken,
      abi: feeTokenAbi,
      functionName: "balanceOf",
      args: [bridge],
      blockNumber,
    }),
    received: amounts(transfers.filter(({ to }) => isAddressEqual(to, bridge))),
    paid: amounts(transfers.filter((transfer) => isAddressEqual(transfer.from, bridge))),
    /** Positions of withdrawals. */
    executed: parseEventLogs({
      abi: SYSTEM,
      eventName: "OutBoxTransactionExecuted",
      logs: from(outbox),
    }).map(({ args }) => args.transactionIndex),
  };
}

/** A deposit without a call: recipient and value. */
const DEPOSIT_KIND = 12;
const DEPOSIT_SIZE = 52;

async function readAppchain({ client }: Chain, { appChainGateway: gateway }: AddressBook) {
  const blockNumber = await client.getBlockNumber();
  const blocks = await inTurns(range(blockNumber + 1n), (number) =>
    client.getBlock({ blockNumber: number, includeTransactions: true }),
  );
  const logs: Log[] = await client.getLogs({ fromBlock: 0n, toBlock: blockNumber });
  const from = (address: Address) => logs.filter((log) => isAddressEqual(log.address, address));
  const ofTickets = parseEventLogs({ abi: SYSTEM, logs: from(ARB_RETRYABLE_TX) });
  const ofGateway = parseEventLogs({ abi: appchainGatewayAbi, logs: from(gateway) });
  const system = { address: ARB_RETRYABLE_TX, abi: SYSTEM, blockNumber } as const;
  const { messageCount, step } = await client.readContract({ ...system, functionName: "progress" });
  expect(step, "a call under way").to.equal(0);
  const [openTickets] = await client.readContract({ ...system, functionName: "openTickets" });

  // Whoever may have a balance was named somewhere.
  const accounts = new Set<Address>([ARBOS_ACCOUNT, SEQUENCER_ACCOUNT, ARB_SYS, ARB_RETRYABLE_TX]);
  const name = (words: Hex): void => {
    for (let at = 2; at + 64 <= words.length; at += 64) {
      const word = words.slice(at, at + 64);
      if (!word.startsWith("0".repeat(24)) || BigInt(`0x${word}`) < FIRST_ADDRESS) continue;
      accounts.add(`0x${word.slice(24)}`);
    }
  };
  for (const transaction of blocks.flatMap(({ transactions }) => transactions)) {
    accounts.add(lower(transaction.from));
    if (transaction.to !== null) accounts.add(lower(transaction.to));
    name(`0x${transaction.input.slice(10)}`);
  }
  for (const { address, topics, data } of logs) {
    accounts.add(lower(address));
    for (const topic of topics) name(topic);
    name(data);
  }
  const unique = [...new Set([...accounts].map(lower))];
  const held = await inTurns(unique, (address) => client.getBalance({ address, blockNumber }));
  const balances = new Map(unique.map((address, index) => [address, held[index] ?? 0n]));

  const executed = ofTickets.flatMap((log) => (log.eventName === "Executed" ? [log.args] : []));
  const attempts = new Map(executed.map((args) => [args.hash, args.transactionHash]));
  expect(attempts.size, "transactions that were executed once").to.equal(executed.length);
  const scheduled = ofTickets.flatMap((log) =>
    log.eventName === "RedeemScheduled" ? [log.args] : [],
  );
  const made = scheduled.filter(({ retryTxHash }) => attempts.has(retryTxHash));
  const receipts: TransactionReceipt[] = await inTurns(made, ({ retryTxHash }) =>
    client.getTransactionReceipt({ hash: attempts.get(retryTxHash) ?? retryTxHash }),
  );
  const ends = new Map<Hex, TicketEnd[]>();
  const note = (id: Hex, end: TicketEnd): void => {
    ends.set(id, [...(ends.get(id) ?? []), end]);
  };
  made.forEach(({ ticketId: id }, index) => {
    if (receipts[index]?.status === "success") note(id, "redeemed");
  });
  for (const { eventName, args } of ofTickets) {
    if (eventName === "Canceled") note(args.ticketId, "cancelled");
    if (eventName === "Expired") note(args.ticketId, "expired");
    if (eventName === "SubmissionFailed") note(args.ticketId, "refused");
  }
  for (const id of openTickets) note(id, "open");

  return {
    messageCount,
    executed,
    burned: sum(blocks.map(({ baseFeePerGas, gasUsed }) => (baseFeePerGas ?? 0n) * gasUsed)),
    balances: {
      get: (address: Address) => balances.get(lower(address)),
      values: () => balances.values(),
    },
    /** Wei that redeems took from the vault, in the place of those that were burned when they were scheduled. */
    redeemGas: sum(
      blocks
        .flatMap(({ transactions }) => transactions)
        .filter(
          ({ from: sender, input }) => isAddressEqual(sender, ARBOS_ACCOUNT) && isRedeem(input),
        )
        .map(({ value }) => value),
    ),
    endOf: (id: Hex): TicketEnd => {
      const [end, ...others] = ends.get(id) ?? [];
      if (end === undefined || others.length > 0) {
        throw new Error(`the ticket ${id} ended in these ways: ${[end, ...others].join(", ")}`);
      }
      return end;
    },
    deposits: ofGateway.flatMap((log) => (log.eventName === "DepositReceived" ? [log.args] : [])),
    pushes: ofGateway.flatMap((log) =>
      log.eventName === "ParametersReceived" ? [String(log.args.nonce)] : [],
    ),
    sends: parseEventLogs({ abi: SYSTEM, eventName: "L2ToL1Tx", logs: from(ARB_SYS) }).map(
      ({ args }) => args,
    ),
  };
}

function isRedeem(input: Hex): boolean {
  try {
    return decodeFunctionData({ abi: SYSTEM, data: input }).functionName === "startRedeem";
  } catch {
    return false;
  }
}

function callOf(data: Hex) {
  try {
    return decodeFunctionData({ abi: appchainGatewayAbi, data });
  } catch {
    return undefined;
  }
}

function recipientOf(data: Hex): Address | undefined {
  const call = callOf(data);
  return call?.functionName === "receiveDeposit" ? call.args[0] : undefined;
}

function nonceOf(data: Hex): string | undefined {
  const call = callOf(data);
  return call?.functionName === "receiveParameters" ? String(call.args[0]) : undefined;
}

const sum = (values: readonly bigint[]): bigint =>
  values.reduce((total, value) => total + value, 0n);
const lower = (address: Address): Address => address.toLowerCase() as Address;

function range(end: bigint): bigint[] {
  return Array.from({ length: Number(end) }, (_, index) => BigInt(index));
}

/** Many calls, not all of them at once. */
async function inTurns<Item, Result>(
  items: readonly Item[],
  ask: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (let start = 0; start < items.length; start += CONCURRENCY) {
    results.push(...(await Promise.all(items.slice(start, start + CONCURRENCY).map(ask))));
  }
  return results;
}
