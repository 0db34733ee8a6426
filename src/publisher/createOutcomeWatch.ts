import type { Rpc } from "../chain/createRpc.ts";
import type { AccountView } from "./createAccountView.ts";
import type { Contact } from "./createContact.ts";
import { isOut, type Entry } from "./createEntry.ts";
import type { NonceLine } from "./createNonceLine.ts";
import { findReceipts } from "./findReceipts.ts";

/** Looks at the chain from time to time: what was mined leaves the line with its receipt. */
export interface OutcomeWatch {
  /** Starts a look at the chain if it is time. */
  lookIfDue(): void;
  /** Milliseconds until the next look is due, at least 1; undefined while there is nothing to wait for. */
  untilNextLook(): number | undefined;
  /** Something is on its way that may be mined at once. */
  hurry(): void;
  /** The nonce that the chain has been waiting for too long, if any; says so once. */
  takeStuckNonce(): number | undefined;
}

export interface OutcomeWatchParameters {
  readonly rpc: Rpc;
  readonly line: NonceLine;
  readonly view: AccountView;
  readonly contact: Contact;
  /** Milliseconds between two looks, at most. */
  readonly pollIntervalMs: number;
  /** How long the chain may wait for the same nonce. */
  readonly stuckAfterMs: number;
  /** Blocks on top of the one with the transaction before it counts as mined. */
  readonly confirmations: number;
  /** Called after every look. */
  readonly onLooked: () => void;
}

/** The first look at the chain after something went out or came back; each further one waits twice as long. */
const FIRST_POLL_MS = 10;
/** A nonce that is used while none of its transactions is found belongs to a stranger after so many blocks, or so long. */
const MISSING_BLOCKS = 2;
const MISSING_MS = 3_000;

export function createOutcomeWatch({
  rpc,
  line,
  view,
  contact,
  pollIntervalMs,
  stuckAfterMs,
  confirmations,
  onLooked,
}: OutcomeWatchParameters): OutcomeWatch {
  let isLooking = false;
  let lastLookAt = 0;
  let delayMs = FIRST_POLL_MS;
  /** The nonce that the chain waits for. */
  let awaited: { readonly nonce: number; readonly since: number } | undefined;
  let stuckNonce: number | undefined;

  const hasWork = (): boolean => !isLooking && line.find(isOut) !== undefined;

  async function look(): Promise<void> {
    isLooking = true;
    try {
      const { head, count } = await view.readMined();
      const hasProgress = await collectReceipts(count, head);
      delayMs = Math.min(hasProgress ? FIRST_POLL_MS : delayMs * 2, pollIntervalMs);
      noteAwaited(count);
    } catch (error) {
      contact.noteFailure(error);
    }
    lastLookAt = Date.now();
    isLooking = false;
    onLooked();
  }

  async function collectReceipts(count: number, head: number): Promise<boolean> {
    const mined = line
      .ordered()
      .filter(
        (entry) =>
          isOut(entry) &&
          entry.nonce < count &&
          (entry.seenBlock === undefined || head >= entry.seenBlock + confirmations),
      );
    if (mined.length === 0) return false;
    const found = await findReceipts(rpc, mined, head);
    for (const entry of mined) {
      if (!line.holds(entry)) continue;
      const receipt = found.get(entry);
      if (receipt === undefined) noteMissing(entry, head);
      else if (head < receipt.blockNumber + confirmations) entry.seenBlock = receipt.blockNumber;
      else {
        line.remove(entry);
        entry.resolve(receipt);
      }
    }

    return found.size > 0;
  }

  /** Notes since when the chain has been waiting for the same nonce. */
  function noteAwaited(count: number): void {
    if (line.size() === 0) awaited = undefined;
    else if (awaited?.nonce !== count) awaited = { nonce: count, since: Date.now() };
    else if (Date.now() - awaited.since >= stuckAfterMs) {
      stuckNonce = count;
      awaited = { nonce: count, since: Date.now() };
    }
  }

  return {
    lookIfDue: () => {
      if (Date.now() - lastLookAt >= delayMs && hasWork()) void look();
    },
    untilNextLook: () => (hasWork() ? Math.max(1, lastLookAt + delayMs - Date.now()) : undefined),
    hurry: () => {
      delayMs = Math.min(FIRST_POLL_MS, pollIntervalMs);
    },
    takeStuckNonce: () => {
      const nonce = stuckNonce;
      stuckNonce = undefined;
      return nonce;
    },
  };
}

/** The nonce is used and no transaction of ours is in a block: after a while it is certain that a stranger used it. */
function noteMissing(entry: Entry, head: number): void {
  entry.seenBlock = undefined;
  entry.missingSince ??= { block: head, at: Date.now() };
  const { block, at } = entry.missingSince;
  if (head < block + MISSING_BLOCKS && Date.now() - at < MISSING_MS) return;
  entry.state = "ready";
  entry.isFixed = false;
  entry.refusal = "nonceTooLow";
}
