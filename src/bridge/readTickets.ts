import {
  encodeEventTopics,
  isAddressEqual,
  parseEventLogs,
  type Address,
  type Hex,
  type TransactionReceipt,
} from "viem";

import type { Chain } from "../chain/connectChain.ts";
import { createRpc } from "../chain/createRpc.ts";
import { ContractError } from "../errors/ContractError.ts";
import { decodeError } from "../errors/decodeError.ts";
import { readLogs } from "../events/readLogs.ts";
import { ARB_RETRYABLE_TX, arbRetryableTxAbi, bridgeAbi, rollupAbi } from "./orbitAbi.ts";
import { parseMessages, parseTicketMessage, type BridgeMessage } from "./parseMessages.ts";
import { demandReceipt, findReceipt } from "./receipts.ts";
import { ticketId, type TicketMessage } from "./ticketId.ts";

const TIMEOUT_MS = 10_000;

/**
 * What has become of a ticket:
 * - `awaited`: the appchain has not taken the message yet
 * - `refused`: the appchain took the message, and made no ticket of it; what was paid in is the sender's there
 * - `funded`: the ticket is there, and its call has not succeeded yet
 * - `redeemed`: the call has succeeded
 * - `cancelled`, `expired`: the call never will, and its value is the beneficiary's
 */
export type TicketStatus = "awaited" | "refused" | "funded" | "redeemed" | "cancelled" | "expired";

/** A message to the appchain that makes a call there. Values are wei of the appchain. */
export interface Ticket extends TicketMessage {
  /** Also the hash of the transaction that creates the ticket on the appchain. */
  readonly ticketId: Hex;
  readonly status: TicketStatus;
  /** The attempt that succeeded, or else the automatic one; undefined without. */
  readonly retryHash: Hex | undefined;
  /** Whether that attempt is scheduled, and no block holds it yet. */
  readonly isRetrying: boolean;
  /** Until when the ticket can be redeemed, in Unix seconds; undefined unless it is `funded`. */
  readonly expiresAt: number | undefined;
}

export interface ReadTicketsParameters {
  /** The settlement chain; see `connectChain`. */
  readonly settlement: Chain;
  readonly appchain: Chain;
  /** A transaction of the settlement chain. */
  readonly transactionHash: Hex;
}

/**
 * Reads the tickets that a transaction of the settlement chain made for an appchain, in order: those of our gateway, and
 * of anybody else. Messages of other kinds and to other chains are left out.
 *
 * @throws {XmtpError} `TRANSACTION_NOT_FOUND` while no block holds the transaction; `RPC_UNREACHABLE`
 * @example
 * const [ticket] = await readTickets({ settlement, appchain, transactionHash });
 * if (ticket?.status === "funded") await redeemTicket({ chain: appchain, account, ticket });
 */
export async function readTickets({
  settlement,
  appchain,
  transactionHash,
}: ReadTicketsParameters): Promise<Ticket[]> {
  const { logs } = await demandReceipt(settlement, transactionHash);
  const messages = await messagesTo(appchain.chainId, settlement, parseMessages(logs));

  return Promise.all(
    messages.flatMap((message) => {
      const ticket = parseTicketMessage(message);
      return ticket === undefined ? [] : [readTicket(appchain, ticket)];
    }),
  );
}

/** Which chain a bridge leads to is what its rollup says. */
async function messagesTo(
  appchainId: number,
  { client }: Chain,
  messages: readonly BridgeMessage[],
): Promise<BridgeMessage[]> {
  const leadsToAppchain = async (bridge: Address): Promise<boolean> => {
    const rollup = await client.readContract({
      address: bridge,
      abi: bridgeAbi,
      functionName: "rollup",
    });
    const contract = { address: rollup, abi: rollupAbi } as const;
    return (
      BigInt(appchainId) === (await client.readContract({ ...contract, functionName: "chainId" }))
    );
  };
  const bridges = [...new Set(messages.map(({ bridge }) => bridge))];
  const answers = await Promise.all(bridges.map(leadsToAppchain)).catch((error: unknown) => {
    throw decodeError(error);
  });

  return messages.filter(({ bridge }) => answers[bridges.indexOf(bridge)]);
}

