/** What a command ends with. They follow sysexits where it has one, and `--help` prints them. */
export const EXIT_CODES = {
  OK: 0,
  /** Bad input, a contract that refuses, something not done: the same call fails again. */
  FIX: 1,
  /** The node did not answer, or something else that may pass: the same call may succeed later. */
  RETRY: 75,
} as const;

export const EXIT_CODES_HELP = `
Exit codes:
  0   ok
  1   fix it: bad input, a contract refused, or something is not done
  75  try again: the node does not answer, or something else that may pass`;
