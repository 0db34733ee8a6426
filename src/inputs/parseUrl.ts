import type { XmtpError } from "../errors/XmtpError.ts";
import { libraryError } from "../errors/libraryErrors.ts";
import { describe } from "./describe.ts";

const HTTP = ["http:", "https:"];
const WEB_SOCKET = ["ws:", "wss:"];

/** The URL of a JSON-RPC node over HTTP. @throws {XmtpError} `INVALID_URL` unless it is http or https */
export function parseHttpUrl(value: string, name = "RPC URL"): string {
  return parseUrl(value, HTTP, name);
}

/** The URL of a JSON-RPC node over WebSocket. @throws {XmtpError} `INVALID_URL` unless it is ws or wss */
export function parseWebSocketUrl(value: string, name = "WebSocket URL"): string {
  return parseUrl(value, WEB_SOCKET, name);
}

/**
 * The HTTP address of a node as the registry holds it. Node software ignores nodes whose address has another scheme, so
 * it is refused here. Returned as it was passed.
 *
 * @throws {XmtpError} `INVALID_URL`
 */
export function parseHttpAddress(value: string): string {
  parseUrl(value, HTTP, "HTTP address of a node");
  // Node software compares the beginning of the text, not of the parsed URL.
  if (!/^https?:\/\//u.test(value)) {
    throw invalidUrl(
      value,
      HTTP,
      "HTTP address of a node",
      "does not begin with http:// or https://",
    );
  }

  return value;
}

function parseUrl(value: string, protocols: readonly string[], name: string): string {
  if (typeof value !== "string" || value !== value.trim() || !URL.canParse(value)) {
    throw invalidUrl(value, protocols, name, "is not an absolute URL");
  }
  const { protocol, hostname } = new URL(value);
  if (!protocols.includes(protocol))
    throw invalidUrl(value, protocols, name, `has the scheme ${protocol}`);
  if (hostname === "") throw invalidUrl(value, protocols, name, "names no host");

  return value;
}

function invalidUrl(
  value: unknown,
  protocols: readonly string[],
  name: string,
  what: string,
): XmtpError {
  const hint = `pass ${protocols.map((protocol) => `${protocol}//host:8545`).join(" or ")}`;

  return libraryError("INVALID_URL", `the ${name} ${describe(value)} ${what}`, { hint });
}
