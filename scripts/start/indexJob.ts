import type { Address } from "viem";

import type { Devnet } from "../../deploy/devnet.ts";
import { startApi } from "../../src/indexer/api/startApi.ts";
import type { DatabaseLocation } from "../../src/indexer/database/database.ts";
import { findInboxes, type FoundInbox } from "../../src/indexer/read/findInboxes.ts";
import { readPayerAccount, type PayerAccount } from "../../src/indexer/read/readPayerAccount.ts";
import { readStatus, type IndexStatus } from "../../src/indexer/read/readStatus.ts";
import { startIndexer } from "../../src/indexer/startIndexer.ts";

/** What the index of a devnet answers. */
export interface IndexJob {
  /** Of the HTTP interface. */
  readonly url: string;
  /** Waits until everything is indexed that is on the chains by now, and asks for what people ask for. */
  ask(question: {
    readonly wallets: readonly Address[];
    readonly payers: readonly Address[];
  }): Promise<{
    readonly status: IndexStatus;
    readonly inboxes: readonly FoundInbox[];
    readonly accounts: readonly PayerAccount[];
  }>;
  stop(): Promise<void>;
}

/** Indexes both chains into a database inside this process, and serves it. */
export async function startIndexJob({
  devnet,
  database: location,
  port,
  onFailure,
}: {
  readonly devnet: Devnet;
  readonly database: DatabaseLocation;
  readonly port: number;
  readonly onFailure: (error: unknown) => void;
}): Promise<IndexJob> {
  const { addresses, settlement, appchain } = devnet;
  const indexer = await startIndexer({
    database: location,
    addresses,
    chains: {
      settlement: {
        rpcUrls: [settlement.url],
        webSocketUrl: settlement.wsUrl,
        hasAllHeaders: true,
      },
      appchain: { rpcUrls: [appchain.url], webSocketUrl: appchain.wsUrl },
    },
  });
  indexer.done.catch(onFailure);
  const { database } = indexer;
  const api = await startApi({ database, port });

  return {
    url: api.url,
    ask: async ({ wallets, payers }) => {
      await indexer.caughtUp();
      return {
        status: await readStatus({ database }),
        inboxes: await findInboxes({
          database,
          addresses: wallets.map((wallet) => wallet.toLowerCase()),
        }),
        accounts: await Promise.all(payers.map((payer) => readPayerAccount({ database, payer }))),
      };
    },
    stop: async () => {
      await api.stop();
      await indexer.stop();
    },
  };
}
