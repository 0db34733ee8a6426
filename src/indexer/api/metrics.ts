import { Counter, Gauge, Histogram, Registry, type OpenMetricsContentType } from "prom-client";

import type { Database } from "../database/database.ts";
import { readStatus } from "../read/readStatus.ts";
import { readStoredEvents } from "../read/readStoredEvents.ts";

const LATENCY_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

/** A registry in the OpenMetrics format. */
export type MetricsRegistry = Registry<OpenMetricsContentType>;

/** What the interface counts, and how far the index is. */
export interface ApiMetrics {
  readonly contentType: string;
  answered(request: {
    readonly method: string;
    readonly route: string;
    readonly status: number;
    readonly seconds: number;
  }): void;
  streams(count: number): void;
  render(): Promise<string>;
}

/** @param registry of the process that indexes, to be served with these; it is switched to OpenMetrics */
export function createApiMetrics(database: Database, registry?: Registry): ApiMetrics {
  const target = (registry ?? new Registry()) as MetricsRegistry;
  target.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  const registers = [target];
  const gauge = (name: string, help: string, labelNames: string[] = []) =>
    new Gauge({ name, help, labelNames, registers });

  const requests = new Counter({
    name: "xmtp_api_requests",
    help: "Requests that were answered.",
    labelNames: ["method", "route", "status"],
    registers,
  });
  const latency = new Histogram({
    name: "xmtp_api_request_seconds",
    help: "Seconds until a request was answered; streams are not counted.",
    labelNames: ["method", "route"],
    buckets: LATENCY_SECONDS,
    registers,
  });
  const subscribers = gauge("xmtp_api_stream_subscribers", "Streams that are open.");
  const up = gauge("xmtp_indexer_database_up", "Whether the database answers, 1 or 0.");
  const perChain = {
    headBlock: gauge("xmtp_indexer_head_block", "Newest block that was seen.", ["chain"]),
    nextBlock: gauge("xmtp_indexer_next_block", "Block that is indexed next.", ["chain"]),
    finalizedBlock: gauge("xmtp_indexer_finalized_block", "Block up to which nothing changes.", [
      "chain",
    ]),
    lagBlocks: gauge("xmtp_indexer_lag_blocks", "Blocks that are not indexed yet.", ["chain"]),
    lagSeconds: gauge("xmtp_indexer_lag_seconds", "Age of what is indexed while blocks lack.", [
      "chain",
    ]),
    silentSeconds: gauge("xmtp_indexer_silent_seconds", "Time since the last write.", ["chain"]),
    reorgs: gauge("xmtp_indexer_reorgs", "Reorganisations that were undone.", ["chain"]),
  };
  const storedEvents = gauge("xmtp_indexer_stored_events", "Events in the database, estimated.", [
    "table",
  ]);
  const undecided = gauge(
    "xmtp_indexer_undecided_inboxes",
    "Inboxes that wait for an answer of another chain.",
  );
  const pending = gauge(
    "xmtp_indexer_pending_updates",
    "Identity updates that are not looked at yet, counted up to 10000.",
  );

  const collect = async (): Promise<void> => {
    const status = await readStatus({ database });
    for (const chain of status.chains) {
      for (const [name, metric] of Object.entries(perChain)) {
        metric.set({ chain: chain.chain }, Number(chain[name as keyof typeof perChain]));
      }
    }
    for (const [table, count] of await readStoredEvents({ database })) {
      storedEvents.set({ table }, count);
    }
    undecided.set(status.undecidedInboxes);
    pending.set(status.pendingUpdates);
  };

  return {
    contentType: target.contentType,
    answered: ({ method, route, status, seconds }) => {
      requests.inc({ method, route, status });
      latency.observe({ method, route }, seconds);
    },
    streams: (count) => subscribers.set(count),
    render: async () => {
      up.set(
        await collect().then(
          () => 1,
          () => 0,
        ),
      );
      return await target.metrics();
    },
  };
}
