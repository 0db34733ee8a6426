// The devnet in a process of its own, for tests that kill it: `bridgeProcess.ts <orders as JSON>`.
import { writeSync } from "node:fs";

import { startDevnet } from "../../deploy/devnet.ts";
import type { AddressBook } from "../../src/deployment/addressBook.ts";

/** How a devnet starts, and where its life ends. */
export interface DevnetOrders {
  /** Folder with its state. */
  readonly state: string;
  /** 0: any. */
  readonly settlementPort: number;
  readonly appchainPort: number;
  /** Ends between two steps of the relayer, unless it has done so between the same two before. */
  readonly endedBetween?: readonly string[];
  /** Ends right after so many blocks of both chains, counted once it is ready. */
  readonly blocks?: number;
}

/** What it says when it is ready. */
export interface ReadyDevnet {
  readonly settlementPort: number;
  readonly appchainPort: number;
  readonly addresses: AddressBook;
}

// Test runners import every file below `test`; only a process of its own has arguments.
if (process.argv[1] === import.meta.filename)
  await run(JSON.parse(process.argv[2] ?? "{}") as DevnetOrders);

async function run({ endedBetween, blocks, ...config }: DevnetOrders): Promise<void> {
  let previous = "start";
  const devnet = await startDevnet({
    ...config,
    blockTime: "automine",
    assertionIntervalMs: 100,
    beforeRelayStep: (step) => {
      const between = `${previous}, ${step}`;
      // What comes first in a life is what the last one ended before.
      const isKnown = previous === "start" || endedBetween?.includes(between);
      previous = step;
      if (endedBetween === undefined || isKnown === true) return;
      say(`between ${between}`);
      end();
    },
  });
  if (blocks !== undefined) {
    let left = blocks;
    for (const { producer } of [devnet.settlement, devnet.appchain]) {
      producer.onBlock(() => {
        left -= 1;
        if (left === 0) end();
      });
    }
  }
  process.once("SIGTERM", () => void devnet.stop());

  const ready: ReadyDevnet = {
    settlementPort: devnet.settlement.port,
    appchainPort: devnet.appchain.port,
    addresses: devnet.addresses,
  };
  say(`ready ${JSON.stringify(ready)}`);
}

/** Nothing of it may be lost with the process. */
function say(line: string): void {
  writeSync(process.stdout.fd, `${line}\n`);
}

function end(): void {
  process.kill(process.pid, "SIGKILL");
}
