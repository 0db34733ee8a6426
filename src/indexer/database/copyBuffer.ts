/** The header of a binary COPY: signature, flags, length of the extension. */
const HEADER = Buffer.from("PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0", "latin1");
const JSONB_VERSION = 1;
/** PostgreSQL counts microseconds from 2000 on. */
const EPOCH_UNIX_SECONDS = 946_684_800;

/**
 * Rows in PostgreSQL's binary COPY format (https://www.postgresql.org/docs/current/sql-copy.html#id-1.9.3.55.9.4),
 * written straight from the hex strings of a node's answer: no object and no buffer for a field.
 */
export interface CopyBuffer {
  /** Begins a row of so many fields. */
  row(fields: number): void;
  int8(value: bigint | number): void;
  /** The bytes of hex digits, which are part of a text. */
  hex(text: string, start: number, end: number): void;
  /** A whole hex string, with 0x. */
  bytes(hex: string): void;
  text(value: string): void;
  /** A `timestamptz`. */
  timestamp(unixSeconds: number): void;
  jsonb(value: string): void;
  /** Rows so far. */
  rows(): number;
  /** The COPY as a whole; valid until `clear`. */
  finish(): Uint8Array;
  /** Begins anew, and keeps the memory. */
  clear(): void;
}

/** @param bytes memory to begin with; it grows as needed */
export function createCopyBuffer(bytes = 1 << 16): CopyBuffer {
  let buffer = Buffer.allocUnsafe(bytes);
  let length = 0;
  let rowCount = 0;

  const reserve = (more: number): void => {
    if (length + more <= buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.max(2 * buffer.length, length + more));
    buffer.copy(grown, 0, 0, length);
    buffer = grown;
  };
  const clear = (): void => {
    length = 0;
    reserve(HEADER.length);
    length = HEADER.copy(buffer);
    rowCount = 0;
  };
  const int8 = (value: bigint | number): void => {
    reserve(12);
    buffer.writeInt32BE(8, length);
    if (typeof value === "bigint") buffer.writeBigInt64BE(value, length + 4);
    else {
      buffer.writeInt32BE(Math.floor(value / 2 ** 32), length + 4);
      // The remainder of a negative number would be negative.
      buffer.writeUInt32BE(value - Math.floor(value / 2 ** 32) * 2 ** 32, length + 8);
    }
    length += 12;
  };
  const hex = (text: string, start: number, end: number): void => {
    const size = (end - start) >>> 1;
    reserve(4 + size);
    buffer.writeInt32BE(size, length);
    const written = buffer.write(text.slice(start, end), length + 4, "hex");
    if (2 * written !== end - start) throw new Error(`not hex: ${text.slice(start, start + 80)}`);
    length += 4 + size;
  };
  const utf8 = (value: string, prefix: number): void => {
    const size = Buffer.byteLength(value);
    reserve(4 + prefix + size);
    buffer.writeInt32BE(prefix + size, length);
    if (prefix === 1) buffer[length + 4] = JSONB_VERSION;
    buffer.write(value, length + 4 + prefix);
    length += 4 + prefix + size;
  };
  clear();

  return {
    row: (fields) => {
      reserve(2);
      length = buffer.writeInt16BE(fields, length);
      rowCount += 1;
    },
    int8,
    hex,
    bytes: (value) => hex(value, 2, value.length),
    text: (value) => utf8(value, 0),
    timestamp: (unixSeconds) => int8((unixSeconds - EPOCH_UNIX_SECONDS) * 1_000_000),
    jsonb: (value) => utf8(value, 1),
    rows: () => rowCount,
    finish: () => {
      reserve(2);
      buffer.writeInt16BE(-1, length);
      return buffer.subarray(0, length + 2);
    },
    clear,
  };
}
