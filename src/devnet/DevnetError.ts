import { XmtpError } from "../errors/XmtpError.ts";
import { DEVNET_ERRORS, type DevnetErrorCode } from "./devnetErrors.ts";

/** The devnet cannot start or stop. */
export class DevnetError extends XmtpError {
  override readonly name = "DevnetError";

  constructor(code: DevnetErrorCode, message: string, cause?: unknown) {
    const { hint, retryable } = DEVNET_ERRORS[code];
    super({ code, message, hint, retryable, cause });
  }
}
