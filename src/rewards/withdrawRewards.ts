import { encodeFunctionData, parseEventLogs } from "viem";

import { rewardsAbi } from "../abi/index.ts";
import type { TransactParameters } from "../chain/transact.ts";
import { changeOf, demandEvent, writeContract, type Change } from "../chain/writeContract.ts";
import { parseAddress } from "../inputs/parseAddress.ts";
import { parseNodeId } from "../inputs/parseIds.ts";

export interface WithdrawParameters extends TransactParameters {
  /** The contract `Rewards`, `distributionManager` in the address book. */
  readonly address: string;
  /** Pay out the token that the fee token wraps, instead of the fee token. Default false. */
  readonly intoUnderlying?: boolean;
}

export interface Withdrawn extends Change {
  /** Microdollars. Less than was owed when there is not more: the rest stays owed. */
  readonly amount: bigint;
}

/**
 * Pays out what a node is owed, as far as there are tokens: what payers have paid, first come, first served. The account
 * must own the node.
 *
 * @throws {ContractError} `NotNodeOwner`, `ERC721NonexistentToken`, `NoFeesOwed`, `ZeroAvailableBalance`, `Paused`
 * @throws {XmtpError} `INVALID_NODE_ID`, `INVALID_ADDRESS`, and those of `transact`
 * @example
 * const { amount } = await withdrawRewards({
 *   chain, account, address: addresses.distributionManager, nodeId: 100, recipient: account.address,
 * });
 */
export async function withdrawRewards({
  address,
  nodeId,
  recipient,
  intoUnderlying = false,
  ...transaction
}: WithdrawParameters & {
  readonly nodeId: number | string;
  /** Who gets the tokens. */
  readonly recipient: string;
}): Promise<Withdrawn> {
  const { receipt, logs } = await writeContract({
    ...transaction,
    to: parseAddress(address, "rewards"),
    data: encodeFunctionData({
      abi: rewardsAbi,
      functionName: intoUnderlying ? "withdrawIntoUnderlying" : "withdraw",
      args: [parseNodeId(nodeId), parseAddress(recipient, "recipient of the rewards")],
    }),
  });
  const [event] = parseEventLogs({ abi: rewardsAbi, eventName: "Withdrawal", logs });

  return { ...changeOf(receipt), amount: demandEvent(event, receipt).amount };
}

/**
 * Pays out what the protocol is owed to the recipient that its parameter names. Anyone may. Otherwise as
 * `withdrawRewards`.
 *
 * @throws {ContractError} `ZeroProtocolFeeRecipient`, `NoFeesOwed`, `ZeroAvailableBalance`, `Paused`
 * @throws {XmtpError} `INVALID_ADDRESS`, and those of `transact`
 */
export async function withdrawProtocolFees({
  address,
  intoUnderlying = false,
  ...transaction
}: WithdrawParameters): Promise<Withdrawn> {
  const { receipt, logs } = await writeContract({
    ...transaction,
    to: parseAddress(address, "rewards"),
    data: encodeFunctionData({
      abi: rewardsAbi,
      functionName: intoUnderlying ? "withdrawProtocolFeesIntoUnderlying" : "withdrawProtocolFees",
    }),
  });
  const [event] = parseEventLogs({ abi: rewardsAbi, eventName: "ProtocolFeesWithdrawal", logs });

  return { ...changeOf(receipt), amount: demandEvent(event, receipt).amount };
}
