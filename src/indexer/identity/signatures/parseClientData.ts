import { RejectedUpdate } from "../RejectedUpdate.ts";

export interface ClientData {
  readonly origin: string;
  readonly challenge: string;
}

const FIELDS = ["origin", "challenge"] as const;

/** The parts of valid JSON that matter here: strings, what opens, closes and separates, and everything else. */
const TOKENS = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]:,]|[^\s"{}[\]:,]+/g;

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Reads the client data of a passkey's signature exactly as strictly as clients do. They refuse a second challenge, where
 * `JSON.parse` keeps the last; they take the two fields as a list as well; and they do not mind text that is no UTF-8 in
 * what they skip.
 *
 * @throws {RejectedUpdate} `Signature`
 */
export function parseClientData(bytes: Uint8Array): ClientData {
  // One character per byte, so that skipped text may be anything; what counts is decoded from its own bytes.
  const json = Buffer.from(bytes).toString("latin1");
  const isList = Array.isArray(parseJson(json));
  const entries = isList ? listEntries(json) : objectEntries(json);

  const values = FIELDS.map((name) => {
    const [value, ...others] = entries.filter(([key]) => key === name).map(([, token]) => token);
    if (value === undefined) throw refusal(`lacks its ${name}`);
    if (others.length > 0) throw refusal(`has its ${name} twice`);
    return decodeString(value);
  });
  const [origin = "", challenge = ""] = values;

  return { origin, challenge };
}

function parseJson(json: string): object {
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value === "object" && value !== null) return value;
  } catch {
    // Says no more than that it is none.
  }

  throw refusal("is no JSON object");
}

/** The keys of an object and the first tokens of their values, repeated ones as often as they stand there. */
function objectEntries(json: string): [string, string][] {
  const tokens = topLevelTokens(json);
  const colons = [...tokens.keys()].filter((index) => tokens[index] === ":");

  return colons.map((colon) => [decodeString(tokens[colon - 1]), tokens[colon + 1] ?? ""]);
}

/** The values of a list of two, named by their places. */
function listEntries(json: string): [string, string][] {
  const [, origin = "", comma, challenge = "", end] = topLevelTokens(json);
  if (comma !== "," || end !== "]") throw refusal("is no list of two");

  return [
    ["origin", origin],
    ["challenge", challenge],
  ];
}

/** The tokens of a JSON object or list outside the values inside it, of which only the brackets are left. */
function topLevelTokens(json: string): string[] {
  const tokens: string[] = [];
  let depth = 0;
  for (const [token] of json.matchAll(TOKENS)) {
    if (token === "}" || token === "]") depth--;
    if (depth <= 1) tokens.push(token);
    if (token === "{" || token === "[") depth++;
  }

  return tokens;
}

/** A string as it stands in the JSON, one character per byte. */
function decodeString(token = ""): string {
  try {
    const value: unknown = JSON.parse(decoder.decode(Buffer.from(token, "latin1")));
    if (typeof value === "string" && value.isWellFormed()) return value;
  } catch {
    // Says no more than that it is none.
  }

  throw refusal("has something else where text belongs");
}

function refusal(what: string): RejectedUpdate {
  return new RejectedUpdate("Signature", `a passkey's client data ${what}`);
}
