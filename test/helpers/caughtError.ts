import { XmtpError } from "../../src/errors/XmtpError.ts";

/** The error that a promise is expected to end in. */
export async function caughtError(promise: Promise<unknown>): Promise<XmtpError> {
  const outcome = await promise.then(
    () => new Error("nothing was thrown"),
    (error: unknown) => error,
  );
  if (outcome instanceof XmtpError) return outcome;
  throw outcome;
}
