import { getAddress, hexToBigInt, size, slice, type Address, type Hex } from "viem";

/** Kinds of messages that a bridge carries. All others have no effect on the appchain. */
const KIND = { l2Message: 3, ticket: 9, deposit: 12 } as const;
/** Kinds within an L2 message. A batch of them (3) is not unpacked. */
const L2_KIND = { unsigned: 0, contract: 1, signed: 4 } as const;

/** A call that stays until it succeeds. Amounts in wei. */
export interface TicketMessage {
  readonly kind: "ticket";
  /** Zero: creates a contract. */
  readonly to: Address;
  readonly value: bigint;
  readonly deposit: bigint;
  readonly maxSubmissionFee: bigint;
  readonly feeRefund: Address;
  readonly beneficiary: Address;
  readonly gasLimit: bigint;
  /** Wei per gas. */
  readonly maxFeePerGas: bigint;
  readonly data: Hex;
}

/** Gas tokens for an account. */
export interface DepositMessage {
  readonly kind: "deposit";
  readonly to: Address;
  /** Wei. */
  readonly value: bigint;
}

/** A transaction of the sender itself, who pays for it. */
export interface TransactionMessage {
  readonly kind: "transaction";
  /** Undefined: whatever is next, as contracts do not count. */
  readonly nonce: bigint | undefined;
  readonly gasLimit: bigint;
  /** Wei per gas. */
  readonly maxFeePerGas: bigint;
  /** Zero: creates a contract. */
  readonly to: Address;
  /** Wei. */
  readonly value: bigint;
  readonly data: Hex;
}

/** A transaction that somebody signed, as any node would take it. */
export interface SignedMessage {
  readonly kind: "signed";
  readonly transaction: Hex;
}

/** Does nothing on the appchain. */
export interface IdleMessage {
  readonly kind: "idle";
}

export type Message =
  TicketMessage | DepositMessage | TransactionMessage | SignedMessage | IdleMessage;

/** What a message of the bridge asks for. One that makes no sense asks for nothing: it must not hold up those behind it. */
export function parseMessage(kind: number, data: Hex): Message {
  const message = parseKind(kind, data);
  return message ?? { kind: "idle" };
}

function parseKind(kind: number, data: Hex): Message | undefined {
  switch (kind) {
    case KIND.l2Message:
      return parseL2Message(data);
    case KIND.ticket:
      return parseTicket(data);
    case KIND.deposit:
      if (size(data) < 52) return undefined;
      return { kind: "deposit", to: slice(data, 0, 20), value: hexToBigInt(slice(data, 20, 52)) };
    default:
      return undefined;
  }
}

function parseTicket(data: Hex): TicketMessage | undefined {
  const words = readWords(data, 9);
  if (words === undefined) return undefined;
  const [to, value, deposit, maxSubmissionFee, feeRefund, beneficiary, gasLimit, maxFee, length] =
    words as [bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint];
  if (length !== BigInt(size(data) - 9 * 32) || gasLimit >= 2n ** 64n) return undefined;

  return {
    kind: "ticket",
    to: addressOf(to),
    value,
    deposit,
    maxSubmissionFee,
    feeRefund: addressOf(feeRefund),
    beneficiary: addressOf(beneficiary),
    gasLimit,
    maxFeePerGas: maxFee,
    data: tail(data, 9 * 32),
  };
}

function parseL2Message(data: Hex): Message | undefined {
  if (size(data) === 0) return undefined;
  const rest = tail(data, 1);

  switch (Number(slice(data, 0, 1))) {
    case L2_KIND.unsigned:
      return parseTransaction(rest, true);
    case L2_KIND.contract:
      return parseTransaction(rest, false);
    case L2_KIND.signed:
      return { kind: "signed", transaction: rest };
    default:
      return undefined;
  }
}

function parseTransaction(data: Hex, hasNonce: boolean): TransactionMessage | undefined {
  const count = hasNonce ? 5 : 4;
  const words = readWords(data, count);
  if (words === undefined) return undefined;
  const [gasLimit, maxFeePerGas] = words as [bigint, bigint];
  const [to, value] = words.slice(-2) as [bigint, bigint];
  if (gasLimit >= 2n ** 64n) return undefined;

  return {
    kind: "transaction",
    nonce: hasNonce ? words[2] : undefined,
    gasLimit,
    maxFeePerGas,
    to: addressOf(to),
    value,
    data: tail(data, count * 32),
  };
}

function readWords(data: Hex, count: number): bigint[] | undefined {
  if (size(data) < count * 32) return undefined;
  return Array.from({ length: count }, (_, index) =>
    hexToBigInt(slice(data, index * 32, index * 32 + 32)),
  );
}

/** The low 20 bytes of a word. */
function addressOf(word: bigint): Address {
  return getAddress(`0x${(word & (2n ** 160n - 1n)).toString(16).padStart(40, "0")}`);
}

/** From `start` to the end, which may be nothing. */
function tail(data: Hex, start: number): Hex {
  return `0x${data.slice(2 + 2 * start)}`;
}
