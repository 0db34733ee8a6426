import { encodeFunctionData, isAddressEqual, parseEventLogs, type Address, type Hex } from "viem";

import type { TransactParameters } from "../chain/transact.ts";
import { changeOf, demandEvent, writeContract, type Change } from "../chain/writeContract.ts";
import { decodeError } from "../errors/decodeError.ts";
import { libraryError } from "../errors/libraryErrors.ts";
import { estimateCall } from "./appchainGas.ts";
import { ARB_RETRYABLE_TX, arbRetryableTxAbi } from "./orbitAbi.ts";
import { pollChain } from "./pollChain.ts";
import { scheduledBy, type Ticket } from "./readTickets.ts";
import { findReceipt } from "./receipts.ts";

/** What scheduling an attempt takes itself, generously. */
const SCHEDULING_GAS = 400_000n;
/** Milliseconds; an attempt is made at once, or in the next block. */
const RETRY_POLL_MS = 100;

/** What each step with a ticket takes; `chain` is the appchain. */
export interface TicketParameters extends TransactParameters {
  readonly ticketId: Hex;
}

export interface RedeemedTicket extends Change {
  readonly ticketId: Hex;
  /** The transaction that made the call. */
  readonly retryHash: Hex;
}

/**
 * Makes the next attempt at the call of a ticket, and waits for it. Anyone may, and pays for the gas; what the call does
 * not take of it comes back. `chain` is the appchain.
 *
 * @throws {ContractError} before anything is sent: `NoTicketWithID` if the call has succeeded already, or the ticket was
 *   cancelled or has expired; what the call itself would be refused with, such as `TransferFailed`
 * @throws {XmtpError} `TICKET_FAILED` if the call failed again: the ticket stays. `MESSAGE_AWAITED` if the attempt was not made in
 *   time, and those of `transact`
 * @example
 * const [ticket] = await readTickets({ settlement, appchain, transactionHash });
 * if (ticket?.status === "funded") await redeemTicket({ chain: appchain, account, ticket });
 */
export async function redeemTicket({
  ticket,
  gasLimit,
  ...parameters
}: TransactParameters & {
  /** See `readTickets`. */
  readonly ticket: Ticket;
  /** Gas for the call. Default: an estimate, and half as much again. */
  readonly gasLimit?: bigint | undefined;
}): Promise<RedeemedTicket> {
  const { chain, timeoutMs } = parameters;
  const { ticketId } = ticket;
  await readBeneficiary(parameters, ticketId);
  const callGas = gasLimit ?? (await estimateCall(chain, ticket));

  const { receipt } = await writeContract({
    ...parameters,
    to: ARB_RETRYABLE_TX,
    data: encodeFunctionData({ abi: arbRetryableTxAbi, functionName: "redeem", args: [ticketId] }),
    gas: SCHEDULING_GAS + callGas,
  });
  const retryHash = scheduledBy(receipt, ticketId);
  if (retryHash === undefined) {
    throw libraryError(
      "UNEXPECTED_RECEIPT",
      `the receipt of ${receipt.transactionHash} lacks the attempt that it scheduled`,
    );
  }
  const retry = await pollChain({
    read: async () => (await findReceipt(chain, retryHash)) ?? "none",
    isShown: (read) => read !== "none",
    timeoutMs,
    pollIntervalMs: RETRY_POLL_MS,
    describe: () => `the attempt ${retryHash} at the ticket ${ticketId} was not made yet`,
  });
  if (retry === "none" || retry.status === "reverted") {
    throw libraryError(
      "TICKET_FAILED",
      `the attempt ${retryHash} at the ticket ${ticketId} failed; the ticket is still there`,
    );
  }

  return { ...changeOf(receipt), ticketId, retryHash };
}

/**
 * Gives a ticket up: its value goes to its beneficiary, who alone may do this. `chain` is the appchain.
 *
 * @throws {ContractError} `NoTicketWithID`: nothing was sent
 * @throws {XmtpError} `NOT_BENEFICIARY` before anything is sent, and those of `transact`
 */
export async function cancelTicket({
  ticketId,
  ...parameters
}: TicketParameters): Promise<Change & { readonly beneficiary: Address }> {
  const beneficiary = await readBeneficiary(parameters, ticketId);
  if (!isAddressEqual(beneficiary, parameters.account.address)) {
    throw libraryError(
      "NOT_BENEFICIARY",
      `the account ${parameters.account.address} cannot cancel the ticket ${ticketId} of ${beneficiary}`,
    );
  }
  const { receipt } = await writeContract({
    ...parameters,
    to: ARB_RETRYABLE_TX,
    data: encodeFunctionData({ abi: arbRetryableTxAbi, functionName: "cancel", args: [ticketId] }),
  });

  return { ...changeOf(receipt), beneficiary };
}

/**
 * Gives a ticket another week, from when it would have expired. Anyone may, once in a week. `chain` is the appchain.
 *
 * @throws {ContractError} `NoTicketWithID`: nothing was sent
 * @throws {XmtpError} `REVERTED` before anything is sent if the ticket has more than a week; and those of `transact`
 */
export async function keepTicket({
  ticketId,
  ...parameters
}: TicketParameters): Promise<Change & { /** Unix seconds. */ readonly expiresAt: number }> {
  const { receipt, logs } = await writeContract({
    ...parameters,
    to: ARB_RETRYABLE_TX,
    data: encodeFunctionData({
      abi: arbRetryableTxAbi,
      functionName: "keepalive",
      args: [ticketId],
    }),
  });
  const [event] = parseEventLogs({ abi: arbRetryableTxAbi, eventName: "LifetimeExtended", logs });

  return { ...changeOf(receipt), expiresAt: Number(demandEvent(event, receipt).newTimeout) };
}

/** @throws {ContractError} `NoTicketWithID` */
function readBeneficiary({ chain }: TransactParameters, ticketId: Hex): Promise<Address> {
  return chain.client
    .readContract({
      address: ARB_RETRYABLE_TX,
      abi: arbRetryableTxAbi,
      functionName: "getBeneficiary",
      args: [ticketId],
    })
    .catch((error: unknown) => {
      throw decodeError(error);
    });
}
