import { libraryError } from "../errors/libraryErrors.ts";
import { describe } from "../inputs/describe.ts";
import type { Cursor } from "./eventSources.ts";

/** Checks a cursor, which often comes from storage. @throws {XmtpError} `INVALID_CURSOR` */
export function parseCursor(value: Cursor): Cursor {
  const { blockNumber, blockHash, logIndex } = value;
  const isValid =
    Number.isSafeInteger(blockNumber) &&
    blockNumber >= 0 &&
    Number.isSafeInteger(logIndex) &&
    logIndex >= -1 &&
    (blockHash === undefined || /^0x[0-9a-f]{64}$/iu.test(blockHash));
  if (!isValid) {
    const shown = `block ${describe(blockNumber)}, log ${describe(logIndex)}`;
    throw libraryError("INVALID_CURSOR", `${shown} is not a position in the events of a chain`);
  }

  return value;
}
