import {
  bytesToHex,
  concatBytes,
  hexToBytes,
  keccak256,
  numberToBytes,
  parseSignature,
  toRlp,
  type Address,
  type Hex,
  type LocalAccount,
} from "viem";

import type { Fees } from "./fees.ts";

export interface TransactionToSign {
  readonly chainId: number;
  readonly nonce: number;
  /** Gas limit. */
  readonly gas: bigint;
  readonly to: Address;
  readonly data: Hex;
  readonly fees: Fees;
  /** Whether the chain has a base fee (EIP-1559); without, the transaction is a legacy one. */
  readonly hasBaseFee: boolean;
}

/** The byte that an EIP-1559 transaction begins with. */
const EIP_1559 = new Uint8Array([2]);
const EMPTY = new Uint8Array();

/**
 * Signs a transaction and serialises it. Equal to the account's own `signTransaction`, and several times faster for the
 * 95 kB of a full batch: bytes are converted from hex once and back once.
 */
export async function signTransaction(
  account: LocalAccount,
  { chainId, nonce, gas, to, data, fees, hasBaseFee }: TransactionToSign,
): Promise<Hex> {
  if (!hasBaseFee || account.sign === undefined) {
    const common = { chainId, nonce, gas, to, data };

    return hasBaseFee
      ? await account.signTransaction({ ...common, ...fees, type: "eip1559" })
      : await account.signTransaction({ ...common, type: "legacy", gasPrice: fees.maxFeePerGas });
  }

  const fields = [
    quantity(chainId),
    quantity(nonce),
    quantity(fees.maxPriorityFeePerGas),
    quantity(fees.maxFeePerGas),
    quantity(gas),
    hexToBytes(to),
    EMPTY, // value
    bytesOf(data),
    [], // access list
  ];
  const hash = keccak256(concatBytes([EIP_1559, toRlp(fields, "bytes")]));
  const { r, s, yParity } = parseSignature(await account.sign({ hash }));
  const signature = [quantity(yParity), quantity(BigInt(r)), quantity(BigInt(s))];

  return hexOf(concatBytes([EIP_1559, toRlp([...fields, ...signature], "bytes")]));
}

/** Big-endian without leading zeros; zero is empty. */
function quantity(value: number | bigint): Uint8Array {
  return BigInt(value) === 0n ? EMPTY : numberToBytes(value);
}

// Natively where there is a Buffer, as in Node; viem's own loops elsewhere.

function bytesOf(hex: Hex): Uint8Array {
  return typeof Buffer === "undefined" ? hexToBytes(hex) : Buffer.from(hex.slice(2), "hex");
}

function hexOf(bytes: Uint8Array): Hex {
  return typeof Buffer === "undefined"
    ? bytesToHex(bytes)
    : `0x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex")}`;
}
