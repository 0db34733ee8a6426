import { setTimeout as pause } from "node:timers/promises";

import { hexToBigInt, type Address, type Hex } from "viem";

import { parseInteger } from "../../inputs/parseOption.ts";
import type { BlockProducer } from "../blockProducer.ts";
import { DevnetError } from "../DevnetError.ts";
import { clientOf, type Provider } from "../rollup/sendSigned.ts";
import { readBridge, readDelayedMessages, type DelayedMessage } from "./delayedMessages.ts";
import {
  createExecutor,
  type Progress,
  type RelayOutcome,
  type RelayStep,
} from "./executeMessages.ts";
import { parseMessage } from "./parseMessage.ts";
import { STEP } from "./systemContracts.ts";

/** Blocks of the settlement chain whose events are read at once. */
const MAX_RANGE = 5_000n;
/** Milliseconds that others wait while messages are worked through, before it is their turn. */
const TURN_MS = 50;
/** Milliseconds between two attempts after an error; doubled up to the maximum. */
const FIRST_PAUSE_MS = 50;
const MAX_PAUSE_MS = 5_000;

export interface RelayerConfig {
  /** Of the settlement chain; whatever it answers is checked. */
  readonly settlement: Provider;
  readonly appchain: {
    readonly provider: Provider;
    readonly producer: BlockProducer;
    readonly chainId: number;
  };
  /** Of the rollup, on the settlement chain. */
  readonly bridge: Address;
  /** Blocks on top of the one with a message before it is relayed. Default 0: at once. */
  readonly confirmations?: number;
  /** Milliseconds between two looks at the settlement chain when nobody calls `wake`. Default 100. */
  readonly pollIntervalMs?: number;
  /** What else is done from time to time: asserting and confirming the state of the appchain, claiming. */
  readonly assertions?: { run(): Promise<void> };
  /** Milliseconds between two runs of `assertions`. Default 5,000. */
  readonly assertionIntervalMs?: number;
  /** Called before each transaction on the appchain. What it throws keeps the transaction from being sent. */
  readonly beforeStep?: (step: RelayStep) => void | Promise<void>;
  /** Called after each message. */
  readonly onMessage?: (message: DelayedMessage, outcome: RelayOutcome) => void;
  /** Called with each error. After one that is final the relayer does nothing any more; after others it tries again. */
  readonly onError: (error: unknown, isFinal: boolean) => void;
}

export interface Relayer {
  /** Looks for work now. */
  wake(): void;
  /** Ends after the transaction under way, wherever in a ticket that is. May be called again. */
  stop(): Promise<void>;
}

/**
 * Carries messages of the bridge to the appchain, in order and each once, runs the redeems that users schedule, and pays
 * out tickets that expire. All state is on the chains: another relayer goes on where this one ended.
 *
 * It ends with `SETTLEMENT_REORGANISED` when the settlement chain takes back a message that was relayed: the appchain
 * cannot. Messages whose events the node does not give are waited for.
 *
 * @throws {XmtpError} `INVALID_OPTION`
 */
