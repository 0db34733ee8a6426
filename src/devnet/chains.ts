import { createHardhatRuntimeEnvironment } from "hardhat/hre";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import type { JsonRpcServer } from "hardhat/types/network";
import type { EthereumProvider } from "hardhat/types/providers";

import { parseInteger } from "../inputs/parseOption.ts";
import { devnetAccounts, type DevnetAccount } from "./accounts.ts";
import {
  createBlockProducer,
  parseBlockTime,
  type BlockProducer,
  type BlockTime,
} from "./blockProducer.ts";
import { appchainSettings, genesisFacts, settlementSettings } from "./chainSettings.ts";
import { createDevnetPlugin, type RpcLayer } from "./devnetPlugin.ts";
import type { Journal } from "./journal.ts";
import { ORBIT_BASE_FEE, placeSystem, type OrbitConfig } from "./orbit.ts";
import { replay } from "./replay.ts";
import { requireFreePort } from "./requireFreePort.ts";
import { openStateFolder } from "./stateFolder.ts";
import { stopChains } from "./stopChains.ts";
import { trackSockets } from "./trackSockets.ts";

export { APPCHAIN_CHAIN_ID, SETTLEMENT_CHAIN_ID } from "./chainSettings.ts";

const HOST = "127.0.0.1";
/** Milliseconds between two blocks of an idle chain that is kept: each of them is made again at every start. */
const KEPT_IDLE_BLOCK_TIME = 60_000;

export interface ChainsConfig {
  /** TCP port of the settlement chain's HTTP and WebSocket server. 0 (default): a free one. */
  readonly settlementPort?: number;
  /** TCP port of the appchain's HTTP and WebSocket server. 0 (default): a free one. */
  readonly appchainPort?: number;
  /** Default 1000. */
  readonly blockTime?: BlockTime;
  /** Hardfork of the settlement chain, an OP stack name. Default `isthmus`, that of Base. */
  readonly settlementHardfork?: string;
  /** Hardfork of the appchain. Default `cancun`: later ones refuse a 200,000-byte payload in 6,000,000 gas. */
  readonly appchainHardfork?: string;
  /** Unlocked, funded accounts on either chain. Default 20. */
  readonly accountCount?: number;
  /** Makes the appchain an Orbit chain. Its accounts then have nothing but what is deposited for them. */
  readonly orbit?: OrbitConfig;
  /**
   * A folder that keeps both chains. They go on from there at the next start, whatever ended this one. Without it they
   * end with the process.
   */
  readonly state?: string;
  /** Milliseconds between two blocks while nothing waits for one. Default: as `blockTime`, but a minute with `state`. */
  readonly idleBlockTime?: number;
}

export type { BlockTime } from "./blockProducer.ts";

export interface RunningChain {
  readonly url: string;
  readonly wsUrl: string;
  readonly port: number;
  readonly chainId: number;
  /** The same chain without the network in between. */
  readonly provider: EthereumProvider;
  /** Makes all blocks. */
  readonly producer: BlockProducer;
  /** Puts a layer in front of what clients ask this chain, in this process and over the network. */
  addLayer(layer: RpcLayer): void;
  /** Changes how blocks are made from now on. */
  setBlockTime(blockTime: BlockTime): Promise<void>;
}

export interface RunningChains {
  readonly settlement: RunningChain;
  readonly appchain: RunningChain;
  /** The same on both chains; 10,000 native tokens each, but none on the appchain if it is an Orbit chain. */
  readonly accounts: readonly DevnetAccount[];
  /** Cuts every client and frees the ports. May be called again. @throws {DevnetError} `STOP_TIMEOUT`. */
  stop(): Promise<void>;
}

/**
 * Starts the settlement chain and the appchain in this process, each serving HTTP and WebSocket on one loopback port.
 *
 * Resolves once both answer over HTTP and have a block.
 *
 * @throws {DevnetError} `PORT_TAKEN` or `PORT_REFUSED`, before anything is started; `STATE_IN_USE`, `STATE_DIFFERS`
 * @throws {XmtpError} `INVALID_OPTION`
 * @example
 * const chains = await startChains({ blockTime: 250 });
 * console.log(chains.appchain.url); // http://127.0.0.1:40123
 * await chains.stop();
 */
