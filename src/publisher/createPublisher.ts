import type { Address, Hex, LocalAccount } from "viem";

import type { Chain } from "../chain/connectChain.ts";
import { createRpc } from "../chain/createRpc.ts";
import { ContractError } from "../errors/ContractError.ts";
import { decodeError } from "../errors/decodeError.ts";
import { libraryError } from "../errors/libraryErrors.ts";
import { XmtpError } from "../errors/XmtpError.ts";
import { byteLength } from "../inputs/hexBytes.ts";
import { parseAddress } from "../inputs/parseAddress.ts";
import { parseGroupId, parseInboxId } from "../inputs/parseIds.ts";
import { parseInteger } from "../inputs/parseOption.ts";
import { checkPayloadSize, fitsLimits, parsePayload } from "../inputs/parsePayload.ts";
import { createLane, fitsAlone, type Batch, type Item, type Lane } from "./createLane.ts";
import { createLimits, type Limits } from "./createLimits.ts";
import { createSender, type SendRequest } from "./createSender.ts";
import { decodePublished, type Published } from "./decodePublished.ts";
import { encodePayloads } from "./encodePayloads.ts";
import type { Receipt } from "./parseReceipt.ts";
import { GROUP_MESSAGE, IDENTITY_UPDATE, idWord } from "./payloadKinds.ts";
import { withResolvers } from "./withResolvers.ts";

/** Nitro's sequencers take 95,000 bytes in a transaction, geth 131,072. */
const DEFAULT_MAX_TRANSACTION_BYTES = 95_000;
/** EIP-7825. */
const MAX_TRANSACTION_GAS = 16_777_216;
/** Limits that were read longer ago are read again in the background. */
const LIMITS_MAX_AGE_MS = 30_000;
/** A transaction that was mined and failed for no lasting reason is sent again so often. */
const MAX_ATTEMPTS = 5;

export interface GroupMessage {
  /** 16 bytes. */
  readonly groupId: Hex | Uint8Array | string;
  readonly payload: Hex | Uint8Array;
}

export interface IdentityUpdate {
  /** 32 bytes. */
  readonly inboxId: Hex | Uint8Array | string;
  readonly payload: Hex | Uint8Array;
}

export interface PublishOptions {
  /** Ends the wait. A payload that was not sent yet will not be. */
  readonly signal?: AbortSignal | undefined;
}

export interface CreatePublisherParameters {
  /** The appchain; see `connectChain`. */
  readonly chain: Chain;
  /** The account that signs and pays; see `parsePrivateKey`. No other process may send from it meanwhile. */
  readonly account: LocalAccount;
  readonly addresses: {
    readonly groupMessageBroadcaster: string;
    readonly identityUpdateBroadcaster: string;
  };
  /** Transactions sent and not yet in a block, at most. Default 64, what geth queues for one account. */
  readonly maxInFlightTransactions?: number;
  /** Transactions being handed to the node at once, at most. Default 4. */
  readonly maxConcurrentSends?: number;
  /** Bytes of payload that may wait before `ready` makes callers wait. Default 16 MiB. */
  readonly maxQueuedBytes?: number;
  /**
   * Bytes up to which payloads share a transaction. A payload that is larger goes alone, and the node decides.
   * Default 95,000.
   */
  readonly maxTransactionBytes?: number;
  /** Gas of a transaction, at most. Default 16,777,216, the limit of EIP-7825. */
  readonly maxTransactionGas?: number;
  /** Milliseconds that a payload waits for company before it is sent. Default 0: only what comes at once is together. */
  readonly lingerMs?: number;
  /** Milliseconds between two looks at the chain, at most. Default 250. */
  readonly pollIntervalMs?: number;
  /** Milliseconds until the next transaction in line is sent again or pays more. Default 15,000. */
  readonly stuckAfterMs?: number;
  /** Milliseconds without any answer of the node until everything outstanding is given up. Default 60,000. */
  readonly unreachableAfterMs?: number;
  /** Milliseconds until a call counts as unanswered. Default 10,000. */
  readonly timeoutMs?: number;
  /** Blocks on top of the one with the payload before it counts as published. Default 0. */
  readonly confirmations?: number;
  /** Wei per gas that is never exceeded. Default: no limit. */
  readonly maxFeePerGas?: bigint;
}

export interface PublisherStatus {
  /** Payloads without an outcome. */
  readonly payloads: number;
  /** Bytes of the payloads that wait to be sent. */
  readonly queuedBytes: number;
  /** Transactions without an outcome. */
  readonly transactions: number;
}

