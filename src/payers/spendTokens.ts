import { encodeFunctionData, type Address, type Hex, type TransactionReceipt } from "viem";

import { feeTokenAbi } from "../abi/index.ts";
import type { Chain } from "../chain/connectChain.ts";
import type { TransactParameters } from "../chain/transact.ts";
import { writeContract } from "../chain/writeContract.ts";
import { ContractError } from "../errors/ContractError.ts";
import { decodeError } from "../errors/decodeError.ts";
import { formatDollars } from "./microdollars.ts";
import { readPermitTerms, signPermit, type PermitArguments } from "./permits.ts";

/** Which token pays: fee tokens, or the token that they stand for, such as USDC. */
export type TokenSource = "feeToken" | "underlying";

/** The two tokens, and what an account has of them. */
export interface Purse {
  readonly feeToken: Address;
  readonly underlying: Address;
  /** Microdollars. */
  readonly feeTokens: bigint;
  /** Microdollars. */
  readonly underlyingTokens: bigint;
}

/** Reads what an account has of both tokens. */
export async function readPurse(
  { client }: Chain,
  feeToken: Address,
  owner: Address,
): Promise<Purse> {
  const contract = { address: feeToken, abi: feeTokenAbi } as const;
  try {
    const [underlying, feeTokens] = await Promise.all([
      client.readContract({ ...contract, functionName: "underlying" }),
      client.readContract({ ...contract, functionName: "balanceOf", args: [owner] }),
    ]);
    const underlyingTokens = await client.readContract({
      address: underlying,
      abi: feeTokenAbi,
      functionName: "balanceOf",
      args: [owner],
    });
    return { feeToken, underlying, feeTokens, underlyingTokens };
  } catch (error) {
    throw decodeError(error);
  }
}

/**
 * Decides which token pays: fee tokens if there are enough, because nothing has to be wrapped then.
 *
 * @throws {ContractError} `ERC20InsufficientBalance` if there are too few
 */
export function chooseSource(
  { feeTokens, underlyingTokens }: Purse,
  owner: Address,
  amount: bigint,
  wanted: TokenSource | undefined,
): TokenSource {
  if (wanted !== "underlying" && feeTokens >= amount) return "feeToken";
  if (wanted !== "feeToken" && underlyingTokens >= amount) return "underlying";

  const has = [
    ...(wanted === "underlying" ? [] : [`${formatDollars(feeTokens)} dollars in fee tokens`]),
    ...(wanted === "feeToken"
      ? []
      : [`${formatDollars(underlyingTokens)} dollars in underlying tokens`]),
  ].join(" and ");
  throw new ContractError({
    errorName: "ERC20InsufficientBalance",
    errorArgs: [owner, wanted === "feeToken" ? feeTokens : underlyingTokens, amount],
    message: `the account ${owner} has ${has}; ${formatDollars(amount)} are to be paid`,
  });
}

export interface Spent {
  readonly receipt: TransactionReceipt;
  /** The approval that went before; undefined if there was none. */
  readonly approvalHash: Hex | undefined;
}

/**
 * Sends a call that takes tokens of the account, and lets the called contract take them: by an allowance that is there,
 * else by a permit, else by an approval of exactly the amount, which is a transaction before.
 *
 * If the process ends between the two, the allowance stays and the next attempt uses it.
 */
export async function sendSpending({
  token,
  spender,
  amount,
  permit,
  encode,
  ...parameters
}: TransactParameters & {
  readonly token: Address;
  /** The contract that is called, and takes the tokens. */
  readonly spender: Address;
  readonly amount: bigint;
  /** Whether to sign a permit where the token takes one. */
  readonly permit: boolean;
  /** Calldata, with a permit or without. */
  readonly encode: (permit: PermitArguments | undefined) => Hex;
}): Promise<Spent> {
  const { chain, account } = parameters;
  const owner = account.address;
  const [allowance, terms] = await Promise.all([
    readAllowance(chain, token, owner, spender),
    permit ? readPermitTerms({ chain, token, owner }) : undefined,
  ]);

  const isAllowed = allowance >= amount;
  let signed: PermitArguments | undefined;
  let approvalHash: Hex | undefined;
  if (!isAllowed && terms !== undefined) {
    signed = await signPermit({ account, spender, value: amount, terms });
  } else if (!isAllowed) {
    const data = encodeFunctionData({
      abi: feeTokenAbi,
      functionName: "approve",
      args: [spender, amount],
    });
    const { receipt } = await writeContract({ ...parameters, to: token, data });
    approvalHash = receipt.transactionHash;
  }
  const { receipt } = await writeContract({ ...parameters, to: spender, data: encode(signed) });

  return { receipt, approvalHash };
}

function readAllowance(
  { client }: Chain,
  token: Address,
  owner: Address,
  spender: Address,
): Promise<bigint> {
  return client
    .readContract({
      address: token,
      abi: feeTokenAbi,
      functionName: "allowance",
      args: [owner, spender],
    })
    .catch((error: unknown) => {
      throw decodeError(error);
    });
}
