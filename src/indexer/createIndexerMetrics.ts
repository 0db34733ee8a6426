import { Counter, Gauge, type Registry } from "prom-client";

import type { IndexerEvent } from "./startIndexer.ts";

/** Counts what an indexer does. Pass the registry to `startApi` too, which serves it. */
export function createIndexerMetrics(registry: Registry): (event: IndexerEvent) => void {
  const registers = [registry];
  const leading = new Gauge({
    name: "xmtp_indexer_leading",
    help: "Whether this process writes, 1, or stands by, 0.",
    registers,
  });
  const logs = new Counter({
    name: "xmtp_indexer_events_written",
    help: "Events that this process stored.",
    labelNames: ["chain"],
    registers,
  });
  const undone = new Counter({
    name: "xmtp_indexer_blocks_undone",
    help: "Blocks that this process took back.",
    labelNames: ["chain"],
    registers,
  });
  const decided = new Counter({
    name: "xmtp_indexer_identity_updates_decided",
    help: "Identity updates that this process accepted, rejected or put off.",
    registers,
  });
  const retries = new Counter({
    name: "xmtp_indexer_retries",
    help: "Failures that were worked around, by error code.",
    labelNames: ["what", "code"],
    registers,
  });

  return (event) => {
    switch (event.type) {
      case "leading":
      case "standingBy":
        return leading.set(event.type === "leading" ? 1 : 0);
      case "wrote":
        return logs.inc({ chain: event.chain }, event.logs);
      case "undid":
        return undone.inc({ chain: event.chain }, event.blocks);
      case "decided":
        return decided.inc(event.updates);
      case "retrying":
        return retries.inc({ what: event.what, code: event.error.code });
      case "caughtUp":
        return;
    }
  };
}
