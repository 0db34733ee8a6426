import { encodeFunctionData, type Address, type Hex } from "viem";

import { depositSplitterAbi } from "../abi/index.ts";
import type { Chain } from "../chain/connectChain.ts";
import { hasContract } from "../chain/hasContract.ts";
import type { TransactParameters } from "../chain/transact.ts";
import { changeOf, type Change } from "../chain/writeContract.ts";
import { decodeError } from "../errors/decodeError.ts";
import { libraryError } from "../errors/libraryErrors.ts";
import { parseAddress } from "../inputs/parseAddress.ts";
import { parseAmount } from "./microdollars.ts";
import { readEscrow, requireDepositTaken } from "./readEscrow.ts";
import { chooseSource, readPurse, sendSpending, type TokenSource } from "./spendTokens.ts";

/** Enough for the message that credits an account on the appchain, and what production tools send. */
const DEFAULT_GAS_LIMIT = 3_000_000n;
/** In wei of the appchain. */
const DEFAULT_MAX_FEE_PER_GAS = 2_000_000_000n;

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
  /** Gas for the message on the appchain. Default 3,000,000. */
  readonly appchainGasLimit?: bigint;
  /** The most to pay for a unit of that gas, in wei of the appchain. Default 2,000,000,000. */
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
 * @throws {ContractError} before anything is sent: `Paused`, `InsufficientDeposit`, `ERC20InsufficientBalance`
 * @throws {XmtpError} `NO_CODE` if the appchain is to get something and there is no bridge to it yet; `INVALID_AMOUNT`
 *   also if neither gets anything; `INVALID_ADDRESS`, and those of `transact`
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
  appchainGasLimit = DEFAULT_GAS_LIMIT,
  appchainMaxFeePerGas = DEFAULT_MAX_FEE_PER_GAS,
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

  const { escrowAddress, gateway, feeToken } = await readSplitter(chain, splitter);
  if (appchainAmount > 0n) await requireBridge(chain, gateway);
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
    appchainGasLimit,
    appchainMaxFeePerGas,
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
    source,
    approvalHash,
  };
}

async function readSplitter({ client }: Chain, address: Address) {
  const contract = { address, abi: depositSplitterAbi } as const;
  try {
    const [escrowAddress, gateway, feeToken] = await Promise.all([
      client.readContract({ ...contract, functionName: "payerRegistry" }),
      client.readContract({ ...contract, functionName: "settlementChainGateway" }),
      client.readContract({ ...contract, functionName: "feeToken" }),
    ]);
    return { escrowAddress, gateway, feeToken };
  } catch (error) {
    throw decodeError(error);
  }
}

async function requireBridge({ client }: Chain, gateway: Address): Promise<void> {
  if (await hasContract(client, gateway)) return;
  throw libraryError("NO_CODE", `the bridge to the appchain, at ${gateway}, is not deployed yet`, {
    hint: "deposit into the escrow alone, with an appchainAmount of 0",
  });
}
