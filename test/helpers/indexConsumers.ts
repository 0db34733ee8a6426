import { setTimeout as sleep } from "node:timers/promises";

import { expect } from "chai";
import { numberToHex } from "viem";

import { indexedChain, type ChainName } from "../../src/indexer/chain/contracts.ts";
import type { Database } from "../../src/indexer/database/database.ts";
import type { RawLog } from "../../src/publisher/parseReceipt.ts";
import { createIndexConsumer, type ConsumedEvent, type IndexConsumer } from "./indexConsumer.ts";
import type { IndexedNetwork } from "./indexedNetwork.ts";

const CHAINS = ["settlement", "appchain"] as const;
/** A notice takes no longer, and without one a consumer looks again after five seconds. */
const PATIENCE_MS = 10_000;

/** A consumer of each chain. */
export interface IndexConsumers {
  readonly of: Readonly<Record<ChainName, IndexConsumer>>;
  follow(database: Database): { stop(): Promise<void> };
  /** Waits until they have what the nodes say that is there: each event once, and in order. */
  expectWhole(network: IndexedNetwork, label?: string): Promise<void>;
}

export function createIndexConsumers(): IndexConsumers {
  const of = {
    settlement: createIndexConsumer("settlement"),
    appchain: createIndexConsumer("appchain"),
  };

  return {
    of,
    follow: (database) => {
      const followings = CHAINS.map((name) => of[name].follow(database));
      return {
        stop: async () => {
          await Promise.all(followings.map((following) => following.stop()));
        },
      };
    },
    expectWhole: async (network, label = "") => {
      for (const name of CHAINS) await expectEvents(of[name].events, network, name, label);
    },
  };
}

/** Waits until somebody has the events of a chain: each once, and in order. */
export async function expectEvents(
  events: readonly ConsumedEvent[],
  network: IndexedNetwork,
  name: ChainName,
  label = "",
): Promise<void> {
  const expected = await readEvents(network, name);
  expect(expected, label).not.to.deep.equal([]);
  const last = JSON.stringify(expected.at(-1));
  const deadline = performance.now() + PATIENCE_MS;
  const isWhole = () => events.length === expected.length && JSON.stringify(events.at(-1)) === last;
  while (!isWhole() && performance.now() < deadline) await sleep(10);

  expect(events, `${label} events of the ${name}`).to.deep.equal(expected);
}

async function readEvents(network: IndexedNetwork, name: ChainName): Promise<ConsumedEvent[]> {
  const { contracts, fromBlock } = indexedChain(name, network.addresses);
  const filter = {
    address: contracts.map(({ address }) => address),
    fromBlock: numberToHex(fromBlock),
    toBlock: "latest",
  };
  const logs = (await network[name].running.provider.request({
    method: "eth_getLogs",
    params: [filter],
  })) as RawLog[];

  return logs.map(({ blockNumber, logIndex, transactionHash }) => ({
    blockNumber: Number(blockNumber),
    logIndex: Number(logIndex),
    transactionHash,
  }));
}
