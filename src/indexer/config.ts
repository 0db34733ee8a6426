import { z } from "zod";

import type { AddressBook } from "../deployment/addressBook.ts";
import { libraryError } from "../errors/libraryErrors.ts";
import { parseHttpUrl, parseWebSocketUrl } from "../inputs/parseUrl.ts";
import type { DatabaseLocation } from "./database/database.ts";

const chain = z.object({
  rpcUrls: z
    .array(z.string().transform((url) => parseHttpUrl(url)))
    .min(1)
    .describe("nodes, http or https: the next one is asked when one fails"),
  webSocketUrl: z
    .string()
    .transform((url) => parseWebSocketUrl(url))
    .optional(),
  fromBlock: z.number().int().nonnegative().optional(),
  finality: z.union([z.literal("finalized"), z.number().int().nonnegative()]).default("finalized"),
  hasAllHeaders: z.boolean().optional(),
  maxBlocks: z.number().int().positive().optional(),
  pollIntervalMs: z.number().int().positive().default(1_000),
  timeoutMs: z.number().int().positive().default(30_000),
});

export interface ChainConfig {
  /** Nodes, http or https. The next one is asked when one fails or contradicts itself. */
  readonly rpcUrls: readonly string[];
  /** Announces new blocks sooner than polling does. */
  readonly webSocketUrl?: string | undefined;
  /** The first block to index. Default: the address book's deployment block, before which there is nothing. */
  readonly fromBlock?: number | undefined;
  /**
   * Which blocks never change: those that the node calls finalized, or those so many blocks below the newest. Default
   * "finalized".
   */
  readonly finality?: "finalized" | number | undefined;
  /**
   * Whether to read every block's header while catching up, which shows when a node leaves logs out. Default: on the
   * appchain, where a block without events is rare; on the settlement chain only above the finalized block.
   */
  readonly hasAllHeaders?: boolean | undefined;
  /** The most blocks of one request, if the provider's limit is known. Otherwise it is found out. */
  readonly maxBlocks?: number | undefined;
  /** Milliseconds between two looks at the chain when the WebSocket says nothing. Default 1,000. */
  readonly pollIntervalMs?: number | undefined;
  /** Milliseconds until a request counts as unanswered. Default 30,000. */
  readonly timeoutMs?: number | undefined;
}

export interface IndexerConfig {
  /** A PostgreSQL server's URL, or a folder for the embedded database; "temporary" keeps nothing. */
  readonly database: DatabaseLocation;
  /** The network's contracts. */
  readonly addresses: AddressBook;
  /** What to index: one chain, or both. */
  readonly chains: {
    readonly settlement?: ChainConfig | undefined;
    readonly appchain?: ChainConfig | undefined;
  };
  /**
   * Nodes of the chains that contract wallets are on, by chain, such as `eip155:8453`. They must have the state of old
   * blocks. Inboxes whose updates need another chain wait, and are shown as undecided.
   */
  readonly contractWalletRpcUrls?: Readonly<Record<string, string>> | undefined;
}

export type ParsedChainConfig = z.infer<typeof chain>;

/** @throws {XmtpError} `INVALID_OPTION`, `INVALID_URL` */
export function parseChainConfig(name: string, value: ChainConfig): ParsedChainConfig {
  const parsed = chain.safeParse(value);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map(
    ({ path, message }) => `${[name, ...path].join(".")}: ${message}`,
  );
  throw libraryError("INVALID_OPTION", issues.join("; "));
}
