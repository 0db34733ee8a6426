import type { Chain } from "../../src/chain/connectChain.ts";
import type { AddressBook } from "../../src/deployment/addressBook.ts";
import { DEFAULT_APPCHAIN_PORT, DEFAULT_SETTLEMENT_PORT } from "../../src/devnet/defaultPorts.ts";
import { libraryError } from "../../src/errors/libraryErrors.ts";

/** Where `npm start` serves the two chains. */
const DEVNET_URLS = {
  settlement: loopback(DEFAULT_SETTLEMENT_PORT),
  appchain: loopback(DEFAULT_APPCHAIN_PORT),
} as const;

type ChainName = keyof typeof DEVNET_URLS;

interface SettlementOptions {
  readonly network: string;
  readonly settlementRpc?: string | undefined;
  readonly settlementWs?: string | undefined;
}

interface AppchainOptions {
  readonly network: string;
  readonly appchainRpc?: string | undefined;
  readonly appchainWs?: string | undefined;
}

/** The settlement chain of an address book, checked. @throws {XmtpError} as `connectChain` */
export async function connectSettlement(
  { network, settlementRpc, settlementWs }: SettlementOptions,
  { settlementChainId, nodeRegistry, settlementChainParameterRegistry }: AddressBook,
): Promise<Chain> {
  const { connectChain } = await import("../../src/chain/connectChain.ts");

  return connectChain({
    ...(await readUrls("settlement", network, settlementRpc, settlementWs)),
    chainId: settlementChainId,
    contracts: { nodeRegistry, settlementChainParameterRegistry },
  });
}

/** The appchain of an address book, checked. @throws {XmtpError} as `connectChain` */
export async function connectAppchain(
  { network, appchainRpc, appchainWs }: AppchainOptions,
  {
    appChainId,
    groupMessageBroadcaster,
    identityUpdateBroadcaster,
    appChainParameterRegistry,
  }: AddressBook,
): Promise<Chain> {
  const { connectChain } = await import("../../src/chain/connectChain.ts");

  return connectChain({
    ...(await readUrls("appchain", network, appchainRpc, appchainWs)),
    chainId: appChainId,
    contracts: { groupMessageBroadcaster, identityUpdateBroadcaster, appChainParameterRegistry },
  });
}

/**
 * The URLs of a chain's node: as configured, on the devnet else where `npm start` serves it, elsewhere else from the
 * Hardhat keystore.
 *
 * @throws {XmtpError} `INVALID_OPTION`
 */
export async function readUrls(
  chain: ChainName,
  network: string,
  url?: string,
  webSocketUrl?: string,
): Promise<{ readonly url: string; readonly webSocketUrl?: string }> {
  const webSocket = webSocketUrl === undefined ? {} : { webSocketUrl };
  if (url !== undefined) return { url, ...webSocket };
  if (network === "devnet") {
    const { http, webSocket: devnetWebSocketUrl } = DEVNET_URLS[chain];
    return { url: http, webSocketUrl: webSocketUrl ?? devnetWebSocketUrl };
  }

  const { openKeystore } = await import("./keystore.ts");
  const stored = await (await openKeystore(chain)).readUrl();
  if (stored !== undefined) return { url: stored, ...webSocket };
  const variable = `${chain.toUpperCase()}_RPC_URL`;
  throw libraryError("INVALID_OPTION", `the URL of the ${chain} chain is missing`, {
    hint: `pass --${chain}-rpc, or set ${variable} in the environment or the Hardhat keystore`,
  });
}

function loopback(port: number): { readonly http: string; readonly webSocket: string } {
  return { http: `http://127.0.0.1:${port}`, webSocket: `ws://127.0.0.1:${port}` };
}
