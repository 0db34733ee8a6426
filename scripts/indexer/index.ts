import type { Command } from "commander";
import { z } from "zod";

import type { IndexerEvent } from "../../src/indexer/startIndexer.ts";
import { createCommand } from "../network/command.ts";
import { optionHelp } from "../network/options.ts";
import { SETTINGS } from "../network/settings.ts";
import { createProgress } from "./createProgress.ts";
import { API_SHAPE, CHAIN_SHAPE, indexerConfigOf } from "./indexerOptions.ts";
import { untilStopped } from "./untilStopped.ts";

const SHAPE = {
  ...CHAIN_SHAPE,
  ...API_SHAPE,
  json: SETTINGS.json,
  indexOnly: z
    .boolean()
    .default(false)
    .register(optionHelp, { help: "only index; others serve with the command serve" }),
  once: z.boolean().default(false).register(optionHelp, { help: "end when the head is reached" }),
};

export function indexCommand(): Command {
  return createCommand({
    usage: "index",
    description: "index both chains, and serve what is indexed",
    help: `Goes on where it ended. Of several that share a PostgreSQL database one writes; another takes over when it is gone.
Logs are lines of JSON on standard error.`,
    shape: SHAPE,
    run: async ({ options, output }) => {
      const config = await indexerConfigOf(options);
      const { pino } = await import("pino");
      const { Registry } = await import("prom-client");
      const { startApi } = await import("../../src/indexer/api/startApi.ts");
      const { createIndexerMetrics } = await import("../../src/indexer/createIndexerMetrics.ts");
      const { startIndexer } = await import("../../src/indexer/startIndexer.ts");

      const log = pino({ base: null }, pino.destination(2));
      const registry = new Registry();
      const measure = createIndexerMetrics(registry);
      const progress = createProgress(output);
      const waiting = new Set<string>();
      const onEvent = (event: IndexerEvent): void => {
        measure(event);
        switch (event.type) {
          case "wrote":
            if (!waiting.has(event.chain)) {
              progress.update(event.chain, event.nextBlock, event.headBlock + 1);
            }
            return;
          case "caughtUp":
            waiting.add(event.chain);
            return log.info({ chain: event.chain }, "reached the head");
          case "undid":
            return log.info({ chain: event.chain, blocks: event.blocks }, "undid blocks");
          case "retrying":
            return log.warn(
              { what: event.what, code: event.error.code, detail: event.error.message },
              "trying again",
            );
          case "decided":
            return;
          case "leading":
          case "standingBy":
            return log.info(event.type === "leading" ? "indexing" : "waiting for the lock");
        }
      };

      const indexer = await startIndexer({ ...config, onEvent });
      try {
        const api = options.indexOnly
          ? undefined
          : await startApi({
              database: indexer.database,
              registry,
              host: options.host,
              port: options.port,
            });
        try {
          if (api !== undefined) output.result({ url: api.url }, `serving ${api.url}`);
          await Promise.race([options.once ? indexer.caughtUp() : untilStopped(), indexer.done]);
        } finally {
          await api?.stop();
        }
      } finally {
        progress.stop();
        await indexer.stop();
      }
    },
  });
}
