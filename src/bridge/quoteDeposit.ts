import { encodeFunctionData, type Address } from "viem";

import { appchainGatewayAbi } from "../abi/index.ts";
import type { Chain } from "../chain/connectChain.ts";
import { hasContract } from "../chain/hasContract.ts";
import { ContractError } from "../errors/ContractError.ts";
import { libraryError } from "../errors/libraryErrors.ts";
import { parseAddress } from "../inputs/parseAddress.ts";
import { formatDollars } from "../payers/microdollars.ts";
import { estimateCall, quoteMaxFeePerGas } from "./appchainGas.ts";
import { readGateway, readMinimumDeposit, requireBridge, type Gateway } from "./readGateway.ts";

/** What a message to the appchain may cost. What it does not is given back on the appchain. */
export interface BridgeQuote {
  /** Gas for the message on the appchain. */
  readonly gasLimit: bigint;
  /** The most to pay for a unit of that gas, in wei of the appchain. */
  readonly maxFeePerGas: bigint;
  /** The most that the message costs, in microdollars, rounded up. */
  readonly maxFee: bigint;
}

/** What may be said of the gas instead of having it quoted. */
export interface BridgeGas {
  /** Gas for the message on the appchain. Default: an estimate, and half as much again. */
  readonly gasLimit?: bigint | undefined;
  /** The most to pay for a unit of that gas, in wei of the appchain. Default: twice the appchain's base fee. */
  readonly maxFeePerGas?: bigint | undefined;
}

export interface QuoteDepositParameters extends BridgeGas {
  /** The settlement chain; see `connectChain`. */
  readonly chain: Chain;
  readonly appchain: Chain;
  /** The gateway on the settlement chain, `SettlementGateway`. */
  readonly address: string;
  /** Who is to have native currency on the appchain. */
  readonly recipient: string;
}

/**
 * Says what a deposit to the appchain has to pay for its delivery. `maxFee` is the least deposit: one of exactly so much
 * credits only what the delivery leaves.
 *
 * @throws {ContractError} `Paused`, `UnsupportedChainId`; `TransferFailed` if the recipient is a contract that refuses
 *   native currency
 * @throws {XmtpError} `NO_CODE` if one of the two gateways is not there; `INVALID_ADDRESS`, `RPC_UNREACHABLE`
 * @example
 * const { maxFee } = await quoteDeposit({
 *   chain: settlement, appchain, address: addresses.settlementChainGateway, recipient: account.address,
 * });
 */
export async function quoteDeposit({
  chain,
  appchain,
  address: givenAddress,
  recipient: givenRecipient,
  ...gas
}: QuoteDepositParameters): Promise<BridgeQuote> {
  const address = parseAddress(givenAddress, "gateway of the settlement chain");
  const recipient = parseAddress(givenRecipient, "recipient on the appchain");
  const gateway = await readGateway(chain, address, BigInt(appchain.chainId));

  return quoteDepositOf(gateway, { chain, appchain, recipient, ...gas });
}

/** The same, of a gateway that was read already. */
export function quoteDepositOf(
  gateway: Gateway,
  {
    chain,
    appchain,
    recipient,
    ...gas
  }: BridgeGas & {
    readonly chain: Chain;
    readonly appchain: Chain;
    readonly recipient: Address;
  },
): Promise<BridgeQuote> {
  return quoteMessage(gateway, { chain, appchain, ...gas }, () =>
    estimateDeposit(appchain, gateway, recipient),
  );
}

/** What a message of a gateway may cost: gas by the estimate, unless it is said. */
export async function quoteMessage(
  gateway: Gateway,
  {
    chain,
    appchain,
    gasLimit: givenGasLimit,
    maxFeePerGas: givenMaxFeePerGas,
  }: BridgeGas & { readonly chain: Chain; readonly appchain: Chain },
  estimate: () => Promise<bigint>,
): Promise<BridgeQuote> {
  const appchainId = BigInt(appchain.chainId);
  requireBridge(gateway, appchainId);
  await requireAppchainGateway(appchain, gateway);

  const [gasLimit, maxFeePerGas] = await Promise.all([
    givenGasLimit ?? estimate(),
    givenMaxFeePerGas ?? quoteMaxFeePerGas(appchain),
  ]);
  const maxFee = await readMinimumDeposit(chain, gateway.address, [
    appchainId,
    gasLimit,
    maxFeePerGas,
  ]);

  return { gasLimit, maxFeePerGas, maxFee };
}

/**
 * Refuses a deposit that does not pay for its message.
 *
 * @throws {ContractError} `InsufficientAmount`
 */
export function requireFeePaid(
  amount: bigint,
  { gasLimit, maxFeePerGas, maxFee }: BridgeQuote,
  unit: bigint,
): void {
  if (amount >= maxFee) return;
  throw new ContractError({
    errorName: "InsufficientAmount",
    errorArgs: [amount * unit, gasLimit * maxFeePerGas],
    message: `${formatDollars(amount)} dollars do not pay for the message to the appchain, which may cost ${formatDollars(maxFee)}`,
  });
}

/** A message to an account without code succeeds and does nothing: its money would be lost. */
export async function requireAppchainGateway(
  { client, chainId }: Chain,
  { appchainGateway }: Gateway,
): Promise<void> {
  if (await hasContract(client, appchainGateway)) return;
  throw libraryError(
    "NO_CODE",
    `there is no gateway at ${appchainGateway} of the appchain, ${chainId}`,
    { hint: "deploy the appchain's contracts first" },
  );
}

function estimateDeposit(
  appchain: Chain,
  { alias, appchainGateway, unit }: Gateway,
  recipient: Address,
): Promise<bigint> {
  const data = encodeFunctionData({
    abi: appchainGatewayAbi,
    functionName: "receiveDeposit",
    args: [recipient],
  });

  return estimateCall(appchain, { from: alias, to: appchainGateway, value: unit, data });
}
