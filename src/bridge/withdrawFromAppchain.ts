import { encodeFunctionData, parseEventLogs, type Address } from "viem";

import { appchainGatewayAbi } from "../abi/index.ts";
import type { TransactParameters } from "../chain/transact.ts";
import { changeOf, demandEvent, writeContract, type Change } from "../chain/writeContract.ts";
import { libraryError } from "../errors/libraryErrors.ts";
import { describe } from "../inputs/describe.ts";
import { parseAddress } from "../inputs/parseAddress.ts";
import type { TokenSource } from "../payers/spendTokens.ts";

export interface WithdrawFromAppchainParameters extends TransactParameters {
  /** The gateway on the appchain, `AppchainGateway`. */
  readonly address: string;
  /**
   * Native currency to withdraw, in wei of the appchain: a dollar is 10^18. What is less than a microdollar, 10^12 with
   * six decimals, comes back in the same transaction.
   */
  readonly value: bigint;
  /** Who gets the tokens on the settlement chain. Default: the account that signs and pays. */
  readonly recipient?: string;
  /** Default: the underlying token, such as USDC. */
  readonly into?: TokenSource;
}

export interface WithdrawnFromAppchain extends Change {
  /** Which of all withdrawals it is. */
  readonly position: bigint;
  readonly recipient: Address;
  /** Wei of the appchain that are on their way. */
  readonly value: bigint;
  /** Wei that came back. */
  readonly rest: bigint;
  readonly into: TokenSource;
}

/**
 * Sends native currency of the appchain back to the settlement chain. The tokens are paid there by `claimWithdrawal`, once
 * the settlement chain has confirmed the block, see `waitForWithdrawals`: after days, on a public network.
 *
 * @throws {ContractError} `Paused`, `ZeroWithdrawalAmount` if it is less than a microdollar: nothing was sent
 * @throws {XmtpError} `INVALID_AMOUNT`, `INVALID_ADDRESS`, and those of `transact`
 * @example
 * const { transactionHash } = await withdrawFromAppchain({
 *   chain: appchain, account, address: addresses.appChainGateway, value: parseEther("5"),
 * });
 */
export async function withdrawFromAppchain({
  address: givenAddress,
  value: given,
  recipient: givenRecipient,
  into = "underlying",
  ...parameters
}: WithdrawFromAppchainParameters): Promise<WithdrawnFromAppchain> {
  const address = parseAddress(givenAddress, "gateway of the appchain");
  const recipient = parseAddress(givenRecipient ?? parameters.account.address, "recipient");
  if (typeof given !== "bigint" || given <= 0n) {
    throw libraryError("INVALID_AMOUNT", `${describe(given)} is nothing to withdraw`, {
      hint: "pass wei of the appchain as a bigint",
    });
  }

  const { receipt, logs } = await writeContract({
    ...parameters,
    to: address,
    data: encodeFunctionData({
      abi: appchainGatewayAbi,
      functionName: into === "feeToken" ? "withdraw" : "withdrawIntoUnderlying",
      args: [recipient],
    }),
    value: given,
  });
  const [event] = parseEventLogs({ abi: appchainGatewayAbi, eventName: "Withdrawal", logs });
  const { messageId: position, amount: value } = demandEvent(event, receipt);

  return { ...changeOf(receipt), position, recipient, value, rest: given - value, into };
}
