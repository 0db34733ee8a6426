import type { Hex, TransactionReceipt } from "viem";

import { libraryError } from "../errors/libraryErrors.ts";
import { parseMessages, parseTicketMessage } from "./parseMessages.ts";
import { ticketId, type TicketMessage } from "./ticketId.ts";

/** The ticket that a transaction of ours sent to the appchain. @throws {XmtpError} `UNEXPECTED_RECEIPT` if there is none */
export function sentTicket(
  { logs, transactionHash }: TransactionReceipt,
  messageNumber: bigint,
  appchainId: number,
): TicketMessage & { readonly ticketId: Hex } {
  for (const message of parseMessages(logs)) {
    const ticket = parseTicketMessage(message);
    if (ticket?.messageNumber === messageNumber) {
      return { ...ticket, ticketId: ticketId(ticket, appchainId) };
    }
  }
  throw libraryError(
    "UNEXPECTED_RECEIPT",
    `the receipt of ${transactionHash} lacks the message ${messageNumber} to the appchain`,
  );
}
