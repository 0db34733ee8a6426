import { toHex, type Hex } from "viem";

import type { Database } from "../database/database.ts";
import type { Progress } from "../store/progress.ts";
import type { IndexedChain } from "./contracts.ts";

/** Hashes by number of the stored blocks that may still change, and of the newest one that may not. */
export async function readTrail(
  database: Database,
  chain: IndexedChain,
  { finalizedBlock }: Progress,
): Promise<Map<number, Hex>> {
  // At least one block below, for a chain that was reset and is not as long yet.
  const rows = await database.query<{ number: bigint; hash: Uint8Array }>(
    `select number, hash from blocks
      where chain = $1 and number >= least($2, (select max(number) from blocks where chain = $1))
      order by number`,
    [chain.name, finalizedBlock],
  );

  return new Map(rows.map(({ number, hash }) => [Number(number), toHex(hash)]));
}
