import { keccak256, type Address, type Hex, type LocalAccount } from "viem";

import { RpcNodeError, type Rpc } from "../chain/createRpc.ts";
import { decodeError } from "../errors/decodeError.ts";
import { libraryError } from "../errors/libraryErrors.ts";
import type { XmtpError } from "../errors/XmtpError.ts";
import { classifyRefusal, type Refusal } from "./classifyRefusal.ts";
import {
  bumpFees,
  canReplace,
  coversBaseFee,
  suggestFees,
  type FeeMarket,
  type Fees,
} from "./fees.ts";
import { parseReceipt, receiptOfEvent, type RawLog, type Receipt } from "./parseReceipt.ts";
import { signTransaction } from "./signTransaction.ts";

export interface SendRequest {
  readonly to: Address;
  readonly data: Hex;
  /** Gas limit. */
  readonly gas: number;
  /**
   * The event that the call emits first if it succeeds. Where it is given, one event stands for the receipt: receipts of
   * full batches are larger than the batches.
   */
  readonly firstEvent?: { readonly address: Address; readonly topics: readonly [Hex, Hex] };
}

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
  /** Takes a request. Requests get their nonces in the order of the calls. */
  send(request: SendRequest): Sending;
  /** Requests without an outcome. */
  outstanding(): number;
  /** Gives up everything that is outstanding and ends all activity. */
  stop(): void;
}

/** A nonce and what is to be mined with it. */
interface Entry {
  readonly request: SendRequest;
  /** Position in the line of all requests; nonces follow it. */
  readonly order: number;
  readonly resolve: (receipt: Receipt) => void;
  readonly reject: (error: XmtpError) => void;
  nonce: number;
  gas: number;
  fees: Fees;
  raw: Hex;
  hashes: Hex[];
  state: "ready" | "sending" | "sent";
  /** The node has taken one of the hashes, or may have: the nonce cannot be given to anything else. */
  isFixed: boolean;
  refusal: Refusal | undefined;
  refusalError: unknown;
  attempts: number;
  rebroadcasts: number;
  /** The newest block when it was signed: it can only be in a later one. */
  notBeforeBlock: number;
  seenBlock: number | undefined;
  missingSince: { readonly block: number; readonly at: number } | undefined;
  /** Nobody waits for the outcome any more; the nonce still counts. */
  isGivenUp: boolean;
}

