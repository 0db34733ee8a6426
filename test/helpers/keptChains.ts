// Chains that are kept, in a process of their own, for tests that kill it: `keptChains.ts <folder> <block time>`.
import { startChains, type BlockTime } from "../../src/devnet/chains.ts";

/** What the process tells once it has started. */
export interface KeptChains {
  readonly settlement: string;
  readonly appchain: string;
}

// Test runners import every file below `test`; only a process of its own has arguments.
if (process.argv[1] === import.meta.filename) {
  const [state = "", time = ""] = process.argv.slice(2);
  const blockTime: BlockTime = time === "automine" ? time : Number(time);
  const { settlement, appchain } = await startChains({ state, blockTime });
  process.send?.({ settlement: settlement.url, appchain: appchain.url } satisfies KeptChains);
}
