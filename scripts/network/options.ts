import { Option, type Command } from "commander";
import { z } from "zod";

import { libraryError } from "../../src/errors/libraryErrors.ts";

const DIGITS = /^\d{1,20}$/u;

/** What the schema of an option says to people. */
interface OptionHelp {
  /** One line of `--help`, with the unit. */
  readonly help: string;
  /** The value as `--help` shows it; flags without one are switches. */
  readonly argument?: string;
  /** The environment variable that is read where the flag is not given. */
  readonly env?: string;
  /** Read from the environment alone: a command line is visible to every process of the machine. */
  readonly isSecret?: boolean;
}

/** The help of every option, beside its schema. */
export const optionHelp = z.registry<OptionHelp>();

/** A whole number as text, so that none is rounded. */
export function whole() {
  return z
    .string()
    .regex(DIGITS, "expected a whole number")
    .transform((text) => BigInt(text))
    .optional();
}

/** Adds the options of a shape to a command. Their types, defaults and help all come from the shape. */
export function declareOptions(command: Command, shape: z.ZodRawShape): void {
  for (const [name, schema] of Object.entries(shape)) {
    const { help, argument, env, isSecret = false } = helpOf(name, schema);
    if (isSecret) continue;
    const flag = [flagOf(name), argument].filter((part) => part !== undefined).join(" ");
    const fallback = z.safeParse(schema, undefined);
    const notes = [
      ...(argument !== undefined && fallback.success && fallback.data !== undefined
        ? [`default: ${JSON.stringify(fallback.data)}`]
        : []),
      ...(env === undefined ? [] : [`env: ${env}`]),
    ];
    const option = new Option(flag, notes.length === 0 ? help : `${help} (${notes.join(", ")})`);
    command.addOption(option);
  }
}

/**
 * The values of a shape's options: from the flags, where there is none from the environment, and else the default. An
 * empty environment variable counts as none.
 *
 * @throws {XmtpError} `INVALID_OPTION`, naming every option with what is wrong
 */
export function readOptions<Shape extends z.ZodRawShape>(
  shape: Shape,
  flags: Readonly<Record<string, unknown>>,
  environment: NodeJS.ProcessEnv,
): z.output<z.ZodObject<Shape>> {
  const given: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(shape)) {
    const { env } = helpOf(name, schema);
    given[name] = flags[name] ?? (env === undefined ? undefined : environment[env] || undefined);
  }
  const parsed = z.object(shape).safeParse(given);
  if (parsed.success) return parsed.data;

  const issues = parsed.error.issues.map(({ path: [name], message }) => {
    const schema = shape[String(name)];
    return `${schema === undefined ? "the options" : sourceOf(String(name), schema, flags)}: ${message}`;
  });
  throw libraryError("INVALID_OPTION", issues.join("; "), {
    hint: "correct it; --help describes every option",
  });
}

/** The flag, or the environment variable that stood in for it. */
function sourceOf(
  name: string,
  schema: z.core.$ZodType,
  flags: Readonly<Record<string, unknown>>,
): string {
  const { env, isSecret = false } = helpOf(name, schema);

  return env !== undefined && (isSecret || flags[name] === undefined) ? env : flagOf(name);
}

function flagOf(name: string): string {
  return `--${name.replaceAll(/[A-Z]/gu, (letter) => `-${letter.toLowerCase()}`)}`;
}

function helpOf(name: string, schema: z.core.$ZodType): OptionHelp {
  const help = optionHelp.get(schema);
  if (help === undefined) throw new TypeError(`the option ${name} has no line of help`);

  return help;
}
