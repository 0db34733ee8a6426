import { MultiBar, Presets, type SingleBar } from "cli-progress";

import type { Output } from "../network/output.ts";

/** Milliseconds between two lines where there is no terminal to draw on. */
const LINE_INTERVAL_MS = 10_000;

/** How far chains have come, with the time that is left. */
export interface Progress {
  update(chain: string, nextBlock: number, endBlock: number): void;
  stop(): void;
}

/** A bar for each chain on a terminal, and else a line now and then. */
export function createProgress(output: Output): Progress {
  if (!process.stderr.isTTY) return createLines(output);
  const bars = new MultiBar(
    {
      format: "{chain} {bar} {percentage} %  block {value} of {total}  {eta_formatted} left",
      stream: process.stderr,
      hideCursor: true,
      clearOnComplete: true,
      etaBuffer: 50,
    },
    Presets.shades_classic,
  );
  const byChain = new Map<string, SingleBar>();

  return {
    update: (chain, nextBlock, endBlock) => {
      const name = chain.padEnd(10);
      const bar = byChain.get(chain) ?? bars.create(endBlock, nextBlock, { chain: name });
      byChain.set(chain, bar);
      bar.setTotal(endBlock);
      bar.update(nextBlock, { chain: name });
    },
    stop: () => bars.stop(),
  };
}

function createLines(output: Output): Progress {
  const began = performance.now();
  const firstBlocks = new Map<string, number>();
  let next = began + LINE_INTERVAL_MS;

  return {
    update: (chain, nextBlock, endBlock) => {
      const first = firstBlocks.get(chain) ?? nextBlock;
      firstBlocks.set(chain, first);
      const now = performance.now();
      if (now < next || nextBlock <= first) return;
      next = now + LINE_INTERVAL_MS;
      const seconds = ((now - began) / 1_000) * ((endBlock - nextBlock) / (nextBlock - first));
      output.note(
        `${chain}: block ${nextBlock} of ${endBlock}, about ${seconds.toFixed(0)} s left`,
      );
    },
    stop: () => undefined,
  };
}
