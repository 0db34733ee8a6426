import {
  encodeFunctionData,
  isAddressEqual,
  parseEventLogs,
  zeroAddress,
  type Address,
  type Hex,
} from "viem";

import { feeTokenAbi } from "../abi/index.ts";
import type { TransactParameters } from "../chain/transact.ts";
import { changeOf, demandEvent, writeContract, type Change } from "../chain/writeContract.ts";
import { libraryError } from "../errors/libraryErrors.ts";
import { parseAddress } from "../inputs/parseAddress.ts";
import { parseAmount } from "./microdollars.ts";
import { chooseSource, readPurse, sendSpending } from "./spendTokens.ts";

export interface WrapParameters extends TransactParameters {
  /** The fee token. */
  readonly address: string;
  /** Microdollars; see `parseDollars`. */
  readonly amount: bigint;
  /** Who gets the tokens. Default: the account that signs and pays. */
  readonly recipient?: string;
}

export interface Wrapped extends Change {
  readonly recipient: Address;
  /** Microdollars, as the fee token's event says. */
  readonly amount: bigint;
  /** The approval that went before; undefined if there was none. */
  readonly approvalHash: Hex | undefined;
}

/**
 * Turns underlying tokens, such as USDC, into as many fee tokens: in one transaction if the underlying token takes
 * permits, else after an approval. To fund a payer there is no need to: see `fundPayer`.
 *
 * @throws {ContractError} `ERC20InsufficientBalance` before anything is sent
 * @throws {XmtpError} `INVALID_AMOUNT`, `INVALID_ADDRESS`, and those of `transact`
 */
export async function wrapFeeTokens({
  address,
  amount: givenAmount,
  recipient: givenRecipient,
  permit = true,
  ...parameters
}: WrapParameters & {
  /** Whether to sign a permit where the underlying token takes one. Default true. */
  readonly permit?: boolean;
}): Promise<Wrapped> {
  const { chain, account } = parameters;
  const { feeToken, amount, recipient } = parseInputs(
    address,
    givenAmount,
    givenRecipient,
    account,
  );
  const purse = await readPurse(chain, feeToken, account.address);
  chooseSource(purse, account.address, amount, "underlying");

  const { receipt, approvalHash } = await sendSpending({
    ...parameters,
    token: purse.underlying,
    spender: feeToken,
    amount,
    permit,
    encode: (signed) =>
      signed === undefined
        ? encodeFunctionData({
            abi: feeTokenAbi,
            functionName: "depositFor",
            args: [recipient, amount],
          })
        : encodeFunctionData({
            abi: feeTokenAbi,
            functionName: "depositForWithPermit",
            args: [recipient, amount, ...signed],
          }),
  });
  const minted = parseEventLogs({
    abi: feeTokenAbi,
    eventName: "Transfer",
    logs: receipt.logs,
  }).find(
    ({ address: token, args }) => isAddressEqual(token, feeToken) && args.from === zeroAddress,
  );

  return {
    ...changeOf(receipt),
    recipient,
    amount: demandEvent(minted, receipt).value,
    approvalHash,
  };
}

/**
 * Turns fee tokens of the account back into as many underlying tokens.
 *
 * @throws {ContractError} `ERC20InsufficientBalance` before anything is sent; `TransferFailed` if the underlying token
 *   does not move
 * @throws {XmtpError} `INVALID_AMOUNT`, `INVALID_ADDRESS`, and those of `transact`
 */
export async function unwrapFeeTokens({
  address,
  amount: givenAmount,
  recipient: givenRecipient,
  ...parameters
}: WrapParameters): Promise<Omit<Wrapped, "approvalHash">> {
  const { chain, account } = parameters;
  const { feeToken, amount, recipient } = parseInputs(
    address,
    givenAmount,
    givenRecipient,
    account,
  );
  chooseSource(
    await readPurse(chain, feeToken, account.address),
    account.address,
    amount,
    "feeToken",
  );

  const data = encodeFunctionData({
    abi: feeTokenAbi,
    functionName: "withdrawTo",
    args: [recipient, amount],
  });
  const { receipt, logs } = await writeContract({ ...parameters, to: feeToken, data });
  const burnt = parseEventLogs({ abi: feeTokenAbi, eventName: "Transfer", logs }).find(
    ({ args }) => args.to === zeroAddress,
  );

  return { ...changeOf(receipt), recipient, amount: demandEvent(burnt, receipt).value };
}

function parseInputs(
  address: string,
  amount: bigint,
  givenRecipient: string | undefined,
  account: { readonly address: Address },
) {
  const feeToken = parseAddress(address, "fee token");
  const recipient = parseAddress(givenRecipient ?? account.address, "recipient");
  if (recipient === feeToken) {
    throw libraryError("INVALID_ADDRESS", "tokens given to the fee token itself are lost", {
      hint: "name the account that is to have them",
    });
  }

  return { feeToken, recipient, amount: parseAmount(amount) };
}
