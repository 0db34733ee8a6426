import { encodeFunctionData, numberToHex, padHex, toHex, type Address, type Hex } from "viem";

import {
  groupMessagesAbi,
  identityUpdatesAbi,
  settlementParametersAbi,
} from "../../src/abi/index.ts";
import type { AddressBook } from "../../src/deployment/addressBook.ts";
import type { RunningChain } from "../../src/devnet/chains.ts";
import type { ChainName } from "../../src/indexer/chain/contracts.ts";
import { emptyChains } from "./emptyChains.ts";
import { envelopeOf } from "./identity/envelopeOf.ts";
import { vectors } from "./identity/vectors.ts";

const GAS = 20_000_000n;

/** A chain that grows and forgets on demand. */
export interface SteeredChain {
  readonly name: ChainName;
  readonly running: RunningChain;
  readonly url: string;
  readonly webSocketUrl: string;
  head(): Promise<number>;
  /** Sends from the deployer, into a block of its own. */
  send(to: Address, data: Hex): Promise<void>;
  /** Blocks with some random events of ours, or without any. */
  grow(blocks: number, events?: number): Promise<void>;
  /** Blocks without events. */
  mine(blocks: number): Promise<void>;
  /**
   * Goes back so many blocks, but none that was not made here, and makes at least as many others.
   *
   * @returns the last block that stayed
   */
  reorg(depth: number, whileShorter?: () => Promise<void>): Promise<number>;
}

export interface IndexedNetwork {
  readonly addresses: AddressBook;
  readonly appchain: SteeredChain;
  readonly settlement: SteeredChain;
  addMessages(payloads: readonly Uint8Array[], groupId?: Hex): Promise<void>;
  addIdentityUpdates(inboxId: Hex, updates: readonly Uint8Array[]): Promise<void>;
  setParameters(chain: ChainName, entries: readonly [key: string, value: Hex][]): Promise<void>;
  /** Takes both chains back to how they were after the deployment. */
  reset(): Promise<void>;
  stop(): Promise<void>;
}

