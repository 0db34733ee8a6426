import { z } from "zod";

import { XmtpError } from "../../../errors/XmtpError.ts";
import { readStatus, type IndexStatus } from "../../read/readStatus.ts";
import type { Api, ApiContext } from "../apiContext.ts";
import { big, chainName, errors, integer } from "../schemas.ts";
import { toJson } from "../toJson.ts";

const status = z
  .object({
    chains: z.array(
      z.object({
        chain: chainName,
        chainId: integer,
        fromBlock: integer,
        nextBlock: integer.describe("every event of a lower block is stored"),
        finalizedBlock: integer.describe("what is here or below never changes again"),
        headBlock: integer.describe("the newest block that was seen"),
        lagBlocks: integer,
        lagSeconds: z.number(),
        isCaughtUp: z.boolean().describe("whether the end was ever reached"),
        reorgs: big,
        silentSeconds: z.number().describe("seconds since the indexer last wrote"),
      }),
    ),
    projections: z.array(z.object({ name: z.string(), nextBlock: integer })),
    pendingUpdates: integer.describe("identity updates that nobody has looked at, up to 10,000"),
    undecidedInboxes: integer,
  })
  .register(z.globalRegistry, { id: "Status" });
const health = z.object({ status: z.literal("up") });
const readiness = z.object({
  isReady: z.boolean(),
  reasons: z.array(z.string()).describe("why not"),
});

/** How far the index is, for people, for what restarts services, and for what measures them. */
export function addStatusRoutes(
  api: Api,
  { database, metrics, maxLagBlocks, maxSilentSeconds, stopping }: ApiContext,
): void {
  api.get(
    "/v1/status",
    {
      schema: {
        tags: ["operations"],
        summary: "How far each chain is indexed",
        response: { 200: status, ...errors(503) },
      },
    },
    async () => toJson(await readStatus({ database })),
  );

  api.get(
    "/health",
    {
      schema: {
        tags: ["operations"],
        summary: "Whether the process lives",
        response: { 200: health },
      },
    },
    async () => ({ status: "up" as const }),
  );

  api.get(
    "/ready",
    {
      schema: {
        tags: ["operations"],
        summary: "Whether the index is worth asking: it has caught up, and is not behind",
        response: { 200: readiness, 503: readiness },
      },
    },
    async (_request, reply) => {
      const reasons = stopping.aborted
        ? ["the service ends"]
        : await readStatus({ database }).then(
            (read) => lacks(read, maxLagBlocks, maxSilentSeconds),
            (error: unknown) => [
              error instanceof XmtpError ? error.message : "the database does not answer",
            ],
          );
      return reply
        .code(reasons.length === 0 ? 200 : 503)
        .send({ isReady: reasons.length === 0, reasons });
    },
  );

  api.get(
    "/metrics",
    {
      schema: {
        tags: ["operations"],
        summary: "Numbers for Prometheus, in the OpenMetrics format",
        response: {
          200: {
            description: "the metrics",
            content: { "application/openmetrics-text": { schema: z.string() } },
          },
        },
      },
    },
    async (_request, reply) =>
      reply.header("content-type", metrics.contentType).send(await metrics.render()),
  );
}

function lacks({ chains }: IndexStatus, maxLagBlocks: number, maxSilentSeconds: number): string[] {
  if (chains.length === 0) return ["no chain is indexed"];

  return chains.flatMap(({ chain, isCaughtUp, lagBlocks, silentSeconds }) => [
    ...(isCaughtUp ? [] : [`the ${chain} is indexed for the first time, ${lagBlocks} blocks lack`]),
    ...(isCaughtUp && lagBlocks > maxLagBlocks
      ? [`the ${chain} is ${lagBlocks} blocks behind, ${maxLagBlocks} are allowed`]
      : []),
    ...(silentSeconds > maxSilentSeconds
      ? [`nothing of the ${chain} was written for ${Math.floor(silentSeconds)} seconds`]
      : []),
  ]);
}