export interface Publisher {
  /**
   * Publishes a group message. Resolves once it is in a block.
   *
   * @throws {XmtpError} before anything is sent: `INVALID_GROUP_ID`, `INVALID_PAYLOAD`, `INVALID_PAYLOAD_SIZE`,
   *   `TRANSACTION_TOO_LARGE`, `ABORTED`, `PUBLISHER_CLOSED`, `RPC_UNREACHABLE`, `INSUFFICIENT_FUNDS`,
   *   `TRANSACTION_REFUSED`; if it may have been published: `TRANSACTION_UNRESOLVED`
   * @throws {ContractError} if the contract refuses it, such as `Paused`
   */
  publishGroupMessage(message: GroupMessage, options?: PublishOptions): Promise<Published>;
  /** Publishes an identity update; as `publishGroupMessage`, with `INVALID_INBOX_ID`. */
  publishIdentityUpdate(update: IdentityUpdate, options?: PublishOptions): Promise<Published>;
  /** Publishes several; one that fails does not affect the others. Outcomes come in the order of the messages. */
  publishGroupMessages(
    messages: readonly GroupMessage[],
    options?: PublishOptions,
  ): Promise<PromiseSettledResult<Published>[]>;
  /** Publishes several; one that fails does not affect the others. Outcomes come in the order of the updates. */
  publishIdentityUpdates(
    updates: readonly IdentityUpdate[],
    options?: PublishOptions,
  ): Promise<PromiseSettledResult<Published>[]>;
  /** Resolves once no more than `maxQueuedBytes` wait. Await it before each publish to keep memory bounded. */
  ready(): Promise<void>;
  /** Resolves once every payload published so far has an outcome. */
  flush(): Promise<void>;
  /**
   * Takes no more payloads, waits for the outstanding ones, and ends. After `timeoutMs` (default: none) what is left
   * fails with `PUBLISHER_CLOSED` (not sent) or `TRANSACTION_UNRESOLVED` (sent). May be called again.
   */
  close(options?: { readonly timeoutMs?: number }): Promise<void>;
  status(): PublisherStatus;
}

/**
 * Publishes group messages and identity updates from one account, many at a time.
 *
 * Payloads that wait at the same time share transactions. Each payload either gets its sequence id or an error; none is
 * published twice, and none is lost silently. Payloads for the same contract get their sequence ids in the order of the
 * calls, except those that have to be sent again because their transaction failed in a block, and as long as nobody else
 * sends from the account.
 *
 * @throws {XmtpError} `INVALID_ADDRESS`, `INVALID_OPTION`, `RPC_UNREACHABLE`, `NO_CODE` or `REVERTED` if an address is not
 *   the contract
 * @example
 * const publisher = await createPublisher({ chain: appchain, account, addresses });
 * const { sequenceId } = await publisher.publishGroupMessage({ groupId, payload });
 * await publisher.close();
 */
