/**
 * Deploys, inspects and uses a network from the shell:
 *
 *     npm run network -- <command> [options]
 */
import { Command } from "commander";

import { bridgeCommand } from "./network/bridge.ts";
import { deployCommand } from "./network/deploy.ts";
import { EXIT_CODES_HELP } from "./network/exitCodes.ts";
import { followCommand } from "./network/follow.ts";
import { nodesCommand } from "./network/nodes.ts";
import { parametersCommand } from "./network/parameters.ts";
import { payersCommand } from "./network/payers.ts";
import { publishCommand } from "./network/publish.ts";
import { ratesCommand } from "./network/rates.ts";
import { reportsCommand } from "./network/reports.ts";
import { rewardsCommand } from "./network/rewards.ts";
import { runProgram } from "./network/runProgram.ts";
import { statusCommand } from "./network/status.ts";
import { tokensCommand } from "./network/tokens.ts";

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

await runProgram(program, [
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
