import type { Hex, LocalAccount } from "viem";

import type { Rpc } from "../chain/createRpc.ts";
import { libraryError } from "../errors/libraryErrors.ts";
import type { XmtpError } from "../errors/XmtpError.ts";
import { classifyRefusal } from "./classifyRefusal.ts";
import { createAccountView } from "./createAccountView.ts";
import { createBell } from "./createBell.ts";
import { createContact } from "./createContact.ts";
import {
  createEntry,
  isRefused,
  noteRefused,
  noteTaken,
  sentHashes,
  type Entry,
  type SendRequest,
} from "./createEntry.ts";
import { createNonceLine } from "./createNonceLine.ts";
import { createOutcomeWatch } from "./createOutcomeWatch.ts";
import { createSigner } from "./createSigner.ts";
import type { Receipt } from "./parseReceipt.ts";
import { repairLine } from "./repairLine.ts";
import { unstickLine } from "./unstickLine.ts";
import { withResolvers } from "./withResolvers.ts";

export type { SendRequest } from "./createEntry.ts";

/** A request on its way. */
export interface Sending {
  /** Settles once the transaction is in a block, whether it succeeded or not, or cannot get there. */
  readonly receipt: Promise<Receipt>;
  /** The transactions that may carry the request; empty while nothing can have reached the node. */
  readonly hashes: () => readonly Hex[];
}

export interface SenderParameters {
  readonly rpc: Rpc;
  readonly chainId: number;
  readonly account: LocalAccount;
  /** Transactions that are sent and not yet in a block, at most. */
  readonly maxInFlight: number;
  /** `eth_sendRawTransaction` calls under way at once, at most. */
  readonly maxConcurrentSends: number;
  /** Milliseconds between two looks at the chain, at most; while transactions are being mined it looks more often. */
  readonly pollIntervalMs: number;
  /** How long the next transaction in line may wait for its block before it is sent again or replaced. */
  readonly stuckAfterMs: number;
  /** How long the node may fail to answer before everything outstanding is given up. */
  readonly unreachableAfterMs: number;
  /** Blocks on top of the one with the transaction before it counts as mined. */
  readonly confirmations: number;
  /** Wei per gas; nothing above is ever offered. */
  readonly maxFeePerGas: bigint | undefined;
  /** Called whenever `hasRoom` may have become true. */
  readonly onRoom: () => void;
}

export interface Sender {
  /** Whether a request would be signed and sent right away. */
  hasRoom(): boolean;
  /** Whether a request would at least be signed right away, to be sent as soon as another send has ended. */
  canPrepare(): boolean;
  /** Takes a request. Requests get their nonces in the order of the calls. */
  send(request: SendRequest): Sending;
  /** Requests without an outcome. */
  outstanding(): number;
  /** Gives up everything that is outstanding and ends all activity. */
  stop(): void;
}

/** Time between two checks of the deadlines while there is only to wait. */
const IDLE_MS = 100;

/**
 * Sends transactions of one account, many at a time, each exactly once.
 *
 * Nonces are counted locally. A transaction whose sending failed in an unknown way is only ever sent again with the same
 * bytes, or replaced under the same nonce; a request moves to another nonce only when its own was used by a transaction
 * of somebody else, or when the node has refused it for certain.
 */
