import swagger from "@fastify/swagger";
import { fastify } from "fastify";
import {
  jsonSchemaTransform,
  validatorCompiler,
  type ZodTypeProvider,
} from "fastify-type-provider-zod";

import { libraryError } from "../../errors/libraryErrors.ts";
import type { Api, ApiContext } from "./apiContext.ts";
import { errorReply } from "./errorReply.ts";
import { finishDescription } from "./finishDescription.ts";
import { addEventRoutes, addEventStream } from "./routes/events.ts";
import { addInboxRoutes } from "./routes/inboxes.ts";
import { addNetworkRoutes } from "./routes/network.ts";
import { addPayerRoutes } from "./routes/payers.ts";
import { addPayloadRoutes } from "./routes/payloads.ts";
import { addStatusRoutes } from "./routes/status.ts";

/** A thousand addresses, of the longest form. */
const BODY_LIMIT = 256 << 10;
const MAX_PARAMETER_LENGTH = 200;
/** Seconds after which clients may try again what may pass. */
const RETRY_AFTER_SECONDS = "1";

/** Builds the HTTP interface, without listening. */
export async function createApi(
  context: ApiContext,
  onError: (error: unknown) => void = () => undefined,
): Promise<{ readonly api: Api; readonly streamsEnded: () => Promise<void> }> {
  const api: Api = fastify({
    bodyLimit: BODY_LIMIT,
    routerOptions: { maxParamLength: MAX_PARAMETER_LENGTH },
    forceCloseConnections: true,
  }).withTypeProvider<ZodTypeProvider>();
  api.setValidatorCompiler(validatorCompiler);
  // Handlers return JSON already, which their schemas check when they are compiled.
  api.setSerializerCompiler(() => (data) => JSON.stringify(data));

  await api.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "XMTP index",
        description:
          "What is on the settlement chain and on the appchain of decentralised XMTP. Integers that may be beyond 2^53 are decimal strings, bytes are hex with 0x.",
        version: "1",
      },
      tags: [
        { name: "events", description: "every event, in the order of its chain" },
        { name: "logs", description: "group messages and identity updates by sequence id" },
        { name: "identity", description: "inboxes and their members" },
        { name: "money", description: "payers, reports and rewards" },
        { name: "network", description: "nodes, prices, parameters and the bridge" },
        { name: "operations", description: "how the service is" },
      ],
    },
    transform: jsonSchemaTransform,
    transformObject: finishDescription,
  });

  api.setErrorHandler(async (error, _request, reply) => {
    const { status, body, isUnexpected } = errorReply(error);
    if (isUnexpected) onError(error);
    if (status === 409 || status === 503) reply.header("retry-after", RETRY_AFTER_SECONDS);
    return reply.code(status).send(body);
  });
  api.setNotFoundHandler(async ({ method, url }, reply) => {
    const { status, body } = errorReply(
      libraryError("NOT_FOUND", `there is no route for ${method} ${url.split("?")[0]}`, {
        hint: "see /openapi.json",
      }),
    );
    return reply.code(status).send(body);
  });
  api.addHook("onResponse", async ({ method, routeOptions }, { statusCode, elapsedTime }) => {
    context.metrics.answered({
      method,
      route: routeOptions.url ?? "none",
      status: statusCode,
      seconds: elapsedTime / 1_000,
    });
  });

  addEventRoutes(api, context);
  const { ended } = addEventStream(api, context);
  addPayloadRoutes(api, context);
  addInboxRoutes(api, context);
  addPayerRoutes(api, context);
  addNetworkRoutes(api, context);
  addStatusRoutes(api, context);
  api.get("/openapi.json", { schema: { hide: true } }, async () => api.swagger());
  await api.ready();

  return { api, streamsEnded: ended };
}
