import { readFile } from "node:fs/promises";

import {
  createTestClient,
  createWalletClient,
  encodeDeployData,
  encodeFunctionData,
  http,
  numberToHex,
  padHex,
  parseEventLogs,
  stringToHex,
  type Abi,
  type Address,
  type Hex,
  type LocalAccount,
} from "viem";
import { privateKeyToAccount } from "viem/accounts";

import {
  appchainParametersAbi,
  groupMessagesAbi,
  nodesAbi,
  proxyFactoryAbi,
} from "../../src/abi/index.ts";
import { connectChain, type Chain } from "../../src/chain/connectChain.ts";
import { startChains, type BlockTime, type RunningChain } from "../../src/devnet/chains.ts";

export const MAX_PAYLOAD_SIZE = 262_144;

/** Both chains with the contracts behind proxies, the first account as deployer and admin of everything. */
export interface TestNetwork {
  readonly appchain: Chain;
  readonly settlement: Chain;
  readonly running: { readonly appchain: RunningChain; readonly settlement: RunningChain };
  readonly accounts: readonly LocalAccount[];
  readonly addresses: {
    readonly appchainParameters: Address;
    readonly settlementParameters: Address;
    readonly groupMessages: Address;
    readonly identityUpdates: Address;
    readonly nodes: Address;
  };
  /** Takes both chains back to how they were when the network started. */
  reset(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a network of its own for a test file: fresh chains, one block per transaction unless said otherwise. */
export async function startNetwork({
  minPayloadSize = 1,
  blockTime = "automine",
}: { minPayloadSize?: number; blockTime?: BlockTime } = {}): Promise<TestNetwork> {
  const chains = await startChains({ blockTime: "automine" });
  const accounts = chains.accounts.map(({ privateKey }) => privateKeyToAccount(privateKey));
  const [admin] = accounts;
  if (admin === undefined) throw new Error("the devnet has no accounts");

  const connect = ({ url, wsUrl, chainId }: RunningChain) =>
    connectChain({ url, webSocketUrl: wsUrl, chainId });
  const appchain = await connect(chains.appchain);
  const settlement = await connect(chains.settlement);

  const onAppchain = deployer(appchain, admin);
  const onSettlement = deployer(settlement, admin);
  const appchainParameters = await onAppchain.proxy("AppchainParameters", [], [[admin.address]]);
  const settlementParameters = await onSettlement.proxy(
    "SettlementParameters",
    [],
    [[admin.address]],
  );
  const groupMessages = await onAppchain.proxy("GroupMessages", [appchainParameters]);
  const identityUpdates = await onAppchain.proxy("IdentityUpdates", [appchainParameters]);
  const nodes = await onSettlement.proxy("Nodes", [settlementParameters]);

  const sizes = (name: string): [string, Hex][] => [
    [`xmtp.${name}.minPayloadSize`, numberToHex(minPayloadSize, { size: 32 })],
    [`xmtp.${name}.maxPayloadSize`, numberToHex(MAX_PAYLOAD_SIZE, { size: 32 })],
  ];
  await onAppchain.set(appchainParameters, [
    ...sizes("groupMessageBroadcaster"),
    ...sizes("identityUpdateBroadcaster"),
  ]);
  await onAppchain.send(groupMessages, updateAllData);
  await onAppchain.send(identityUpdates, updateAllData);
  await onSettlement.set(settlementParameters, [
    ["xmtp.nodeRegistry.admin", padHex(admin.address, { size: 32 })],
    ["xmtp.nodeRegistry.maxCanonicalNodes", numberToHex(20, { size: 32 })],
  ]);
  await onSettlement.send(nodes, encodeFunctionData({ abi: nodesAbi, functionName: "updateAll" }));
  const resetAppchain = await resetter(appchain);
  const resetSettlement = await resetter(settlement);
  if (blockTime !== "automine") {
    await chains.appchain.setBlockTime(blockTime);
    await chains.settlement.setBlockTime(blockTime);
  }

  return {
    appchain,
    settlement,
    running: chains,
    accounts,
    addresses: { appchainParameters, settlementParameters, groupMessages, identityUpdates, nodes },
    reset: async () => {
      await Promise.all([resetAppchain(), resetSettlement()]);
    },
    stop: () => chains.stop(),
  };
}

/** A snapshot can be used once: each reset takes the next. */
async function resetter(chain: Chain): Promise<() => Promise<void>> {
  const controls = chainControls(chain);
  let id = await controls.snapshot();

  return async () => {
    await controls.revert({ id });
    id = await controls.snapshot();
  };
}

/** Steers a chain of the devnet: mining, snapshots, base fee. */
export function chainControls({ url, client }: Chain) {
  return createTestClient({ mode: "hardhat", chain: client.chain, transport: http(url) });
}

const updateAllData = encodeFunctionData({ abi: groupMessagesAbi, functionName: "updateAll" });

/** Deploys build artifacts and proxies in front of them, and calls contracts, from one account. */
export function deployer({ client, url }: Chain, account: LocalAccount) {
  const wallet = createWalletClient({ account, chain: client.chain, transport: http(url) });
  const mined = async (hash: Hex) => {
    const receipt = await client.waitForTransactionReceipt({ hash, pollingInterval: 10 });
    if (receipt.status !== "success") throw new Error(`transaction ${hash} failed`);
    return receipt;
  };
  const create = async (name: string, args: readonly unknown[]): Promise<Address> => {
    const file = (await artifactFile(name)) as { abi: Abi; bytecode: Hex };
    const data = encodeDeployData({ abi: file.abi, bytecode: file.bytecode, args });
    const { contractAddress } = await mined(await wallet.sendTransaction({ data }));
    if (contractAddress === null || contractAddress === undefined) throw new Error(`no ${name}`);
    return contractAddress;
  };
  const send = async (to: Address, data: Hex) => mined(await wallet.sendTransaction({ to, data }));
  const factory = create("ProxyFactory", []);

  return {
    send,
    set: (registry: Address, entries: readonly [string, Hex][]) =>
      send(
        registry,
        encodeFunctionData({
          abi: appchainParametersAbi,
          functionName: "set",
          args: [entries.map(([key]) => key), entries.map(([, value]) => value)],
        }),
      ),
    proxy: async (name: string, constructorArgs: unknown[], initializeArgs: unknown[] = []) => {
      const factoryAddress = await factory;
      const implementation = await create(name, constructorArgs);
      const { abi } = (await artifactFile(name)) as { abi: Abi };
      const initialize = encodeFunctionData({
        abi,
        functionName: "initialize",
        args: initializeArgs,
      });
      const receipt = await send(
        factoryAddress,
        encodeFunctionData({
          abi: proxyFactoryAbi,
          functionName: "deployProxy",
          args: [stringToHex(name, { size: 32 }), implementation, initialize],
        }),
      );
      const [deployed] = parseEventLogs({
        abi: proxyFactoryAbi,
        eventName: "ProxyDeployed",
        logs: receipt.logs,
      });
      if (deployed === undefined) throw new Error(`no proxy of ${name}`);
      return deployed.args.proxy;
    },
  };
}

const FOLDERS: Readonly<Record<string, string>> = {
  AppchainParameters: "appchain",
  FeeToken: "settlement",
  GroupMessages: "appchain",
  IdentityUpdates: "appchain",
  MockUnderlyingFeeToken: "devnet",
  Nodes: "settlement",
  PayerReports: "settlement",
  Payers: "settlement",
  Rates: "settlement",
  Rewards: "settlement",
  SettlementParameters: "settlement",
  ProxyFactory: "common",
};

async function artifactFile(name: string): Promise<unknown> {
  const path = `../../artifacts/contracts/${FOLDERS[name]}/${name}.sol/${name}.json`;
  return JSON.parse(await readFile(new URL(path, import.meta.url), "utf8"));
}
