import { libraryError } from "../errors/libraryErrors.ts";

/** What a signed 64-bit integer holds at most: the production node software keeps fees in one. */
export const MAX_FEE_PICODOLLARS = 2n ** 63n - 1n;

/** A fee, or a sum of fees, in picodollars. @throws {XmtpError} `INVALID_FEE` below 0 and above 2^63 - 1 */
export function parseFee(value: bigint, name = "fee"): bigint {
  if (typeof value !== "bigint" || value < 0n || value > MAX_FEE_PICODOLLARS) {
    throw libraryError(
      "INVALID_FEE",
      `the ${name} is ${String(value)}, a fee is a bigint of 0 to 2^63 - 1 picodollars`,
    );
  }

  return value;
}
