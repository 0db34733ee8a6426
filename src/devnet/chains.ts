import { createHardhatRuntimeEnvironment } from "hardhat/hre";
import type { EdrNetworkUserConfig, HardhatUserConfig } from "hardhat/types/config";
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
import { createDevnetPlugin, type RpcLayer } from "./devnetPlugin.ts";
import { ORBIT_BASE_FEE, placeSystem, SEQUENCER_ACCOUNT, type OrbitConfig } from "./orbit.ts";
import { requireFreePort } from "./requireFreePort.ts";
import { rollupAccounts } from "./rollup/rollupAccounts.ts";
import { stopChains } from "./stopChains.ts";
import { trackSockets } from "./trackSockets.ts";

const HOST = "127.0.0.1";
/** Not 31337: nothing is to be confused with somebody's default development node. */
export const SETTLEMENT_CHAIN_ID = 31338;
export const APPCHAIN_CHAIN_ID = 31339;
/** Gas; ten times what the gateway of xmtpd gives one publish. */
const BLOCK_GAS_LIMIT = 60_000_000;
/** Wei per gas in the first block. EDR lowers it by up to an eighth per empty block. */
const INITIAL_BASE_FEE = 1_000_000_000;
/** Wei per account and chain: 10,000 native tokens. */
const ACCOUNT_BALANCE = 10_000n * 10n ** 18n;

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
 * @throws {DevnetError} `PORT_TAKEN` or `PORT_REFUSED`, before anything is started
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
}: ChainsConfig = {}): Promise<RunningChains> {
  parseInteger(accountCount, "accountCount", 1, 1_000);
  parseBlockTime(blockTime);
  await requireFreePort(HOST, settlementPort);
  await requireFreePort(HOST, appchainPort);

  const accounts = devnetAccounts(accountCount);
  const devnet = createDevnetPlugin();
  const hardhatConfig = {
    // A folder without build infos. A chain that knows the contracts' sources starts slower and words their errors
    // unlike any real chain; clients decode errors from the revert data.
    paths: { artifacts: import.meta.dirname },
    networks: {
      settlement: {
        chainType: "op",
        chainId: SETTLEMENT_CHAIN_ID,
        hardfork: settlementHardfork,
        accounts: [...accounts, ...(orbit ? Object.values({ ...rollupAccounts() }) : [])].map(
          funded,
        ),
        ...COMMON_SETTINGS,
      },
      appchain: {
        chainType: "l1",
        chainId: APPCHAIN_CHAIN_ID,
        hardfork: appchainHardfork,
        accounts: accounts.map(orbit ? penniless : funded),
        ...COMMON_SETTINGS,
        ...(orbit && {
          coinbase: SEQUENCER_ACCOUNT,
          initialBaseFeePerGas: Number(ORBIT_BASE_FEE),
        }),
      },
    },
    plugins: [devnet.plugin],
  } satisfies HardhatUserConfig;
  const hre = await createHardhatRuntimeEnvironment(hardhatConfig, {}, import.meta.dirname);

  const sockets = trackSockets();
  const servers: JsonRpcServer[] = [];
  const producers: ReturnType<typeof createBlockProducer>[] = [];
  const stop = stopChains({ servers, producers, plugin: devnet, sockets });

  const serve = async (
    name: string,
    chainId: number,
    port: number,
    orbitOfChain?: OrbitConfig,
  ): Promise<RunningChain> => {
    const server = await hre.network.createServer(name, HOST, port);
    const connection = devnet.connections.get(name);
    if (connection === undefined)
      throw new Error(`Hardhat made no connection to the network ${name}`);
    const askNode = devnet.askNode(connection);
    if (orbitOfChain) await placeSystem(askNode, orbitOfChain);
    const producer = createBlockProducer({
      askNode,
      ...(orbitOfChain && { baseFee: ORBIT_BASE_FEE }),
    });
    devnet.addLayer(name, producer.layer);
    producers.push(producer);
    producer.setBlockTime(blockTime);

    const { port: boundPort } = await server.listen();
    servers.push(server);
    sockets.watch(boundPort);
    const url = `http://${HOST}:${boundPort}`;
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

  const starting = [
    serve("settlement", SETTLEMENT_CHAIN_ID, settlementPort),
    serve("appchain", APPCHAIN_CHAIN_ID, appchainPort, orbit),
  ] as const;
  try {
    const [settlement, appchain] = await Promise.all(starting);
    return { settlement, appchain, accounts, stop };
  } catch (error) {
    await Promise.allSettled(starting); // nothing may start behind the back of stop
    await stop();
    throw error;
  }
}

const funded = ({ privateKey }: DevnetAccount) => ({ privateKey, balance: ACCOUNT_BALANCE });
const penniless = ({ privateKey }: DevnetAccount) => ({ privateKey, balance: 0n });

const COMMON_SETTINGS = {
  type: "edr-simulated",
  blockGasLimit: BLOCK_GAS_LIMIT,
  initialBaseFeePerGas: INITIAL_BASE_FEE,
  // Blocks less than a second apart must not push the chain's clock into the future.
  allowBlocksWithSameTimestamp: true,
  // A failing transaction gets a hash and a receipt with status 0, as on any other chain.
  throwOnTransactionFailures: false,
  // The block producer mines.
  mining: { auto: false, interval: 0, mempool: { order: "fifo" } },
} satisfies Partial<EdrNetworkUserConfig>;

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
