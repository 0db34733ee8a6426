import { z } from "zod";

import type { JudgedUpdate } from "../read/readIdentityUpdates.ts";
import { eventToJson, toJson } from "./toJson.ts";

/** What an identity update means. */
export const verdict = z
  .object({
    outcome: z
      .enum(["accepted", "rejected", "undecided", "pending"])
      .describe(
        "undecided: a chain that has to be asked does not answer; pending: nobody has looked at it yet",
      ),
    error: z.string().nullable().describe("why not, by name"),
    detail: z.string().nullable().describe("why not, in words"),
    flags: z.array(z.string()).describe("what is worth a look although the rules allow it"),
  })
  .register(z.globalRegistry, { id: "Verdict" });

export function judgedToJson({ verdict: decided, ...update }: JudgedUpdate) {
  return { ...eventToJson(update), verdict: toJson(decided) };
}
