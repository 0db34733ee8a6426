import { RpcNodeError } from "../chain/createRpc.ts";

/**
 * What it means that `eth_sendRawTransaction` failed.
 *
 * - `known`: the node has exactly this transaction
 * - `nonceTooLow`: a transaction with this nonce is in a block
 * - `nonceTaken`: another transaction with this nonce waits, and this one does not pay enough to replace it
 * - `nonceTooHigh`: the node does not queue, and an earlier nonce is missing
 * - `feeTooLow`, `gasTooLow`: signed again with more it will pass
 * - `tooLarge`: less in one transaction will pass
 * - `noFunds`, `refused`: it will not pass
 * - `busy`: later it may pass; it was not taken
 * - `unknown`: nobody knows whether the node took it
 */
export type Refusal =
  | "known"
  | "nonceTooLow"
  | "nonceTaken"
  | "nonceTooHigh"
  | "feeTooLow"
  | "gasTooLow"
  | "tooLarge"
  | "noFunds"
  | "refused"
  | "busy"
  | "unknown";

/** Texts of geth, Nitro, Reth, Nethermind, Besu, Erigon and EDR; the first match counts. */
const PATTERNS: readonly (readonly [RegExp, Refusal])[] = [
  [
    /already known|known transaction|already imported|already in (the )?(mem)?pool|alreadyknown/iu,
    "known",
  ],
  [/nonce (is )?too low|nonce.*lower than|old ?nonce/iu, "nonceTooLow"],
  [
    /nonce (is )?too high|nonce gap|nonce.*(higher|greater) than|noncetoofarinfuture/iu,
    "nonceTooHigh",
  ],
  [/replacement|replace existing|same nonce/iu, "nonceTaken"],
  [/insufficient funds|enough funds|insufficient balance/iu, "noFunds"],
  [
    /intrinsic gas|floor data gas|out of gas|gas limit.*(too low|below)|requires at least \d+ gas/iu,
    "gasTooLow",
  ],
  [
    /oversized|too large|exceeds.*(block )?gas limit|gas limit.*(too high|exceed|greater|cap)|max.*size/iu,
    "tooLarge",
  ],
  [
    /fee ?cap|base ?fee|underpriced|gas ?price.*(low|below)|fee too low|maxfeepergas/iu,
    "feeTooLow",
  ],
  [
    /pool is full|queue.*full|rate limit|too many|limit exceeded|busy|overload|try again|timeout|temporar/iu,
    "busy",
  ],
];

/** JSON-RPC: the limit of calls is exceeded; the method is fine. */
const LIMIT_EXCEEDED = -32_005;

/** Decides what a failed send means. Whatever is not an answer of the node is `unknown`. */
export function classifyRefusal(error: unknown): Refusal {
  if (!(error instanceof RpcNodeError)) return "unknown";

  const match = PATTERNS.find(([pattern]) => pattern.test(error.message));
  if (match !== undefined) return match[1];

  return error.code === LIMIT_EXCEEDED ? "busy" : "refused";
}
