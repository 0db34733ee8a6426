/** What the benchmark's chain holds: blocks of equally many events, all of `MessageSent` of one contract. */
export interface EventSet {
  readonly name: string;
  readonly events: number;
  readonly payloadBytes: { readonly min: number; readonly max: number };
  readonly perTransaction: number;
  readonly perBlock: number;
  /** Whether the payload is in the transaction too. Without, it came through a contract, and the call is short. */
  readonly hasCalldata: boolean;
  /** Whether blocks are kept ready to be served. Without, each is made again for every request. */
  readonly isKept: boolean;
}

/** Blocks without an event on top: those with events are final, whatever an indexer takes for final. */
export const EMPTY_BLOCKS = 128;

const LARGE = {
  events: 10_000,
  payloadBytes: exactly(20_000),
  perTransaction: 1,
  perBlock: 100,
  isKept: true,
};

const SETS: readonly EventSet[] = [
  {
    name: "A",
    events: 100_000,
    payloadBytes: exactly(500),
    perTransaction: 10,
    perBlock: 1_000,
    hasCalldata: false,
    isKept: true,
  },
  { name: "B", ...LARGE, hasCalldata: false },
  {
    name: "C",
    events: 100_000,
    payloadBytes: exactly(500),
    perTransaction: 1,
    perBlock: 100,
    hasCalldata: true,
    isKept: true,
  },
  { name: "D", ...LARGE, hasCalldata: true },
];

/** A to D are those of the tables in the documents; `growth:1000000` is as many small messages, and `empty` is none. */
export function findSet(name: string): EventSet {
  const known = SETS.find((set) => set.name === name);
  if (known !== undefined) return known;

  const [kind, count] = name.split(":");
  const events = kind === "empty" ? 0 : Number(count);
  if ((kind !== "growth" && kind !== "empty") || !Number.isInteger(events)) {
    throw new Error(`There is no set "${name}". There are: A, B, C, D, empty, growth:<events>.`);
  }

  return {
    name,
    events,
    payloadBytes: { min: 100, max: 500 },
    perTransaction: 10,
    perBlock: 1_000,
    hasCalldata: false,
    isKept: false,
  };
}

function exactly(bytes: number): EventSet["payloadBytes"] {
  return { min: bytes, max: bytes };
}
