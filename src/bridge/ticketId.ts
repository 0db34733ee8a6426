import { concat, keccak256, numberToHex, toRlp, zeroAddress, type Address, type Hex } from "viem";

/** Types of the transactions by which an Orbit chain takes a message. */
const DEPOSIT_TYPE = "0x64";
const SUBMIT_RETRYABLE_TYPE = "0x69";
const WORD_BYTES = 32;

/** A ticket as the settlement chain's inbox wrote it down. Values are wei of the appchain. */
export interface TicketMessage {
  /** Position in the order of all messages to the appchain. */
  readonly messageNumber: bigint;
  /** Who sends the call on the appchain: the alias of the inbox's caller. */
  readonly from: Address;
  /** What is called; the zero address for the creation of a contract. */
  readonly to: Address;
  /** What the call carries. */
  readonly value: bigint;
  readonly data: Hex;
  /** What was paid in. */
  readonly deposit: bigint;
  readonly maxSubmissionFee: bigint;
  /** Who gets back what the gas did not take. */
  readonly feeRefundAddress: Address;
  /** Who may cancel, and gets the value if the call never succeeds. */
  readonly beneficiary: Address;
  readonly gasLimit: bigint;
  readonly maxFeePerGas: bigint;
  /** The settlement chain's, in wei, as the bridge wrote it down; 0 where gas is paid in tokens. */
  readonly baseFee: bigint;
}

/**
 * The id of a ticket: the hash of the transaction that creates it on the appchain, known before it is there.
 *
 * @param chainId of the appchain
 */
export function ticketId(ticket: TicketMessage, chainId: number): Hex {
  return hashOf(SUBMIT_RETRYABLE_TYPE, [
    integer(chainId),
    numberToHex(ticket.messageNumber, { size: WORD_BYTES }),
    ticket.from,
    integer(ticket.baseFee),
    integer(ticket.deposit),
    integer(ticket.maxFeePerGas),
    integer(ticket.gasLimit),
    ticket.to === zeroAddress ? "0x" : ticket.to,
    integer(ticket.value),
    ticket.beneficiary,
    integer(ticket.maxSubmissionFee),
    ticket.feeRefundAddress,
    ticket.data,
  ]);
}

/** A deposit of native currency without a call, as `depositERC20` of an inbox makes it. */
export interface NativeDeposit {
  readonly messageNumber: bigint;
  /** The alias of the inbox's caller. */
  readonly from: Address;
  readonly recipient: Address;
  /** Wei of the appchain. */
  readonly value: bigint;
}

/**
 * The hash of the transaction that credits a native deposit on the appchain, known before it is there.
 *
 * @param chainId of the appchain
 */
export function nativeDepositHash(
  { messageNumber, from, recipient, value }: NativeDeposit,
  chainId: number,
): Hex {
  return hashOf(DEPOSIT_TYPE, [
    integer(chainId),
    numberToHex(messageNumber, { size: WORD_BYTES }),
    from,
    recipient,
    integer(value),
  ]);
}

/** The hash of a transaction that an Orbit chain makes of a message: of a type that no other chain has. */
export function hashOf(type: Hex, fields: readonly Hex[]): Hex {
  return keccak256(concat([type, toRlp(fields)]));
}

/** Without leading zeros, as RLP has integers; 0 is no byte at all. */
export function integer(value: bigint | number): Hex {
  return BigInt(value) === 0n ? "0x" : numberToHex(value);
}
