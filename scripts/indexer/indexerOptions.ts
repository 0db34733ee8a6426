import path from "node:path";
import { fileURLToPath } from "node:url";

import { z } from "zod";

import { parseHttpUrl } from "../../src/inputs/parseUrl.ts";
import type { ChainConfig, IndexerConfig } from "../../src/indexer/config.ts";
import type { DatabaseLocation } from "../../src/indexer/database/database.ts";
import { readUrls } from "../network/connect.ts";
import { requireAddressBook } from "../network/files.ts";
import { optionHelp } from "../network/options.ts";
import { SETTINGS } from "../network/settings.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

export const DEFAULT_API_PORT = 8600;

const urls = () =>
  z
    .string()
    .transform((text, context) => {
      const parts = text.split(",").map((part) => part.trim());
      try {
        return parts.map((part) => parseHttpUrl(part));
      } catch {
        context.addIssue("expected URLs that begin with http:// or https://, with commas between");
        return z.NEVER;
      }
    })
    .optional();

const count = () =>
  z.coerce.number({ error: "expected a whole number from 0" }).int().min(0).optional();

/** Options that say where the database is. */
export const DATABASE_SHAPE = {
  network: SETTINGS.network,
  database: z.string().min(1).optional().register(optionHelp, {
    argument: "<url|folder>",
    env: "DATABASE_URL",
    help: "postgres:// URL of a server, or folder of the embedded database; default: .indexer/<network>",
  }),
};

/** Options that say where to serve. */
export const API_SHAPE = {
  host: z.string().min(1).default("127.0.0.1").register(optionHelp, {
    argument: "<address>",
    env: "HOST",
    help: "address to serve at; 0.0.0.0 for everybody",
  }),
  port: z.coerce
    .number({ error: "expected a TCP port" })
    .int()
    .min(0)
    .max(65_535)
    .default(DEFAULT_API_PORT)
    .register(optionHelp, { argument: "<port>", env: "PORT", help: "TCP port, 0 for any" }),
};

/** Options that say what to index. */
export const CHAIN_SHAPE = {
  ...DATABASE_SHAPE,
  deploymentsDir: SETTINGS.deploymentsDir,
  only: z.enum(["settlement", "appchain"]).optional().register(optionHelp, {
    argument: "<chain>",
    help: "settlement or appchain; default: both",
  }),
  settlementRpc: urls().register(optionHelp, {
    argument: "<urls>",
    env: "SETTLEMENT_RPC_URL",
    help: "settlement chain, http or https; several with commas: the next is asked when one fails",
  }),
  appchainRpc: urls().register(optionHelp, {
    argument: "<urls>",
    env: "APPCHAIN_RPC_URL",
    help: "appchain, likewise",
  }),
  settlementWs: SETTINGS.settlementWs,
  appchainWs: SETTINGS.appchainWs,
  settlementFinality: count().register(optionHelp, {
    argument: "<blocks>",
    help: "blocks on top of one that is final; default: what the node calls finalized",
  }),
  appchainFinality: count().register(optionHelp, { argument: "<blocks>", help: "likewise" }),
  everyHeader: z.boolean().default(false).register(optionHelp, {
    help: "read every block's header on the settlement chain too: slower, and notices logs that a node leaves out",
  }),
  contractWalletRpc: z
    .string()
    .transform((text, context): Record<string, string> => {
      const pairs = text.split(",").map((pair) => /^(eip155:\d+)=(https?:\/\/.+)$/u.exec(pair));
      if (pairs.every((pair) => pair !== null)) {
        return Object.fromEntries(pairs.map(([, chain = "", url = ""]) => [chain, url]));
      }
      context.addIssue("expected eip155:<chain id>=<url>, several with commas between");
      return z.NEVER;
    })
    .optional()
    .register(optionHelp, {
      argument: "<chain=url>",
      env: "CONTRACT_WALLET_RPC_URLS",
      help: "archive nodes of the chains that contract wallets are on, such as eip155:8453=https://...",
    }),
};

type ChainOptions = z.output<z.ZodObject<typeof CHAIN_SHAPE>>;

export function databaseOf({
  network,
  database,
}: z.output<z.ZodObject<typeof DATABASE_SHAPE>>): DatabaseLocation {
  if (database === undefined) return { folder: path.join(ROOT, ".indexer", network) };

  return database.includes("://") ? { url: database } : { folder: path.resolve(database) };
}

/** @throws {XmtpError} `INVALID_OPTION`, `INVALID_ADDRESS_BOOK` */
export async function indexerConfigOf(options: ChainOptions): Promise<IndexerConfig> {
  const { only, contractWalletRpc } = options;
  const configOf = async (
    name: "settlement" | "appchain",
    rpc: readonly string[] | undefined,
    webSocket: string | undefined,
    finality: number | undefined,
  ): Promise<ChainConfig> => {
    const { url, webSocketUrl } = await readUrls(name, options.network, rpc?.[0], webSocket);
    return {
      rpcUrls: rpc ?? [url],
      webSocketUrl,
      ...(finality !== undefined && { finality }),
      ...(options.everyHeader && { hasAllHeaders: true }),
    };
  };
  const { settlementRpc, settlementWs, settlementFinality } = options;
  const { appchainRpc, appchainWs, appchainFinality } = options;

  return {
    database: databaseOf(options),
    addresses: await requireAddressBook(options),
    ...(contractWalletRpc !== undefined && { contractWalletRpcUrls: contractWalletRpc }),
    chains: {
      ...(only !== "appchain" && {
        settlement: await configOf("settlement", settlementRpc, settlementWs, settlementFinality),
      }),
      ...(only !== "settlement" && {
        appchain: await configOf("appchain", appchainRpc, appchainWs, appchainFinality),
      }),
    },
  };
}
