import { getAddress, isAddress, zeroAddress, type Address } from "viem";

import { libraryError } from "../errors/libraryErrors.ts";
import { describe } from "./describe.ts";

/**
 * An address: `0x` and 40 hex digits, all lowercase, all uppercase, or with the right checksum. Returns it with checksum.
 *
 * @param name what the address is of, for the message
 * @throws {XmtpError} `INVALID_ADDRESS`, also for the zero address
 */
export function parseAddress(value: string, name = "address"): Address {
  const text =
    typeof value === "string" && /^0x[0-9A-F]{40}$/u.test(value) ? value.toLowerCase() : value;

  if (typeof text !== "string" || !isAddress(text, { strict: false })) {
    throw libraryError("INVALID_ADDRESS", `${describe(value)} is not an address (${name})`);
  }
  if (!isAddress(text)) {
    throw libraryError("INVALID_ADDRESS", `the checksum of ${value} is wrong (${name})`);
  }
  if (text === zeroAddress) {
    throw libraryError("INVALID_ADDRESS", `the zero address cannot be the ${name}`);
  }

  return getAddress(text);
}
