import type { Hex } from "viem";

import { XmtpError } from "./XmtpError.ts";
import { CONTRACT_ERRORS } from "./contractErrors.ts";

export interface ContractErrorOptions {
  /** The contract's own name of the error, such as `NoChange`. */
  readonly errorName: string;
  /** The arguments, in the order of the declaration. */
  readonly errorArgs?: readonly unknown[];
  /** The revert data as the node returned it. */
  readonly data?: Hex | undefined;
  /** What happened, where more is known than the error's name and arguments say. */
  readonly message?: string;
  readonly cause?: unknown;
}

/**
 * A contract refused a call, or was certain to. `code` is the contract's own name of the error, `errorArgs` are its
 * arguments.
 *
 * @example
 * if (error instanceof ContractError && error.code === "NoChange") return; // nothing to do
 */
export class ContractError extends XmtpError {
  override readonly name = "ContractError";
  readonly errorArgs: readonly unknown[];
  readonly data: Hex | undefined;

  constructor({
    errorName,
    errorArgs = [],
    data,
    message = `the contract refused the call: ${errorName}(${errorArgs.map(print).join(", ")})`,
    cause,
  }: ContractErrorOptions) {
    const entry = CONTRACT_ERRORS[errorName];
    super({
      code: errorName,
      message,
      hint: entry?.hint ?? "look the error up in the contract that was called",
      retryable: entry?.retryable ?? false,
      cause,
    });
    this.errorArgs = errorArgs;
    this.data = data;
  }
}

function print(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(print).join(", ")}]`;

  return typeof value === "string" && !value.startsWith("0x")
    ? JSON.stringify(value)
    : String(value);
}
