import { Command } from "commander";
import type { z } from "zod";

import { declareOptions, readOptions } from "./options.ts";
import { createOutput, type Output } from "./output.ts";

/** What the action of a command gets, checked. */
export interface Invocation<Shape extends z.ZodRawShape> {
  readonly options: z.output<z.ZodObject<Shape>>;
  /** The arguments that are not options, in the order of the usage line. */
  readonly args: readonly string[];
  readonly output: Output;
}

/**
 * Builds a command from the shape of its options.
 *
 * @param usage name and arguments, such as `get <key...>`
 */
export function createCommand<Shape extends z.ZodRawShape>({
  usage,
  description,
  help,
  shape,
  run,
}: {
  readonly usage: string;
  readonly description: string;
  /** Printed below the options. */
  readonly help?: string;
  readonly shape: Shape;
  readonly run: (invocation: Invocation<Shape>) => Promise<void>;
}): Command {
  const [name = "", ...parameters] = usage.split(" ");
  const command = new Command(name).description(description);
  for (const parameter of parameters) command.argument(parameter);
  declareOptions(command, shape);
  if (help !== undefined) command.addHelpText("after", `\n${help}`);

  return command.action(async () => {
    const flags: Record<string, unknown> = command.opts();
    const options = readOptions(shape, flags, process.env);
    await run({
      options,
      args: command.args,
      output: createOutput({ json: flags["json"] === true }),
    });
  });
}

/** A command that only groups others: called bare it prints its usage. */
export function groupCommands(group: Command, commands: readonly Command[]): Command {
  for (const command of commands) group.addCommand(command);

  return group.allowExcessArguments().action(() => {
    const [unknown] = group.args;
    if (unknown === undefined) return group.outputHelp();
    const names = commands.map((command) => command.name()).join(", ");
    return group.error(`error: there is no command "${unknown}"\nhint: there are ${names}`);
  });
}
