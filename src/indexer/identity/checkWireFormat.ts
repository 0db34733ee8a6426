import type { DescField, DescMessage } from "@bufbuild/protobuf";
import { ScalarType } from "@bufbuild/protobuf";

const VARINT = 0;
const FIXED64 = 1;
const LENGTH_DELIMITED = 2;
const START_GROUP = 3;
const END_GROUP = 4;
const FIXED32 = 5;

const MAX_TAG = 0xffff_ffffn;
const MAX_UINT64 = (1n << 64n) - 1n;
/** Messages and groups inside each other that the decoders of clients follow. */
const MAX_DEPTH = 100;

/**
 * Refuses bytes that the decoders of nodes and clients refuse and protobuf-es reads all the same: a known field of another
 * wire type, a message that ends inside one of its fields, numbers that overflow.
 *
 * @throws {Error} what is wrong and where
 */
export function checkWireFormat(schema: DescMessage, bytes: Uint8Array): void {
  checkMessage(schema, bytes, 0, bytes.length, 1);
}

function checkMessage(
  schema: DescMessage,
  bytes: Uint8Array,
  start: number,
  end: number,
  depth: number,
): void {
  if (depth > MAX_DEPTH) throw new Error(`more than ${MAX_DEPTH} levels at byte ${start}`);

  let position = start;
  while (position < end) {
    const tag = readTag(bytes, position, end);
    const field = fieldsOf(schema).get(tag.fieldNumber);
    if (field !== undefined && wireTypeOf(field) !== tag.wireType) {
      throw new Error(`${field.name} at byte ${position} has wire type ${tag.wireType}`);
    }
    const valueEnd = skipValue(bytes, tag, end, depth);
    if (field?.message !== undefined) {
      const { end: valueStart } = readVarint(bytes, tag.end, end);
      checkMessage(field.message, bytes, valueStart, valueEnd, depth + 1);
    }
    position = valueEnd;
  }
}

interface Tag {
  readonly fieldNumber: number;
  readonly wireType: number;
  /** Where the value begins. */
  readonly end: number;
}

function readTag(bytes: Uint8Array, position: number, limit: number): Tag {
  const { value, end } = readVarint(bytes, position, limit);
  if (value > MAX_TAG || value < 8n) throw new Error(`no tag at byte ${position}`);

  return { fieldNumber: Number(value >> 3n), wireType: Number(value & 7n), end };
}

/** Returns where a value ends. */
function skipValue(bytes: Uint8Array, tag: Tag, limit: number, depth: number): number {
  switch (tag.wireType) {
    case VARINT:
      return readVarint(bytes, tag.end, limit).end;
    case FIXED64:
      return within(tag.end + 8, limit);
    case FIXED32:
      return within(tag.end + 4, limit);
    case LENGTH_DELIMITED: {
      const { value, end } = readVarint(bytes, tag.end, limit);
      if (value > BigInt(limit - end)) throw new Error(`a field ends beyond byte ${limit}`);
      return end + Number(value);
    }
    case START_GROUP:
      return skipGroup(bytes, tag, limit, depth + 1);
    default:
      throw new Error(`wire type ${tag.wireType} before byte ${tag.end}`);
  }
}

function skipGroup(bytes: Uint8Array, group: Tag, limit: number, depth: number): number {
  if (depth > MAX_DEPTH) throw new Error(`more than ${MAX_DEPTH} levels at byte ${group.end}`);

  let position = group.end;
  for (;;) {
    const tag = readTag(bytes, position, limit);
    if (tag.wireType === END_GROUP) {
      if (tag.fieldNumber !== group.fieldNumber)
        throw new Error(`another group's end at ${position}`);
      return tag.end;
    }
    position = skipValue(bytes, tag, limit, depth);
  }
}

function readVarint(
  bytes: Uint8Array,
  position: number,
  limit: number,
): { value: bigint; end: number } {
  // Nearly all of them are lengths and tags of one byte.
  const first = bytes[position];
  if (position < limit && first !== undefined && first < 0x80) {
    return { value: BigInt(first), end: position + 1 };
  }

  let value = 0n;
  for (let index = 0; index < 10; index++) {
    const byte = bytes[position + index];
    if (byte === undefined || position + index >= limit) break;
    value |= BigInt(byte & 0x7f) << BigInt(7 * index);
    if (byte < 0x80) {
      if (value > MAX_UINT64) break;
      return { value, end: position + index + 1 };
    }
  }
  throw new Error(`no number of 64 bits at byte ${position}`);
}

function within(end: number, limit: number): number {
  if (end > limit) throw new Error(`a field ends beyond byte ${limit}`);

  return end;
}

const fieldsBySchema = new WeakMap<DescMessage, Map<number, DescField>>();

function fieldsOf(schema: DescMessage): Map<number, DescField> {
  let fields = fieldsBySchema.get(schema);
  if (fields === undefined) {
    fields = new Map(schema.fields.map((field) => [field.number, field]));
    fieldsBySchema.set(schema, fields);
  }

  return fields;
}

/** The wire type of a field of our schemas, which have neither fixed numbers nor packed lists. */
function wireTypeOf(field: DescField): number {
  if (field.fieldKind !== "scalar") return LENGTH_DELIMITED;

  return field.scalar === ScalarType.STRING || field.scalar === ScalarType.BYTES
    ? LENGTH_DELIMITED
    : VARINT;
}
