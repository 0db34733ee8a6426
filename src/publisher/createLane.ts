import type { Address, Hex } from "viem";

import type { XmtpError } from "../errors/XmtpError.ts";
import { byteLength } from "../inputs/hexBytes.ts";
import type { Published } from "./decodePublished.ts";
import { elementBytes, transactionBytes } from "./encodePayloads.ts";
import { estimatePublishGas, logBytes } from "./estimatePublishGas.ts";
import type { PayloadKind } from "./payloadKinds.ts";

/** A payload on its way. */
export interface Item {
  readonly id: Hex;
  readonly payload: Hex;
  readonly queuedAt: number;
  readonly resolve: (published: Published) => void;
  readonly reject: (error: XmtpError) => void;
  /**
   * Waiting to be checked against newer limits, waiting to be sent, in a transaction, waiting to be sent again because
   * its transaction failed, or done.
   */
  state: "unchecked" | "queued" | "sent" | "returned" | "done";
  attempts: number;
  /** The transactions that may hold it. */
  hashes: () => readonly Hex[];
}

/** What one transaction may hold. */
export interface BatchLimits {
  /** A single payload may be larger. */
  readonly maxTransactionBytes: number;
  readonly maxTransactionGas: number;
}

/** Payloads that go into one transaction together, all of one kind. */
export interface Batch {
  readonly lane: Lane;
  readonly items: readonly Item[];
  readonly gas: number;
}

/** The payloads of one contract that wait to be sent, in the order in which they were published. */
export interface Lane {
  readonly kind: PayloadKind;
  readonly contract: Address;
  push(item: Item): void;
  /** Puts items at the front again, to go out as one transaction of their own. */
  putBack(items: readonly Item[]): void;
  /** When the first payload that may go was queued; undefined if none may. */
  headQueuedAt(): number | undefined;
  /** Whether what waits fills a transaction. */
  isFull(): boolean;
  /** Takes as many payloads as fit into one transaction. */
  take(): Batch | undefined;
}

/** Whether a transaction of its own has enough gas for a payload. Its size is left to the node: nodes differ. */
export function fitsAlone(payload: Hex, { maxTransactionGas }: BatchLimits): boolean {
  const gas = estimatePublishGas(1, elementBytes(payload), logBytes(byteLength(payload)));

  return gas <= maxTransactionGas;
}

export function createLane(kind: PayloadKind, contract: Address, limits: BatchLimits): Lane {
  /** Batches that were sent before and have to go again as they are. */
  let returned: (readonly Item[])[] = [];
  let queue: Item[] = [];
  let head = 0;
  /** Bytes of the queued payloads in calldata, to know cheaply when a transaction is full. */
  let queuedElements = 0;

  const skipDone = (): void => {
    while (returned[0]?.every(({ state }) => state === "done") === true) returned.shift();
    while (queue[head]?.state === "done") drop();
    if (head > 1_000 && head * 2 > queue.length) {
      queue = queue.slice(head);
      head = 0;
    }
  };
  const drop = (): void => {
    const item = queue[head];
    if (item !== undefined) queuedElements -= elementBytes(item.payload);
    head += 1;
  };

  const lane: Lane = {
    kind,
    contract,
    push: (item) => {
      queue.push(item);
      queuedElements += elementBytes(item.payload);
    },
    putBack: (items) => {
      for (const item of items) if (item.state === "sent") item.state = "returned";
      returned = [...returned, items];
    },
    headQueuedAt: () => {
      skipDone();
      if (returned.length > 0) return 0;
      const item = queue[head];
      return item?.state === "queued" ? item.queuedAt : undefined;
    },
    isFull: () =>
      returned.length > 0 || transactionBytes(queuedElements) >= limits.maxTransactionBytes,
    take: () => {
      skipDone();
      const again = returned.shift()?.filter(({ state }) => state !== "done");
      if (again !== undefined) return { lane, items: again, gas: gasOf(again) };

      const items: Item[] = [];
      let elements = 0;
      let logs = 0;
      let gas = 0;
      for (; head < queue.length; drop()) {
        const item = queue[head];
        if (item === undefined || item.state === "unchecked") break;
        if (item.state === "done") continue;
        const nextElements = elements + elementBytes(item.payload);
        const nextLogs = logs + logBytes(byteLength(item.payload));
        const nextGas = estimatePublishGas(items.length + 1, nextElements, nextLogs);
        const isTooMuch =
          transactionBytes(nextElements) > limits.maxTransactionBytes ||
          nextGas > limits.maxTransactionGas;
        if (items.length > 0 && isTooMuch) break;
        items.push(item);
        [elements, logs, gas] = [nextElements, nextLogs, nextGas];
      }
      skipDone();
      return items.length === 0 ? undefined : { lane, items, gas };
    },
  };

  return lane;
}

function gasOf(items: readonly Item[]): number {
  const elements = items.reduce((sum, { payload }) => sum + elementBytes(payload), 0);
  const logs = items.reduce((sum, { payload }) => sum + logBytes(byteLength(payload)), 0);

  return estimatePublishGas(items.length, elements, logs);
}
