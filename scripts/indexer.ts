/**
 * Indexes the events of a network into a database, and serves them:
 *
 *     npm run indexer -- <command> [options]
 */
import { Command } from "commander";

import { indexCommand } from "./indexer/index.ts";
import { resetCommand } from "./indexer/reset.ts";
import { serveCommand } from "./indexer/serve.ts";
import { verifyCommand } from "./indexer/verify.ts";
import { EXIT_CODES_HELP } from "./network/exitCodes.ts";
import { runProgram } from "./network/runProgram.ts";

const program = new Command("indexer")
  .usage("<command> [options]")
  .description("Indexes the events of an XMTP network into a database, and serves them.")
  .addHelpText(
    "afterAll",
    `
Without --database the events are kept in a folder of this checkout, in a PostgreSQL that runs inside the process.
Flags beat the environment. docs/indexer.md describes the interface and the tables.
${EXIT_CODES_HELP}`,
  );

await runProgram(program, [indexCommand(), serveCommand(), verifyCommand(), resetCommand()]);
