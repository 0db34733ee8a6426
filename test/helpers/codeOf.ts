import { XmtpError } from "../../src/errors/XmtpError.ts";

/** The code of the error that a call is expected to throw. */
export function codeOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof XmtpError) return error.code;
    throw error;
  }
  throw new Error("nothing was thrown");
}
