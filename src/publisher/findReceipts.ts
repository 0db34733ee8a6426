import { numberToHex } from "viem";

import { RpcNodeError, type Rpc } from "../chain/createRpc.ts";
import type { Entry } from "./createEntry.ts";
import { parseReceipt, receiptOfEvent, type RawLog, type Receipt } from "./parseReceipt.ts";

/**
 * What became of transactions, up to a block: by their first events where those are known, else by their receipts.
 *
 * @throws what `Rpc.batch` throws, `RpcNodeError` if the node refuses a receipt, `UNEXPECTED_RECEIPT`
 */
export async function findReceipts(
  rpc: Rpc,
  mined: readonly Entry[],
  head: number,
): Promise<Map<Entry, Receipt>> {
  const found = await findFirstEvents(rpc, mined, head);
  const lookups = mined
    .filter((entry) => !found.has(entry))
    .flatMap((entry) => entry.hashes.map((hash) => ({ entry, hash })));
  const answers = await rpc.batch(
    lookups.map(({ hash }) => ({ method: "eth_getTransactionReceipt", params: [hash] })),
  );
  answers.forEach((answer, index) => {
    const entry = lookups[index]?.entry;
    if (entry === undefined || answer === null) return;
    if (answer instanceof RpcNodeError) throw answer;
    found.set(entry, parseReceipt(answer));
  });

  return found;
}

async function findFirstEvents(
  rpc: Rpc,
  mined: readonly Entry[],
  head: number,
): Promise<Map<Entry, Receipt>> {
  const expecting = mined.filter(({ request }) => request.firstEvent !== undefined);
  const byHash = new Map(expecting.flatMap((entry) => entry.hashes.map((hash) => [hash, entry])));
  const fromBlock = Math.min(...expecting.map(({ notBeforeBlock }) => notBeforeBlock));
  // Not `Map.groupBy`: the library runs on Node 20.
  const groups = new Map<string, Entry[]>();
  for (const entry of expecting) {
    const { firstEvent } = entry.request;
    const key = `${firstEvent?.address} ${firstEvent?.topics[0]}`;
    groups.set(key, [...(groups.get(key) ?? []), entry]);
  }
  const answers = await rpc.batch(
    [...groups.values()].map((group) => ({
      method: "eth_getLogs",
      params: [
        {
          address: group[0]?.request.firstEvent?.address,
          topics: [
            group[0]?.request.firstEvent?.topics[0],
            [...new Set(group.map(({ request }) => request.firstEvent?.topics[1]))],
          ],
          fromBlock: numberToHex(fromBlock),
          toBlock: numberToHex(head),
        },
      ],
    })),
  );

  const found = new Map<Entry, Receipt>();
  // A node that refuses the range still has the receipts.
  for (const log of answers.flatMap((answer) =>
    Array.isArray(answer) ? (answer as RawLog[]) : [],
  )) {
    const entry = byHash.get(log.transactionHash);
    // Logs come in order: the first of a transaction is the first event of the call.
    if (entry !== undefined && !found.has(entry)) found.set(entry, receiptOfEvent(log));
  }

  return found;
}
