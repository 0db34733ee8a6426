import { keccak256, numberToHex, toRlp, type Hex } from "viem";

/** What differs between the headers of the benchmark's chain. */
export interface Header {
  readonly number: number;
  readonly hash: Hex;
  readonly parentHash: Hex;
  readonly timestamp: number;
  readonly logsBloom: Hex;
  readonly gasUsed: number;
}

/** Fields of a header as JSON-RPC has them, in the order in which they are hashed; of forks up to Cancun. */
const HASHED = [
  ["parentHash", "bytes"],
  ["sha3Uncles", "bytes"],
  ["miner", "bytes"],
  ["stateRoot", "bytes"],
  ["transactionsRoot", "bytes"],
  ["receiptsRoot", "bytes"],
  ["logsBloom", "bytes"],
  ["difficulty", "number"],
  ["number", "number"],
  ["gasLimit", "number"],
  ["gasUsed", "number"],
  ["timestamp", "number"],
  ["extraData", "bytes"],
  ["mixHash", "bytes"],
  ["nonce", "bytes"],
  ["baseFeePerGas", "number"],
  ["withdrawalsRoot", "bytes"],
  ["blobGasUsed", "number"],
  ["excessBlobGas", "number"],
  ["parentBeaconBlockRoot", "bytes"],
] as const;

export type HeaderFields = Readonly<Record<(typeof HASHED)[number][0], Hex>>;

const ZERO = `0x${"00".repeat(32)}` as const;
const EMPTY_TRIE = "0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421";
const NO_UNCLES = "0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347";

/** The fields of a header. Roots are those of empty tries: nothing here can be proved. */
export function headerFields(header: Omit<Header, "hash">): HeaderFields {
  return {
    parentHash: header.parentHash,
    sha3Uncles: NO_UNCLES,
    miner: `0x${"00".repeat(20)}`,
    stateRoot: EMPTY_TRIE,
    transactionsRoot: EMPTY_TRIE,
    receiptsRoot: EMPTY_TRIE,
    logsBloom: header.logsBloom,
    difficulty: "0x0",
    number: numberToHex(header.number),
    gasLimit: numberToHex(2 ** 32),
    gasUsed: numberToHex(header.gasUsed),
    timestamp: numberToHex(header.timestamp),
    extraData: "0x",
    mixHash: ZERO,
    nonce: "0x0000000000000000",
    baseFeePerGas: "0x989680",
    withdrawalsRoot: EMPTY_TRIE,
    blobGasUsed: "0x0",
    excessBlobGas: "0x0",
    parentBeaconBlockRoot: ZERO,
  };
}

/** The block hash that follows from the fields. */
export function hashHeader(fields: HeaderFields): Hex {
  return keccak256(
    toRlp(HASHED.map(([name, kind]) => (kind === "number" ? minimal(fields[name]) : fields[name]))),
  );
}

/** RLP has numbers without leading zeros, and zero without a byte. */
function minimal(value: Hex): Hex {
  const digits = value.slice(2).replace(/^0+/, "");

  return `0x${digits.length % 2 === 0 ? "" : "0"}${digits}`;
}
