import type { IdentityErrorName } from "./types.ts";

/** An update that counts for nothing, now and later. Caught where updates are evaluated: users never see it thrown. */
export class RejectedUpdate extends Error {
  override readonly name = "RejectedUpdate";
  readonly error: IdentityErrorName;

  constructor(error: IdentityErrorName, detail: string) {
    super(detail);
    this.error = error;
  }
}

export interface Rejection {
  readonly outcome: "rejected";
  readonly error: IdentityErrorName;
  readonly detail: string;
}

/** What `evaluate` returns, or the rejection that it threw. */
export function orRejection<T>(evaluate: () => T): T | Rejection {
  try {
    return evaluate();
  } catch (error) {
    return rejectionOf(error);
  }
}

/** The rejection behind an error. Throws every other error again, as it is a mistake of ours. */
export function rejectionOf(error: unknown): Rejection {
  if (!(error instanceof RejectedUpdate)) throw error;

  return { outcome: "rejected", error: error.error, detail: error.message };
}
