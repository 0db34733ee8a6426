import { libraryError, type LibraryErrorCode } from "../../errors/libraryErrors.ts";
import { XmtpError } from "../../errors/XmtpError.ts";

/** An error as the interface says it. */
export interface ErrorReply {
  readonly status: number;
  readonly body: { code: string; message: string; hint: string };
  /** Whether somebody should look at it. */
  readonly isUnexpected: boolean;
}

const STATUSES: Readonly<Partial<Record<LibraryErrorCode, number>>> = {
  NOT_FOUND: 404,
  CURSOR_UNKNOWN: 409,
  EVENTS_DETACHED: 410,
  NOT_INDEXED: 503,
  DATABASE_UNREACHABLE: 503,
  TOO_MANY_STREAMS: 503,
  INTERNAL_ERROR: 500,
};

/** Finds the status and the words for whatever a route has thrown. */
export function errorReply(error: unknown): ErrorReply {
  if (error instanceof XmtpError) {
    const status =
      STATUSES[error.code as LibraryErrorCode] ?? (error.code.startsWith("INVALID_") ? 400 : 500);
    const { code, hint, message } = error;
    return {
      status,
      // The message of an error ends with its hint.
      body: { code, message: message.replace(`; ${hint}`, ""), hint },
      isUnexpected: status === 500,
    };
  }

  const { statusCode } = error as { statusCode?: unknown };
  // What the server itself refuses: a body that is too large, or no JSON.
  if (error instanceof Error && typeof statusCode === "number" && statusCode < 500) {
    const refused = errorReply(libraryError("INVALID_OPTION", error.message));
    return { ...refused, status: statusCode };
  }

  return {
    ...errorReply(libraryError("INTERNAL_ERROR", "the request failed")),
    isUnexpected: true,
  };
}
