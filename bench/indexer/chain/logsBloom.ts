import { keccak256, type Hex } from "viem";

const BYTES = 256;

/** Bits of a value that many logs have. */
const known = new Map<Hex, readonly number[]>();
const MAX_KNOWN = 10_000;

/** The 256-byte filter that a block's header has for addresses and topics of its logs. */
export function logsBloom(values: Iterable<Hex>): Hex {
  const filter = Buffer.alloc(BYTES);
  for (const value of values) {
    for (const bit of bitsOf(value)) {
      const index = BYTES - 1 - (bit >> 3);
      filter[index] = (filter[index] ?? 0) | (1 << (bit & 7));
    }
  }

  return `0x${filter.toString("hex")}`;
}

function bitsOf(value: Hex): readonly number[] {
  const before = known.get(value);
  if (before !== undefined) return before;

  const hash = Buffer.from(keccak256(value, "bytes"));
  const bits = [0, 2, 4].map((offset) => hash.readUInt16BE(offset) & 0x7ff);
  if (known.size < MAX_KNOWN) known.set(value, bits);

  return bits;
}
