import type { AddressInfo } from "node:net";

import type { Registry } from "prom-client";

import { parseInteger } from "../../inputs/parseOption.ts";
import type { Database } from "../database/database.ts";
import { watchIndex } from "../read/watchIndex.ts";
import { createApi } from "./createApi.ts";
import { createApiMetrics } from "./metrics.ts";

export interface StartApiParameters {
  /** The index, which any process may fill. It is not closed by `stop`. */
  readonly database: Database;
  /** Address to listen on. Default "127.0.0.1"; "0.0.0.0" for everybody. */
  readonly host?: string;
  /** Default 0: any free one. */
  readonly port?: number;
  /** Metrics of this process, to be served with those of the interface; it is switched to the OpenMetrics format. */
  readonly registry?: Registry;
  /** Streams at once. Default 1,000. */
  readonly maxStreams?: number;
  /** Milliseconds between two signs of life on a stream. Default 15,000. */
  readonly heartbeatMs?: number;
  /** Milliseconds between two looks at a database that does not notify, such as a standby. Default 100. */
  readonly pollIntervalMs?: number;
  /** Blocks that a chain may be behind while the service calls itself ready. Default 100. */
  readonly maxLagBlocks?: number;
  /** Seconds without a write after which the service does not call itself ready. Default: any; a quiet chain is silent. */
  readonly maxSilentSeconds?: number;
  /** Hears of errors that nobody thought of. */
  readonly onError?: (error: unknown) => void;
}

export interface RunningApi {
  readonly url: string;
  /** Ends the streams and refuses new requests; may be called twice. */
  stop(): Promise<void>;
}

/**
 * Serves the index over HTTP. Any number of these may run over one database, or over its standbys.
 *
 * @throws {XmtpError} `INVALID_OPTION`
 * @throws {Error} if the port is taken
 * @example
 * const { url, stop } = await startApi({ database: indexer.database, port: 5060 });
 */
export async function startApi({
  database,
  host = "127.0.0.1",
  port = 0,
  registry,
  maxStreams = 1_000,
  heartbeatMs = 15_000,
  pollIntervalMs,
  maxLagBlocks = 100,
  maxSilentSeconds = Infinity,
  onError,
}: StartApiParameters): Promise<RunningApi> {
  parseInteger(port, "port", 0, 65_535);
  parseInteger(maxStreams, "maxStreams", 0);
  parseInteger(heartbeatMs, "heartbeatMs", 1);
  parseInteger(maxLagBlocks, "maxLagBlocks", 0);

  const stopping = new AbortController();
  const watch = await watchIndex({ database, pollIntervalMs });
  const { api, streamsEnded } = await createApi(
    {
      database,
      watch,
      metrics: createApiMetrics(database, registry),
      heartbeatMs,
      maxStreams,
      maxLagBlocks,
      maxSilentSeconds,
      stopping: stopping.signal,
    },
    onError,
  );
  try {
    await api.listen({ host, port });
  } catch (error) {
    await watch.stop();
    throw error;
  }
  const bound = api.server.address() as AddressInfo;

  const end = async (): Promise<void> => {
    stopping.abort();
    await streamsEnded();
    await api.close();
    await watch.stop();
  };
  let ending: Promise<void> | undefined;

  return {
    url: `http://${bound.family === "IPv6" ? `[${bound.address}]` : bound.address}:${bound.port}`,
    stop: () => (ending ??= end()),
  };
}
