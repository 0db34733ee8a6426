import { encodeFunctionData, isAddressEqual, parseEventLogs, type Hex } from "viem";

import { settlementGatewayAbi } from "../abi/index.ts";
import type { Chain } from "../chain/connectChain.ts";
import type { TransactParameters } from "../chain/transact.ts";
import { changeOf, demandEvent, type Change } from "../chain/writeContract.ts";
import { parseAddress } from "../inputs/parseAddress.ts";
import { chooseSource, readPurse, sendSpending, type TokenSource } from "../payers/spendTokens.ts";
import type { BridgeGas, BridgeQuote } from "./quoteDeposit.ts";
import { quotePushOf } from "./quotePush.ts";
import { readGateway } from "./readGateway.ts";
import { sentTicket } from "./sentTicket.ts";

export interface PushParametersParameters extends TransactParameters, BridgeGas {
  readonly appchain: Chain;
  /** The gateway on the settlement chain, `SettlementGateway`. */
  readonly address: string;
  /** What is to go to the appchain: the values are those of the settlement chain's registry when the push is mined. */
  readonly keys: readonly string[];
  /** Which token pays. Default: fee tokens if the account has enough of them, else the underlying token. */
  readonly source?: TokenSource;
  /** Whether to sign a permit where the token takes one. Default true; without, the cost is approved first. */
  readonly permit?: boolean;
}

export interface PushedParameters extends Change, BridgeQuote {
  readonly keys: readonly string[];
  /** Orders the pushes: a later one wins, whenever it arrives. */
  readonly nonce: bigint;
  /** Position in the order of all messages to the appchain. */
  readonly messageNumber: bigint;
  /** What to look for on the appchain; see `waitForTickets`. */
  readonly ticketId: Hex;
  readonly source: TokenSource;
  /** The approval that went before; undefined if there was none. */
  readonly approvalHash: Hex | undefined;
}

/**
 * Sends parameters of the settlement chain's registry to that of the appchain, and pays for the delivery. Anyone may: what
 * the appchain obeys is decided by who may write to the registry of the settlement chain. `compareParameters` says what
 * is to be sent.
 *
 * The appchain takes the message some time later, see `waitForTickets`; its contracts keep their own copies, see
 * `applyUpdates`. What the gas does not take of the cost goes to the account on the appchain.
 *
 * @throws {ContractError} before anything is sent: `Paused`, `UnsupportedChainId`, `NoKeys`, `ERC20InsufficientBalance`,
 *   `InsufficientAmount`, `RetryableData` if a gas limit or fee of 1 is passed; `NotAdmin` if the appchain's gateway may not
 *   write to the registry there
 * @throws {XmtpError} `NO_CODE` if one of the two gateways is not there; `INVALID_ADDRESS`, and those of `transact`
 * @example
 * const { transactionHash } = await pushParameters({
 *   chain: settlement, appchain, account, address: addresses.settlementChainGateway,
 *   keys: ["xmtp.groupMessageBroadcaster.paused"],
 * });
 * await waitForTickets({ settlement, appchain, transactionHash });
 * await applyUpdates({ chain: appchain, account, address: addresses.groupMessageBroadcaster });
 */
export async function pushParameters({
  appchain,
  address: givenAddress,
  keys,
  gasLimit,
  maxFeePerGas,
  source: wanted,
  permit = true,
  ...parameters
}: PushParametersParameters): Promise<PushedParameters> {
  const { chain, account } = parameters;
  const address = parseAddress(givenAddress, "gateway of the settlement chain");
  const appchainId = BigInt(appchain.chainId);

  const gateway = await readGateway(chain, address, appchainId);
  const quote = await quotePushOf(gateway, { chain, appchain, keys, gasLimit, maxFeePerGas });
  const purse = await readPurse(chain, gateway.feeToken, account.address);
  const source = chooseSource(purse, account.address, quote.maxFee, wanted);

  const push = [[appchainId], keys, quote.gasLimit, quote.maxFeePerGas, quote.maxFee] as const;
  const isFeeToken = source === "feeToken";
  const { receipt, approvalHash } = await sendSpending({
    ...parameters,
    token: isFeeToken ? purse.feeToken : purse.underlying,
    spender: address,
    amount: quote.maxFee,
    permit,
    encode: (signed) =>
      signed === undefined
        ? encodeFunctionData({
            abi: settlementGatewayAbi,
            functionName: isFeeToken ? "sendParameters" : "sendParametersFromUnderlying",
            args: push,
          })
        : encodeFunctionData({
            abi: settlementGatewayAbi,
            functionName: isFeeToken
              ? "sendParametersWithPermit"
              : "sendParametersFromUnderlyingWithPermit",
            args: [...push, ...signed],
          }),
  });

  const event = parseEventLogs({
    abi: settlementGatewayAbi,
    eventName: "ParametersSent",
    logs: receipt.logs,
  }).find((log) => isAddressEqual(log.address, address));
  const { nonce, messageNumber } = demandEvent(event, receipt);
  const { ticketId } = sentTicket(receipt, messageNumber, appchain.chainId);

  return {
    ...changeOf(receipt),
    ...quote,
    keys,
    nonce,
    messageNumber,
    ticketId,
    source,
    approvalHash,
  };
}
