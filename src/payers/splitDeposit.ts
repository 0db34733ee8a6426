import {
  encodeFunctionData,
  isAddressEqual,
  parseEventLogs,
  type Address,
  type Hex,
  type TransactionReceipt,
} from "viem";

import { depositSplitterAbi, settlementGatewayAbi } from "../abi/index.ts";
import { quoteDepositOf, requireFeePaid, type BridgeQuote } from "../bridge/quoteDeposit.ts";
import { readGateway, readMinimumDeposit, requireBridge } from "../bridge/readGateway.ts";
import { sentTicket } from "../bridge/sentTicket.ts";
import type { Chain } from "../chain/connectChain.ts";
import { hasContract } from "../chain/hasContract.ts";
import type { TransactParameters } from "../chain/transact.ts";
import { changeOf, demandEvent, type Change } from "../chain/writeContract.ts";
import { decodeError } from "../errors/decodeError.ts";
import { libraryError } from "../errors/libraryErrors.ts";
import { parseAddress } from "../inputs/parseAddress.ts";
import { parseAmount } from "./microdollars.ts";
import { readEscrow, requireDepositTaken } from "./readEscrow.ts";
import { chooseSource, readPurse, sendSpending, type TokenSource } from "./spendTokens.ts";

/** What production tools send: much more than it takes, and the rest is the recipient's on the appchain. */
const DEFAULT_GAS_LIMIT = 3_000_000n;
/** In wei of the appchain. */
const DEFAULT_MAX_FEE_PER_GAS = 2_000_000_000n;
/** What the splitter is told when nothing goes to the appchain. */
const NO_MESSAGE: BridgeQuote = { gasLimit: 0n, maxFeePerGas: 0n, maxFee: 0n };

export interface SplitDepositParameters extends TransactParameters {
  /** The splitter, `DepositSplitter`. */
  readonly address: string;
  /** Whose escrow grows. Default: the account that signs and pays. */
  readonly payer?: string;
  /** By how much, in microdollars: at least the escrow's least deposit. 0, the default, for nothing. */
  readonly escrowAmount?: bigint;
  /** Whose gas on the appchain grows. Default: the account that signs and pays. */
  readonly appchainRecipient?: string;
  /** By how much, in microdollars. 0, the default, for nothing. */
  readonly appchainAmount?: bigint;
  /** The appchain, to ask it what the message takes. Without it, the two defaults below are 3,000,000 and 2,000,000,000. */
  readonly appchain?: Chain;
  /** Gas for the message on the appchain. Default: as `quoteDeposit` says. */
  readonly appchainGasLimit?: bigint;
  /** The most to pay for a unit of that gas, in wei of the appchain. Default: as `quoteDeposit` says. */
  readonly appchainMaxFeePerGas?: bigint;
  /** Which token pays. Default: fee tokens if the account has enough of them, else the underlying token. */
  readonly source?: TokenSource;
  /** Whether to sign a permit where the token takes one. Default true; without, the sum is approved first. */
  readonly permit?: boolean;
}

export interface SplitDeposit extends Change {
  readonly payer: Address;
  readonly escrowAmount: bigint;
  readonly appchainRecipient: Address;
  readonly appchainAmount: bigint;
  /** What to look for on the appchain, see `waitForTickets`; undefined if it gets nothing. */
  readonly ticketId: Hex | undefined;
  readonly source: TokenSource;
  /** The approval that went before; undefined if there was none. */
  readonly approvalHash: Hex | undefined;
}

/**
 * Funds both things that a payer needs, escrow on the settlement chain and gas on the appchain, in one transaction: both
 * or neither.
 *
 * As with `fundPayer`, each call that succeeds deposits once more, and an approval that a lost process left is used.
 *
 * @throws {ContractError} before anything is sent: `Paused`, `InsufficientDeposit`, `ERC20InsufficientBalance`,
 *   `UnsupportedChainId`, `InsufficientAmount` if the appchain's part does not pay for its message, and with `appchain`
 *   `TransferFailed` if the recipient there is a contract that refuses native currency
 * @throws {XmtpError} `NO_CODE` if the appchain is to get something and there is no bridge to it yet; `WRONG_CHAIN` if
 *   `appchain` is not that of the splitter; `INVALID_AMOUNT` also if neither gets anything; `INVALID_ADDRESS`, and those of
 *   `transact`
 * @example
 * await splitDeposit({
 *   chain: settlement, account, address: addresses.depositSplitter,
 *   escrowAmount: parseDollars("20"), appchainAmount: parseDollars("5"),
 * });
 */
