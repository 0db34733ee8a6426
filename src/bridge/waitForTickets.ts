import { libraryError } from "../errors/libraryErrors.ts";
import { readTickets, type ReadTicketsParameters, type Ticket } from "./readTickets.ts";
import { pollChain, type WaitParameters } from "./pollChain.ts";

/**
 * Waits until the appchain has taken all messages of a transaction and made the first attempt at each. Look at their
 * status afterwards: a ticket that is still `funded` had no attempt, or one that failed, and `redeemTicket` makes the next.
 *
 * @throws {XmtpError} `MESSAGE_AWAITED` when the time is over, `UNEXPECTED_RECEIPT` if the transaction made no ticket for the
 *   appchain, `RPC_UNREACHABLE` if a node does not answer until then; `INVALID_OPTION`
 * @example
 * const [ticket] = await waitForTickets({ settlement, appchain, transactionHash });
 * if (ticket?.status !== "redeemed") throw new Error(`the deposit is ${ticket?.status}`);
 */
export async function waitForTickets({
  timeoutMs,
  pollIntervalMs,
  ...parameters
}: ReadTicketsParameters & WaitParameters): Promise<Ticket[]> {
  const { transactionHash, appchain } = parameters;
  const tickets = await pollChain({
    read: () => readTickets(parameters),
    isShown: (read) => read.every(isSettled),
    timeoutMs,
    pollIntervalMs,
    describe: (read) =>
      read === undefined
        ? `no block of the settlement chain holds the transaction ${transactionHash}`
        : `of the messages of ${transactionHash} to the appchain, ${read.map(({ messageNumber, status }) => `${messageNumber} is ${status}`).join(" and ")}`,
  });
  if (tickets.length > 0) return tickets;
  throw libraryError(
    "UNEXPECTED_RECEIPT",
    `the transaction ${transactionHash} made no ticket for chain ${appchain.chainId}`,
  );
}

function isSettled({ status, isRetrying }: Ticket): boolean {
  return status !== "awaited" && !isRetrying;
}
