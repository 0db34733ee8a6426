import { libraryError } from "../errors/libraryErrors.ts";
import { describe } from "./describe.ts";

/** An option that is a whole number within bounds, both included. @throws {XmtpError} `INVALID_OPTION` */
export function parseInteger(
  value: number,
  name: string,
  min: number,
  max: number = Number.MAX_SAFE_INTEGER,
): number {
  if (!Number.isSafeInteger(value) || value < min || value > max) {
    throw libraryError(
      "INVALID_OPTION",
      `${name} is ${describe(value)}, it must be a whole number from ${min} to ${max}`,
    );
  }

  return value;
}
