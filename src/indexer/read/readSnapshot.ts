import { libraryError } from "../../errors/libraryErrors.ts";
import { XmtpError } from "../../errors/XmtpError.ts";
import type { Database, Queries } from "../database/database.ts";

const UNDEFINED_TABLE = "42P01";
const QUERY_CANCELED = "57014";
/** Classes of PostgreSQL's errors: lost connection, out of resources, intervention of the operator. */
const UNAVAILABLE = ["08", "53", "57"];

/**
 * Reads as of one moment.
 *
 * @throws {XmtpError} `DATABASE_UNREACHABLE`, `NOT_INDEXED` if there is no schema yet
 */
export async function readSnapshot<T>(
  database: Database,
  read: (queries: Queries) => Promise<T>,
): Promise<T> {
  try {
    return await database.transaction(read, { isSnapshot: true });
  } catch (error) {
    throw explain(error);
  }
}

function explain(error: unknown): unknown {
  if (error instanceof XmtpError || !(error instanceof Error)) return error;
  const { code } = error as { code?: unknown };
  if (code === UNDEFINED_TABLE) {
    return libraryError("NOT_INDEXED", "the database has no tables of the indexer", {
      cause: error,
    });
  }
  if (code === QUERY_CANCELED) {
    return libraryError("DATABASE_UNREACHABLE", "the database took too long to answer", {
      cause: error,
    });
  }
  const isUnavailable =
    typeof code === "string"
      ? UNAVAILABLE.includes(code.slice(0, 2)) || /^E[A-Z]+$/u.test(code)
      : /connection|timeout|pool|closed/iu.test(error.message);

  return isUnavailable
    ? libraryError("DATABASE_UNREACHABLE", `the database does not answer: ${error.message}`, {
        cause: error,
      })
    : error;
}
