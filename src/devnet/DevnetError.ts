import { XmtpError } from "../errors/XmtpError.ts";

export type DevnetErrorCode = "PORT_TAKEN" | "PORT_REFUSED" | "STOP_TIMEOUT";

/** The devnet cannot start or stop. */
export class DevnetError extends XmtpError {
  override readonly name = "DevnetError";
}
