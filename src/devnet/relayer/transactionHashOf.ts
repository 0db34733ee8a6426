import { numberToHex, zeroAddress, type Address, type Hex } from "viem";

import { hashOf, integer } from "../../bridge/ticketId.ts";
import type { TransactionMessage } from "./parseMessage.ts";

const UNSIGNED_TYPE = "0x65";
const CONTRACT_TYPE = "0x66";
const WORD_BYTES = 32;

/** The transaction of an account of the parent chain, with a nonce or, from a contract, without. */
export function transactionHashOf(
  { nonce, gasLimit, maxFeePerGas, to, value, data }: Omit<TransactionMessage, "kind">,
  {
    chainId,
    index,
    sender,
  }: {
    readonly chainId: number;
    /** Position in the order of all messages. */
    readonly index: bigint;
    /** As the appchain sees it. */
    readonly sender: Address;
  },
): Hex {
  const destination = to === zeroAddress ? "0x" : to;
  const rest = [integer(maxFeePerGas), integer(gasLimit), destination, integer(value), data];
  const chain = integer(chainId);

  return nonce === undefined
    ? hashOf(CONTRACT_TYPE, [chain, numberToHex(index, { size: WORD_BYTES }), sender, ...rest])
    : hashOf(UNSIGNED_TYPE, [chain, sender, integer(nonce), ...rest]);
}
