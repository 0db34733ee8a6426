import type { Command } from "commander";
import { z } from "zod";

import { libraryError } from "../../src/errors/libraryErrors.ts";
import { createCommand } from "../network/command.ts";
import { optionHelp } from "../network/options.ts";
import { renderTable } from "../network/output.ts";
import { SETTINGS } from "../network/settings.ts";
import { CHAIN_SHAPE, indexerConfigOf } from "./indexerOptions.ts";
import { createProgress } from "./createProgress.ts";

const block = () =>
  z.coerce.number({ error: "expected a block number" }).int().nonnegative().optional();

const SHAPE = {
  ...CHAIN_SHAPE,
  json: SETTINGS.json,
  from: block().register(optionHelp, {
    argument: "<block>",
    help: "first block; default: the first that is indexed, and then all identity updates are decided again",
  }),
  to: block().register(optionHelp, {
    argument: "<block>",
    help: "last block; default: the last that is final",
  }),
  all: z.boolean().default(false).register(optionHelp, {
    help: "also what may still change; only while no indexer runs",
  }),
};

export function verifyCommand(): Command {
  return createCommand({
    usage: "verify",
    description: "read a range of blocks again and compare every row",
    help: "Exits with 1 if anything differs. The database is not changed.",
    shape: SHAPE,
    run: async ({ options, output }) => {
      const config = await indexerConfigOf(options);
      const { verifyIndex } = await import("../../src/indexer/verifyIndex.ts");
      const progress = createProgress(output);
      const found = await verifyIndex({
        ...config,
        fromBlock: options.from,
        toBlock: options.to,
        includesUnfinalized: options.all,
        onProgress: (chain, nextBlock, toBlock) => progress.update(chain, nextBlock, toBlock + 1),
      });
      progress.stop();

      const tables = [...found.tables.values()];
      const rows = tables.map(({ table, rows, missing, unexpected }) =>
        [table, rows, missing, unexpected].map(String),
      );
      const differing = found.differences.map(
        ({ table, kind, row }) => `${kind} in ${table}: ${JSON.stringify(row).slice(0, 300)}`,
      );
      output.result(
        { tables, differences: found.differences },
        [renderTable([["table", "rows", "missing", "unexpected"], ...rows]), ...differing].join(
          "\n",
        ),
      );
      if (tables.some(({ missing, unexpected }) => missing + unexpected > 0)) {
        throw libraryError("DATABASE_MISMATCH", "the database differs from the chains", {
          hint: "`npm run indexer -- reset` and index again; please report it, with what is printed above",
        });
      }
    },
  });
}
