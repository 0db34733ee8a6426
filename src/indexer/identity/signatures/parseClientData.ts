import { RejectedUpdate } from "../RejectedUpdate.ts";

export interface ClientData {
  readonly origin: string;
  readonly challenge: string;
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The parts of valid JSON that matter here: strings, what opens, closes and separates, and everything else. */
const TOKENS = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]:,]|[^\s"{}[\]:,]+/g;

/**
 * Reads the client data of a passkey's signature as strictly as clients do: `JSON.parse` alone keeps the last of two
 * challenges, where they refuse both.
 *
 * @throws {RejectedUpdate} `Signature`
 */
export function parseClientData(bytes: Uint8Array): ClientData {
  const text = decodeText(bytes);
  const value = parseJson(text);
  // Clients take the two fields as a list too.
  const { origin, challenge } = Array.isArray(value)
    ? fromList(value)
    : (value as Partial<ClientData>);
  if (!isText(origin) || !isText(challenge)) {
    throw new RejectedUpdate("Signature", "a passkey's client data lacks its origin or challenge");
  }
  const keys = Array.isArray(value) ? [] : topLevelKeys(text);
  for (const name of ["origin", "challenge"]) {
    if (keys.indexOf(name) !== keys.lastIndexOf(name)) {
      throw new RejectedUpdate("Signature", `a passkey's client data has its ${name} twice`);
    }
  }
  if (!keys.every(isText)) throw new RejectedUpdate("Signature", "a key of client data is no text");

  return { origin, challenge };
}

function decodeText(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw new RejectedUpdate("Signature", "a passkey's client data is not UTF-8");
  }
}

function parseJson(text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) return value;
  } catch {
    // Says no more than that it is none.
  }

  throw new RejectedUpdate("Signature", "a passkey's client data is no JSON object");
}

function fromList(values: readonly unknown[]): { origin?: unknown; challenge?: unknown } {
  return values.length === 2 ? { origin: values[0], challenge: values[1] } : {};
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value.isWellFormed();
}

/** The keys of an object in order, repeated ones as often as they stand there. Accepts text that is a JSON object. */
function topLevelKeys(text: string): string[] {
  const keys: string[] = [];
  let depth = 0;
  let previous = "";
  for (const [token] of text.matchAll(TOKENS)) {
    if (token === "{" || token === "[") depth++;
    else if (token === "}" || token === "]") depth--;
    else if (token === ":" && depth === 1) keys.push(JSON.parse(previous) as string);
    previous = token;
  }

  return keys;
}
