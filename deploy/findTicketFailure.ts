import type { Hash, Hex, PublicClient } from "viem";

import { parseMessages, parseTicketMessage } from "../src/bridge/parseMessages.ts";
import { findReceipt } from "../src/bridge/receipts.ts";
import { scheduledBy } from "../src/bridge/readTickets.ts";
import { ticketId } from "../src/bridge/ticketId.ts";

/** The ids of the tickets that a transaction of the settlement chain made for an appchain. */
export async function readTicketIds(
  settlement: PublicClient,
  hash: Hash,
  appchainId: number,
): Promise<Hex[]> {
  const { logs } = await settlement.getTransactionReceipt({ hash });
  return parseMessages(logs).flatMap((message) => {
    const ticket = parseTicketMessage(message);
    return ticket === undefined ? [] : [ticketId(ticket, appchainId)];
  });
}

/** Why a ticket has not done its work and will not by itself; undefined while it may, or has. */
export async function findTicketFailure(
  appchain: PublicClient,
  id: Hex,
): Promise<string | undefined> {
  const creation = await findReceipt({ client: appchain }, id);
  if (creation === undefined) return undefined;
  if (creation.status === "reverted") return `the appchain made no ticket ${id}`;
  const attempt = scheduledBy(creation, id);
  if (attempt === undefined) return `the ticket ${id} had no attempt: it pays less than gas costs`;
  const retry = await findReceipt({ client: appchain }, attempt);
  return retry?.status === "reverted" ? `the attempt ${attempt} of ticket ${id} failed` : undefined;
}
