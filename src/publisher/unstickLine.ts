import type { AccountView } from "./createAccountView.ts";
import type { NonceLine } from "./createNonceLine.ts";
import type { Signer } from "./createSigner.ts";
import { canReplace, coversBaseFee } from "./fees.ts";

export interface UnstickParameters {
  readonly line: NonceLine;
  readonly view: AccountView;
  readonly signer: Signer;
  /** Reads the chain's fees and nonces again. */
  readonly synchronise: () => Promise<void>;
}

/** Missing nonces that are filled with empty transactions, at most. */
const MAX_GAP = 1_000;

/**
 * Gets the line moving when the chain waits for a nonce for too long: fills it if it is missing, sends a lost
 * transaction again, or pays more for a waiting one.
 */
export async function unstickLine(
  nonce: number,
  { line, view, signer, synchronise }: UnstickParameters,
): Promise<void> {
  await synchronise();
  const first = line.at(nonce);
  if (first === undefined) {
    await closeGap(nonce, line, view);
    return;
  }
  if (first.state !== "sent") return;

  const isKnown = await view.isKnown(first.hashes.at(-1));
  if (!isKnown && first.rebroadcasts === 0) {
    first.rebroadcasts += 1;
    for (const entry of line.ordered()) if (entry.state === "sent") entry.state = "ready";
    return;
  }
  for (const entry of line.ordered()) {
    const mayWait = entry !== first && coversBaseFee(entry.fees, view.market());
    if (entry.state !== "sent" || mayWait) continue;
    const fees = signer.outbid(entry.fees);
    if (!canReplace(entry.fees, fees)) continue;
    await signer.sign(entry, fees);
    if (!line.holds(entry)) continue;
    entry.rebroadcasts = 0;
    entry.state = "ready";
  }
}

async function closeGap(from: number, line: NonceLine, view: AccountView): Promise<void> {
  const lowest = line.ordered()[0]?.nonce;
  if (lowest === undefined || lowest <= from) return;
  // Somebody else's transactions wait at these nonces: they will be mined.
  if ((await view.readPendingNonce()) > from) return;
  for (let nonce = from; nonce < Math.min(lowest, from + MAX_GAP); nonce += 1) line.fill(nonce);
}
