import type { Hex } from "viem";

import { libraryError } from "../errors/libraryErrors.ts";
import { parseNodeId } from "../inputs/parseIds.ts";
import { merkleTree, type MerkleTree } from "./merkleTree.ts";
import { packPayerLeaves, sortPayerFees, type PayerFee } from "./payerLeaves.ts";
import { payerReportDigest, type PayerReport, type ReportDomain } from "./payerReportDigest.ts";

const MAX_UINT32 = 2 ** 32 - 1;
const MAX_UINT64 = 2n ** 64n - 1n;

export interface BuildPayerReportParameters {
  /** The node whose messages are billed, or a source that the network migrated from. Not 0. */
  readonly originatorNodeId: number;
  /** Where the report before ended; 0 for the first. */
  readonly startSequenceId: bigint;
  readonly endSequenceId: bigint;
  /** Minutes since the Unix epoch. */
  readonly endMinuteSinceEpoch: number;
  /** What each payer owes, in any order; payers who owe nothing may be among them. */
  readonly payerFees: Iterable<{ readonly payer: string; readonly feePicodollars: bigint }>;
  /** The canonical nodes, in any order. */
  readonly nodeIds: readonly (number | string)[];
  readonly domain: ReportDomain;
}

/** A report with what it takes to sign, submit and settle it. */
export interface BuiltPayerReport {
  readonly report: PayerReport;
  /** The digest: what nodes sign. */
  readonly id: Hex;
  /** What each payer owes, by ascending address. */
  readonly payerFees: readonly PayerFee[];
  /** The tree over `payerFees`, leaf by leaf. */
  readonly tree: MerkleTree;
}

/**
 * Builds a payer report: sorts payers and nodes, computes root and digest. Two nodes that know the same usage build the
 * same report, and the production node software builds it too.
 *
 * @throws {XmtpError} `INVALID_REPORT`, `INVALID_NODE_ID`, `INVALID_ADDRESS`, `INVALID_FEE`, `INVALID_OPTION`
 * @example
 * const range = ledger.nextReportRange({ originatorNodeId: 100, startSequenceId: 0n, startMinute: 0 });
 * if (range === undefined) return; // too early
 * const { id, report, tree } = buildPayerReport({
 *   ...range,
 *   originatorNodeId: 100,
 *   payerFees: ledger.payerFees({ originatorNodeId: 100, afterMinute: 0, throughMinute: range.endMinuteSinceEpoch }),
 *   nodeIds: (await readNodes({ chain, address, canonicalOnly: true })).map(({ nodeId }) => nodeId),
 *   domain: { chainId: chain.chainId, verifyingContract: addresses.payerReportManager },
 * });
 */
export function buildPayerReport({
  originatorNodeId,
  startSequenceId,
  endSequenceId,
  endMinuteSinceEpoch,
  payerFees,
  nodeIds,
  domain,
}: BuildPayerReportParameters): BuiltPayerReport {
  const sorted = sortPayerFees(payerFees);
  const tree = merkleTree(packPayerLeaves(sorted));
  const report = {
    originatorNodeId,
    startSequenceId,
    endSequenceId,
    endMinuteSinceEpoch,
    payersMerkleRoot: tree.root,
    nodeIds: nodeIds.map(parseNodeId).sort((a, b) => a - b),
  };
  const fault = findReportFault(report);
  if (fault !== undefined) throw libraryError("INVALID_REPORT", fault);

  return { report, id: payerReportDigest(report, domain), payerFees: sorted, tree };
}

/** What is wrong with the fields of a report by themselves; undefined when nothing is. */
export function findReportFault({
  originatorNodeId,
  startSequenceId,
  endSequenceId,
  endMinuteSinceEpoch,
  nodeIds,
}: PayerReport): string | undefined {
  if (!isUint32(originatorNodeId) || originatorNodeId === 0)
    return `the originator ${originatorNodeId} is not an id of 32 bits above 0`;
  if (!isUint64(startSequenceId) || !isUint64(endSequenceId))
    return `the range ${startSequenceId} to ${endSequenceId} is not one of 64-bit sequence ids`;
  if (startSequenceId > endSequenceId)
    return `the range begins at ${startSequenceId}, after its end at ${endSequenceId}`;
  if (!isUint32(endMinuteSinceEpoch)) return `${endMinuteSinceEpoch} is not a minute of 32 bits`;
  if (nodeIds.length === 0) return "it names no node";
  const disordered = nodeIds.find((nodeId, index) => nodeId <= (nodeIds[index - 1] ?? -1));
  if (disordered !== undefined)
    return `the node ids are not ascending at ${disordered}, or name it twice`;

  return undefined;
}

function isUint32(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= MAX_UINT32;
}

function isUint64(value: bigint): boolean {
  return typeof value === "bigint" && value >= 0n && value <= MAX_UINT64;
}
