import { createEndpoints, type Endpoints } from "./chain/createEndpoints.ts";
import type { Database } from "./database/database.ts";
import type { FollowedChain } from "./runIndexing.ts";
import { hasSchema } from "./store/hasSchema.ts";
import { CHANNEL } from "./store/progress.ts";

/** Milliseconds between two looks, in case no notice comes. */
const POLL_MS = 250;

/** Waits until the database has what the chains have by now. It tells, so it does not matter which process writes. */
export async function waitUntilCaughtUp(
  database: Database,
  chains: readonly FollowedChain[],
  signal: AbortSignal,
): Promise<void> {
  let wake = (): void => undefined;
  const stopListening = await database.listen(CHANNEL, () => wake());
  /** By chain: the block to reach. A reorganisation may have made the chain shorter since. */
  const goals = new Map<string, number>();
  const nodes = chains.map(({ chain, config }) => ({
    name: chain.name,
    endpoints: createEndpoints(config.rpcUrls, config.timeoutMs),
  }));

  try {
    while (!signal.aborted) {
      let timer: NodeJS.Timeout | undefined;
      const news = new Promise<void>((resolve) => {
        wake = resolve;
        timer = setTimeout(resolve, POLL_MS);
      });
      await lowerGoals(nodes, goals);
      const isThere = await hasReached(database, chains, goals);
      if (!isThere) await news;
      clearTimeout(timer);
      if (isThere) return;
    }
  } finally {
    await stopListening();
  }
}

async function lowerGoals(
  nodes: readonly { readonly name: string; readonly endpoints: Endpoints }[],
  goals: Map<string, number>,
): Promise<void> {
  for (const { name, endpoints } of nodes) {
    const head = await endpoints
      .rpc()
      .call("eth_blockNumber")
      .catch(() => undefined);
    // A node that does not answer now will, or another one does, or the indexer gives up.
    if (typeof head === "string")
      goals.set(name, Math.min(Number(head), goals.get(name) ?? Infinity));
    else endpoints.rotate();
  }
}

async function hasReached(
  database: Database,
  chains: readonly FollowedChain[],
  goals: ReadonlyMap<string, number>,
): Promise<boolean> {
  if (!(await hasSchema(database))) return false;
  const rows = await database.query<{ name: string; next_block: bigint }>(
    "select name, next_block from chains where is_caught_up",
  );
  const reached = new Map(rows.map(({ name, next_block }) => [name, Number(next_block)]));
  const areThere = chains.every(
    ({ chain }) => (reached.get(chain.name) ?? -1) > (goals.get(chain.name) ?? Infinity),
  );
  if (!areThere) return false;
  const pending = await database.query(
    `select 1 from identity_updates
      where position > coalesce((select position from projections where name = 'identity'), -1) limit 1`,
  );

  return pending.length === 0;
}
