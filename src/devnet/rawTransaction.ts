import {
  formatTransaction,
  keccak256,
  serializeTransaction,
  type Hex,
  type RpcTransaction,
} from "viem";

/** A transaction that the node signed, as its sender would have sent it. @throws {Error} if it has no signature */
export function rawTransaction(transaction: RpcTransaction): Hex {
  const { input, r, s, v, yParity, ...fields } = formatTransaction(transaction);
  const raw = serializeTransaction({ ...fields, data: input }, { r, s, v, yParity });
  if (keccak256(raw) !== transaction.hash) {
    throw new Error(`transaction ${transaction.hash} is not what was signed`);
  }
  return raw;
}
