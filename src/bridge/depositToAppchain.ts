import {
  encodeAbiParameters,
  encodeFunctionData,
  isAddressEqual,
  parseEventLogs,
  type Address,
  type Hex,
} from "viem";

import { feeTokenAbi, settlementGatewayAbi } from "../abi/index.ts";
import type { Chain } from "../chain/connectChain.ts";
import type { TransactParameters } from "../chain/transact.ts";
import { changeOf, demandEvent, writeContract, type Change } from "../chain/writeContract.ts";
import { parseAddress } from "../inputs/parseAddress.ts";
import { parseAmount } from "../payers/microdollars.ts";
import {
  chooseSource,
  readPurse,
  sendSpending,
  type Spent,
  type TokenSource,
} from "../payers/spendTokens.ts";
import {
  quoteDepositOf,
  requireFeePaid,
  type BridgeGas,
  type BridgeQuote,
} from "./quoteDeposit.ts";
import { readGateway } from "./readGateway.ts";
import { sentTicket } from "./sentTicket.ts";

export interface DepositToAppchainParameters extends TransactParameters, BridgeGas {
  /** Where the account is to have native currency, which pays for gas there. */
  readonly appchain: Chain;
  /** The gateway on the settlement chain, `SettlementGateway`. */
  readonly address: string;
  /** Who gets native currency on the appchain. Default: the account that signs and pays. */
  readonly recipient?: string;
  /** Microdollars, the cost of the delivery included; see `parseDollars` and `quoteDeposit`. */
  readonly amount: bigint;
  /** Which token pays. Default: fee tokens if the account has enough of them, else the underlying token. */
  readonly source?: TokenSource;
  /**
   * Whether to sign a permit where the underlying token takes one. Default true. Without, exactly the amount is approved
   * first, in a transaction of its own, unless it is approved already. Fee tokens need neither.
   */
  readonly permit?: boolean;
}

export interface DepositedToAppchain extends Change, BridgeQuote {
  readonly recipient: Address;
  /** Microdollars that were taken. */
  readonly amount: bigint;
  /** What the message brings, in wei of the appchain; what is left of `maxFee` comes on top. */
  readonly value: bigint;
  /** Position in the order of all messages to the appchain. */
  readonly messageNumber: bigint;
  /** What to look for on the appchain; see `waitForTickets`. */
  readonly ticketId: Hex;
  readonly source: TokenSource;
  /** The approval that went before; undefined if there was none. */
  readonly approvalHash: Hex | undefined;
}

/**
 * Turns tokens into native currency of the appchain, in one transaction wherever that is possible: fee tokens are sent
 * with a call (ERC-1363), the underlying token, such as USDC, comes with a permit that is signed here.
 *
 * The appchain takes the message some time later, see `waitForTickets`. If its call fails there, the money waits for
 * `redeemTicket` for a week. Each call that succeeds deposits once more.
 *
 * @throws {ContractError} before anything is sent: `Paused`, `UnsupportedChainId`, `InsufficientAmount`,
 *   `ERC20InsufficientBalance`, `RetryableData` if a gas limit or fee of 1 is passed; `TransferFailed` if the recipient is a
 *   contract that refuses native currency
 * @throws {XmtpError} `NO_CODE` if one of the two gateways is not there; `INVALID_AMOUNT`, `INVALID_ADDRESS`, and those of
 *   `transact`
 * @example
 * const { transactionHash } = await depositToAppchain({
 *   chain: settlement, appchain, account, address: addresses.settlementChainGateway,
 *   amount: parseDollars("5"),
 * });
 * const [ticket] = await waitForTickets({ settlement, appchain, transactionHash });
 */
export async function depositToAppchain({
  appchain,
  address: givenAddress,
  recipient: givenRecipient,
  amount: givenAmount,
  gasLimit,
  maxFeePerGas,
  source: wanted,
  permit = true,
  ...parameters
}: DepositToAppchainParameters): Promise<DepositedToAppchain> {
  const { chain, account } = parameters;
  const address = parseAddress(givenAddress, "gateway of the settlement chain");
  const recipient = parseAddress(givenRecipient ?? account.address, "recipient on the appchain");
  const amount = parseAmount(givenAmount);
  const appchainId = BigInt(appchain.chainId);

  const gateway = await readGateway(chain, address, appchainId);
  const quote = await quoteDepositOf(gateway, {
    chain,
    appchain,
    recipient,
    gasLimit,
    maxFeePerGas,
  });
  requireFeePaid(amount, quote, gateway.unit);
  const purse = await readPurse(chain, gateway.feeToken, account.address);
  const source = chooseSource(purse, account.address, amount, wanted);

  const deposit = [appchainId, recipient, amount, quote.gasLimit, quote.maxFeePerGas] as const;
  const { receipt, approvalHash } =
    source === "feeToken"
      ? await sendFeeTokens(parameters, gateway.feeToken, address, deposit)
      : await sendSpending({
          ...parameters,
          token: purse.underlying,
          spender: address,
          amount,
          permit,
          encode: (signed) =>
            signed === undefined
              ? encodeFunctionData({
                  abi: settlementGatewayAbi,
                  functionName: "depositFromUnderlying",
                  args: deposit,
                })
              : encodeFunctionData({
                  abi: settlementGatewayAbi,
                  functionName: "depositFromUnderlyingWithPermit",
                  args: [...deposit, ...signed],
                }),
        });

  const event = parseEventLogs({
    abi: settlementGatewayAbi,
    eventName: "Deposit",
    logs: receipt.logs,
  }).find((log) => isAddressEqual(log.address, address));
  const { messageNumber, amount: taken } = demandEvent(event, receipt);
  const { ticketId, value } = sentTicket(receipt, messageNumber, appchain.chainId);

  return {
    ...changeOf(receipt),
    ...quote,
    recipient,
    amount: taken,
    value,
    messageNumber,
    ticketId,
    source,
    approvalHash,
  };
}

type Deposit = readonly [
  appchainId: bigint,
  recipient: Address,
  amount: bigint,
  gasLimit: bigint,
  maxFeePerGas: bigint,
];

/** The token tells the gateway what they are for. */
async function sendFeeTokens(
  parameters: TransactParameters,
  feeToken: Address,
  gateway: Address,
  [appchainId, recipient, amount, gasLimit, maxFeePerGas]: Deposit,
): Promise<Spent> {
  const purpose = encodeAbiParameters(
    [{ type: "uint256" }, { type: "address" }, { type: "uint256" }, { type: "uint256" }],
    [appchainId, recipient, gasLimit, maxFeePerGas],
  );
  const data = encodeFunctionData({
    abi: feeTokenAbi,
    functionName: "transferAndCall",
    args: [gateway, amount, purpose],
  });
  const { receipt } = await writeContract({ ...parameters, to: feeToken, data });

  return { receipt, approvalHash: undefined };
}
