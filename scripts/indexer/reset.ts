import type { Command } from "commander";

import { libraryError } from "../../src/errors/libraryErrors.ts";
import { createCommand } from "../network/command.ts";
import { optionHelp } from "../network/options.ts";
import { SETTINGS } from "../network/settings.ts";
import { DATABASE_SHAPE, databaseOf } from "./indexerOptions.ts";

const SHAPE = {
  ...DATABASE_SHAPE,
  json: SETTINGS.json,
  yes: SETTINGS.yes.clone().register(optionHelp, { help: "forget it; without, nothing is done" }),
};

export function resetCommand(): Command {
  return createCommand({
    usage: "reset",
    description: "forget everything that was indexed, to begin anew",
    shape: SHAPE,
    run: async ({ options, output }) => {
      const location = databaseOf(options);
      const place = "folder" in location ? location.folder : new URL(location.url).host;
      if (!options.yes) {
        throw libraryError("INVALID_OPTION", `everything that was indexed in ${place} would go`, {
          hint: "pass --yes",
        });
      }
      const { resetIndex } = await import("../../src/indexer/resetIndex.ts");
      await resetIndex(location);
      output.result({ reset: true }, `forgot everything that was indexed in ${place}`);
    },
  });
}
