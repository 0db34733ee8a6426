import { z } from "zod";

import { parseHttpUrl, parseWebSocketUrl } from "../../src/inputs/parseUrl.ts";
import { optionHelp } from "./options.ts";

const FILE_NAME = /^[a-z0-9][a-z0-9-]*$/u;

/** What several commands share: each setting once, with its type, default, environment variable and line of help. */
export const SETTINGS = {
  network: z
    .string()
    .regex(FILE_NAME, "expected lower-case letters, digits and hyphens, such as base-sepolia")
    .default("devnet")
    .register(optionHelp, {
      argument: "<name>",
      env: "XMTP_NETWORK",
      help: "network: deploy/parameters/<name>.json5 and deployments/<name>.json",
    }),
  deploymentsDir: z.string().min(1).default("deployments").register(optionHelp, {
    argument: "<folder>",
    env: "XMTP_DEPLOYMENTS_DIR",
    help: "folder of the address books",
  }),
  settlementRpc: url(parseHttpUrl, "http:// or https://").register(optionHelp, {
    argument: "<url>",
    env: "SETTLEMENT_RPC_URL",
    help: "settlement chain, http or https",
  }),
  appchainRpc: url(parseHttpUrl, "http:// or https://").register(optionHelp, {
    argument: "<url>",
    env: "APPCHAIN_RPC_URL",
    help: "appchain, http or https",
  }),
  settlementWs: url(parseWebSocketUrl, "ws:// or wss://").register(optionHelp, {
    argument: "<url>",
    env: "SETTLEMENT_WS_URL",
    help: "settlement chain, ws or wss; optional, announces blocks sooner",
  }),
  appchainWs: url(parseWebSocketUrl, "ws:// or wss://").register(optionHelp, {
    argument: "<url>",
    env: "APPCHAIN_WS_URL",
    help: "appchain, ws or wss; optional, announces blocks sooner",
  }),
  privateKey: z.string().optional().register(optionHelp, {
    env: "PRIVATE_KEY",
    isSecret: true,
    help: "key that signs; a Hardhat keystore may hold it instead",
  }),
  json: z.boolean().default(false).register(optionHelp, { help: "print JSON, for programs" }),
  yes: z
    .boolean()
    .default(false)
    .register(optionHelp, { help: "send; without it, only show what would be sent" }),
};

/** A URL that is refused is not repeated: it may hold a password or an API key. */
function url(parse: (value: string) => string, schemes: string) {
  return z
    .string()
    .refine((value) => {
      try {
        parse(value);
        return true;
      } catch {
        return false;
      }
    }, `expected a URL that begins with ${schemes}`)
    .optional();
}