export async function createPublisher({
  chain,
  account,
  addresses,
  maxInFlightTransactions = 64,
  maxConcurrentSends = 4,
  maxQueuedBytes = 16 * 1024 * 1024,
  maxTransactionBytes = DEFAULT_MAX_TRANSACTION_BYTES,
  maxTransactionGas = MAX_TRANSACTION_GAS,
  lingerMs = 0,
  pollIntervalMs = 250,
  stuckAfterMs = 15_000,
  unreachableAfterMs = 60_000,
  timeoutMs = 10_000,
  confirmations = 0,
  maxFeePerGas,
}: CreatePublisherParameters): Promise<Publisher> {
  parseInteger(maxQueuedBytes, "maxQueuedBytes", 1);
  parseInteger(lingerMs, "lingerMs", 0);
  const batchLimits = {
    maxTransactionBytes: parseInteger(maxTransactionBytes, "maxTransactionBytes", 1_000),
    maxTransactionGas: parseInteger(maxTransactionGas, "maxTransactionGas", 100_000),
  };
  const rpc = createRpc(chain.url, parseInteger(timeoutMs, "timeoutMs", 1));
  const openLane = async (kind: typeof GROUP_MESSAGE, name: keyof typeof addresses) => {
    const contract = parseAddress(addresses[name], name);
    return {
      lane: createLane(kind, contract, batchLimits),
      limits: await createLimits(rpc, contract),
    };
  };
  const groupMessages = await openLane(GROUP_MESSAGE, "groupMessageBroadcaster");
  const identityUpdates = await openLane(IDENTITY_UPDATE, "identityUpdateBroadcaster");
  const lanes = [groupMessages.lane, identityUpdates.lane];

  const sender = createSender({
    rpc,
    chainId: chain.chainId,
    account,
    maxInFlight: parseInteger(maxInFlightTransactions, "maxInFlightTransactions", 1, 1_000),
    maxConcurrentSends: parseInteger(maxConcurrentSends, "maxConcurrentSends", 1, 100),
    pollIntervalMs: parseInteger(pollIntervalMs, "pollIntervalMs", 1),
    stuckAfterMs: parseInteger(stuckAfterMs, "stuckAfterMs", 1),
    unreachableAfterMs: parseInteger(unreachableAfterMs, "unreachableAfterMs", 1),
    confirmations: parseInteger(confirmations, "confirmations", 0),
    maxFeePerGas,
    onRoom: () => pump(),
  });

  const open = new Set<Item>();
  let queuedBytes = 0;
  let isClosed = false;
  let pumpTimer: NodeJS.Timeout | NodeJS.Immediate | undefined;
  const readyWaiters: (() => void)[] = [];
  const idleWaiters: (() => void)[] = [];

  /** Queues at once, so that the order of the calls is the order in the queue. */
  function publish(
    { lane, limits }: { lane: Lane; limits: Limits },
    id: Hex,
    payload: Hex,
    signal: AbortSignal | undefined,
  ): Promise<Published> {
    if (isClosed) throw libraryError("PUBLISHER_CLOSED", "the publisher is closed");
    if (signal?.aborted === true)
      throw libraryError("ABORTED", "the signal was aborted before the payload was queued");
    if (fitsLimits(byteLength(payload), limits.current())) requireFits(payload);

    const { promise, resolve, reject } = withResolvers<Published>();
    const onAbort = (): void => {
      settle(
        item.state === "sent"
          ? libraryError(
              "TRANSACTION_UNRESOLVED",
              `the signal was aborted after the payload was sent (${item.hashes().join(", ")})`,
            )
          : libraryError("ABORTED", "the signal was aborted before the payload was sent"),
      );
    };
    const settle = (outcome: Published | XmtpError): void => {
      if (item.state === "done") return;
      if (item.state === "unchecked" || item.state === "queued") queuedBytes -= byteLength(payload);
      item.state = "done";
      signal?.removeEventListener("abort", onAbort);
      open.delete(item);
      if (outcome instanceof XmtpError) reject(outcome);
      else resolve(outcome);
      tellWaiters();
    };
    const item: Item = {
      id,
      payload,
      queuedAt: Date.now(),
      resolve: settle,
      reject: settle,
      state: "queued",
      attempts: 0,
      hashes: () => [],
    };
    signal?.addEventListener("abort", onAbort);
    open.add(item);
    queuedBytes += byteLength(payload);
    lane.push(item);
    checkSize(item, limits);
    schedulePump();

    return promise;
  }

  /** What seems too long or too short is refused only after another look at the limits; its place is kept. */
  function checkSize(item: Item, limits: Limits): void {
    if (fitsLimits(byteLength(item.payload), limits.current())) {
      // What is already queued is judged by the contract if the limits have changed meanwhile.
      if (limits.age() > LIMITS_MAX_AGE_MS) limits.refresh().catch(() => undefined);
      return;
    }
    item.state = "unchecked";
    limits
      .refresh()
      .then(() => {
        checkPayloadSize(item.payload, limits.current());
        requireFits(item.payload);
      })
      .then(
        () => {
          if (item.state === "unchecked") item.state = "queued";
        },
        (error: unknown) => item.reject(decodeError(error)),
      )
      .finally(schedulePump);
  }

  function requireFits(payload: Hex): void {
    if (fitsAlone(payload, batchLimits)) return;
    throw libraryError(
      "TRANSACTION_TOO_LARGE",
      `the payload of ${byteLength(payload)} bytes takes more than ${maxTransactionGas} gas`,
    );
  }

  function schedulePump(): void {
    pumpTimer ??= setImmediate(pump);
  }

  /**
   * Hands transactions to the sender while it has room. What comes while it has none grows the next transaction; a full
   * one does not grow any more, and is handed over to be signed ahead.
   */
  function pump(): void {
    if (pumpTimer !== undefined) {
      clearTimeout(pumpTimer as NodeJS.Timeout);
      clearImmediate(pumpTimer as NodeJS.Immediate);
      pumpTimer = undefined;
    }
    for (;;) {
      const lane = oldestLane();
      if (!sender.hasRoom() && !(sender.canPrepare() && lane?.isFull() === true)) return;
      const queuedAt = lane?.headQueuedAt();
      if (lane === undefined || queuedAt === undefined) return;
      const waitMs = queuedAt + lingerMs - Date.now();
      if (waitMs > 0 && !isClosed && !lane.isFull()) {
        pumpTimer = setTimeout(pump, waitMs);
        return;
      }
      const batch = lane.take();
      if (batch !== undefined) void sendBatch(batch);
    }
  }

  function oldestLane(): Lane | undefined {
    return lanes
      .filter((lane) => lane.headQueuedAt() !== undefined)
      .sort((a, b) => (a.headQueuedAt() ?? 0) - (b.headQueuedAt() ?? 0))[0];
  }

  async function sendBatch(batch: Batch): Promise<void> {
    const { lane, items, gas } = batch;
    const [first] = items;
    const request: SendRequest = {
      to: lane.contract,
      data: encodePayloads(lane.kind, items),
      gas,
      ...(first !== undefined && {
        firstEvent: { address: lane.contract, topics: [lane.kind.eventTopic, idWord(first.id)] },
      }),
    };
    const sending = sender.send(request);
    for (const item of items) {
      if (item.state === "queued") queuedBytes -= byteLength(item.payload);
      item.state = "sent";
      item.attempts += 1;
      item.hashes = sending.hashes;
    }
    tellWaiters();

    try {
      const receipt = await sending.receipt;
      if (receipt.hasSucceeded) deliver(batch, receipt);
      else await resolveFailure(batch, request, receipt);
    } catch (error) {
      const decoded = decodeError(error);
      if (decoded.code === "TRANSACTION_TOO_LARGE" && items.length > 1) split(batch);
      else rejectAll(items, decoded);
    }
    schedulePump();
  }

  function deliver({ lane, items }: Batch, receipt: Receipt): void {
    const ids = items.map(({ id }) => id);
    const published = decodePublished(receipt, lane.contract, lane.kind, ids);
    items.forEach((item, index) => {
      const outcome = published[index];
      if (outcome !== undefined) item.resolve(outcome);
    });
  }

  /** The transaction was mined and failed: nothing of it was published, so whatever can pass may be sent again. */
  async function resolveFailure(
    batch: Batch,
    { to, data, gas }: { to: Address; data: Hex; gas: number },
    receipt: Receipt,
  ): Promise<void> {
    const { items, lane } = batch;
    const wasOutOfGas = receipt.gasUsed >= gas * 0.98;
    const reason = await rpc
      .call("eth_call", { from: account.address, to, data }, "latest")
      .then(() => undefined, decodeError);

    if (reason instanceof ContractError && reason.code === "Paused") rejectAll(items, reason);
    else if (items.length > 1 && (reason !== undefined || wasOutOfGas)) split(batch);
    else if (reason !== undefined) rejectAll(items, reason);
    else if (items.some(({ attempts }) => attempts >= MAX_ATTEMPTS)) {
      rejectAll(
        items,
        libraryError("TRANSACTION_FAILED", `${receipt.transactionHash} was mined and failed`),
      );
    } else lane.putBack(items);
  }

  /** Sends each half on its own, until what cannot pass is alone. */
  function split({ lane, items }: Batch): void {
    const middle = Math.ceil(items.length / 2);
    lane.putBack(items.slice(0, middle));
    lane.putBack(items.slice(middle));
  }

  function tellWaiters(): void {
    if (queuedBytes <= maxQueuedBytes) {
      for (const tell of readyWaiters.splice(0)) tell();
    }
    if (open.size === 0) {
      for (const tell of idleWaiters.splice(0)) tell();
    }
  }

  const flush = async (): Promise<void> => {
    if (open.size > 0) await new Promise<void>((resolve) => idleWaiters.push(resolve));
  };
  const ready = async (): Promise<void> => {
    if (queuedBytes > maxQueuedBytes)
      await new Promise<void>((resolve) => readyWaiters.push(resolve));
  };
  const close = async ({ timeoutMs: deadlineMs }: { timeoutMs?: number } = {}): Promise<void> => {
    isClosed = true;
    schedulePump();
    const timer = deadlineMs === undefined ? undefined : setTimeout(stop, deadlineMs);
    await flush();
    clearTimeout(timer);
    stop();
  };
  function stop(): void {
    sender.stop();
    const error = () =>
      libraryError("PUBLISHER_CLOSED", "the publisher was closed before the payload was sent");
    for (const item of [...open]) if (item.state !== "sent") item.reject(error());
  }

  const publishGroupMessage: Publisher["publishGroupMessage"] = async (
    { groupId, payload },
    { signal } = {},
  ) => publish(groupMessages, parseGroupId(groupId), parsePayload(payload), signal);
  const publishIdentityUpdate: Publisher["publishIdentityUpdate"] = async (
    { inboxId, payload },
    { signal } = {},
  ) => publish(identityUpdates, parseInboxId(inboxId), parsePayload(payload), signal);

  return {
    publishGroupMessage,
    publishIdentityUpdate,
    publishGroupMessages: (messages, options) =>
      Promise.allSettled(messages.map((message) => publishGroupMessage(message, options))),
    publishIdentityUpdates: (updates, options) =>
      Promise.allSettled(updates.map((update) => publishIdentityUpdate(update, options))),
    ready,
    flush,
    close,
    status: () => ({ payloads: open.size, queuedBytes, transactions: sender.outstanding() }),
  };
}

function rejectAll(items: readonly Item[], error: XmtpError): void {
  for (const item of items) item.reject(error);
}
