import { padded } from "./encodePayloads.ts";

/** Gas of a transaction that does nothing. */
const TRANSACTION_GAS = 21_000;
/** A byte of calldata that is not zero, before and since EIP-7623. Zero bytes cost less; they are not told apart. */
const CALLDATA_GAS = 16;
const CALLDATA_FLOOR_GAS = 40;
/** Proxy, implementation, dispatch, and the log's slot read and written. */
const CALL_GAS = 18_000;
/** LOG3 without its data, calldata checks and loop. */
const ELEMENT_GAS = 3_000;
const LOG_BYTE_GAS = 8;
const WORD = 32;

/**
 * Upper bound of the gas that publishing takes, on any hardfork from cancun on: the calldata at its dearest, the logs,
 * and every copy through proxy and implementation. Unused gas costs nothing.
 *
 * @param elements bytes that the payloads take in the call, see `elementBytes`
 * @param logBytes bytes of the payloads, each padded to words
 */
export function estimatePublishGas(count: number, elements: number, logBytes: number): number {
  const calldataBytes = elements + 6 * WORD;
  const words = Math.ceil(calldataBytes / WORD);
  // Three copies of the calldata at most (proxy, implementation, log buffer), each with its memory.
  const copies = 3 * (6 * words + Math.ceil((words * words) / 512));
  const logs = count * ELEMENT_GAS + LOG_BYTE_GAS * (logBytes + 2 * WORD * count);
  const execution = CALLDATA_GAS * calldataBytes + CALL_GAS + copies + logs;

  return TRANSACTION_GAS + Math.max(execution, CALLDATA_FLOOR_GAS * calldataBytes);
}

/** Bytes of a payload as they are charged in a log. */
export function logBytes(payloadBytes: number): number {
  return padded(payloadBytes);
}
