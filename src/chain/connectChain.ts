import {
  createPublicClient,
  defineChain,
  http,
  type Address,
  type Chain as ViemChain,
  type HttpTransport,
  type PublicClient,
} from "viem";

import { decodeError } from "../errors/decodeError.ts";
import { libraryError } from "../errors/libraryErrors.ts";
import { parseAddress } from "../inputs/parseAddress.ts";
import { parseInteger } from "../inputs/parseOption.ts";
import { parseHttpUrl, parseWebSocketUrl } from "../inputs/parseUrl.ts";
import { hasContract } from "./hasContract.ts";

const DEFAULT_TIMEOUT_MS = 10_000;

/** A chain that was reached and is the one that was meant. Every function of the library that reads or sends takes one. */
export interface Chain {
  readonly client: PublicClient<HttpTransport, ViemChain>;
  /** The node's HTTP URL. */
  readonly url: string;
  /** The node's WebSocket URL. Only ever used to learn of new blocks sooner. */
  readonly webSocketUrl: string | undefined;
  readonly chainId: number;
}

export interface ConnectChainParameters {
  /** The node's URL, http or https. */
  readonly url: string;
  /** The node's URL, ws or wss. Without it, new blocks are found by polling alone. */
  readonly webSocketUrl?: string | undefined;
  /** The id that the chain must have. */
  readonly chainId: number;
  /** Contracts that must have code on the chain, by the name to use in messages. */
  readonly contracts?: Readonly<Record<string, string>>;
  /** Milliseconds until a call counts as unanswered. Default 10,000. */
  readonly timeoutMs?: number;
}

/**
 * Connects to a chain, and checks first that the node answers, that it serves the expected chain, and that each contract
 * is there.
 *
 * @throws {XmtpError} `INVALID_URL`, `INVALID_ADDRESS`, `INVALID_OPTION`, `RPC_UNREACHABLE`, `WRONG_CHAIN`, `NO_CODE`
 * @example
 * const appchain = await connectChain({
 *   url: "http://127.0.0.1:8546",
 *   webSocketUrl: "ws://127.0.0.1:8546",
 *   chainId: addresses.appChainId,
 *   contracts: { groupMessageBroadcaster: addresses.groupMessageBroadcaster },
 * });
 */
export async function connectChain({
  url,
  webSocketUrl,
  chainId,
  contracts = {},
  timeoutMs = DEFAULT_TIMEOUT_MS,
}: ConnectChainParameters): Promise<Chain> {
  parseHttpUrl(url);
  if (webSocketUrl !== undefined) parseWebSocketUrl(webSocketUrl);
  parseInteger(chainId, "chainId", 1);
  parseInteger(timeoutMs, "timeoutMs", 1);
  const addresses = Object.entries(contracts).map(
    ([name, address]) => [name, parseAddress(address, name)] as const,
  );

  const client = createPublicClient({
    chain: defineChain({
      id: chainId,
      name: `chain ${chainId}`,
      nativeCurrency: { name: "native token", symbol: "native", decimals: 18 },
      rpcUrls: { default: { http: [url] } },
    }),
    transport: http(url, { timeout: timeoutMs, retryCount: 2, batch: { batchSize: 100, wait: 0 } }),
    cacheTime: 0,
  });

  const answered = await client.getChainId().catch((error: unknown) => {
    throw decodeError(error);
  });
  if (answered !== chainId) {
    throw libraryError(
      "WRONG_CHAIN",
      `the node at ${url} serves chain ${answered}, not ${chainId}`,
    );
  }
  await Promise.all(addresses.map(([name, address]) => requireCode(client, name, address)));

  return { client, url, webSocketUrl, chainId };
}

async function requireCode(client: Chain["client"], name: string, address: Address): Promise<void> {
  if (await hasContract(client, address)) return;
  throw libraryError("NO_CODE", `there is no contract at ${address} (${name})`);
}
