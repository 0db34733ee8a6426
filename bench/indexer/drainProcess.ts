/**
 * Asks for logs and parses the answers, and keeps nothing: what no indexer can be faster than. A process of its own.
 * Told the ranges by its parent, it answers with the seconds from the first request to the last event.
 */
import { Agent, request } from "node:http";

import type { BlockRange } from "./chain/createChainRpc.ts";

export interface DrainRequest {
  readonly url: string;
  readonly address: string;
  readonly topic: string;
  /** Asked for one after another: more at once are not faster, as parsing is what takes the time. */
  readonly ranges: readonly BlockRange[];
}

export interface DrainResult {
  readonly events: number;
  readonly seconds: number;
}

process.on("disconnect", () => process.exit());
process.on("message", (order: DrainRequest) => {
  void drain(order).then((result) => {
    // Its parent looks at how much it took before it lets it end.
    process.send?.(result satisfies DrainResult);
  });
});

async function drain({ url, address, topic, ranges }: DrainRequest): Promise<DrainResult> {
  const agent = new Agent({ keepAlive: true });
  const began = performance.now();
  let events = 0;

  for (const { fromBlock, toBlock } of ranges) {
    const filter = { address, topics: [topic], fromBlock: hex(fromBlock), toBlock: hex(toBlock) };
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "eth_getLogs", params: [filter] });
    const answer = JSON.parse(await post(url, body, agent)) as { result: unknown[] };
    events += answer.result.length;
  }

  const seconds = (performance.now() - began) / 1000;
  agent.destroy();
  return { events, seconds };
}

function post(url: string, body: string, agent: Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      { method: "POST", agent, headers: { "content-type": "application/json" } },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () => resolve(Buffer.concat(chunks).toString("utf8")));
        response.on("error", reject);
      },
    );
    sent.on("error", reject);
    sent.end(body);
  });
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}
