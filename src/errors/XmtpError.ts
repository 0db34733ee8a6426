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

/** The base of every error of this package. The message ends with the hint. */
export class XmtpError extends Error {
  override readonly name: string = "XmtpError";
  readonly code: string;
  readonly retryable: boolean;
  readonly hint: string;

  constructor({ code, message, hint, retryable = false, cause }: XmtpErrorOptions) {
    super(`${message}; ${hint}`, { cause });
    this.code = code;
    this.retryable = retryable;
    this.hint = hint;
  }
}