/** A network on two chains of its own, which publishes what `random` says. */
export async function startIndexedNetwork(random: () => number): Promise<IndexedNetwork> {
  const chains = await emptyChains();
  const { appchain: settings } = chains.parameters;
  const { addressBook: addresses } = await chains.deploy({
    parameters: {
      ...chains.parameters,
      appchain: {
        ...settings,
        groupMessages: { ...settings.groupMessages, minPayloadSize: 1 },
        identityUpdates: { ...settings.identityUpdates, minPayloadSize: 1 },
      },
    },
  });
  const { deployer } = chains;

  /** Taken before each block that may be forgotten; those above the one that is gone back to are gone. */
  const snapshotsOf: Record<ChainName, { readonly block: number; readonly id: Hex }[]> = {
    settlement: [],
    appchain: [],
  };
  const steer = (name: ChainName, publish: (events: number) => Promise<void>): SteeredChain => {
    const running = chains.chains[name];
    const { provider } = running;
    const request = <T>(method: string, ...params: unknown[]): Promise<T> =>
      provider.request({ method, params }) as Promise<T>;
    const head = async () => Number(await request<Hex>("eth_blockNumber"));
    const snapshots = snapshotsOf[name];
    const remember = async () => {
      snapshots.push({ block: await head(), id: await request<Hex>("evm_snapshot") });
    };
    const mine = async (blocks: number): Promise<void> => {
      for (let block = 0; block < blocks; block++) {
        await remember();
        await request("evm_mine");
      }
    };

    return {
      name,
      running,
      url: running.url,
      webSocketUrl: running.wsUrl,
      head,
      send: async (to, data) => {
        await remember();
        const transaction = { from: deployer, to, data, gas: numberToHex(GAS) };
        const hash = await request<Hex>("eth_sendTransaction", transaction);
        const receipt = await request<{ status: Hex }>("eth_getTransactionReceipt", hash);
        if (receipt.status !== "0x1") throw new Error(`the transaction ${hash} failed`);
      },
      mine,
      grow: async (blocks, events = 4) => {
        for (let block = 0; block < blocks; block++) {
          if (random() < 0.3) await mine(1);
          else await publish(1 + Math.floor(random() * events));
        }
      },
      reorg: async (depth, whileShorter = async () => undefined) => {
        const before = await head();
        while (snapshots.length > 1 && (snapshots.at(-1)?.block ?? -1) > before - depth) {
          snapshots.pop();
        }
        const target = snapshots.pop();
        if (target === undefined) throw new Error("no block was made here that could be forgotten");
        await request("evm_revert", target.id);
        // Another time makes other blocks, even of the same transactions.
        await request("evm_increaseTime", 1 + Math.floor(random() * 1_000));
        await whileShorter();
        while ((await head()) < before) {
          if (random() < 0.5) await publish(1 + Math.floor(random() * 3));
          else await mine(1);
        }
        return target.block;
      },
    };
  };

  const bytes = (least: number, most: number): Uint8Array =>
    Uint8Array.from({ length: least + Math.floor(random() * (most - least)) }, () =>
      Math.floor(random() * 256),
    );
  const addMessages: IndexedNetwork["addMessages"] = async (
    payloads,
    groupId = toHex(Math.floor(random() * 5), { size: 16 }),
  ) => {
    const data = encodeFunctionData({
      abi: groupMessagesAbi,
      functionName: "addMessages",
      args: [payloads.map(() => groupId), payloads.map((payload) => toHex(payload))],
    });
    await appchain.send(addresses.groupMessageBroadcaster, data);
  };
  const addIdentityUpdates: IndexedNetwork["addIdentityUpdates"] = async (inboxId, updates) => {
    const data = encodeFunctionData({
      abi: identityUpdatesAbi,
      functionName: "addIdentityUpdates",
      args: [updates.map(() => inboxId), updates.map((update) => toHex(update))],
    });
    await appchain.send(addresses.identityUpdateBroadcaster, data);
  };
  const setParameters: IndexedNetwork["setParameters"] = async (name, entries) => {
    const data = encodeFunctionData({
      abi: settlementParametersAbi,
      functionName: "set",
      args: [entries.map(([key]) => key), entries.map(([, value]) => value)],
    });
    if (name === "appchain") await appchain.send(addresses.appChainParameterRegistry, data);
    else await settlement.send(addresses.settlementChainParameterRegistry, data);
  };
  const randomEntries = (count: number): [string, Hex][] =>
    Array.from({ length: count }, () => [
      `xmtp.test.key${Math.floor(random() * 10)}`,
      padHex(toHex(Math.floor(random() * 2 ** 32)), { size: 32 }),
    ]);
  const publishIdentity = async (count: number): Promise<void> => {
    const scenario = vectors.scenarios[Math.floor(random() * vectors.scenarios.length)];
    if (scenario === undefined) throw new Error("there are no scenarios");
    const first = Math.floor(random() * scenario.updates.length);
    const updates = scenario.updates
      .slice(first, first + count)
      .map(({ identityUpdate }) =>
        envelopeOf(Buffer.from(identityUpdate.slice(2), "hex"), scenario.inboxId),
      );
    if (random() < 0.2) updates.push(bytes(1, 100));
    await addIdentityUpdates(`0x${scenario.inboxId}`, updates);
  };

  const appchain = steer("appchain", async (events) => {
    const choice = random();
    if (choice < 0.6) {
      await addMessages(Array.from({ length: events }, () => bytes(1, 300)));
    } else if (choice < 0.9) await publishIdentity(events);
    else await setParameters("appchain", randomEntries(events));
  });
  const settlement = steer("settlement", (events) =>
    setParameters("settlement", randomEntries(events)),
  );

  const both = [settlement, appchain];
  const rememberAll = (): Promise<unknown[]> =>
    Promise.all(
      both.map(
        ({ running }) => running.provider.request({ method: "evm_snapshot" }) as Promise<unknown>,
      ),
    );
  let remembered = await rememberAll();

  return {
    addresses,
    appchain,
    settlement,
    addMessages,
    addIdentityUpdates,
    setParameters,
    reset: async () => {
      for (const [index, { name, running }] of both.entries()) {
        await running.provider.request({ method: "evm_revert", params: [remembered[index]] });
        snapshotsOf[name].length = 0;
      }
      remembered = await rememberAll();
    },
    stop: chains.stop,
  };
}
