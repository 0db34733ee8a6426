import { z } from "zod";

import type { EventKind } from "../../read/indexedEvents.ts";
import { followIndex } from "../../read/followIndex.ts";
import { readEventPage } from "../../read/readEventPage.ts";
import { sharePages } from "../../read/sharePages.ts";
import { libraryError } from "../../../errors/libraryErrors.ts";
import { formatCursor, parseCursorText } from "../../../events/cursorText.ts";
import type { Api, ApiContext } from "../apiContext.ts";
import { eventPage } from "../eventSchemas.ts";
import { chainName, cursorParameter, errors, limit } from "../schemas.ts";
import { streamEvents } from "../streamEvents.ts";
import { eventToJson, reorgToJson } from "../toJson.ts";

/** Events that a stream reads at once, and bytes of payloads: what a client costs that does not read. */
const STREAM_PAGE = 500;
const STREAM_PAGE_BYTES = 1 << 20;

const params = z.object({ chain: chainName });
const filter = z.object({
  kinds: z
    .string()
    .max(1_000)
    .transform((text) => text.split(",") as EventKind[])
    .optional()
    .describe(
      "kinds of events, separated by commas; default: all, or those that carry one of the ids below if one is given",
    ),
  groupId: z.string().optional().describe("only the group messages of this group, 16 bytes"),
  inboxId: z.string().optional().describe("only the identity updates of this inbox, 32 bytes"),
  payer: z.string().optional().describe("of deposits, withdrawals and charges only this payer's"),
  nodeId: z.string().optional().describe("of changes of nodes and their rewards only this node's"),
  after: cursorParameter.optional(),
  fromBlock: z.coerce
    .number()
    .int()
    .nonnegative()
    .optional()
    .describe("first block, when there is no cursor"),
  finality: z
    .enum(["latest", "finalized"])
    .default("latest")
    .describe("latest: all that is indexed; finalized: what never changes again"),
});

/** Events page by page. */
export function addEventRoutes(api: Api, { database }: ApiContext): void {
  api.get(
    "/v1/:chain/events",
    {
      schema: {
        tags: ["events"],
        summary: "A page of a chain's events, as of one moment",
        description:
          "Pass `cursor` of the page as `after` for the next one. 409: this replica is behind the one that gave the cursor, try again. 410: the events were detached from the database.",
        params,
        querystring: filter.extend({ limit }),
        response: { 200: eventPage, ...errors(400, 409, 410, 503) },
      },
    },
    async ({ params: { chain }, query }) => {
      const { events, cursor, reorg, isAtHead } = await readEventPage({
        database,
        chain,
        ...query,
      });

      return {
        events: events.map(eventToJson),
        cursor: formatCursor(cursor),
        reorg: reorg === undefined ? null : reorgToJson(reorg),
        isAtHead,
      };
    },
  );
}

/** Events as they come. */
export function addEventStream(
  api: Api,
  { database, watch, metrics, heartbeatMs, maxStreams, stopping }: ApiContext,
): { readonly ended: () => Promise<void> } {
  const open = new Set<Promise<void>>();
  const readPage = sharePages(watch);

  api.get(
    "/v1/:chain/events/stream",
    {
      schema: {
        tags: ["events"],
        summary: "A chain's events for ever, as server-sent events",
        description:
          "`event: event` has an event, `event: reorg` the block from which on everything is void. Each has its cursor as `id`, from which a client that lost the stream goes on by `Last-Event-ID`. `event: error` ends the stream.",
        params,
        querystring: filter,
        headers: z.object({ "last-event-id": cursorParameter.optional() }),
        response: {
          200: {
            description: "the stream",
            content: { "text/event-stream": { schema: z.string() } },
          },
          ...errors(400, 409, 410, 503),
        },
      },
    },
    async (request, reply) => {
      if (open.size >= maxStreams || stopping.aborted) {
        throw libraryError("TOO_MANY_STREAMS", `${open.size} streams are open`);
      }
      const { chain } = request.params;
      const given = request.headers["last-event-id"];
      const query = {
        database,
        chain,
        ...request.query,
        after: typeof given === "string" ? parseCursorText(given) : (given ?? request.query.after),
      };
      // What is wrong is said with a status while there can be one.
      await readEventPage({ ...query, limit: 1, maxBytes: 1 });

      const closed = new AbortController();
      const signal = AbortSignal.any([closed.signal, stopping]);
      reply.raw.once("close", () => closed.abort());
      reply.hijack();
      const steps = followIndex({
        ...query,
        signal,
        watch,
        readPage,
        pageSize: STREAM_PAGE,
        maxBytes: STREAM_PAGE_BYTES,
      });
      const stream = streamEvents({ response: reply.raw, steps, heartbeatMs, signal });
      open.add(stream);
      metrics.streams(open.size);
      try {
        await stream;
      } finally {
        open.delete(stream);
        metrics.streams(open.size);
      }
    },
  );

  return { ended: async () => void (await Promise.allSettled(open)) };
}
