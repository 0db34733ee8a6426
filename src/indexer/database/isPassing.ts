/**
 * SQLSTATE classes of what is not about the statement (https://www.postgresql.org/docs/current/errcodes-appendix.html):
 * 08 connection, 40 rolled back, 53 resources, 57 shutdown, start and cancelled statements, 58 system.
 */
const PASSING_STATE = /^(?:08|40|53|57|58)/u;
const PASSING_CODE = /^(?:ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOST|ENET)/u;
const PASSING_TEXT =
  /connection terminated|connection ended|timeout exceeded|not queryable|client was closed|socket/iu;

/** Whether a failure of the database may be gone when it is tried again. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code: given } = error as { code?: unknown };
  const code = typeof given === "string" ? given : "";

  return PASSING_STATE.test(code) || PASSING_CODE.test(code) || PASSING_TEXT.test(error.message);
}
