import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";

import { libraryError } from "../../src/errors/libraryErrors.ts";
import type { XmtpError } from "../../src/errors/XmtpError.ts";

/** A payload and where it belongs, not checked yet. */
export interface GivenPayload {
  readonly id: string;
  readonly payload: string | Uint8Array;
}

/**
 * The payloads of a `publish` command: one from `--hex` or `--file` (the bytes of the file), else one per line of
 * standard input, `<hex>` after an id on the command line and `<id> <hex>` without. Empty lines are skipped.
 *
 * @throws {XmtpError} `INVALID_OPTION`, `INVALID_PAYLOAD`
 */
export async function readPayloads({
  id,
  hex,
  file,
  stdin,
}: {
  readonly id: string | undefined;
  readonly hex?: string | undefined;
  readonly file?: string | undefined;
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
}): Promise<readonly GivenPayload[]> {
  if (hex !== undefined && file !== undefined)
    throw usageError("--hex and --file exclude each other");
  if (hex !== undefined || file !== undefined) {
    if (id === undefined) throw usageError("the id is missing");
    return [{ id, payload: hex ?? (await readBytes(file ?? "")) }];
  }
  if (stdin.isTTY) throw usageError("there is no payload");

  const lines = (await text(stdin)).split("\n").map((line) => line.trim());
  const payloads = lines.flatMap((line, index) =>
    line === "" ? [] : [parseLine(line, id, index + 1)],
  );
  if (payloads.length === 0) throw usageError("there is no payload on standard input");

  return payloads;
}

function parseLine(line: string, id: string | undefined, lineNumber: number): GivenPayload {
  const words = line.split(/\s+/u);
  const [first = "", second] = words;
  if (id !== undefined && words.length === 1) return { id, payload: first };
  if (id === undefined && words.length === 2) return { id: first, payload: second ?? "" };
  const expected = id === undefined ? "<id> <hex>" : "<hex>";
  throw libraryError(
    "INVALID_PAYLOAD",
    `line ${lineNumber} of standard input is not of the form ${expected}`,
    { hint: "write <hex> where the id is on the command line, and <id> <hex> where it is not" },
  );
}

async function readBytes(file: string): Promise<Uint8Array> {
  return readFile(file).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    throw libraryError("INVALID_OPTION", `--file cannot be read: ${reason}`, {
      cause: error,
      hint: "pass the path of a file with the bytes of one payload",
    });
  });
}

function usageError(message: string): XmtpError {
  return libraryError("INVALID_OPTION", message, {
    hint: "pass <id> --hex <payload>, or <id> --file <path>, or pipe lines of `<id> <hex>`",
  });
}
