import { XmtpError } from "../errors/XmtpError.ts";
import { DEPLOYMENT_ERRORS, type DeploymentErrorCode } from "./deploymentErrors.ts";

/** A network cannot be brought to its configured state. */
export class DeploymentError extends XmtpError {
  override readonly name = "DeploymentError";

  constructor(code: DeploymentErrorCode, message: string, cause?: unknown) {
    const { hint, retryable } = DEPLOYMENT_ERRORS[code];
    super({ code, message, hint, retryable, cause });
  }
}
