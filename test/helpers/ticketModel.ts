import type { Address } from "viem";

import type { TicketMessage } from "../../src/devnet/relayer/parseMessage.ts";

/** Balances by account, in wei. Accounts that are not there have nothing. */
export type Balances = Map<Address, bigint>;

export interface ModelOutcome {
  readonly isCreated: boolean;
  readonly hasAttempt: boolean;
  /** Wei that the ticket holds when it stays open. */
  readonly escrow: bigint;
}

/**
 * What ArbOS does with a ticket, as moves between accounts: every amount that is refunded is taken out of a purse that the
 * deposit fills, so that no refund is ever paid from the sender's own money.
 */
export function modelTicket({
  balances,
  sender,
  ticket,
  baseFee,
  attempt,
}: {
  readonly balances: Balances;
  readonly sender: Address;
  readonly ticket: Omit<TicketMessage, "kind">;
  /** Wei per gas. */
  readonly baseFee: bigint;
  /** How the call went, if there is one. */
  readonly attempt: { readonly isSuccess: boolean; readonly gasUsed: bigint };
}): ModelOutcome {
  const balance = (account: Address): bigint => balances.get(account) ?? 0n;
  const add = (account: Address, amount: bigint): void =>
    void balances.set(account, balance(account) + amount);
  const move = (from: Address, to: Address, amount: bigint): void => {
    add(from, -amount);
    add(to, amount);
  };
  let purse = 0n;
  const take = (amount: bigint): bigint => {
    const taken = amount < purse ? amount : purse;
    purse -= taken;
    return taken;
  };

  const { deposit, value, maxSubmissionFee, feeRefund, gasLimit, maxFeePerGas } = ticket;
  const nothing = { isCreated: false, hasAttempt: false, escrow: 0n };
  add(sender, deposit);
  purse = deposit;
  take(value);
  if (balance(sender) < maxSubmissionFee) return nothing;
  move(sender, feeRefund, take(maxSubmissionFee));
  if (balance(sender) < value) return nothing;
  add(sender, -value);

  if (balance(sender) < gasLimit * maxFeePerGas || gasLimit < 21_000n || maxFeePerGas < baseFee) {
    move(sender, feeRefund, take(gasLimit * maxFeePerGas));
    return { isCreated: true, hasAttempt: false, escrow: value };
  }

  const gasPurse = take(gasLimit * baseFee);
  move(sender, feeRefund, take(gasLimit * (maxFeePerGas - baseFee)));
  purse += gasPurse;

  add(sender, -attempt.gasUsed * baseFee);
  take(attempt.gasUsed * baseFee);
  move(sender, feeRefund, take((gasLimit - attempt.gasUsed) * baseFee));
  if (attempt.isSuccess) add(ticket.to, value);
  return { isCreated: true, hasAttempt: true, escrow: attempt.isSuccess ? 0n : value };
}
