import { CommanderError } from "commander";

import { stripCredentials } from "../../src/errors/stripCredentials.ts";
import { XmtpError } from "../../src/errors/XmtpError.ts";
import { EXIT_CODES } from "./exitCodes.ts";

/**
 * Prints why a command failed and what to do, and returns its exit code. Never prints a stack.
 *
 * What is not an error of this package is decoded first: reverts, nodes that do not answer.
 */
export async function reportError(error: unknown): Promise<number> {
  // Commander has printed its message already.
  if (error instanceof CommanderError) {
    return error.exitCode === 0 ? EXIT_CODES.OK : EXIT_CODES.FIX;
  }
  if (isBug(error)) {
    process.stderr.write(
      `error: ${stripCredentials(error.message)}\nhint: this is a mistake in xmtp-appchain; please report it with the command that you ran\n`,
    );
    return EXIT_CODES.FIX;
  }
  const { message, hint, retryable } = await describeError(error);
  process.stderr.write(`error: ${message}\nhint: ${hint}\n`);

  return retryable ? EXIT_CODES.RETRY : EXIT_CODES.FIX;
}

/** An error as it is printed: the message without the hint, which comes on its own. Credentials are masked in both. */
export async function describeError(
  error: unknown,
): Promise<Pick<XmtpError, "code" | "message" | "hint" | "retryable">> {
  const { code, message, hint: givenHint, retryable } = await decode(error);
  const hint = stripCredentials(givenHint);
  const ending = `; ${hint}`;

  return {
    code,
    hint,
    retryable,
    message: message.endsWith(ending) ? message.slice(0, -ending.length) : message,
  };
}

/** Loaded only now: the ABIs would slow down every usage error. */
async function decode(error: unknown): Promise<XmtpError> {
  if (error instanceof XmtpError) return error;
  const { decodeError } = await import("../../src/errors/decodeError.ts");

  return decodeError(error);
}

/** `fetch` reports a lost connection as a TypeError with a cause. */
function isBug(error: unknown): error is Error {
  return (
    (error instanceof TypeError && error.cause === undefined) ||
    error instanceof ReferenceError ||
    error instanceof RangeError
  );
}
