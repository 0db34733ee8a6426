import type { Hex, LocalAccount } from "viem";
import { privateKeyToAccount } from "viem/accounts";

import { libraryError } from "../errors/libraryErrors.ts";

/**
 * A private key, as an account that signs locally. Takes 64 hex digits, with or without `0x`. Neither the key nor a part
 * of it is ever in an error.
 *
 * @param name where the key comes from, for the message, such as `PRIVATE_KEY`
 * @throws {XmtpError} `INVALID_PRIVATE_KEY`
 */
export function parsePrivateKey(value: string | undefined, name = "private key"): LocalAccount {
  if (typeof value !== "string" || value === "") {
    throw libraryError("INVALID_PRIVATE_KEY", `the ${name} is missing`);
  }
  const digits = value.startsWith("0x") ? value.slice(2) : value;
  if (!/^[0-9a-f]{64}$/iu.test(digits)) {
    throw libraryError(
      "INVALID_PRIVATE_KEY",
      `the ${name} has ${digits.length} characters, some of them perhaps not hex digits`,
    );
  }

  try {
    return privateKeyToAccount(`0x${digits.toLowerCase()}` satisfies Hex);
  } catch {
    // Without the cause: what the curve library says may hold the key.
    throw libraryError(
      "INVALID_PRIVATE_KEY",
      `the ${name} is not between 1 and the order of secp256k1`,
    );
  }
}