export async function splitDeposit({
  address,
  payer: givenPayer,
  escrowAmount = 0n,
  appchainRecipient: givenRecipient,
  appchainAmount = 0n,
  appchain,
  appchainGasLimit,
  appchainMaxFeePerGas,
  source: wanted,
  permit = true,
  ...parameters
}: SplitDepositParameters): Promise<SplitDeposit> {
  const { chain, account } = parameters;
  const splitter = parseAddress(address, "deposit splitter");
  const payer = parseAddress(givenPayer ?? account.address, "payer");
  const appchainRecipient = parseAddress(givenRecipient ?? account.address, "appchain recipient");
  if (escrowAmount !== 0n) parseAmount(escrowAmount, "amount for the escrow");
  if (appchainAmount !== 0n) parseAmount(appchainAmount, "amount for the appchain");
  const sum = parseAmount(escrowAmount + appchainAmount, "sum");

  const { escrowAddress, gateway, feeToken, appchainId } = await readSplitter(chain, splitter);
  const quote =
    appchainAmount === 0n
      ? NO_MESSAGE
      : await requireMessagePaid(chain, gateway, {
          amount: appchainAmount,
          recipient: appchainRecipient,
          appchainId,
          appchain,
          gasLimit: appchainGasLimit,
          maxFeePerGas: appchainMaxFeePerGas,
        });
  if (escrowAmount > 0n) {
    requireDepositTaken(await readEscrow(chain, escrowAddress), escrowAmount, escrowAddress);
  }
  const purse = await readPurse(chain, feeToken, account.address);
  const source = chooseSource(purse, account.address, sum, wanted);

  const legs = [
    payer,
    escrowAmount,
    appchainRecipient,
    appchainAmount,
    quote.gasLimit,
    quote.maxFeePerGas,
  ] as const;
  const isFeeToken = source === "feeToken";
  const { receipt, approvalHash } = await sendSpending({
    ...parameters,
    token: isFeeToken ? feeToken : purse.underlying,
    spender: splitter,
    amount: sum,
    permit,
    encode: (signed) =>
      signed === undefined
        ? encodeFunctionData({
            abi: depositSplitterAbi,
            functionName: isFeeToken ? "deposit" : "depositFromUnderlying",
            args: legs,
          })
        : encodeFunctionData({
            abi: depositSplitterAbi,
            functionName: isFeeToken ? "depositWithPermit" : "depositFromUnderlyingWithPermit",
            args: [...legs, ...signed],
          }),
  });

  return {
    ...changeOf(receipt),
    payer,
    escrowAmount,
    appchainRecipient,
    appchainAmount,
    ticketId: appchainAmount === 0n ? undefined : ticketOf(receipt, gateway, appchainId),
    source,
    approvalHash,
  };
}

async function readSplitter({ client }: Chain, address: Address) {
  const contract = { address, abi: depositSplitterAbi } as const;
  try {
    const [escrowAddress, gateway, feeToken, appchainId] = await Promise.all([
      client.readContract({ ...contract, functionName: "payerRegistry" }),
      client.readContract({ ...contract, functionName: "settlementChainGateway" }),
      client.readContract({ ...contract, functionName: "feeToken" }),
      client.readContract({ ...contract, functionName: "appChainId" }),
    ]);
    return { escrowAddress, gateway, feeToken, appchainId: Number(appchainId) };
  } catch (error) {
    throw decodeError(error);
  }
}

/** The appchain's part of a deposit. */
interface AppchainPart {
  readonly amount: bigint;
  readonly recipient: Address;
  readonly appchainId: number;
  readonly appchain: Chain | undefined;
  readonly gasLimit: bigint | undefined;
  readonly maxFeePerGas: bigint | undefined;
}

/** Refuses what the bridge would refuse, before an approval is sent for nothing. */
async function requireMessagePaid(
  chain: Chain,
  gatewayAddress: Address,
  { amount, appchainId, appchain, ...message }: AppchainPart,
): Promise<BridgeQuote> {
  await requireGateway(chain, gatewayAddress);
  if (appchain !== undefined && appchain.chainId !== appchainId) {
    throw libraryError(
      "WRONG_CHAIN",
      `the splitter is for the appchain ${appchainId}, not ${appchain.chainId}`,
    );
  }
  const gateway = await readGateway(chain, gatewayAddress, BigInt(appchainId));
  requireBridge(gateway, BigInt(appchainId));

  const quote =
    appchain === undefined
      ? await usualQuote(chain, gatewayAddress, appchainId, message)
      : await quoteDepositOf(gateway, { chain, appchain, ...message });
  requireFeePaid(amount, quote, gateway.unit);

  return quote;
}

async function usualQuote(
  chain: Chain,
  gateway: Address,
  appchainId: number,
  {
    gasLimit = DEFAULT_GAS_LIMIT,
    maxFeePerGas = DEFAULT_MAX_FEE_PER_GAS,
  }: Pick<AppchainPart, "gasLimit" | "maxFeePerGas">,
): Promise<BridgeQuote> {
  const message = [BigInt(appchainId), gasLimit, maxFeePerGas] as const;

  return { gasLimit, maxFeePerGas, maxFee: await readMinimumDeposit(chain, gateway, message) };
}

async function requireGateway({ client }: Chain, gateway: Address): Promise<void> {
  if (await hasContract(client, gateway)) return;
  throw libraryError("NO_CODE", `the bridge to the appchain, at ${gateway}, is not deployed yet`, {
    hint: "deposit into the escrow alone, with an appchainAmount of 0",
  });
}

function ticketOf(receipt: TransactionReceipt, gateway: Address, appchainId: number): Hex {
  const event = parseEventLogs({
    abi: settlementGatewayAbi,
    eventName: "Deposit",
    logs: receipt.logs,
  }).find((log) => isAddressEqual(log.address, gateway));
  const { messageNumber } = demandEvent(event, receipt);

  return sentTicket(receipt, messageNumber, appchainId).ticketId;
}
