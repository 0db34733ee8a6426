import { z } from "zod";

import { libraryError } from "../../../errors/libraryErrors.ts";
import { formatCursor } from "../../../events/cursorText.ts";
import { findInbox, findInboxes, MAX_ADDRESSES } from "../../read/findInboxes.ts";
import { readIdentityUpdates } from "../../read/readIdentityUpdates.ts";
import { readInbox } from "../../read/readInbox.ts";
import type { Api, ApiContext } from "../apiContext.ts";
import { identityUpdate } from "../eventSchemas.ts";
import { big, cursorParameter, cursorText, errors, hash, integer, limit } from "../schemas.ts";
import { reorgToJson, toJson } from "../toJson.ts";
import { judgedToJson, verdict } from "../verdicts.ts";

const identifier = z.object({
  kind: z.enum(["ethereum", "installation", "passkey"]),
  identifier: z.string().describe("text of an address as carried, or lowercase hex of a key"),
});
const inbox = z
  .object({
    inboxId: hash,
    isCreated: z.boolean(),
    members: z
      .array(
        identifier.extend({
          addedBy: identifier.nullable().describe("null for the one that created the inbox"),
          clientTimestampNs: big.nullable(),
          chainId: big.nullable().describe("of a contract wallet"),
          sinceSequenceId: big.describe("update since which it has been a member without a break"),
        }),
      )
      .describe("by client timestamp, those without one last; the first 1,000"),
    memberCount: integer,
    recovery: identifier.nullable(),
    acceptedUpdates: integer,
    rejectedUpdates: integer,
    undecidedUpdates: integer.describe(
      "above zero, the inbox is shown as it was before the first of them",
    ),
    lastSequenceId: big.nullable().describe("of the last accepted update"),
    refused: z
      .array(
        z.object({
          sequenceId: big,
          outcome: z.enum(["rejected", "undecided"]),
          error: z.string().nullable(),
          detail: z.string().nullable(),
        }),
      )
      .describe("rejected and undecided updates, newest first; the first 100"),
    flags: z.array(z.string()),
  })
  .register(z.globalRegistry, { id: "Inbox" });
const found = z.object({
  address: z.string(),
  inboxId: hash.nullable().describe("null if the address belongs to no inbox"),
  associationSequenceId: big.nullable().describe("the update that associated it"),
  isUndecided: z
    .boolean()
    .describe("later updates of the inbox wait for an answer of another chain"),
});
const inboxParams = z.object({
  inboxId: z.string().max(66).describe("32 bytes, with or without 0x"),
});

/** What identity updates have made of inboxes, and which address leads where. */
export function addInboxRoutes(api: Api, { database }: ApiContext): void {
  api.get(
    "/v1/inboxes/:inboxId",
    {
      schema: {
        tags: ["identity"],
        summary: "Members and recovery identifier of an inbox",
        params: inboxParams,
        response: { 200: inbox, ...errors(400, 404, 503) },
      },
    },
    async ({ params: { inboxId } }) => {
      const read = await readInbox({ database, inboxId });
      if (read === undefined) throw libraryError("NOT_FOUND", `nothing is known of ${inboxId}`);
      return toJson(read);
    },
  );

  api.get(
    "/v1/inboxes/:inboxId/updates",
    {
      schema: {
        tags: ["identity"],
        summary: "The updates of an inbox, and what they mean",
        params: inboxParams,
        querystring: z.object({ after: cursorParameter.optional(), limit }),
        response: {
          200: z.object({
            updates: z.array(identityUpdate.extend({ verdict })),
            cursor: cursorText,
            reorg: z.object({ fromBlock: integer, cursor: cursorText }).nullable(),
            isAtHead: z.boolean(),
          }),
          ...errors(400, 409, 410, 503),
        },
      },
    },
    async ({ params: { inboxId }, query }) => {
      const page = await readIdentityUpdates({ database, inboxId, ...query });

      return {
        updates: page.updates.map(judgedToJson),
        cursor: formatCursor(page.cursor),
        reorg: page.reorg === undefined ? null : reorgToJson(page.reorg),
        isAtHead: page.isAtHead,
      };
    },
  );

  api.get(
    "/v1/addresses/:address/inbox",
    {
      schema: {
        tags: ["identity"],
        summary: "The inbox that an address belongs to",
        description:
          "The text must be as the update carried it: lowercase with 0x for nearly everybody. Of several inboxes, the one that it was associated with last and not revoked from.",
        params: z.object({ address: z.string().max(128) }),
        response: { 200: found, ...errors(400, 404, 503) },
      },
    },
    async ({ params: { address } }) => {
      const inboxOf = await findInbox({ database, address });
      if (inboxOf === undefined) throw libraryError("NOT_FOUND", "the address has no inbox");
      return toJson(inboxOf);
    },
  );

  api.post(
    "/v1/addresses/inboxes",
    {
      schema: {
        tags: ["identity"],
        summary: `The inboxes that up to ${MAX_ADDRESSES} addresses belong to`,
        body: z.object({ addresses: z.array(z.string().max(128)).max(MAX_ADDRESSES) }),
        response: {
          200: z.object({ inboxes: z.array(found).describe("in the order of the addresses") }),
          ...errors(400, 503),
        },
      },
    },
    async ({ body: { addresses } }) => ({
      inboxes: toJson(await findInboxes({ database, addresses })),
    }),
  );
}
