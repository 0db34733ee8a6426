import {
  concatHex,
  keccak256,
  numberToHex,
  toRlp,
  zeroAddress,
  type Address,
  type Hex,
} from "viem";

import type { DepositMessage, TicketMessage, TransactionMessage } from "./parseMessage.ts";

/** By these an Arbitrum chain knows the transactions that it makes of messages: hashes of types that no other chain has. */
const DEPOSIT_TYPE = "0x64";
const UNSIGNED_TYPE = "0x65";
const CONTRACT_TYPE = "0x66";
const SUBMIT_RETRYABLE_TYPE = "0x69";

/** Where a message is in the bridge, and on which chain it ends. */
interface Place {
  readonly chainId: number;
  readonly index: bigint;
  /** Who sent it, as the appchain sees it. */
  readonly sender: Address;
}

/** The ticket that a message makes. */
export function ticketIdOf(
  { chainId, index, sender }: Place,
  ticket: Omit<TicketMessage, "kind">,
  /** Wei per gas, from the message; 0 where data is not charged for. */
  parentBaseFee: bigint,
): Hex {
  return hashOf(SUBMIT_RETRYABLE_TYPE, [
    integer(BigInt(chainId)),
    word(index),
    sender,
    integer(parentBaseFee),
    integer(ticket.deposit),
    integer(ticket.maxFeePerGas),
    integer(ticket.gasLimit),
    destination(ticket.to),
    integer(ticket.value),
    ticket.beneficiary,
    integer(ticket.maxSubmissionFee),
    ticket.feeRefund,
    ticket.data,
  ]);
}

/** The transaction that credits a deposit. */
export function depositHashOf(
  { chainId, index, sender }: Place,
  { to, value }: Omit<DepositMessage, "kind">,
): Hex {
  return hashOf(DEPOSIT_TYPE, [integer(BigInt(chainId)), word(index), sender, to, integer(value)]);
}

/** The transaction of an account of the parent chain, with a nonce or, from a contract, without. */
export function transactionHashOf(
  { chainId, index, sender }: Place,
  { nonce, gasLimit, maxFeePerGas, to, value, data }: Omit<TransactionMessage, "kind">,
): Hex {
  const rest = [integer(maxFeePerGas), integer(gasLimit), destination(to), integer(value), data];
  const chain = integer(BigInt(chainId));

  return nonce === undefined
    ? hashOf(CONTRACT_TYPE, [chain, word(index), sender, ...rest])
    : hashOf(UNSIGNED_TYPE, [chain, sender, integer(nonce), ...rest]);
}

function hashOf(type: Hex, fields: readonly Hex[]): Hex {
  return keccak256(concatHex([type, toRlp(fields)]));
}

const integer = (value: bigint): Hex => (value === 0n ? "0x" : evenHex(value));
const word = (value: bigint): Hex => numberToHex(value, { size: 32 });
const destination = (to: Address): Hex => (to === zeroAddress ? "0x" : to);

function evenHex(value: bigint): Hex {
  const digits = value.toString(16);
  return `0x${digits.length % 2 === 0 ? digits : `0${digits}`}`;
}
