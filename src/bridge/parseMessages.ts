import {
  decodeAbiParameters,
  isAddressEqual,
  keccak256,
  parseEventLogs,
  size,
  slice,
  type Address,
  type Hex,
  type Log,
} from "viem";

import { bridgeAbi, inboxAbi } from "./orbitAbi.ts";
import type { TicketMessage } from "./ticketId.ts";

/** The kind of a message that creates a ticket. */
const TICKET_KIND = 9;
const WORD_BYTES = 32;
/** What stands before the call data of a ticket; the last word is its length. */
const TICKET_WORDS = [
  { name: "to", type: "address" },
  { name: "value", type: "uint256" },
  { name: "deposit", type: "uint256" },
  { name: "maxSubmissionFee", type: "uint256" },
  { name: "feeRefundAddress", type: "address" },
  { name: "beneficiary", type: "address" },
  { name: "gasLimit", type: "uint256" },
  { name: "maxFeePerGas", type: "uint256" },
  { name: "dataLength", type: "uint256" },
] as const;

/** A message to an appchain, as a receipt of the settlement chain shows it. */
export interface BridgeMessage {
  readonly bridge: Address;
  readonly inbox: Address;
  readonly messageNumber: bigint;
  readonly kind: number;
  /** The alias of the inbox's caller. */
  readonly sender: Address;
  readonly baseFee: bigint;
  readonly data: Hex;
}

/**
 * Reads the messages of a receipt. The bridge says who sends what kind; the data are the inbox's that the bridge names,
 * and only if they have the hash that the bridge wrote down.
 */
export function parseMessages(logs: readonly Log[]): BridgeMessage[] {
  const delivered = parseEventLogs({
    abi: bridgeAbi,
    eventName: "MessageDelivered",
    logs: [...logs],
  });
  const payloads = parseEventLogs({
    abi: inboxAbi,
    eventName: "InboxMessageDelivered",
    logs: [...logs],
  });

  return delivered.flatMap(({ address: bridge, args }) => {
    const { messageIndex: messageNumber, inbox, kind, sender, baseFeeL1: baseFee } = args;
    const payload = payloads.find(
      (log) =>
        log.args.messageNum === messageNumber &&
        isAddressEqual(log.address, inbox) &&
        keccak256(log.args.data) === args.messageDataHash,
    );
    if (payload === undefined) return [];
    return [{ bridge, inbox, messageNumber, kind, sender, baseFee, data: payload.args.data }];
  });
}

/** The ticket that a message creates; undefined for a message of another kind, or one that is no ticket in spite of it. */
export function parseTicketMessage({
  kind,
  data: payload,
  messageNumber,
  sender,
  baseFee,
}: BridgeMessage): TicketMessage | undefined {
  const head = TICKET_WORDS.length * WORD_BYTES;
  if (kind !== TICKET_KIND || size(payload) < head) return undefined;

  const [
    to,
    value,
    deposit,
    maxSubmissionFee,
    feeRefundAddress,
    beneficiary,
    gasLimit,
    maxFeePerGas,
    dataLength,
  ] = decodeAbiParameters(TICKET_WORDS, slice(payload, 0, head));
  if (BigInt(size(payload) - head) !== dataLength) return undefined;

  return {
    messageNumber,
    from: sender,
    to,
    value,
    data: dataLength === 0n ? "0x" : slice(payload, head),
    deposit,
    maxSubmissionFee,
    feeRefundAddress,
    beneficiary,
    gasLimit,
    maxFeePerGas,
    baseFee,
  };
}
