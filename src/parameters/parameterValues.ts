import { getAddress, numberToHex, padHex, type Address, type Hex } from "viem";

import type { XmtpError } from "../errors/XmtpError.ts";
import { libraryError } from "../errors/libraryErrors.ts";
import { describe } from "../inputs/describe.ts";
import { parseAddress } from "../inputs/parseAddress.ts";
import type { ParameterType } from "./parameterKeys.ts";

/** A parameter as a program has it: `uint8` to `uint32` as numbers, wider ones as bigints. */
export type ParameterValue = boolean | number | bigint | Address;

const WORD_BYTES = 32;
const ZERO_ADDRESS = /^0x0{40}$/u;

/**
 * A value as the registry stores it: right-aligned in 32 bytes. Numbers are taken as numbers, bigints or decimal text,
 * bools also as "true" and "false". The zero address stands for "not set".
 *
 * @throws {XmtpError} `INVALID_PARAMETER`, `INVALID_ADDRESS`
 * @example
 * encodeParameter("uint32", 78); // 0x00...004e
 */
export function encodeParameter(type: ParameterType, value: ParameterValue | string): Hex {
  if (type === "bool") {
    const flag = value === "true" ? true : value === "false" ? false : value;
    if (typeof flag !== "boolean") throw invalid(type, value);
    return numberToHex(flag ? 1 : 0, { size: WORD_BYTES });
  }
  if (type === "address") {
    if (typeof value !== "string") throw invalid(type, value);
    return padHex(
      ZERO_ADDRESS.test(value) ? "0x00" : (parseAddress(value, "parameter").toLowerCase() as Hex),
      {
        size: WORD_BYTES,
      },
    );
  }

  const number = toBigInt(value);
  if (number === undefined || number < 0n || number > maxOf(type)) throw invalid(type, value);

  return numberToHex(number, { size: WORD_BYTES });
}

/**
 * A value as a program wants it. A parameter that was never set reads as false, 0 or the zero address.
 *
 * @throws {XmtpError} `INVALID_PARAMETER` if the stored value does not fit the type, which contracts refuse too
 */
export function decodeParameter(type: ParameterType, raw: Hex): ParameterValue {
  const number = BigInt(raw);
  if (number > maxOf(type)) {
    throw libraryError("INVALID_PARAMETER", `the stored value ${raw} is no ${type}`);
  }
  if (type === "bool") return number === 1n;
  if (type === "address") return getAddress(numberToHex(number, { size: 20 }));

  return bitsOf(type) <= 32 ? Number(number) : number;
}

function maxOf(type: ParameterType): bigint {
  if (type === "bool") return 1n;

  return 2n ** BigInt(bitsOf(type)) - 1n;
}

function bitsOf(type: Exclude<ParameterType, "bool">): number {
  return type === "address" ? 160 : Number(type.slice("uint".length));
}

function toBigInt(value: ParameterValue | string): bigint | undefined {
  if (typeof value === "bigint") return value;
  if (typeof value === "number") return Number.isSafeInteger(value) ? BigInt(value) : undefined;

  return typeof value === "string" && /^\d{1,78}$/u.test(value) ? BigInt(value) : undefined;
}

function invalid(type: ParameterType, value: unknown): XmtpError {
  return libraryError("INVALID_PARAMETER", `${describe(value)} is no ${type}`, {
    hint:
      type === "address" || type === "bool"
        ? `pass a ${type}`
        : `pass a whole number from 0 to ${maxOf(type)}`,
  });
}