export async function startChains({
  settlementPort = 0,
  appchainPort = 0,
  blockTime = 1000,
  settlementHardfork = "isthmus",
  appchainHardfork = "cancun",
  accountCount = 20,
  orbit,
  state: folder,
  idleBlockTime = folder === undefined ? 0 : KEPT_IDLE_BLOCK_TIME,
}: ChainsConfig = {}): Promise<RunningChains> {
  parseInteger(accountCount, "accountCount", 1, 1_000);
  parseInteger(idleBlockTime, "idleBlockTime", 0);
  parseBlockTime(blockTime);
  await requireFreePort(HOST, settlementPort);
  await requireFreePort(HOST, appchainPort);

  const accounts = devnetAccounts(accountCount);
  const settings = {
    settlement: settlementSettings({ hardfork: settlementHardfork, accounts, orbit }),
    appchain: appchainSettings({ hardfork: appchainHardfork, accounts, orbit }),
  };
  const devnet = createDevnetPlugin();
  const sockets = trackSockets();
  const servers: JsonRpcServer[] = [];
  const producers: ReturnType<typeof createBlockProducer>[] = [];
  const state = folder === undefined ? undefined : openStateFolder(folder);
  const stop = stopChains({ servers, producers, plugin: devnet, sockets, state });

  const startChain = async (
    network: HardhatRuntimeEnvironment["network"],
    name: keyof typeof settings,
    port: number,
    journal?: Journal,
    system?: OrbitConfig,
  ): Promise<RunningChain> => {
    const server = await network.createServer(name, HOST, port);
    const connection = devnet.connections.get(name);
    if (connection === undefined)
      throw new Error(`Hardhat made no connection to the network ${name}`);
    const askNode = devnet.askNode(connection);
    if (system) await placeSystem(askNode, system);
    const baseFee = system && ORBIT_BASE_FEE;
    const waiting = journal && (await replay({ askNode, journal, baseFee }));
    const producer = createBlockProducer({ askNode, journal, baseFee, waiting, idleBlockTime });
    devnet.addLayer(name, producer.layer);
    devnet.holdEvents(connection, producer.visible);
    producers.push(producer);
    producer.setBlockTime(blockTime);

    const { port: boundPort } = await server.listen();
    servers.push(server);
    sockets.watch(boundPort);
    const url = `http://${HOST}:${boundPort}`;
    const { chainId } = settings[name];
    await requireAnswer(url, chainId);
    return {
      url,
      wsUrl: `ws://${HOST}:${boundPort}`,
      port: boundPort,
      chainId,
      provider: connection.provider,
      producer,
      addLayer: (layer) => devnet.addLayer(name, layer),
      setBlockTime: async (next) => {
        parseBlockTime(next);
        producer.setBlockTime(next);
      },
    };
  };

  let starting: readonly Promise<RunningChain>[] = [];
  try {
    const journals = {
      settlement: state?.openJournal("settlement", genesisFacts(settings.settlement)),
      appchain: state?.openJournal("appchain", genesisFacts(settings.appchain, orbit)),
    };
    const { network } = await createHardhatRuntimeEnvironment(
      {
        // A folder without build infos. A chain that knows the contracts' sources starts slower and words their errors
        // unlike any real chain; clients decode errors from the revert data.
        paths: { artifacts: import.meta.dirname },
        networks: {
          settlement: { ...settings.settlement, ...startOf(journals.settlement) },
          appchain: { ...settings.appchain, ...startOf(journals.appchain) },
        },
        plugins: [devnet.plugin],
      },
      {},
      import.meta.dirname,
    );
    const both = [
      startChain(network, "settlement", settlementPort, journals.settlement),
      startChain(network, "appchain", appchainPort, journals.appchain, orbit),
    ] as const;
    starting = both;
    const [settlement, appchain] = await Promise.all(both);
    return { settlement, appchain, accounts, stop };
  } catch (error) {
    await Promise.allSettled(starting); // nothing may start behind the back of stop
    await stop();
    throw error;
  }
}

/** A chain that is made again begins when it began. */
function startOf(journal: Journal | undefined): { readonly initialDate?: Date } {
  return journal ? { initialDate: new Date(journal.genesisTime * 1000) } : {};
}

/** The server has to answer from the outside, with the chain's own id and its genesis block. */
async function requireAnswer(url: string, chainId: number): Promise<void> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", connection: "close" },
    body: JSON.stringify([
      { jsonrpc: "2.0", id: 1, method: "eth_chainId", params: [] },
      { jsonrpc: "2.0", id: 2, method: "eth_getBlockByNumber", params: ["latest", false] },
    ]),
  });
  const [answeredId, block] = (await response.json()) as { result?: unknown }[];
  if (
    answeredId?.result !== `0x${chainId.toString(16)}` ||
    block?.result === undefined ||
    block.result === null
  ) {
    throw new Error(`the devnet server at ${url} does not answer for chain ${chainId}`);
  }
}
