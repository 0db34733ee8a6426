import type { Address, Hex } from "viem";

import type { XmtpError } from "../errors/XmtpError.ts";
import { libraryError } from "../errors/libraryErrors.ts";
import type { Receipt } from "./parseReceipt.ts";
import { idWord, type PayloadKind } from "./payloadKinds.ts";

/** Where a payload ended up. */
export interface Published {
  /** 0 for group messages, 1 for identity updates: the originator under which nodes store it. */
  readonly originator: number;
  /** The position in the log of its contract, from 1. */
  readonly sequenceId: bigint;
  readonly transactionHash: Hex;
  readonly blockNumber: bigint;
  readonly blockHash: Hex;
  /** The position of the event in its block. */
  readonly logIndex: number;
}

/**
 * Reads from a receipt, or from the first event alone, where each payload ended up, in the order of the ids.
 *
 * @throws {XmtpError} `UNEXPECTED_RECEIPT` unless the contract emitted exactly one event for each id, in order; of a first
 *   event alone, unless it is that of the first id
 */
export function decodePublished(
  receipt: Receipt,
  contract: Address,
  { eventTopic, originator }: PayloadKind,
  ids: readonly Hex[],
): Published[] {
  const logs = receipt.logs.filter(
    ({ address, topics }) =>
      address.toLowerCase() === contract.toLowerCase() && topics[0] === eventTopic,
  );
  const [first] = logs;
  if (first === undefined || (receipt.isComplete && logs.length !== ids.length)) {
    throw unexpected(receipt, `holds ${logs.length} events instead of ${ids.length}`);
  }

  return ids.map((id, index) => {
    // A batch emits its events one after another, with consecutive ids, or fails as a whole.
    const { topics, logIndex } = logs[index] ?? first;
    const distance = receipt.isComplete ? 0 : index;
    const [, idTopic, sequenceId] = topics;
    if (sequenceId === undefined || (distance === 0 && idTopic !== idWord(id))) {
      throw unexpected(receipt, `holds another id than ${id} at position ${index}`);
    }
    return {
      originator,
      sequenceId: BigInt(sequenceId) + BigInt(distance),
      transactionHash: receipt.transactionHash,
      blockNumber: BigInt(receipt.blockNumber),
      blockHash: receipt.blockHash,
      logIndex: Number(logIndex) + distance,
    };
  });
}

function unexpected({ transactionHash }: Receipt, what: string): XmtpError {
  return libraryError("UNEXPECTED_RECEIPT", `the receipt of ${transactionHash} ${what}`);
}
