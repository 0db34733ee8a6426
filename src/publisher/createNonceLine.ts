import type { Address } from "viem";

import { createEntry, type Entry } from "./createEntry.ts";
import type { Fees } from "./fees.ts";

/** What a transaction starts with when it gets a nonce. */
export interface Terms {
  readonly fees: Fees;
  /** The newest block. */
  readonly notBeforeBlock: number;
}

/** The entries that have a nonce and no outcome. Everything that goes through them does so by rising nonce. */
export interface NonceLine {
  size(): number;
  at(nonce: number): Entry | undefined;
  /** Whether the entry still stands at its nonce. */
  holds(entry: Entry): boolean;
  /** The first entry for which the predicate holds. */
  find(predicate: (entry: Entry) => boolean): Entry | undefined;
  /** All entries, as a list of its own: the line may change while a caller goes through it. */
  ordered(): Entry[];
  /** Gives an entry the next nonce. */
  append(entry: Entry): void;
  /** Gives an entry a nonce of the caller's choice, to be signed with. It must have left its previous one. */
  place(entry: Entry, nonce: number): void;
  /** Puts an empty transaction at a nonce: without it nothing above would ever be mined. */
  fill(nonce: number): void;
  remove(entry: Entry): void;
  clear(): void;
  /** Sets the nonce that `append` gives out next. */
  continueAt(nonce: number): void;
  /** Lets `append` give out again what is free behind the last entry. */
  trim(): void;
}

export interface NonceLineParameters {
  readonly address: Address;
  /** The terms of the moment. */
  readonly terms: () => Terms;
}

/** For a transfer of nothing; rollups charge for its bytes on top of 21,000. */
const FILLER_GAS = 100_000;

export function createNonceLine({ address, terms }: NonceLineParameters): NonceLine {
  /** In the order of the nonces, except after an entry was placed before others: then it is sorted at the next use. */
  let entries = new Map<number, Entry>();
  let isSorted = true;
  /** No entry has a higher nonce; -1 for an empty line. */
  let highest = -1;
  let nextNonce = 0;

  const sorted = (): Map<number, Entry> => {
    if (!isSorted) entries = new Map([...entries].sort(([left], [right]) => left - right));
    isSorted = true;
    return entries;
  };

  const line: NonceLine = {
    size: () => entries.size,
    at: (nonce) => entries.get(nonce),
    holds: (entry) => entries.get(entry.nonce) === entry,
    find: (predicate) => {
      for (const entry of sorted().values()) if (predicate(entry)) return entry;
      return undefined;
    },
    ordered: () => [...sorted().values()],
    append: (entry) => {
      line.place(entry, nextNonce++);
    },
    place: (entry, nonce) => {
      const { fees, notBeforeBlock } = terms();
      entry.nonce = nonce;
      entry.fees = fees;
      entry.raw = "0x";
      entry.hashes = [];
      entry.state = "ready";
      entry.isFixed = false;
      entry.refusal = undefined;
      entry.rebroadcasts = 0;
      entry.notBeforeBlock = notBeforeBlock;
      entry.seenBlock = undefined;
      entry.missingSince = undefined;
      if (entries.size === 0) highest = -1;
      if (nonce < highest) isSorted = false;
      highest = Math.max(highest, nonce);
      entries.set(nonce, entry);
    },
    fill: (nonce) => {
      const request = { to: address, data: "0x", gas: FILLER_GAS } as const;
      line.place(createEntry(request, -1, { resolve: ignore, reject: ignore }), nonce);
    },
    remove: ({ nonce }) => {
      entries.delete(nonce);
    },
    clear: () => {
      entries.clear();
    },
    continueAt: (nonce) => {
      nextNonce = nonce;
    },
    trim: () => {
      const last = line.ordered().at(-1);
      if (last !== undefined) nextNonce = Math.min(nextNonce, last.nonce + 1);
    },
  };

  return line;
}

function ignore(): void {
  // Nobody waits for a filler.
}
