import { sha256 } from "@noble/hashes/sha2.js";

import { showIdentifier, toHex } from "./identifiers.ts";
import { RejectedUpdate } from "./RejectedUpdate.ts";
import type { Identifier } from "./types.ts";

const ETHEREUM_ADDRESS = /^0x[0-9a-fA-F]{40}$/;

/**
 * The inbox that an identifier creates with a nonce: 64 characters of lowercase hex. The text counts as it is, so an
 * address in another case has another inbox.
 *
 * @throws {RejectedUpdate} `InvalidAccountAddress` if an Ethereum identifier is no address
 */
export function inboxIdOf(identifier: Identifier, nonce: bigint): string {
  if (identifier.kind === "ethereum" && !ETHEREUM_ADDRESS.test(identifier.value)) {
    throw new RejectedUpdate(
      "InvalidAccountAddress",
      `${showIdentifier(identifier)} is not 0x and 40 hex digits`,
    );
  }

  return toHex(sha256(Buffer.from(`${identifier.value}${nonce}`)));
}
