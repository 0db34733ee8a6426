/**
 * The indexer in a process of its own, whose time and memory are measured. Told by its parent what to index, it says when it
 * has caught up, and answers how many rows it has.
 */
import { startIndexer, type Indexer } from "../../src/indexer/startIndexer.ts";
import type { AddressBook } from "../../src/deployment/addressBook.ts";
import type { Place } from "./engine.ts";

export type IndexerRequest =
  | {
      readonly kind: "start";
      readonly place: Place;
      readonly addresses: AddressBook;
      readonly url: string;
      readonly webSocketUrl: string;
    }
  | { readonly kind: "count" };

export type IndexerMessage =
  { readonly kind: "caughtUp" } | { readonly kind: "rows"; readonly rows: number };

let indexer: Indexer | undefined;

process.on("message", (request: IndexerRequest) => {
  // What fails ends the process, and its exit is what the parent hears of.
  void (request.kind === "start" ? start(request) : count());
});
process.on("disconnect", () => process.exit());

async function start({
  place,
  addresses,
  url,
  webSocketUrl,
}: Extract<IndexerRequest, { kind: "start" }>): Promise<void> {
  indexer = await startIndexer({
    database: place,
    addresses,
    chains: { appchain: { rpcUrls: [url], webSocketUrl } },
  });
  await indexer.caughtUp();
  tell({ kind: "caughtUp" });
}

async function count(): Promise<void> {
  const rows = await indexer?.database.query<{ rows: bigint }>(
    "select count(*) as rows from group_messages",
  );
  tell({ kind: "rows", rows: Number(rows?.[0]?.rows ?? 0n) });
}

function tell(message: IndexerMessage): void {
  process.send?.(message);
}
