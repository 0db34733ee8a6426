import { setTimeout as sleep } from "node:timers/promises";

import { randomBlock, type IndexModel } from "./createIndexModel.ts";

/** Adds blocks to a chain, undoes some of those that are not final, and makes others final. */
export async function growAtRandom({
  model,
  random,
  steps,
}: {
  readonly model: IndexModel;
  readonly random: () => number;
  readonly steps: number;
}): Promise<void> {
  for (let step = 0; step < steps; step++) {
    const choice = random();
    const height = model.nextBlock() - 1;
    const open = height - model.finalizedBlock();
    if (choice < 0.25 && open > 1) await model.undo(height - 1 - Math.floor(random() * (open - 1)));
    else if (choice < 0.35 && open > 6) await model.finalize(height - 5);
    else {
      const blocks = Array.from({ length: 1 + Math.floor(random() * 3) }, () =>
        randomBlock(random),
      );
      await model.append(...blocks);
    }
    if (random() < 0.5) await sleep(random() * 20);
  }
}
