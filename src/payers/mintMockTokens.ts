import { encodeFunctionData, type Address } from "viem";

import { mockUnderlyingFeeTokenAbi } from "../abi/index.ts";
import type { TransactParameters } from "../chain/transact.ts";
import { changeOf, writeContract, type Change } from "../chain/writeContract.ts";
import { parseAddress } from "../inputs/parseAddress.ts";
import { parseAmount } from "./microdollars.ts";

/**
 * Mints underlying tokens of a devnet or test network, where anybody may. They are worth nothing.
 *
 * @throws {XmtpError} `REVERTED` where the underlying token is a real one; `INVALID_AMOUNT`, `INVALID_ADDRESS`, and those
 *   of `transact`
 */
export async function mintMockTokens({
  address,
  recipient: givenRecipient,
  amount: givenAmount,
  ...parameters
}: TransactParameters & {
  /** The mock of the underlying token. */
  readonly address: string;
  /** Default: the account. */
  readonly recipient?: string;
  /** Microdollars. */
  readonly amount: bigint;
}): Promise<Change & { readonly recipient: Address; readonly amount: bigint }> {
  const to = parseAddress(address, "underlying token");
  const recipient = parseAddress(givenRecipient ?? parameters.account.address, "recipient");
  const amount = parseAmount(givenAmount);

  const data = encodeFunctionData({
    abi: mockUnderlyingFeeTokenAbi,
    functionName: "mint",
    args: [recipient, amount],
  });
  const { receipt } = await writeContract({ ...parameters, to, data });

  return { ...changeOf(receipt), recipient, amount };
}
