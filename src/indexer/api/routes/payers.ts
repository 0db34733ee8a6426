import { z } from "zod";

import { readPayerAccount } from "../../read/readPayerAccount.ts";
import type { Api, ApiContext } from "../apiContext.ts";
import { address, errors, integer, microdollars, unixSeconds } from "../schemas.ts";
import { toJson } from "../toJson.ts";

const account = z
  .object({
    payer: address,
    balance: microdollars.describe("microdollars, without the pending withdrawal; may be negative"),
    debt: microdollars,
    pendingWithdrawal: z
      .object({ amount: microdollars, withdrawableAt: unixSeconds })
      .nullable()
      .describe("what was requested and not paid yet"),
    deposited: microdollars,
    withdrawn: microdollars,
    settled: microdollars.describe("microdollars that were charged"),
    spendByDay: z
      .array(
        z.object({
          day: z.string().describe("UTC, such as 2026-01-31"),
          spent: microdollars,
          settlements: integer,
        }),
      )
      .describe("newest first; days without a charge are left out"),
    settledInWindow: microdollars,
    windowSeconds: integer,
    settledPerDay: microdollars.describe("microdollars that a day costs at this rate"),
    daysLeft: z.number().nullable().describe("null when nothing is charged"),
  })
  .register(z.globalRegistry, { id: "PayerAccount" });

/** What payers have, owe and spend. */
export function addPayerRoutes(api: Api, { database }: ApiContext): void {
  api.get(
    "/v1/payers/:address",
    {
      schema: {
        tags: ["money"],
        summary: "The account of a payer, and how long it lasts",
        params: z.object({ address: z.string().max(42) }),
        querystring: z.object({
          days: z.coerce.number().int().min(0).max(366).default(30).describe("days of spendByDay"),
          windowDays: z.coerce
            .number()
            .int()
            .min(1)
            .max(366)
            .default(7)
            .describe("days that the rate is taken from"),
        }),
        response: { 200: account, ...errors(400, 503) },
      },
    },
    async ({ params, query }) =>
      toJson(await readPayerAccount({ database, payer: params.address, ...query })),
  );
}