/** Growth of the pause between attempts that a busy or silent node gets, in milliseconds. */
/** Time between two checks of the deadlines while there is only to wait. */
const IDLE_MS = 100;
/** The first look at the chain after something went out or came back; each further one waits twice as long. */
const FIRST_POLL_MS = 10;
const FIRST_BACKOFF_MS = 50;
const MAX_BACKOFF_MS = 5_000;
/** A nonce that is used while none of its transactions is found belongs to a stranger after so many blocks, or so long. */
const MISSING_BLOCKS = 2;
const MISSING_MS = 3_000;
/** Missing nonces that are filled with empty transactions, at most. */
const MAX_GAP = 1_000;
/** For a transfer of nothing; rollups charge for its bytes on top of 21,000. */
const FILLER_GAS = 100_000;
/** Gas estimated by the node, times this over a hundred, is what is sent. */
const ESTIMATE_MARGIN_PERCENT = 125;

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
  const waiting: Entry[] = [];
  const entries = new Map<number, Entry>();
  let market: FeeMarket = { baseFee: undefined, tip: 0n };
  let headNumber = 0;
  let nextNonce = 0;
  let nextOrder = 0;
  let sendsUnderWay = 0;
  let isRunning = false;
  let isStopped = false;
  let isPolling = false;
  let gasScale = 1;
  let lastPollAt = 0;
  let pollDelayMs = FIRST_POLL_MS;
  let lastContactAt = Date.now();
  let failures = 0;
  let notBefore = 0;
  let line: { readonly nonce: number; readonly since: number } | undefined;
  let isStuckAt: number | undefined;
  let wakeUp: (() => void) | undefined;
  /** Something happened that the loop has not looked at yet. */
  let isWoken = false;

  const ordered = (): Entry[] => [...entries.values()].sort((a, b) => a.nonce - b.nonce);
  const wake = (): void => {
    isWoken = true;
    wakeUp?.();
  };

  function send(request: SendRequest): Sending {
    const { promise, resolve, reject } = Promise.withResolvers<Receipt>();
    const entry = createEntry(request, nextOrder++, { resolve, reject });
    waiting.push(entry);
    wake();
    if (!isRunning) void run();

    return { receipt: promise, hashes: () => sentHashes(entry) };
  }

  /** The only place that gives out nonces, signs and starts sends; it lives while anything is outstanding. */
  async function run(): Promise<void> {
    isRunning = true;
    lastContactAt = Date.now();
    failures = 0;
    notBefore = 0;
    let isSynced = false;
    while (!isStopped && (waiting.length > 0 || entries.size > 0)) {
      try {
        if (Date.now() >= notBefore) {
          // With nothing in flight the chain knows the next nonce best.
          if (!isSynced || entries.size === 0) await syncNonce();
          isSynced = true;
          if (hasRefusals()) {
            if (sendsUnderWay === 0) await repair();
          } else {
            if (isStuckAt !== undefined) await unstick(isStuckAt);
            await startSends();
          }
        }
        if (!isPolling && Date.now() - lastPollAt >= pollDelayMs && ordered().some(isOut))
          void poll();
      } catch (error) {
        noteFailure(error);
      }
      giveUpIfUnreachable();
      if (!isStopped && (waiting.length > 0 || entries.size > 0)) await pause();
    }
    isRunning = false;
    onRoom();
  }

  /** Waits until something happens, or until the next look at the chain or the next attempt is due. */
  function pause(): Promise<void> {
    if (isWoken) {
      isWoken = false;
      return Promise.resolve();
    }
    const now = Date.now();
    const canPoll = !isPolling && ordered().some(isOut);
    const untilPoll = canPoll ? Math.max(1, lastPollAt + pollDelayMs - now) : IDLE_MS;
    const delayMs = notBefore > now ? Math.min(untilPoll, notBefore - now) : untilPoll;

    return new Promise((resolve) => {
      const timer = setTimeout(done, delayMs);
      function done(): void {
        clearTimeout(timer);
        wakeUp = undefined;
        isWoken = false;
        resolve();
      }
      wakeUp = done;
    });
  }

  async function syncNonce(): Promise<void> {
    const [block, pendingNonce, tip, gasPrice] = await rpc.batch([
      { method: "eth_getBlockByNumber", params: ["latest", false] },
      { method: "eth_getTransactionCount", params: [account.address, "pending"] },
      { method: "eth_maxPriorityFeePerGas", params: [] },
      { method: "eth_gasPrice", params: [] },
    ]);
    headNumber = Number(readField(demand(block), "number"));
    const baseFee = readBaseFee(demand(block));
    noteContact();
    market = {
      baseFee,
      tip: baseFee === undefined ? readQuantity(demand(gasPrice)) : readQuantity(tip),
    };
    if (entries.size === 0) nextNonce = Number(demand(pendingNonce));
  }

  async function startSends(): Promise<void> {
    while (!isStopped && sendsUnderWay < maxConcurrentSends && !hasRefusals()) {
      const entry = ordered().find(({ state }) => state === "ready") ?? takeWaiting();
      if (entry === undefined) return;
      if (entry.raw === "0x") await sign(entry, entry.fees);
      // What came in while signing decides too: a refusal stops the line.
      if (isStopped || hasRefusals() || entries.get(entry.nonce) !== entry) return;
      launch(entry);
      onRoom();
    }
  }

  function takeWaiting(): Entry | undefined {
    if (entries.size >= maxInFlight) return undefined;
    const entry = waiting.shift();
    if (entry === undefined) return undefined;
    assign(entry, nextNonce++);

    return entry;
  }

  function assign(entry: Entry, nonce: number): void {
    entry.nonce = nonce;
    entry.raw = "0x";
    entry.hashes = [];
    entry.state = "ready";
    entry.isFixed = false;
    entry.refusal = undefined;
    entry.rebroadcasts = 0;
    entry.notBeforeBlock = headNumber;
    entry.seenBlock = undefined;
    entry.missingSince = undefined;
    entry.fees = suggestFees(market, maxFeePerGas);
    entries.set(nonce, entry);
  }

  async function sign(entry: Entry, fees: Fees): Promise<void> {
    const { to, data } = entry.request;
    entry.fees = fees;
    entry.raw = await signTransaction(account, {
      chainId,
      nonce: entry.nonce,
      gas: BigInt(Math.ceil(entry.gas * gasScale)),
      to,
      data,
      fees,
      hasBaseFee: market.baseFee !== undefined,
    });
  }

  function launch(entry: Entry): void {
    entry.state = "sending";
    sendsUnderWay += 1;
    rpc
      .call("eth_sendRawTransaction", entry.raw)
      .then((hash) => {
        noteContact();
        entry.state = "sent";
        entry.isFixed = true;
        entry.attempts = 0;
        if (entries.size === 1) pollDelayMs = Math.min(FIRST_POLL_MS, pollIntervalMs);
        addHash(entry, hash as Hex);
      })
      .catch((error: unknown) => {
        const refusal = classifyRefusal(error);
        if (refusal !== "unknown") noteContact();
        entry.state = refusal === "known" ? "sent" : "ready";
        entry.isFixed ||= refusal === "known" || refusal === "unknown";
        if (refusal === "known" || refusal === "unknown") addHash(entry, keccak256(entry.raw));
        entry.refusal = refusal === "known" ? undefined : refusal;
        entry.refusalError = error;
      })
      .finally(() => {
        sendsUnderWay -= 1;
        wake();
        onRoom();
      });
  }

  /** Decides about every refused transaction. Runs while no send is under way, so the picture is complete. */
  async function repair(): Promise<void> {
    const removed: number[] = [];
    const taken: number[] = [];
    let mustRenumber = false;
    let backoffMs = 0;

    for (const entry of ordered().filter(({ refusal }) => refusal !== undefined)) {
      const { refusal, refusalError } = entry;
      entry.refusal = undefined;
      entry.attempts += 1;
      switch (refusal) {
        case "busy":
        case "unknown":
          backoffMs = Math.min(FIRST_BACKOFF_MS * 2 ** (entry.attempts - 1), MAX_BACKOFF_MS);
          break;
        case "nonceTooHigh":
          backoffMs = FIRST_BACKOFF_MS;
          if (!entry.isFixed) mustRenumber = true;
          break;
        case "nonceTooLow":
        case "nonceTaken":
          // What used or holds the nonce may be an earlier transaction of this very entry: the poll finds out.
          if (entry.isFixed) entry.state = "sent";
          else taken.push(entry.nonce);
          break;
        case "feeTooLow":
          await syncNonce();
          // Under a cap there may be nothing to add: then the base fee has to fall.
          backoffMs = FIRST_BACKOFF_MS;
          if (entry.isFixed) entry.state = "sent";
          else if (entry.attempts === 1) await sign(entry, suggestFees(market, maxFeePerGas));
          else await sign(entry, bumpFees(entry.fees, market, maxFeePerGas));
          break;
        case "gasTooLow": {
          const gas = await estimateGas(entry);
          if (typeof gas === "number" && entry.attempts <= 3) {
            gasScale = Math.max(gasScale, gas / entry.gas);
            await sign(entry, entry.fees);
            break;
          }
          remove(entry, typeof gas === "number" ? refused(refusal, refusalError) : gas);
          removed.push(entry.nonce);
          break;
        }
        default:
          // A replacement was refused for good: what it was to replace still stands.
          if (entry.isFixed) {
            entry.state = "sent";
            break;
          }
          remove(entry, refused(refusal, refusalError));
          removed.push(entry.nonce);
      }
    }

    for (const entry of ordered()) {
      if (!entry.isGivenUp || entry.isFixed) continue;
      entries.delete(entry.nonce);
      removed.push(entry.nonce);
    }
    if (mustRenumber || taken.length > 0 || removed.length > 0) {
      await renumber({ removed, taken, mustAskChain: mustRenumber || taken.length > 0 });
    }
    if (backoffMs > 0) notBefore = Date.now() + backoffMs;
  }

  /**
   * Gives new nonces to everything that the node has certainly not taken, in order. Nonces that became free below one
   * that is taken are filled with empty transactions, or nothing above them would ever be mined.
   */
  async function renumber({
    removed,
    taken,
    mustAskChain,
  }: {
    removed: readonly number[];
    taken: readonly number[];
    mustAskChain: boolean;
  }): Promise<void> {
    const movable = ordered().filter(({ isFixed }) => !isFixed);
    const top = ordered().findLast(({ isFixed }) => isFixed)?.nonce;
    let next = Math.min(...removed, ...movable.map(({ nonce }) => nonce));
    if (mustAskChain) {
      const pendingNonce = Number(
        await rpc.call("eth_getTransactionCount", account.address, "pending"),
      );
      // A nonce that was refused as taken is taken, even if this answer does not show it yet.
      next = Math.max(pendingNonce, ...taken.map((nonce) => nonce + 1));
    }
    if (top !== undefined) {
      for (const nonce of removed) if (nonce < top) fill(nonce);
      next = Math.max(next, top + 1);
    }
    for (const { nonce } of movable) entries.delete(nonce);
    for (const entry of movable.sort((a, b) => a.order - b.order)) {
      // The same nonce needs no new signature.
      if (entry.nonce === next) entries.set(next, entry);
      else assign(entry, next);
      next += 1;
    }
    nextNonce = next;
  }

  function fill(nonce: number): void {
    const request: SendRequest = { to: account.address, data: "0x", gas: FILLER_GAS };
    assign(createEntry(request, -1, { resolve: ignore, reject: ignore }), nonce);
  }

  async function estimateGas({ request: { to, data } }: Entry): Promise<number | XmtpError> {
    try {
      const gas = await rpc.call("eth_estimateGas", { from: account.address, to, data });
      return Math.ceil((Number(gas) * ESTIMATE_MARGIN_PERCENT) / 100);
    } catch (error) {
      return decodeError(error);
    }
  }

  function refused(refusal: Refusal | undefined, error: unknown): XmtpError {
    const said = error instanceof Error ? error.message : String(error);
    if (refusal === "noFunds") {
      return libraryError("INSUFFICIENT_FUNDS", `${account.address} cannot pay: ${said}`, {
        cause: error,
      });
    }
    if (refusal === "tooLarge") {
      return libraryError("TRANSACTION_TOO_LARGE", `the node refused the size: ${said}`, {
        cause: error,
      });
    }

    return libraryError("TRANSACTION_REFUSED", `the node said: ${said}`, { cause: error });
  }

  /** Looks for mined transactions, and for what keeps the next one from being mined. */
  async function poll(): Promise<void> {
    isPolling = true;
    try {
      const [blockAnswer, countAnswer] = await rpc.batch([
        { method: "eth_getBlockByNumber", params: ["latest", false] },
        { method: "eth_getTransactionCount", params: [account.address, "latest"] },
      ]);
      const block = demand(blockAnswer);
      const count = Number(demand(countAnswer));
      const head = Number(readField(block, "number"));
      headNumber = head;
      noteContact();
      market = { ...market, baseFee: readBaseFee(block) };
      const hasProgress = await collectReceipts(count, head);
      pollDelayMs = Math.min(hasProgress ? FIRST_POLL_MS : pollDelayMs * 2, pollIntervalMs);
      watchLine(count);
    } catch (error) {
      noteFailure(error);
    }
    lastPollAt = Date.now();
    isPolling = false;
    wake();
    onRoom();
  }

  async function collectReceipts(count: number, head: number): Promise<boolean> {
    const mined = ordered().filter(
      (entry) =>
        isOut(entry) &&
        entry.nonce < count &&
        (entry.seenBlock === undefined || head >= entry.seenBlock + confirmations),
    );
    if (mined.length === 0) return false;
    const found = await findReceipts(mined, head);
    for (const entry of mined) {
      if (entries.get(entry.nonce) !== entry) continue;
      const receipt = found.get(entry);
      if (receipt === undefined) noteMissing(entry, head);
      else if (head < receipt.blockNumber + confirmations) entry.seenBlock = receipt.blockNumber;
      else {
        entries.delete(entry.nonce);
        entry.resolve(receipt);
      }
    }

    return found.size > 0;
  }

  /** What became of transactions: by their first events where those are known, else by their receipts. */
  async function findReceipts(mined: readonly Entry[], head: number): Promise<Map<Entry, Receipt>> {
    const found = await findFirstEvents(mined, head);
    const lookups = mined
      .filter((entry) => !found.has(entry))
      .flatMap((entry) => entry.hashes.map((hash) => ({ entry, hash })));
    const answers = await rpc.batch(
      lookups.map(({ hash }) => ({ method: "eth_getTransactionReceipt", params: [hash] })),
    );
    answers.forEach((answer, index) => {
      const entry = lookups[index]?.entry;
      if (entry !== undefined && answer !== null) found.set(entry, parseReceipt(demand(answer)));
    });

    return found;
  }

  async function findFirstEvents(
    mined: readonly Entry[],
    head: number,
  ): Promise<Map<Entry, Receipt>> {
    const expecting = mined.filter(({ request }) => request.firstEvent !== undefined);
    const byHash = new Map(expecting.flatMap((entry) => entry.hashes.map((hash) => [hash, entry])));
    const fromBlock = Math.min(...expecting.map(({ notBeforeBlock }) => notBeforeBlock));
    const groups = Map.groupBy(
      expecting,
      ({ request: { firstEvent } }) => `${firstEvent?.address} ${firstEvent?.topics[0]}`,
    );
    const answers = await rpc.batch(
      [...groups.values()].map((group) => ({
        method: "eth_getLogs",
        params: [
          {
            address: group[0]?.request.firstEvent?.address,
            topics: [
              group[0]?.request.firstEvent?.topics[0],
              [...new Set(group.map(({ request }) => request.firstEvent?.topics[1]))],
            ],
            fromBlock: `0x${fromBlock.toString(16)}`,
            toBlock: `0x${head.toString(16)}`,
          },
        ],
      })),
    );

    const found = new Map<Entry, Receipt>();
    // A node that refuses the range still has the receipts.
    for (const log of answers.flatMap((answer) =>
      Array.isArray(answer) ? (answer as RawLog[]) : [],
    )) {
      const entry = byHash.get(log.transactionHash);
      // Logs come in order: the first of a transaction is the first event of the call.
      if (entry !== undefined && !found.has(entry)) found.set(entry, receiptOfEvent(log));
    }

    return found;
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

  /** Notes since when the chain has been waiting for the same nonce. */
  function watchLine(count: number): void {
    if (entries.size === 0) line = undefined;
    else if (line?.nonce !== count) line = { nonce: count, since: Date.now() };
    else if (Date.now() - line.since >= stuckAfterMs) {
      isStuckAt = count;
      line = { nonce: count, since: Date.now() };
    }
  }

  /** Gets the line moving: fills a missing nonce, sends a lost transaction again, or pays more for a waiting one. */
  async function unstick(nonce: number): Promise<void> {
    isStuckAt = undefined;
    await syncNonce();
    const first = entries.get(nonce);
    if (first === undefined) {
      await closeGap(nonce);
      return;
    }
    if (first.state !== "sent") return;

    const last = first.hashes.at(-1);
    const isKnown = (await rpc.call("eth_getTransactionByHash", last)) !== null;
    if (!isKnown && first.rebroadcasts === 0) {
      first.rebroadcasts += 1;
      for (const entry of ordered()) if (entry.state === "sent") entry.state = "ready";
      return;
    }
    for (const entry of ordered()) {
      if (entry.state !== "sent" || (entry !== first && coversBaseFee(entry.fees, market)))
        continue;
      const fees = bumpFees(entry.fees, market, maxFeePerGas);
      if (!canReplace(entry.fees, fees)) continue;
      await sign(entry, fees);
      if (entries.get(entry.nonce) !== entry) continue;
      entry.rebroadcasts = 0;
      entry.state = "ready";
    }
  }

  async function closeGap(from: number): Promise<void> {
    const lowest = ordered()[0]?.nonce;
    if (lowest === undefined || lowest <= from) return;
    const pendingNonce = Number(
      await rpc.call("eth_getTransactionCount", account.address, "pending"),
    );
    // Somebody else's transactions wait at these nonces: they will be mined.
    if (pendingNonce > from) return;
    for (let nonce = from; nonce < Math.min(lowest, from + MAX_GAP); nonce += 1) fill(nonce);
  }

  function noteContact(): void {
    lastContactAt = Date.now();
    failures = 0;
  }

  function noteFailure(error: unknown): void {
    if (error instanceof RpcNodeError) lastContactAt = Date.now();
    failures += 1;
    notBefore = Date.now() + Math.min(FIRST_BACKOFF_MS * 2 ** (failures - 1), MAX_BACKOFF_MS);
  }

  function giveUpIfUnreachable(): void {
    if (Date.now() - lastContactAt < unreachableAfterMs) return;
    lastContactAt = Date.now();
    giveUp(() =>
      libraryError("RPC_UNREACHABLE", `no answer for ${unreachableAfterMs} ms, nothing was sent`),
    );
  }

  /** Ends every wait. What may have been sent keeps its nonce, so that later requests do not take it. */
  function giveUp(unsent: () => XmtpError): void {
    for (const entry of waiting.splice(0)) entry.reject(unsent());
    for (const entry of ordered()) {
      if (entry.isFixed || entry.state === "sending") {
        entry.reject(unresolved(entry));
        entry.isGivenUp = true;
      } else remove(entry, unsent());
    }
    nextNonce = Math.min(nextNonce, (ordered().at(-1)?.nonce ?? Number.MAX_SAFE_INTEGER - 1) + 1);
  }

  function remove(entry: Entry, error: XmtpError): void {
    entries.delete(entry.nonce);
    entry.reject(error);
  }

  function hasRefusals(): boolean {
    for (const { refusal } of entries.values()) if (refusal !== undefined) return true;

    return false;
  }

  return {
    send,
    hasRoom: () =>
      !isStopped &&
      waiting.length === 0 &&
      sendsUnderWay < maxConcurrentSends &&
      entries.size < maxInFlight,
    outstanding: () => waiting.length + entries.size,
    stop: () => {
      isStopped = true;
      giveUp(() =>
        libraryError("PUBLISHER_CLOSED", "the publisher was closed before the payload was sent"),
      );
      entries.clear();
      wake();
    },
  };
}

