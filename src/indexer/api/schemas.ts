import { z } from "zod";

import { formatCursor, parseCursorText } from "../../events/cursorText.ts";
import { MAX_PAGE_EVENTS } from "../read/readEventPage.ts";

// What the interface takes and returns. What a schema says of a value is what the interface's description says.

/** Bytes as hex. */
export const hex = z.string().regex(/^0x(?:[0-9a-f]{2})*$/u);
export const hash = z.string().regex(/^0x[0-9a-f]{64}$/u);
export const address = z.string().regex(/^0x[0-9a-fA-F]{40}$/u);
export const integer = z.int();
/** An integer that may be beyond 2^53, as decimal digits. */
export const big = z.string().regex(/^-?\d+$/u);
export const microdollars = big.describe("microdollars, 10^-6 dollars");
export const picodollars = big.describe("picodollars, 10^-12 dollars");
export const wei = big.describe("wei of the appchain, 10^-18 dollars");
export const unixSeconds = z.number().describe("Unix seconds");
export const cursorText = z
  .string()
  .describe("place of an event: block number, position in the block, block hash, joined by colons");

export const errorBody = z
  .object({
    code: z.string().describe("stable name, see docs/errors.md"),
    message: z.string(),
    hint: z.string().describe("what to do about it"),
  })
  .register(z.globalRegistry, { id: "Error" });

export const chainName = z.enum(["settlement", "appchain"]);

export const limit = z.coerce
  .number()
  .int()
  .min(1)
  .max(MAX_PAGE_EVENTS)
  .default(100)
  .describe(`entries at most, up to ${MAX_PAGE_EVENTS}`);

export const flag = z.enum(["true", "false"]).transform((text) => text === "true");

/** A cursor in a query. */
export const cursorParameter = z
  .string()
  .max(100)
  .transform((text, context) => {
    try {
      return parseCursorText(text);
    } catch {
      context.addIssue("expected a cursor as the events carry it");
      return z.NEVER;
    }
  })
  .describe(
    `what comes after this event, such as ${formatCursor({ blockNumber: 12, logIndex: 3, blockHash: `0x${"ab".repeat(32)}` })}`,
  );

export const reorg = z
  .object({
    fromBlock: integer.describe("what was read of this block or a higher one is void"),
    cursor: cursorText.describe("what replaces it follows after this"),
  })
  .register(z.globalRegistry, { id: "Reorg" });

/** The errors that a route may answer with, by status. */
export function errors<Statuses extends readonly number[]>(
  ...statuses: Statuses
): Record<Statuses[number], typeof errorBody> {
  return Object.fromEntries(statuses.map((status) => [status, errorBody])) as Record<
    Statuses[number],
    typeof errorBody
  >;
}
