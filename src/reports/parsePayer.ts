import { isAddress, type Address } from "viem";

import { libraryError } from "../errors/libraryErrors.ts";
import { describe } from "../inputs/describe.ts";

/**
 * The address of a payer, in lowercase: sorting those sorts the bytes, and a checksum costs a hash for each of many.
 * Unlike `parseAddress` it takes the zero address, to which contracts settle too.
 *
 * @throws {XmtpError} `INVALID_ADDRESS`
 */
export function parsePayer(value: string): Address {
  if (typeof value === "string") {
    if (/^0x(?:[0-9a-f]{40}|[0-9A-F]{40})$/u.test(value)) return value.toLowerCase() as Address;
    if (isAddress(value)) return value.toLowerCase() as Address;
  }

  throw libraryError("INVALID_ADDRESS", `${describe(value)} is not the address of a payer`);
}
