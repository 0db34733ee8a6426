/**
 * A chain that costs next to nothing to ask, in a process of its own: what is measured must not share a thread with it.
 * Arguments: the name of a set, and the address of the contract. Speaks with its parent by messages.
 */
import { setTimeout as sleep } from "node:timers/promises";

import { isAddress } from "viem";

import { createChain } from "./chain/createChain.ts";
import { createChainRpc, type RpcStatistics } from "./chain/createChainRpc.ts";
import { serveChain } from "./chain/serveChain.ts";
import { nowMicros } from "./nowMicros.ts";
import { findSet } from "./sets.ts";

export type ChainRequest =
  | { readonly kind: "statistics" }
  /** Adds so many blocks, one each interval. */
  | {
      readonly kind: "mine";
      readonly blocks: number;
      readonly events: number;
      readonly intervalMs: number;
    };

export type ChainMessage =
  | {
      readonly kind: "ready";
      readonly url: string;
      readonly webSocketUrl: string;
      readonly headNumber: number;
    }
  | ({ readonly kind: "statistics" } & RpcStatistics)
  | ({ readonly kind: "mined" } & MinedBlock)
  | { readonly kind: "minedAll" };

export interface MinedBlock {
  readonly number: number;
  readonly firstSequenceId: number;
  readonly lastSequenceId: number;
  /** Just before the block was to be seen; see `nowMicros`. */
  readonly atMicros: number;
}

const [setName = "", address = "", chainId = ""] = process.argv.slice(2);
if (!isAddress(address, { strict: false })) throw new Error(`"${address}" is no address`);

const set = findSet(setName);
const contract = address.toLowerCase() as `0x${string}`;
const chain = createChain(set, contract);
const rpc = createChainRpc(chain, contract, Number(chainId));
const server = await serveChain(chain, rpc);

process.on("message", (request: ChainRequest) => {
  if (request.kind === "mine") void mine(request);
  else tell({ kind: "statistics", ...rpc.takeStatistics() });
});
process.on("disconnect", () => process.exit());
tell({
  kind: "ready",
  url: server.url,
  webSocketUrl: server.webSocketUrl,
  headNumber: chain.headNumber(),
});

async function mine({
  blocks,
  events,
  intervalMs,
}: Extract<ChainRequest, { kind: "mine" }>): Promise<void> {
  const began = performance.now();
  for (let count = 1; count <= blocks; count++) {
    const atMicros = nowMicros();
    const { number, firstSequenceId } = server.mine(events);
    tell({
      kind: "mined",
      number,
      firstSequenceId,
      lastSequenceId: firstSequenceId + events - 1,
      atMicros,
    });
    await sleep(Math.max(0, began + count * intervalMs - performance.now()));
  }
  tell({ kind: "minedAll" });
}

function tell(message: ChainMessage): void {
  process.send?.(message);
}
