import {
  encodeAbiParameters,
  encodeFunctionData,
  isAddressEqual,
  parseEventLogs,
  type Address,
  type Hex,
} from "viem";

import { feeTokenAbi, payersAbi } from "../abi/index.ts";
import type { TransactParameters } from "../chain/transact.ts";
import { changeOf, demandEvent, writeContract, type Change } from "../chain/writeContract.ts";
import { decodeError } from "../errors/decodeError.ts";
import { parseAddress } from "../inputs/parseAddress.ts";
import { parseAmount } from "./microdollars.ts";
import { readEscrow, requireDepositTaken } from "./readEscrow.ts";
import {
  chooseSource,
  readPurse,
  sendSpending,
  type Spent,
  type TokenSource,
} from "./spendTokens.ts";

export interface FundPayerParameters extends TransactParameters {
  /** The escrow, `Payers`. */
  readonly address: string;
  /** Whose balance rises. Default: the account that signs and pays. */
  readonly payer?: string;
  /** Microdollars; see `parseDollars`. At least the escrow's least deposit. */
  readonly amount: bigint;
  /** Which token pays. Default: fee tokens if the account has enough of them, else the underlying token. */
  readonly source?: TokenSource;
  /**
   * Whether to sign a permit where the underlying token takes one. Default true. Without, exactly the amount is approved
   * first, in a transaction of its own, unless it is approved already. Fee tokens need neither.
   */
  readonly permit?: boolean;
}

export interface Deposited extends Change {
  readonly payer: Address;
  /** Microdollars, as the escrow's event says. */
  readonly deposited: bigint;
  /** The payer's balance after the block, in microdollars; below zero it is a debt that is left. */
  readonly balance: bigint;
  readonly source: TokenSource;
  /** The approval that went before; undefined if there was none. */
  readonly approvalHash: Hex | undefined;
}

/**
 * Deposits into the escrow of a payer, in one transaction wherever that is possible: fee tokens are sent with a call
 * (ERC-1363), which needs no approval; the underlying token, such as USDC, comes with a permit that is signed here.
 *
 * Each call that succeeds deposits once more. If the process ends in between, nothing is lost: an approval that was sent
 * is used by the next attempt, and a deposit that was sent is in the escrow, so look at `readPayer` before the next one.
 *
 * @throws {ContractError} before anything is sent: `Paused`, `InsufficientDeposit`, `ERC20InsufficientBalance`
 * @throws {XmtpError} `INVALID_AMOUNT`, `INVALID_ADDRESS`, and those of `transact`
 * @example
 * const { deposited, balance } = await fundPayer({
 *   chain: settlement, account, address: addresses.payerRegistry,
 *   amount: parseDollars("25"),
 * });
 */
export async function fundPayer({
  address,
  payer: givenPayer,
  amount: givenAmount,
  source: wanted,
  permit = true,
  ...parameters
}: FundPayerParameters): Promise<Deposited> {
  const { chain, account } = parameters;
  const escrowAddress = parseAddress(address, "escrow of the payers");
  const payer = parseAddress(givenPayer ?? account.address, "payer");
  const amount = parseAmount(givenAmount);

  const escrow = await readEscrow(chain, escrowAddress);
  requireDepositTaken(escrow, amount, escrowAddress);
  const purse = await readPurse(chain, escrow.feeToken, account.address);
  const source = chooseSource(purse, account.address, amount, wanted);

  const { receipt, approvalHash } =
    source === "feeToken"
      ? await sendFeeTokens(parameters, { feeToken: escrow.feeToken, escrowAddress, payer, amount })
      : await sendSpending({
          ...parameters,
          token: purse.underlying,
          spender: escrowAddress,
          amount,
          permit,
          encode: (signed) =>
            signed === undefined
              ? encodeFunctionData({
                  abi: payersAbi,
                  functionName: "depositFromUnderlying",
                  args: [payer, amount],
                })
              : encodeFunctionData({
                  abi: payersAbi,
                  functionName: "depositFromUnderlyingWithPermit",
                  args: [payer, amount, ...signed],
                }),
        });

  const event = parseEventLogs({
    abi: payersAbi,
    eventName: "Deposit",
    logs: receipt.logs,
  }).find((log) => isAddressEqual(log.address, escrowAddress));
  const { amount: deposited } = demandEvent(event, receipt);
  const balance = await chain.client
    .readContract({
      address: escrowAddress,
      abi: payersAbi,
      functionName: "getBalance",
      args: [payer],
      blockNumber: receipt.blockNumber,
    })
    .catch((error: unknown) => {
      throw decodeError(error);
    });

  return { ...changeOf(receipt), payer, deposited, balance, source, approvalHash };
}

interface Transfer {
  readonly feeToken: Address;
  readonly escrowAddress: Address;
  readonly payer: Address;
  readonly amount: bigint;
}

/** The token tells the escrow whose they are. */
async function sendFeeTokens(
  parameters: TransactParameters,
  { feeToken, escrowAddress, payer, amount }: Transfer,
): Promise<Spent> {
  const data = encodeFunctionData({
    abi: feeTokenAbi,
    functionName: "transferAndCall",
    args: [escrowAddress, amount, encodeAbiParameters([{ type: "address" }], [payer])],
  });
  const { receipt } = await writeContract({ ...parameters, to: feeToken, data });

  return { receipt, approvalHash: undefined };
}
