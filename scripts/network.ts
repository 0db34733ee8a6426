/**
 * Deploys, inspects and uses a network from the shell:
 *
 *     npm run network -- <command> [options]
 */
import { enableCompileCache } from "node:module";
import path from "node:path";

import { Command } from "commander";

import { stripCredentials } from "../src/errors/stripCredentials.ts";
import { bridgeCommand } from "./network/bridge.ts";
import { groupCommands } from "./network/command.ts";
import { deployCommand } from "./network/deploy.ts";
import { EXIT_CODES_HELP } from "./network/exitCodes.ts";
import { followCommand } from "./network/follow.ts";
import { nodesCommand } from "./network/nodes.ts";
import { parametersCommand } from "./network/parameters.ts";
import { payersCommand } from "./network/payers.ts";
import { publishCommand } from "./network/publish.ts";
import { ratesCommand } from "./network/rates.ts";
import { reportError } from "./network/reportError.ts";
import { reportsCommand } from "./network/reports.ts";
import { rewardsCommand } from "./network/rewards.ts";
import { statusCommand } from "./network/status.ts";
import { tokensCommand } from "./network/tokens.ts";

// Commands load what they need when they run; parsing viem anew each time would take a third of a short command's time.
enableCompileCache(path.resolve(import.meta.dirname, "../cache/node"));

const program = new Command("network")
  .usage("<command> [options]")
  .description(
    "Deploys, inspects and uses an XMTP network.\nWhat an admin sends, and what moves money, is only shown, until --yes is passed; publishing acts at once.",
  )
  .addHelpText(
    "afterAll",
    `
The key that signs is read from PRIVATE_KEY or the Hardhat keystore (npx hardhat keystore set PRIVATE_KEY), and never
printed. On the devnet its first account signs where there is none. Flags beat the environment.
${EXIT_CODES_HELP}`,
  );

groupCommands(program, [
  deployCommand(),
  statusCommand(),
  nodesCommand(),
  parametersCommand(),
  ratesCommand(),
  tokensCommand(),
  payersCommand(),
  bridgeCommand(),
  reportsCommand(),
  rewardsCommand(),
  publishCommand(),
  followCommand(),
]);
setUp(program);
// The reader of a pipe may go before the end, as `head` does. Commands that never end notice it themselves.
process.stdout.on("error", () => undefined);

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = await reportError(error);
}

/** Usage errors of every command leave by the same door, and show no key that somebody typed. */
function setUp(command: Command): void {
  command.exitOverride().configureOutput({
    outputError: (text, write) =>
      write(stripCredentials(text).replaceAll(/[0-9a-f]{64}/giu, "***")),
  });
  command.showHelpAfterError("hint: --help describes every command and option");
  command.commands.forEach(setUp);
}