/** What can be said of a ticket besides what its message says. */
type Fate = Pick<Ticket, "status" | "retryHash" | "isRetrying" | "expiresAt">;

const UNSEEN: Fate = {
  status: "awaited",
  retryHash: undefined,
  isRetrying: false,
  expiresAt: undefined,
};

async function readTicket(appchain: Chain, message: TicketMessage): Promise<Ticket> {
  const id = ticketId(message, appchain.chainId);
  const creation = await findReceipt(appchain, id);
  const fate = creation === undefined ? UNSEEN : await readFate(appchain, id, creation);

  return { ...message, ...fate, ticketId: id };
}

/** The order of the questions matters: what happens between two of them shows in the later one. */
async function readFate(appchain: Chain, id: Hex, creation: TransactionReceipt): Promise<Fate> {
  if (creation.status === "reverted") return { ...UNSEEN, status: "refused" };

  const retryHash = scheduledBy(creation, id);
  const retry = retryHash && (await findReceipt(appchain, retryHash));
  if (retry?.status === "success") return { ...UNSEEN, status: "redeemed", retryHash };

  const expiresAt = await readTimeout(appchain, id);
  if (expiresAt !== undefined) {
    const isRetrying = retryHash !== undefined && retry === undefined;
    return { status: "funded", retryHash, isRetrying, expiresAt };
  }

  return { ...UNSEEN, retryHash, ...(await readEnd(appchain, id, creation)) };
}

/** The attempt that a transaction scheduled, if it did. */
export function scheduledBy({ logs }: TransactionReceipt, id: Hex): Hex | undefined {
  const events = parseEventLogs({ abi: arbRetryableTxAbi, eventName: "RedeemScheduled", logs });

  return events.find(
    ({ address, args }) => isAddressEqual(address, ARB_RETRYABLE_TX) && args.ticketId === id,
  )?.args.retryTxHash;
}

/** Unix seconds; undefined if there is no such ticket any more. */
async function readTimeout({ client }: Chain, id: Hex): Promise<number | undefined> {
  try {
    const timeout = await client.readContract({
      address: ARB_RETRYABLE_TX,
      abi: arbRetryableTxAbi,
      functionName: "getTimeout",
      args: [id],
    });
    return Number(timeout);
  } catch (error) {
    const decoded = decodeError(error);
    if (decoded instanceof ContractError && decoded.code === "NoTicketWithID") return undefined;
    throw decoded;
  }
}

/** How a ticket ended that is no more, other than by its automatic attempt: the logs tell. */
async function readEnd(
  appchain: Chain,
  id: Hex,
  { blockNumber }: TransactionReceipt,
): Promise<Partial<Fate>> {
  const latest = await appchain.client.getBlockNumber().catch((error: unknown) => {
    throw decodeError(error);
  });
  const rpc = createRpc(appchain.url, TIMEOUT_MS);
  const [canceled] = encodeEventTopics({ abi: arbRetryableTxAbi, eventName: "Canceled" });
  const [scheduled] = encodeEventTopics({ abi: arbRetryableTxAbi, eventName: "RedeemScheduled" });
  const filter = { address: ARB_RETRYABLE_TX, topics: [[canceled, scheduled], id] } as const;
  const range = { fromBlock: Number(blockNumber), toBlock: Number(latest) };

  for await (const { logs } of readLogs(rpc, filter, range)) {
    for (const { topics } of logs) {
      const [event, , retryHash] = topics;
      if (event === canceled) return { status: "cancelled" };
      const retry = retryHash && (await findReceipt(appchain, retryHash));
      if (retry?.status === "success") return { status: "redeemed", retryHash };
    }
  }

  return { status: "expired" };
}
