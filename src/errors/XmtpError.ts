import { stripCredentials } from "./stripCredentials.ts";

export interface XmtpErrorOptions {
  /** Stable name of what went wrong, in capitals; what callers branch on. */
  readonly code: string;
  /** What happened, with the value. */
  readonly message: string;
  /** What to do about it. */
  readonly hint: string;
  /** Whether the same call may succeed later. Default false. */
  readonly retryable?: boolean;
  readonly cause?: unknown;
}

/**
 * The base of every error of this package.
 *
 * The message says what happened with the value, then what to do; user names, passwords and path or query keys of URLs
 * in it are masked. Branch on `code`, never on the message.
 *
 * @example
 * try {
 *   await publisher.publishGroupMessage({ groupId, payload });
 * } catch (error) {
 *   if (error instanceof XmtpError && error.retryable) requeue();
 *   else throw error;
 * }
 */
export class XmtpError extends Error {
  override readonly name: string = "XmtpError";
  readonly code: string;
  readonly retryable: boolean;
  readonly hint: string;

  constructor({ code, message, hint, retryable = false, cause }: XmtpErrorOptions) {
    super(stripCredentials(`${message}; ${hint}`), cause === undefined ? undefined : { cause });
    this.code = code;
    this.retryable = retryable;
    this.hint = hint;
  }
}