function createEntry(
  request: SendRequest,
  order: number,
  { resolve, reject }: Pick<Entry, "resolve" | "reject">,
): Entry {
  return {
    request,
    order,
    resolve,
    reject,
    nonce: -1,
    gas: request.gas,
    fees: { maxFeePerGas: 0n, maxPriorityFeePerGas: 0n },
    raw: "0x",
    hashes: [],
    state: "ready",
    isFixed: false,
    refusal: undefined,
    refusalError: undefined,
    attempts: 0,
    rebroadcasts: 0,
    notBeforeBlock: 0,
    seenBlock: undefined,
    missingSince: undefined,
    isGivenUp: false,
  };
}

function ignore(): void {
  // Nobody waits for a filler.
}

/** Whether the node may have the transaction, so that it makes sense to look for it. */
function isOut({ state, isFixed }: Entry): boolean {
  return state === "sent" || isFixed;
}

function sentHashes({ state, isFixed, hashes, raw }: Entry): readonly Hex[] {
  if (state === "sending") return [...new Set([...hashes, keccak256(raw)])];

  return isFixed ? hashes : [];
}

function addHash(entry: Entry, hash: Hex): void {
  if (!entry.hashes.includes(hash)) entry.hashes.push(hash);
}

function unresolved(entry: Entry): XmtpError {
  return libraryError(
    "TRANSACTION_UNRESOLVED",
    `waiting ended before the transaction with nonce ${entry.nonce} was in a block (${sentHashes(entry).join(", ")})`,
  );
}

/** The result of a call of a batch. @throws {RpcNodeError} if it failed */
function demand(answer: unknown): unknown {
  if (answer instanceof RpcNodeError) throw answer;

  return answer;
}

function readBaseFee(block: unknown): bigint | undefined {
  const baseFee = readField(block, "baseFeePerGas");

  return typeof baseFee === "string" ? BigInt(baseFee) : undefined;
}

/** A quantity of wei; what the node does not know counts as 0. */
function readQuantity(answer: unknown): bigint {
  return typeof answer === "string" ? BigInt(answer) : 0n;
}

function readField(value: unknown, field: string): unknown {
  return typeof value === "object" && value !== null
    ? (value as Record<string, unknown>)[field]
    : undefined;
}
