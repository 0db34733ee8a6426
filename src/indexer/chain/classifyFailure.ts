import { RpcNodeError } from "../../chain/createRpc.ts";
import { decodeError } from "../../errors/decodeError.ts";
import { XmtpError } from "../../errors/XmtpError.ts";
import { TOO_MANY_BYTES } from "./postKeptAlive.ts";

/** What to do about a read that failed. */
export type Failure =
  /** Ask for fewer blocks: at most so many, if the provider said. */
  | { readonly kind: "tooLarge"; readonly maxBlocks?: number }
  /** Ask again later, perhaps another node. */
  | { readonly kind: "later"; readonly error: XmtpError }
  /** Trying again does not help. */
  | { readonly kind: "final"; readonly error: XmtpError };

/** Too many requests: fewer blocks in each would make more of them. Some share the error code of what is too large. */
const BUSY = [
  /rate[- ]?limit|over rate|(?:request|call) rate|requests? (?:per|limit)|calls per/iu,
  /too many (?:concurrent )?requests?\b|requests? per second|\bRPS\b|server is busy|try again later/iu,
  /compute units|throughput|capacity|credits|quota/iu,
];

/** Refusals of a range for its size, in the words of providers: by blocks, by results, by bytes, by time. */
const TOO_LARGE = [
  /(?<!invalid )block range/iu, // "up to a 500 block range", "block range is too wide", "exceed maximum block range: 5000"
  /(?:range|interval) (?:is )?too (?:large|wide|big)|range (?:\d+ )?exceeds|limited to .*\brange\b/iu,
  /range of more than \d+ blocks|ranges over [\d,]+ blocks/iu,
  /maximum (?:allowed )?number of (?:requested )?blocks/iu,
  /blocks? distance/iu,
  /(?:limited to|more than|exceeds?|max(?:imum)?(?: of)?|too many) (?:a )?[\d,k]* ?(?:results|logs|events|blocks)/iu,
  /query (?:returned|exceeds|timeout|timed out|must be smaller)|by query exceeds/iu,
  /request (?:timed out|was cancel+ed)|execution timeout/iu,
  /(?:response|result|payload|body|log) ?(?:size|set)?(?: is| was)? (?:too (?:large|big)|exceed|should not)/iu,
  /response size/iu,
  /too many (?:results|logs)/iu,
  /please (?:limit|reduce|narrow)/iu,
];
/** `Try with this block range [0x1, 0x2]`, `range should work: [0x1, 0x2]`, `retry with the range 1-2`. */
const SUGGESTED_RANGES = [
  /\[(0x[0-9a-f]+|\d+), ?(0x[0-9a-f]+|\d+)\]/iu,
  /with the range (\d+)-(\d+)/iu,
];
const ALLOWED_BLOCKS = [
  /max(?:imum)? block range = ([\d,]+)(k?)/iu,
  /(?:block|max(?:imum)?) range:? ([\d,]+)(k?)/iu,
  /range \d+ exceeds limit of ([\d,]+)(k?)/iu,
  /up to an? ([\d,]+)(k?) block/iu,
  /limited to (?:an? |0 - )?([\d,]+)(k?) (?:blocks? )?range/iu,
  /(?:ranges? over|more than|limit(?: of)?:?) ([\d,]+)(k?) blocks/iu,
  /max(?:imum)?:? ([\d,]+)(k?)(?= blocks|[.)]|$)/iu,
  /requested blocks is ([\d,]+)(k?)/iu,
  /smaller than size ([\d,]+)(k?)/iu,
];

/** Understands what a node or the network said. */
export function classifyFailure(thrown: unknown): Failure {
  if (thrown instanceof RpcNodeError) {
    const { message } = thrown;
    const isBusy = BUSY.some((pattern) => pattern.test(message));
    if (!isBusy && TOO_LARGE.some((pattern) => pattern.test(message))) {
      const maxBlocks = allowedBlocks(message);
      return maxBlocks === undefined ? { kind: "tooLarge" } : { kind: "tooLarge", maxBlocks };
    }
    // Nodes also say "header not found" or "unknown block" of what they will have in a moment.
    return { kind: "later", error: decodeError(thrown) };
  }
  const error = thrown instanceof XmtpError ? thrown : decodeError(thrown);
  // A body that the gateway in front of the node refuses.
  if (/HTTP status 413/u.test(error.message) || error.message.includes(TOO_MANY_BYTES)) {
    return { kind: "tooLarge" };
  }

  return error.retryable || error.code === "RPC_REFUSED"
    ? { kind: "later", error }
    : { kind: "final", error };
}

function allowedBlocks(message: string): number | undefined {
  const [, from, to] = firstMatch(SUGGESTED_RANGES, message) ?? [];
  if (from !== undefined && to !== undefined && Number(to) >= Number(from)) {
    return Number(to) - Number(from) + 1;
  }
  const [, digits, thousands] = firstMatch(ALLOWED_BLOCKS, message) ?? [];
  if (digits === undefined) return undefined;
  const blocks = Number(digits.replaceAll(",", "")) * (thousands === "" ? 1 : 1_000);

  return blocks >= 1 ? blocks : undefined;
}

function firstMatch(patterns: readonly RegExp[], text: string): RegExpExecArray | undefined {
  for (const pattern of patterns) {
    const match = pattern.exec(text);
    if (match !== null) return match;
  }

  return undefined;
}
