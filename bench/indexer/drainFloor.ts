import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

import type { Address } from "viem";

import type { BlockRange } from "./chain/createChainRpc.ts";
import { MESSAGE_SENT } from "./chain/renderEvents.ts";
import type { DrainRequest, DrainResult } from "./drainProcess.ts";
import { watchProcess, type Usage } from "./watchProcess.ts";

export interface DrainFloor extends Usage {
  readonly seconds: number;
}

/** The seconds in which the ranges can be asked for, one after another, and parsed, with nothing stored. */
export async function measureDrainFloor({
  url,
  address,
  ranges,
  events,
}: {
  readonly url: string;
  readonly address: Address;
  readonly ranges: readonly BlockRange[];
  readonly events: number;
}): Promise<DrainFloor> {
  const child = fork(fileURLToPath(new URL("drainProcess.ts", import.meta.url)), {
    execArgv: ["--disable-warning=ExperimentalWarning"],
  });
  const watch = watchProcess(child.pid ?? 0);
  const order: DrainRequest = { url, address, topic: MESSAGE_SENT, ranges };
  child.send(order);
  const [result] = (await once(child, "message")) as [DrainResult];
  const usage = watch.finish();
  child.disconnect();
  await once(child, "exit");
  if (result.events !== events) throw new Error(`${result.events} events were drained`);

  return { seconds: result.seconds, ...usage };
}
