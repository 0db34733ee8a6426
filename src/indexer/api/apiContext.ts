import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from "fastify";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { ZodTypeProvider } from "fastify-type-provider-zod";

import type { Database } from "../database/database.ts";
import type { IndexWatch } from "../read/watchIndex.ts";
import type { ApiMetrics } from "./metrics.ts";

/** A server whose routes are typed by their schemas. */
export type Api = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;

/** What routes need. */
export interface ApiContext {
  readonly database: Database;
  readonly metrics: ApiMetrics;
  /** One for all streams. */
  readonly watch: IndexWatch;
  readonly heartbeatMs: number;
  readonly maxStreams: number;
  readonly maxLagBlocks: number;
  readonly maxSilentSeconds: number;
  /** Aborts when the server ends. */
  readonly stopping: AbortSignal;
}