export function createRelayer({
  settlement,
  appchain,
  bridge,
  confirmations = 0,
  pollIntervalMs = 100,
  assertions,
  assertionIntervalMs = 5_000,
  beforeStep = () => {},
  onMessage = () => {},
  onError,
}: RelayerConfig): Relayer {
  parseInteger(confirmations, "confirmations", 0);
  parseInteger(pollIntervalMs, "pollIntervalMs", 1);
  parseInteger(assertionIntervalMs, "assertionIntervalMs", 1);

  const client = clientOf(settlement);
  const { provider, producer, chainId } = appchain;
  const stopping = new AbortController();
  const { signal } = stopping;
  const executor = createExecutor({
    provider,
    chainId,
    beforeStep: async (step) => {
      signal.throwIfAborted();
      await beforeStep(step);
    },
  });

  const inboxes = new Set<Address>();
  /** Hash of the settlement chain's head when all there was had been relayed. */
  let relayedHead: Hex | undefined;
  /** When the first open ticket expires, in seconds; undefined until it is looked up. */
  let nextTimeout: bigint | undefined;
  let isAwake = true;
  let wakeUp: (() => void) | undefined;

  const wake = (): void => {
    isAwake = true;
    wakeUp?.();
  };
  const forgetBlocks = producer.onBlock(wake);
  const running = Promise.all([
    repeat(relayAll, sleep),
    assertions &&
      repeat(
        () => assertions.run(),
        () => elapse(assertionIntervalMs),
      ),
  ]);
  let stopped: Promise<void> | undefined;
  return {
    wake,
    stop: () => {
      stopping.abort();
      forgetBlocks();
      wake();
      return (stopped ??= running.then(() => {}));
    },
  };

  /** Does `work` again and again, with rests in between, until the relayer is stopped or finds that it cannot go on. */
  async function repeat(work: () => Promise<void>, rest: () => Promise<void>): Promise<void> {
    let pauseMs = FIRST_PAUSE_MS;
    while (!signal.aborted) {
      try {
        await work();
        pauseMs = FIRST_PAUSE_MS;
        await rest();
      } catch (error) {
        if (signal.aborted) return;
        const isFinal = error instanceof DevnetError && error.code === "SETTLEMENT_REORGANISED";
        if (isFinal) {
          stopping.abort();
          forgetBlocks();
        }
        onError(error, isFinal);
        if (isFinal) return;
        await elapse(pauseMs);
        pauseMs = Math.min(2 * pauseMs, MAX_PAUSE_MS);
      }
    }
  }

  async function elapse(milliseconds: number): Promise<void> {
    await pause(milliseconds, undefined, { signal }).catch(() => {});
  }

  async function sleep(): Promise<void> {
    if (!isAwake) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, pollIntervalMs);
        wakeUp = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    isAwake = false;
  }

  /** Everything there is to do at the moment. */
  async function relayAll(): Promise<void> {
    const progress = await executor.view("progress", []);
    if (progress.step !== STEP.none) await producer.exclusive(executor.finishUnderWay);

    await relayMessages(progress);
    await runRedeems();
    await expireTickets();
  }

  async function relayMessages(from: Progress): Promise<void> {
    const head = await client.getBlock();
    if (head.hash === relayedHead) return;
    const confirmed = head.number - BigInt(confirmations);

    const { parentBlock } = from;
    let { messageCount, accumulator } = from;
    // A node that is behind what was relayed has nothing new.
    if (confirmed < parentBlock) return;
    const known = await readBridge(client, bridge, confirmed, messageCount);
    if (known.accumulator !== accumulator) {
      const index = messageCount - 1n;
      throw new DevnetError(
        "SETTLEMENT_REORGANISED",
        `message ${index} of block ${parentBlock} of the settlement chain was relayed, and block ${confirmed} has another one or none`,
      );
    }

    for (let start = parentBlock; messageCount < known.messageCount;) {
      const end = start + MAX_RANGE < confirmed ? start + MAX_RANGE : confirmed;
      const messages = await readDelayedMessages({
        ...{ client, bridge, inboxes },
        first: { index: messageCount, accumulator },
        fromBlock: start,
        toBlock: end,
      });
      const last = messages.at(-1);
      if (last !== undefined) {
        await requireTrue(last, confirmed);
        await executeAll(messages);
        messageCount = last.index + 1n;
        accumulator = last.accumulator;
      }
      if (end === confirmed) break;
      start = end + 1n;
    }
    // Otherwise the node kept events back: ask again.
    if (messageCount === known.messageCount) relayedHead = head.hash;
  }

  /** Events that fit together may still be of another bridge's making: the bridge itself has the last word. */
  async function requireTrue({ index, accumulator }: DelayedMessage, at: bigint): Promise<void> {
    const { accumulator: actual } = await readBridge(client, bridge, at, index + 1n);
    if (actual === accumulator) return;
    throw new DevnetError(
      "RELAY_FAILED",
      `the events of the messages up to ${index} are not those of the bridge ${bridge}`,
    );
  }

  async function executeAll(messages: readonly DelayedMessage[]): Promise<void> {
    for (let next = 0; next < messages.length;) {
      await sendIfSigned(messages[next]);
      await producer.exclusive(async (system) => {
        const end = performance.now() + TURN_MS;
        do {
          const message = messages[next]!; // the condition below holds before as well
          const outcome = await executor.execute(system, message);
          if (outcome === "ticket") nextTimeout = undefined;
          next += 1;
          onMessage(message, outcome);
        } while (next < messages.length && performance.now() < end && !isSigned(messages[next]));
      });
    }
  }

  /**
   * A signed transaction goes the way of all others, before the message counts as done. Sent again after an interruption,
   * it is refused for its nonce; one that is refused at first is dropped.
   */
  async function sendIfSigned(message: DelayedMessage | undefined): Promise<void> {
    if (message === undefined || !isSigned(message)) return;
    const params = [`0x${message.data.slice(4)}`];
    await provider.request({ method: "eth_sendRawTransaction", params }).catch(() => {});
  }

  async function runRedeems(): Promise<void> {
    for (;;) {
      const { redeemCount, redeemsDone } = await executor.view("progress", []);
      if (redeemsDone === redeemCount) return;
      await producer.exclusive(executor.redeem);
      nextTimeout = undefined;
    }
  }

  async function expireTickets(): Promise<void> {
    if (nextTimeout === undefined) nextTimeout = await firstTimeout();
    const { timestamp } = (await provider.request({
      method: "eth_getBlockByNumber",
      params: ["latest", false],
    })) as { readonly timestamp: Hex };
    if (nextTimeout >= hexToBigInt(timestamp)) return;

    const [ticketIds, timeouts] = await executor.view("openTickets", []);
    const expired = ticketIds.filter(
      (_, place) => (timeouts[place] ?? 0n) < hexToBigInt(timestamp),
    );
    for (const ticketId of expired) {
      await producer.exclusive((system) => executor.expire(system, ticketId));
    }
    nextTimeout = undefined;
  }

  /** Never too late: a ticket that is kept alive only lasts longer. */
  async function firstTimeout(): Promise<bigint> {
    const [, timeouts] = await executor.view("openTickets", []);
    return timeouts.reduce((first, timeout) => (timeout < first ? timeout : first), NEVER);
  }
}

/** Seconds since the epoch, after all others. */
const NEVER = 2n ** 64n;

function isSigned(message: DelayedMessage | undefined): boolean {
  return message !== undefined && parseMessage(message.kind, message.data).kind === "signed";
}
