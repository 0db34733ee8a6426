import { z } from "zod";

import { libraryError } from "../../../errors/libraryErrors.ts";
import { GROUP_MESSAGES_ORIGINATOR } from "../../../publisher/payloadKinds.ts";
import { readIdentityUpdate } from "../../read/readIdentityUpdates.ts";
import { readPayload } from "../../read/readPayload.ts";
import type { Api, ApiContext } from "../apiContext.ts";
import { groupMessage, identityUpdate } from "../eventSchemas.ts";
import { errors } from "../schemas.ts";
import { eventToJson } from "../toJson.ts";
import { judgedToJson, verdict } from "../verdicts.ts";

const params = z.object({
  sequenceId: z
    .string()
    .regex(/^\d{1,19}$/u)
    .transform((text) => BigInt(text))
    .describe("decimal"),
});

/** Messages and updates by their sequence ids. */
export function addPayloadRoutes(api: Api, { database }: ApiContext): void {
  api.get(
    "/v1/group-messages/:sequenceId",
    {
      schema: {
        tags: ["logs"],
        summary: "The group message with a sequence id",
        params,
        response: { 200: groupMessage, ...errors(400, 404, 503) },
      },
    },
    async ({ params: { sequenceId } }) => {
      const originator = GROUP_MESSAGES_ORIGINATOR;
      const message = await readPayload({ database, originator, sequenceId });
      if (message?.kind !== "groupMessage") {
        throw libraryError("NOT_FOUND", `there is no group message ${sequenceId}`);
      }
      return eventToJson(message);
    },
  );

  api.get(
    "/v1/identity-updates/:sequenceId",
    {
      schema: {
        tags: ["logs"],
        summary: "The identity update with a sequence id, and what it means",
        params,
        response: { 200: identityUpdate.extend({ verdict }), ...errors(400, 404, 503) },
      },
    },
    async ({ params: { sequenceId } }) => {
      const update = await readIdentityUpdate({ database, sequenceId });
      if (update === undefined) {
        throw libraryError("NOT_FOUND", `there is no identity update ${sequenceId}`);
      }
      return judgedToJson(update);
    },
  );
}
