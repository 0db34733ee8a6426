import { RpcNodeError } from "../../chain/createRpc.ts";
import { decodeError } from "../../errors/decodeError.ts";
import { XmtpError } from "../../errors/XmtpError.ts";

/** What to do about a read that failed. */
export type Failure =
  /** Ask for fewer blocks: at most so many, if the provider said. */
  | { readonly kind: "tooLarge"; readonly maxBlocks?: number }
  /** Ask again later, perhaps another node. */
  | { readonly kind: "later"; readonly error: XmtpError }
  /** Trying again does not help. */
  | { readonly kind: "final"; readonly error: XmtpError };

/**
 * Refusals of a range for its size, in the words of providers: by blocks, by results, by bytes, by time. Rate limits are
 * not among them, though some share the error code.
 */
const TOO_LARGE = [
  /block range/iu, // "up to a 500 block range", "block range is too wide", "exceed maximum block range: 5000"
  /(?:range|interval) (?:is )?too (?:large|wide|big)/iu,
  /range of more than \d+ blocks/iu,
  /maximum (?:allowed )?number of (?:requested )?blocks/iu,
  /blocks? distance/iu,
  /(?:limited to|more than|exceeds?|max(?:imum)?(?: of)?|too many) (?:a )?[\d,k]* ?(?:results|logs|events|blocks)/iu,
  /query (?:returned|exceeds|timeout|timed out)/iu,
  /(?:response|result|payload|body|log) ?(?:size|set)?(?: is| was)? (?:too (?:large|big)|exceed|should not)/iu,
  /(?:response|log response) size/iu,
  /too many (?:results|logs)/iu,
  /please (?:limit|reduce|narrow)/iu,
  /execution timeout/iu,
];
const BUSY =
  /rate|too many requests|requests per|throughput|capacity|credits|quota|try again later/iu;
/** `Try with this block range [0x1, 0x2]`, `range should work: [0x1, 0x2]`. */
const SUGGESTED_RANGE = /\[(0x[0-9a-f]+|\d+), ?(0x[0-9a-f]+|\d+)\]/iu;
const ALLOWED_BLOCKS =
  /(?:up to an?|maximum(?: allowed)?(?: number of)?(?: requested)?(?: block range| blocks)?(?: is|:)?|max(?:imum)? block range(?: is|:)?|limited to(?: an?)?|limit(?: is|:)?|more than|exceeds?(?: the)?(?: range)?(?: limit)?(?: of)?) ?([\d,]+)(k?)(?= ?block|$|[.,;)])/iu;

/** Understands what a node or the network said. */
export function classifyFailure(thrown: unknown): Failure {
  if (thrown instanceof RpcNodeError) {
    const { message } = thrown;
    const isTooLarge = TOO_LARGE.some((pattern) => pattern.test(message));
    if (isTooLarge && !(BUSY.test(message) && !/range|result|size|logs/iu.test(message))) {
      const maxBlocks = allowedBlocks(message);
      return maxBlocks === undefined ? { kind: "tooLarge" } : { kind: "tooLarge", maxBlocks };
    }
    // Nodes also say "header not found" or "unknown block" of what they will have in a moment.
    return { kind: "later", error: decodeError(thrown) };
  }
  const error = thrown instanceof XmtpError ? thrown : decodeError(thrown);
  // A body that the gateway in front of the node refuses.
  if (/HTTP status 413/u.test(error.message)) return { kind: "tooLarge" };

  return error.retryable || error.code === "RPC_REFUSED"
    ? { kind: "later", error }
    : { kind: "final", error };
}

function allowedBlocks(message: string): number | undefined {
  const [, from, to] = SUGGESTED_RANGE.exec(message) ?? [];
  if (from !== undefined && to !== undefined && Number(to) >= Number(from)) {
    return Number(to) - Number(from) + 1;
  }
  const [, digits, thousands] = ALLOWED_BLOCKS.exec(message) ?? [];
  if (digits === undefined || /result|log|event|byte/iu.test(message)) return undefined;
  const blocks = Number(digits.replaceAll(",", "")) * (thousands === "" ? 1 : 1_000);

  return blocks >= 1 ? blocks : undefined;
}
