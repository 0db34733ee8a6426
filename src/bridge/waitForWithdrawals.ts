import { libraryError } from "../errors/libraryErrors.ts";
import { pollChain, type WaitParameters } from "./pollChain.ts";
import {
  readWithdrawals,
  type ReadWithdrawalsParameters,
  type Withdrawal,
} from "./readWithdrawals.ts";

/**
 * Waits until everything that a transaction withdrew can be claimed, or was. Takes days on a public network: pass
 * `timeoutMs` and `pollIntervalMs` to match, or come back with `readWithdrawals`.
 *
 * @throws {XmtpError} `MESSAGE_AWAITED` when the time is over, `UNEXPECTED_RECEIPT` if the transaction withdrew nothing,
 *   `RPC_UNREACHABLE` if a node does not answer until then; `INVALID_OPTION`, `INVALID_ADDRESS`
 * @throws {ContractError} `UnsupportedChainId`
 */
export async function waitForWithdrawals({
  timeoutMs,
  pollIntervalMs,
  ...parameters
}: ReadWithdrawalsParameters & WaitParameters): Promise<Withdrawal[]> {
  const { transactionHash } = parameters;
  const withdrawals = await pollChain({
    read: () => readWithdrawals(parameters),
    isShown: (read) => read.every(({ status }) => status !== "unconfirmed"),
    timeoutMs,
    pollIntervalMs,
    describe: (read) =>
      read === undefined
        ? `no block of the appchain holds the transaction ${transactionHash}`
        : `the settlement chain has not confirmed the withdrawals of ${transactionHash} yet`,
  });
  if (withdrawals.length > 0) return withdrawals;
  throw libraryError("UNEXPECTED_RECEIPT", `the transaction ${transactionHash} withdrew nothing`);
}
