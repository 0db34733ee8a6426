import { libraryError } from "../errors/libraryErrors.ts";
import { parseInteger } from "../inputs/parseOption.ts";
import { parseFee } from "../rates/picodollars.ts";

const ONE_HUNDRED_PERCENT = 10_000;
const PICODOLLARS_PER_MICRODOLLAR = 1_000_000n;
const MAX_UINT96 = 2n ** 96n - 1n;

/** Who gets what of a settled report, in microdollars. `share * nodeCount + protocol` is what was settled, always. */
export interface FeeSplit {
  /** For each node that the report names. */
  readonly share: bigint;
  /** For the protocol: its rate, and what both divisions leave over. */
  readonly protocol: bigint;
}

/**
 * What the contract charges a payer for one leaf of a report: microdollars, rounded up.
 *
 * @throws {XmtpError} `INVALID_FEE` below 0 and above 2^63 - 1 picodollars
 */
export function settledMicrodollars(feePicodollars: bigint): bigint {
  return (
    (parseFee(feePicodollars) + PICODOLLARS_PER_MICRODOLLAR - 1n) / PICODOLLARS_PER_MICRODOLLAR
  );
}

/**
 * Splits what a report settled between its nodes and the protocol, as the contract `Rewards` does: the pool of the nodes
 * is rounded down, each share of it too, and the protocol gets the rest.
 *
 * @throws {XmtpError} `INVALID_OPTION`
 * @example
 * splitSettledFees({ feesSettled: 99n, protocolFeeRate: 100, nodeCount: 7 }); // { share: 14n, protocol: 1n }
 */
export function splitSettledFees({
  feesSettled,
  protocolFeeRate,
  nodeCount,
}: {
  /** Microdollars; below 2^96. */
  readonly feesSettled: bigint;
  /** Hundredths of a percent, 0 to 10,000. */
  readonly protocolFeeRate: number;
  /** Nodes that the report names. */
  readonly nodeCount: number;
}): FeeSplit {
  if (typeof feesSettled !== "bigint" || feesSettled < 0n || feesSettled > MAX_UINT96) {
    throw libraryError(
      "INVALID_OPTION",
      `feesSettled is ${String(feesSettled)}, it must be a bigint of 0 to 2^96 - 1 microdollars`,
    );
  }
  const nodesRate =
    ONE_HUNDRED_PERCENT - parseInteger(protocolFeeRate, "protocolFeeRate", 0, ONE_HUNDRED_PERCENT);
  const nodes = BigInt(parseInteger(nodeCount, "nodeCount", 0));
  if (nodes === 0n) return { share: 0n, protocol: feesSettled };

  const pool = (feesSettled * BigInt(nodesRate)) / BigInt(ONE_HUNDRED_PERCENT);
  const share = pool / nodes;

  return { share, protocol: feesSettled - share * nodes };
}
