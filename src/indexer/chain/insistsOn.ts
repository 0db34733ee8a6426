import { setTimeout as sleep } from "node:timers/promises";

import type { Rpc } from "../../chain/createRpc.ts";
import { readHeaders, type BlockHeader } from "../../events/blocks.ts";

/** Times that a node is asked. */
const QUESTIONS = 3;
const PAUSE_MS = 100;

/**
 * Whether a node has blocks as they are, although one does not follow the other: it is asked for both in one request,
 * several times. A reorganisation in between shows in this, and nodes that disagree behind one URL; EDR, which gives the
 * blocks of `hardhat_mine` wrong parents, insists.
 */
export async function insistsOn(rpc: Rpc, headers: readonly BlockHeader[]): Promise<boolean> {
  for (let question = 1; question <= QUESTIONS; question++) {
    if (question > 1) await sleep(PAUSE_MS);
    const now = await readHeaders(
      rpc,
      headers.map(({ number }) => number),
    );
    if (now.some((header, at) => header?.hash !== headers[at]?.hash)) return false;
  }

  return true;
}
