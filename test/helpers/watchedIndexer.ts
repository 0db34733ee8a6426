import { setTimeout as sleep } from "node:timers/promises";

import { expect } from "chai";
import { numberToHex, type Hex } from "viem";

import type { ChainName } from "../../src/indexer/chain/contracts.ts";
import type { ChainConfig } from "../../src/indexer/config.ts";
import {
  openDatabase,
  type Database,
  type DatabaseLocation,
} from "../../src/indexer/database/database.ts";
import {
  startIndexer,
  type Indexer,
  type IndexerEvent,
  type StartIndexerParameters,
} from "../../src/indexer/startIndexer.ts";
import { verifyIndex } from "../../src/indexer/verifyIndex.ts";
import type { IndexedNetwork } from "./indexedNetwork.ts";

/** More than any reorganisation of the tests. */
export const FINALITY = 70;
export const CHAINS = ["settlement", "appchain"] as const;
const PATIENCE_MS = 30_000;

/** An indexer, two consumers of what it stores, and all it says. */
export interface WatchedIndexer {
  readonly indexer: Indexer;
  readonly said: readonly IndexerEvent[];
  /** Resolves once something was said that fits. */
  heard(fits: (event: IndexerEvent) => boolean): Promise<void>;
  stop(): Promise<void>;
}

/** Both chains by their own URLs, as the tests index them. */
export function configOf(
  network: IndexedNetwork,
  changes: Partial<Record<ChainName, Partial<ChainConfig>>> = {},
): StartIndexerParameters["chains"] {
  const common = { finality: FINALITY, hasAllHeaders: true, pollIntervalMs: 50, timeoutMs: 300 };

  return {
    settlement: { rpcUrls: [network.settlement.url], ...common, ...changes.settlement },
    appchain: { rpcUrls: [network.appchain.url], ...common, ...changes.appchain },
  };
}

export async function watchIndexer(parameters: StartIndexerParameters): Promise<WatchedIndexer> {
  const said: IndexerEvent[] = [];
  const waiting = new Set<() => void>();
  const indexer = await startIndexer({
    ...parameters,
    onEvent: (event) => {
      said.push(event);
      for (const look of [...waiting]) look();
    },
  });

  return {
    indexer,
    said,
    heard: (fits) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          waiting.delete(look);
          reject(new Error(`never heard: ${describe(said.at(-1))}`));
        }, PATIENCE_MS);
        const look = (): void => {
          if (!said.some(fits)) return;
          clearTimeout(timer);
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
        indexer.done.catch(reject);
      }),
    stop: () => indexer.stop(),
  };
}

function describe(event: IndexerEvent | undefined): string {
  return event?.type === "retrying" ? event.error.message : JSON.stringify(event);
}

/** Waits until a database has both chains as they are now, and every identity update of them decided. */
export async function reachHeads(database: Database, network: IndexedNetwork): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const missing: string[] = [];
    for (const name of CHAINS) {
      const chain = network[name];
      const head = await chain.head();
      const block = (await chain.running.provider.request({
        method: "eth_getBlockByNumber",
        params: [numberToHex(head), false],
      })) as { hash: Hex };
      const rows = await database
        .query(
          `select 1 from chains c join blocks b on b.chain = c.name and b.number = $2
            where c.name = $1 and c.next_block = $2 + 1 and b.hash = $3
              and (c.name = 'settlement' or not exists (select 1 from identity_updates where position >
                   coalesce((select position from projections where name = 'identity'), -1)))`,
          [name, head, Buffer.from(block.hash.slice(2), "hex")],
        )
        .catch(() => []);
      if (rows.length === 0) missing.push(`block ${head} of the ${name}`);
    }
    if (missing.length === 0) return;
    if (performance.now() > deadline) throw new Error(`not indexed: ${missing.join(", ")}`);
    await sleep(20);
  }
}

/** Compares every table with the chains, which must stand still, and no row may be above what is indexed. */
export async function expectWhole(
  location: DatabaseLocation,
  network: IndexedNetwork,
  label = "",
): Promise<void> {
  const { tables, differences } = await verifyIndex({
    database: location,
    addresses: network.addresses,
    chains: configOf(network, {
      settlement: { timeoutMs: 30_000 },
      appchain: { timeoutMs: 30_000 },
    }),
    includesUnfinalized: true,
  });
  expect(differences, label).to.deep.equal([]);
  expect([...tables.keys()].sort(), label).to.deep.equal([
    "blocks",
    "events",
    "group_messages",
    "identity_updates",
    "identity_verdicts",
    "inbox_members",
    "inbox_recoveries",
    "inbox_signatures",
  ]);
  for (const { table, missing, unexpected } of tables.values()) {
    expect({ table, missing, unexpected }, label).to.deep.equal({
      table,
      missing: 0,
      unexpected: 0,
    });
  }
  const database = await openDatabase(location);
  try {
    const above = await database.query(
      `select 'events' as kind, e.position from events e join chains c on c.name = e.chain
        where e.position >= c.next_block << 20
       union all select 'messages', position from group_messages, chains
        where name = 'appchain' and position >= next_block << 20
       union all select 'updates', position from identity_updates, chains
        where name = 'appchain' and position >= next_block << 20
       union all select 'blocks', number from blocks b join chains c on c.name = b.chain where number >= next_block`,
    );
    expect(above, label).to.deep.equal([]);
  } finally {
    await database.close();
  }
}
