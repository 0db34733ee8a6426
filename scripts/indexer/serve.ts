import type { Command } from "commander";

import { createCommand } from "../network/command.ts";
import { SETTINGS } from "../network/settings.ts";
import { API_SHAPE, DATABASE_SHAPE, databaseOf } from "./indexerOptions.ts";
import { untilStopped } from "./untilStopped.ts";

const SHAPE = { ...DATABASE_SHAPE, ...API_SHAPE, json: SETTINGS.json };

export function serveCommand(): Command {
  return createCommand({
    usage: "serve",
    description: "serve a PostgreSQL database that others index, or a standby of it",
    help: "Keeps nothing, so any number may run. The embedded database is served by the process that indexes.",
    shape: SHAPE,
    run: async ({ options, output }) => {
      const { openDatabase } = await import("../../src/indexer/database/database.ts");
      const { startApi } = await import("../../src/indexer/api/startApi.ts");
      const database = await openDatabase(databaseOf(options));
      try {
        const api = await startApi({ database, host: options.host, port: options.port });
        output.result({ url: api.url }, `serving ${api.url}`);
        await untilStopped();
        await api.stop();
      } finally {
        await database.close();
      }
    },
  });
}
