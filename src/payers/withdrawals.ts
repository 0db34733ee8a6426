import {
  encodeFunctionData,
  isAddressEqual,
  parseEventLogs,
  type Address,
  type TransactionReceipt,
} from "viem";

import { feeTokenAbi, payersAbi } from "../abi/index.ts";
import type { TransactParameters } from "../chain/transact.ts";
import { changeOf, demandEvent, writeContract, type Change } from "../chain/writeContract.ts";
import { ContractError } from "../errors/ContractError.ts";
import { libraryError } from "../errors/libraryErrors.ts";
import { parseAddress } from "../inputs/parseAddress.ts";
import { formatDollars, parseAmount } from "./microdollars.ts";
import { readPayer } from "./readPayer.ts";
import type { TokenSource } from "./spendTokens.ts";

/** What each step of a withdrawal takes. The account is the payer: nobody withdraws for another. */
export interface WithdrawalParameters extends TransactParameters {
  /** The escrow, `Payers`. */
  readonly address: string;
}

export interface RequestedWithdrawal extends Change {
  readonly payer: Address;
  /** Microdollars. */
  readonly amount: bigint;
  /** From when `finalizeWithdrawal` pays, in Unix seconds. */
  readonly withdrawableAt: number;
  readonly nonce: number;
}

export interface FinalizedWithdrawal extends Change {
  readonly payer: Address;
  readonly recipient: Address;
  /** Microdollars, as the token's event says. */
  readonly amount: bigint;
  readonly into: TokenSource;
  readonly nonce: number;
}

/**
 * Sets an amount of the account's balance apart, to be paid by `finalizeWithdrawal` once the lock is over. One at a time.
 *
 * @throws {ContractError} `Paused`, `PendingWithdrawalExists`, `InsufficientBalance`: nothing was sent
 * @throws {XmtpError} `INVALID_AMOUNT`, `INVALID_ADDRESS`, and those of `transact`
 * @example
 * const { withdrawableAt } = await requestWithdrawal({
 *   chain: settlement, account, address: addresses.payerRegistry, amount: parseDollars("5"),
 * });
 */
export async function requestWithdrawal({
  address,
  amount: givenAmount,
  ...parameters
}: WithdrawalParameters & {
  /** Microdollars. */
  readonly amount: bigint;
}): Promise<RequestedWithdrawal> {
  const to = parseAddress(address, "escrow of the payers");
  const amount = parseAmount(givenAmount);

  const data = encodeFunctionData({
    abi: payersAbi,
    functionName: "requestWithdrawal",
    args: [amount],
  });
  const { receipt, logs } = await writeContract({ ...parameters, to, data }).catch(
    async (error: unknown) => {
      throw await explainBalance(error, to, amount, parameters);
    },
  );
  const [event] = parseEventLogs({ abi: payersAbi, eventName: "WithdrawalRequested", logs });
  const { withdrawableTimestamp, ...requested } = demandEvent(event, receipt);

  return { ...changeOf(receipt), ...requested, withdrawableAt: withdrawableTimestamp };
}

/**
 * Takes the account's request back: the amount returns to the balance, and repays a debt first. Possible at any time.
 *
 * @throws {ContractError} `Paused`, `NoPendingWithdrawal`: nothing was sent
 * @throws {XmtpError} `INVALID_ADDRESS`, and those of `transact`
 */
export async function cancelWithdrawal({
  address,
  ...parameters
}: WithdrawalParameters): Promise<Change & { readonly payer: Address; readonly nonce: number }> {
  const to = parseAddress(address, "escrow of the payers");
  const data = encodeFunctionData({ abi: payersAbi, functionName: "cancelWithdrawal" });
  const { receipt, logs } = await writeContract({ ...parameters, to, data });
  const [event] = parseEventLogs({ abi: payersAbi, eventName: "WithdrawalCancelled", logs });

  return { ...changeOf(receipt), ...demandEvent(event, receipt) };
}

/**
 * Pays what the account requested, once the lock is over: in fee tokens, or in the token that they stand for.
 *
 * @throws {ContractError} `NoPendingWithdrawal`, `WithdrawalNotReady` with the time in its message, `PayerInDebt`,
 *   `Paused`: nothing was sent
 * @throws {XmtpError} `INVALID_ADDRESS`, and those of `transact`
 * @example
 * await finalizeWithdrawal({ chain: settlement, account, address: addresses.payerRegistry, into: "underlying" });
 */
export async function finalizeWithdrawal({
  address,
  into = "underlying",
  recipient: givenRecipient,
  ...parameters
}: WithdrawalParameters & {
  /** Default: the underlying token, such as USDC. */
  readonly into?: TokenSource;
  /** Default: the account. */
  readonly recipient?: string;
}): Promise<FinalizedWithdrawal> {
  const { account } = parameters;
  const to = parseAddress(address, "escrow of the payers");
  const recipient = parseAddress(givenRecipient ?? account.address, "recipient");

  const data = encodeFunctionData({
    abi: payersAbi,
    functionName: into === "feeToken" ? "finalizeWithdrawal" : "finalizeWithdrawalIntoUnderlying",
    args: [recipient],
  });
  const { receipt, logs } = await writeContract({ ...parameters, to, data }).catch(
    (error: unknown) => {
      throw explainLock(error);
    },
  );
  const [event] = parseEventLogs({ abi: payersAbi, eventName: "WithdrawalFinalized", logs });
  const { payer, nonce } = demandEvent(event, receipt);

  return { ...changeOf(receipt), payer, recipient, amount: paidBy(receipt, to), into, nonce };
}

/** What left the escrow: paid to the recipient, or burnt for underlying tokens. */
function paidBy({ logs, transactionHash }: TransactionReceipt, escrow: Address): bigint {
  const transfers = parseEventLogs({ abi: feeTokenAbi, eventName: "Transfer", logs });
  const paid = transfers.find(({ args }) => isAddressEqual(args.from, escrow));
  if (paid !== undefined) return paid.args.value;
  throw libraryError(
    "UNEXPECTED_RECEIPT",
    `the receipt of ${transactionHash} lacks the transfer out of the escrow`,
  );
}

/** Says how much there is: the contract only says that it is too little. */
async function explainBalance(
  error: unknown,
  escrow: Address,
  amount: bigint,
  { chain, account }: TransactParameters,
): Promise<unknown> {
  if (!(error instanceof ContractError) || error.code !== "InsufficientBalance") return error;
  const { balance } = await readPayer({ chain, address: escrow, payer: account.address });

  return new ContractError({
    errorName: error.code,
    data: error.data,
    message: `the balance is ${formatDollars(balance)} dollars, ${formatDollars(amount)} cannot be withdrawn`,
    cause: error,
  });
}

/** Says when the lock is over, in words. */
function explainLock(error: unknown): unknown {
  if (!(error instanceof ContractError) || error.code !== "WithdrawalNotReady") return error;
  const [now, withdrawableAt] = error.errorArgs.map(Number);
  if (now === undefined || withdrawableAt === undefined) return error;
  const time = new Date(withdrawableAt * 1_000).toISOString();

  return new ContractError({
    errorName: error.code,
    errorArgs: error.errorArgs,
    data: error.data,
    message: `the withdrawal is locked until ${time}, for ${withdrawableAt - now} more seconds`,
    cause: error,
  });
}
