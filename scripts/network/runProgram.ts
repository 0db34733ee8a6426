import { enableCompileCache } from "node:module";
import path from "node:path";

import type { Command } from "commander";

import { stripCredentials } from "../../src/errors/stripCredentials.ts";
import { groupCommands } from "./command.ts";
import { reportError } from "./reportError.ts";

/** Runs a command line: what goes wrong is printed without a stack, and decides the exit code. */
export async function runProgram(program: Command, commands: readonly Command[]): Promise<void> {
  // Commands load what they need when they run; parsing viem anew each time would take a third of a short command's time.
  enableCompileCache(path.resolve(import.meta.dirname, "../../cache/node"));
  groupCommands(program, commands);
  setUp(program);
  // The reader of a pipe may go before the end, as `head` does. Commands that never end notice it themselves.
  process.stdout.on("error", () => undefined);

  try {
    await program.parseAsync();
  } catch (error) {
    process.exitCode = await reportError(error);
  }
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