export function createSender({
  rpc,
  chainId,
  account,
  maxInFlight,
  maxConcurrentSends,
  pollIntervalMs,
  stuckAfterMs,
  unreachableAfterMs,
  confirmations,
  maxFeePerGas,
  onRoom,
}: SenderParameters): Sender {
  const { address } = account;
  const bell = createBell();
  const contact = createContact(unreachableAfterMs);
  const view = createAccountView(rpc, address, contact);
  const signer = createSigner({ account, chainId, view, maxFeePerGas });
  const line = createNonceLine({
    address,
    terms: () => ({ fees: signer.suggest(), notBeforeBlock: view.head() }),
  });
  const watch = createOutcomeWatch({
    rpc,
    line,
    view,
    contact,
    pollIntervalMs,
    stuckAfterMs,
    confirmations,
    onLooked: () => {
      bell.ring();
      onRoom();
    },
  });
  const desk = { address, line, view, signer, synchronise };
  /** Requests without a nonce. */
  const waiting: Entry[] = [];
  let nextOrder = 0;
  let sendsUnderWay = 0;
  let isRunning = false;
  let isStopped = false;

  const hasWork = (): boolean => !isStopped && (waiting.length > 0 || line.size() > 0);
  const hasRefusals = (): boolean => line.find(isRefused) !== undefined;
  const canPrepare = (): boolean =>
    !isStopped &&
    waiting.length === 0 &&
    line.size() < maxInFlight &&
    line.ordered().filter(isReady).length < maxConcurrentSends;

  function send(request: SendRequest): Sending {
    const { promise, resolve, reject } = withResolvers<Receipt>();
    const entry = createEntry(request, nextOrder++, { resolve, reject });
    waiting.push(entry);
    bell.ring();
    if (!isRunning) void run();

    return { receipt: promise, hashes: () => sentHashes(entry) };
  }

  /** The only place that gives out nonces, signs and starts sends; it lives while anything is outstanding. */
  async function run(): Promise<void> {
    isRunning = true;
    contact.restart();
    let isSynchronised = false;
    while (hasWork()) {
      try {
        if (contact.untilNextAttempt() <= 0) {
          // With nothing in flight the chain knows the next nonce best.
          if (!isSynchronised || line.size() === 0) await synchronise();
          isSynchronised = true;
          await moveLine();
        }
        watch.lookIfDue();
      } catch (error) {
        contact.noteFailure(error);
      }
      if (contact.hasFallenSilent()) giveUp(unreachable);
      if (hasWork()) await bell.sleep(untilDue());
    }
    isRunning = false;
    onRoom();
  }

  /** Reads the market, and the next nonce where none is counted locally. */
  async function synchronise(): Promise<void> {
    const pendingNonce = await view.refresh();
    if (line.size() > 0) return;
    if (typeof pendingNonce !== "number") throw pendingNonce;
    line.continueAt(pendingNonce);
  }

  async function moveLine(): Promise<void> {
    if (hasRefusals()) {
      if (sendsUnderWay > 0) return;
      const pauseMs = await repairLine(desk);
      if (pauseMs > 0) contact.pause(pauseMs);
      return;
    }
    const stuckNonce = watch.takeStuckNonce();
    if (stuckNonce !== undefined) await unstickLine(stuckNonce, desk);
    await startSends();
  }

  async function startSends(): Promise<void> {
    while (!isStopped && !hasRefusals()) {
      const isBusy = sendsUnderWay >= maxConcurrentSends;
      // While the node has enough to do, the next transactions are signed: they go out the moment it has not.
      const entry = line.find(isBusy ? isUnsigned : isReady) ?? takeWaiting();
      if (entry === undefined) return;
      if (entry.raw === "0x") await signer.sign(entry, entry.fees);
      if (isBusy) await nextTurn();
      // What came in meanwhile decides too: a refusal stops the line.
      if (isStopped || hasRefusals() || !line.holds(entry)) return;
      if (!isBusy) launch(entry);
      onRoom();
    }
  }

  function takeWaiting(): Entry | undefined {
    if (line.size() >= maxInFlight) return undefined;
    const entry = waiting.shift();
    if (entry !== undefined) line.append(entry);

    return entry;
  }

  function launch(entry: Entry): void {
    entry.state = "sending";
    sendsUnderWay += 1;
    rpc
      .call("eth_sendRawTransaction", entry.raw)
      .then((hash) => {
        contact.noteAnswer();
        noteTaken(entry, hash as Hex);
        if (line.size() === 1) watch.hurry();
      })
      .catch((error: unknown) => {
        const refusal = classifyRefusal(error);
        if (refusal !== "unknown") contact.noteAnswer();
        noteRefused(entry, refusal, error);
      })
      .finally(() => {
        sendsUnderWay -= 1;
        bell.ring();
        onRoom();
      });
  }

  /** Milliseconds until the next look at the chain or the next attempt. */
  function untilDue(): number {
    const untilLook = watch.untilNextLook() ?? IDLE_MS;
    const untilAttempt = contact.untilNextAttempt();

    return untilAttempt > 0 ? Math.min(untilLook, untilAttempt) : untilLook;
  }

  function unreachable(): XmtpError {
    return libraryError(
      "RPC_UNREACHABLE",
      `no answer for ${unreachableAfterMs} ms, nothing was sent`,
    );
  }

  /** Ends every wait. What may have been sent keeps its nonce, so that later requests do not take it. */
  function giveUp(unsent: () => XmtpError): void {
    for (const entry of waiting.splice(0)) entry.reject(unsent());
    for (const entry of line.ordered()) {
      if (entry.isFixed || entry.state === "sending") {
        entry.reject(unresolved(entry));
        entry.isGivenUp = true;
      } else {
        line.remove(entry);
        entry.reject(unsent());
      }
    }
    line.trim();
  }

  return {
    send,
    hasRoom: () => canPrepare() && sendsUnderWay < maxConcurrentSends,
    canPrepare,
    outstanding: () => waiting.length + line.size(),
    stop: () => {
      isStopped = true;
      giveUp(closed);
      line.clear();
      bell.ring();
    },
  };
}

function isReady({ state }: Entry): boolean {
  return state === "ready";
}

function isUnsigned({ state, raw }: Entry): boolean {
  return state === "ready" && raw === "0x";
}

/** Lets answers be taken in. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function closed(): XmtpError {
  return libraryError("PUBLISHER_CLOSED", "the publisher was closed before the payload was sent");
}

function unresolved(entry: Entry): XmtpError {
  return libraryError(
    "TRANSACTION_UNRESOLVED",
    `waiting ended before the transaction with nonce ${entry.nonce} was in a block (${sentHashes(entry).join(", ")})`,
  );
}
