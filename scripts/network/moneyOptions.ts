import { z } from "zod";

import { libraryError } from "../../src/errors/libraryErrors.ts";
import { XmtpError } from "../../src/errors/XmtpError.ts";
import { formatDollars, parseDollars } from "../../src/payers/microdollars.ts";
import type { TokenSource } from "../../src/payers/spendTokens.ts";
import { optionHelp } from "./options.ts";

const TOKENS: Readonly<Record<"fee-token" | "underlying", TokenSource>> = {
  "fee-token": "feeToken",
  underlying: "underlying",
};

/** Which token, as people write it. */
export function token(help: string) {
  return z
    .enum(["fee-token", "underlying"])
    .transform((name) => TOKENS[name])
    .optional()
    .register(optionHelp, { argument: "<token>", help: `fee-token or underlying; ${help}` });
}

export function address(help: string) {
  return z.string().optional().register(optionHelp, { argument: "<address>", help });
}

/** Before any chain is asked. @throws {XmtpError} `INVALID_ADDRESS` */
export async function checkAddress(given: string | undefined, name: string): Promise<void> {
  if (given === undefined) return;
  const { parseAddress } = await import("../../src/inputs/parseAddress.ts");
  parseAddress(given, name);
}

/** Dollars, as microdollars. */
export function dollars(help: string) {
  return z
    .string()
    .transform((text, context) => {
      try {
        return parseDollars(text);
      } catch (error) {
        if (!(error instanceof XmtpError)) throw error;
        context.addIssue("expected dollars, such as 12.34");
        return z.NEVER;
      }
    })
    .optional()
    .register(optionHelp, { argument: "<dollars>", help });
}

export const APPROVE = z.boolean().default(false).register(optionHelp, {
  help: "approve in a transaction of its own, rather than sign a permit",
});

/** "12.34 dollars" */
export function showDollars(microdollars: bigint): string {
  return `${formatDollars(microdollars)} dollars`;
}

/** The command that says how far a transaction got on its way to the other chain. */
export function crossing(command: "status" | "withdrawals", transactionHash: string): string {
  return `npm run network -- bridge ${command} ${transactionHash}`;
}

/** A moment in Unix seconds, as people read it. */
export function showTime(seconds: number): string {
  return new Date(seconds * 1_000).toISOString();
}

/**
 * Whose messages a report covers: a node, or below 100 a source that the network migrated from.
 *
 * @throws {XmtpError} `INVALID_OPTION`
 */
export function parseOriginator(text: string): number {
  if (/^\d{1,10}$/u.test(text) && Number(text) > 0 && Number(text) < 2 ** 32) return Number(text);
  throw libraryError("INVALID_OPTION", `"${text}" is not the id of an originator`, {
    hint: "pass the id of a node: npm run network -- nodes list",
  });
}
