import type { Hex } from "viem";

import { libraryError, type LibraryErrorCode } from "../errors/libraryErrors.ts";
import { describe } from "./describe.ts";
import { byteLength, isHexBytes, toHexBytes } from "./hexBytes.ts";

/** The first node id, and the distance from one to the next. */
export const NODE_ID_STEP = 100;
/** The largest multiple of 100 that fits into 32 bits. */
export const MAX_NODE_ID = 4_294_967_200;

const GROUP_ID_BYTES = 16;
const INBOX_ID_BYTES = 32;

/**
 * A group id: 16 bytes, as hex with or without `0x`, or as bytes. Returns lowercase hex.
 *
 * @throws {XmtpError} `INVALID_GROUP_ID`
 */
export function parseGroupId(value: Hex | Uint8Array | string): Hex {
  return parseFixedBytes(value, GROUP_ID_BYTES, "group id", "INVALID_GROUP_ID");
}

/**
 * An inbox id: 32 bytes, as hex with or without `0x`, or as bytes. Returns lowercase hex.
 *
 * @throws {XmtpError} `INVALID_INBOX_ID`
 */
export function parseInboxId(value: Hex | Uint8Array | string): Hex {
  return parseFixedBytes(value, INBOX_ID_BYTES, "inbox id", "INVALID_INBOX_ID");
}

/**
 * A node id: a multiple of 100 between 100 and 4,294,967,200, as a number or as decimal text.
 *
 * @throws {XmtpError} `INVALID_NODE_ID`
 */
export function parseNodeId(value: number | string): number {
  const nodeId = typeof value === "string" && /^\d{1,10}$/u.test(value) ? Number(value) : value;

  if (
    typeof nodeId !== "number" ||
    !Number.isInteger(nodeId) ||
    nodeId % NODE_ID_STEP !== 0 ||
    nodeId < NODE_ID_STEP ||
    nodeId > MAX_NODE_ID
  ) {
    throw libraryError("INVALID_NODE_ID", `${describe(value)} is not a node id`);
  }

  return nodeId;
}

function parseFixedBytes(value: unknown, bytes: number, name: string, code: LibraryErrorCode): Hex {
  const prefixed = typeof value === "string" && !value.startsWith("0x") ? `0x${value}` : value;

  if (!(prefixed instanceof Uint8Array) && !isHexBytes(prefixed)) {
    throw libraryError(code, `${describe(value)} is not a ${name}`);
  }
  const hex = toHexBytes(prefixed);
  if (byteLength(hex) !== bytes) {
    throw libraryError(
      code,
      `${describe(value)} is ${byteLength(hex)} bytes, a ${name} is ${bytes}`,
    );
  }

  return hex;
}
