import { formatCursor } from "../../events/cursorText.ts";
import type { Cursor } from "../../events/eventSources.ts";
import type { IndexedEvent } from "../read/indexedEvents.ts";

/** What JSON makes of a value here: a bigint is a decimal string, and what is undefined is null. */
export type Jsonified<Value> = Value extends bigint
  ? string
  : Value extends undefined
    ? null
    : Value extends readonly (infer Item)[]
      ? Jsonified<Item>[]
      : Value extends object
        ? { -readonly [Key in keyof Value]-?: Jsonified<Value[Key]> }
        : Value;

export function toJson<Value>(value: Value): Jsonified<Value> {
  return convert(value) as Jsonified<Value>;
}

function convert(value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  if (value === undefined || value === null) return null;
  if (Array.isArray(value)) return value.map(convert);
  if (typeof value !== "object") return value;

  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, convert(member)]));
}

type Plain<Event> = Event extends unknown
  ? Jsonified<Omit<Event, "cursor">> & {
      blockNumber: number;
      blockHash: string;
      logIndex: number;
      cursor: string;
    }
  : never;

/** An event with its cursor as one word, and what that consists of. */
export function eventToJson<Event extends IndexedEvent>(event: Event): Plain<Event> {
  const { cursor, ...fields } = event;
  const { blockNumber, blockHash, logIndex } = cursor;

  return {
    ...(convert(fields) as object),
    blockNumber,
    blockHash,
    logIndex,
    cursor: formatCursor(cursor),
  } as Plain<Event>;
}

/** A reorganisation with its cursor as one word. */
export function reorgToJson({
  fromBlock,
  cursor,
}: {
  readonly fromBlock: number;
  readonly cursor: Cursor;
}): { fromBlock: number; cursor: string } {
  return { fromBlock, cursor: formatCursor(cursor) };
}
