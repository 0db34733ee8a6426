import { findReportFault } from "./buildPayerReport.ts";
import { merkleTree } from "./merkleTree.ts";
import type { UsageLedger } from "./createUsageLedger.ts";
import { packPayerLeaves, sortPayerFees } from "./payerLeaves.ts";
import type { PayerReport } from "./payerReportDigest.ts";

export type ReportFaultCode =
  /** A field cannot be right, whatever the usage. */
  | "INVALID_FIELDS"
  /** The report names other nodes than the canonical ones. */
  | "WRONG_NODES"
  /** No report that is known ends where this one starts, or more than one does. */
  | "WRONG_START"
  /** The end is not the last message of its minute, as far as is known here. */
  | "WRONG_END"
  /** The root over the usage that is known here is another. */
  | "WRONG_ROOT";

export interface ReportFault {
  readonly code: ReportFaultCode;
  /** What is wrong, with both values. */
  readonly message: string;
}

/**
 * Checks a report of another node before signing it: recomputes the root from this node's own usage and compares, by the
 * rules of the production node software. Returns every fault; sign only if there is none.
 *
 * A report of an empty range bills nobody, so its root is not looked at.
 *
 * @throws {XmtpError} `INVALID_FEE`, and `INVALID_USAGE` if the ledger has forgotten the range
 * @example
 * const faults = checkPayerReport({ report, previousReports, ledger, canonicalNodeIds });
 * if (faults.length === 0) send(await signPayerReport(payerReportDigest(report, domain), account));
 */
export function checkPayerReport({
  report,
  previousReports,
  ledger,
  canonicalNodeIds,
}: {
  readonly report: PayerReport;
  /** The reports of the same originator that are submitted or settled; see `readPayerReports`. */
  readonly previousReports: readonly Pick<PayerReport, "endSequenceId" | "endMinuteSinceEpoch">[];
  readonly ledger: Pick<UsageLedger, "minutes" | "payerFees">;
  /** The contract takes no other node ids than these. Default: not compared, as in the production node software. */
  readonly canonicalNodeIds?: readonly number[];
}): readonly ReportFault[] {
  const invalid = findReportFault(report);
  if (invalid !== undefined) return [{ code: "INVALID_FIELDS", message: invalid }];

  const faults: ReportFault[] = [];
  const expected = canonicalNodeIds?.toSorted((a, b) => a - b).join(", ");
  const named = report.nodeIds.join(", ");
  if (expected !== undefined && named !== expected) {
    faults.push({
      code: "WRONG_NODES",
      message: `it names the nodes ${named}; canonical are ${expected || "none"}`,
    });
  }

  const start = startMinutes(report, previousReports);
  const [startMinute] = start;
  if (startMinute === undefined || start.length > 1) {
    faults.push({
      code: "WRONG_START",
      message: `${start.length} known reports end at ${report.startSequenceId}, where it starts; it takes one`,
    });
    return faults;
  }
  if (report.startSequenceId === report.endSequenceId) return faults;

  return [...faults, ...findUsageFaults(report, startMinute, ledger)];
}

/** The end minutes of the reports that this one may follow on. */
function startMinutes(
  { startSequenceId }: PayerReport,
  previousReports: readonly Pick<PayerReport, "endSequenceId" | "endMinuteSinceEpoch">[],
): number[] {
  if (startSequenceId === 0n) return [0];

  return previousReports
    .filter(({ endSequenceId }) => endSequenceId === startSequenceId)
    .map(({ endMinuteSinceEpoch }) => endMinuteSinceEpoch);
}

function findUsageFaults(
  { originatorNodeId, endSequenceId, endMinuteSinceEpoch, payersMerkleRoot }: PayerReport,
  startMinute: number,
  ledger: Pick<UsageLedger, "minutes" | "payerFees">,
): ReportFault[] {
  const end = ledger.minutes(originatorNodeId).find(({ minute }) => minute === endMinuteSinceEpoch);
  if (end?.lastSequenceId !== endSequenceId) {
    const known = end === undefined ? "no message" : `its last message is ${end.lastSequenceId}`;
    return [
      {
        code: "WRONG_END",
        message: `it ends at ${endSequenceId} in minute ${endMinuteSinceEpoch}; known of that minute: ${known}`,
      },
    ];
  }
  if (endMinuteSinceEpoch < startMinute) {
    return [
      {
        code: "WRONG_END",
        message: `it ends in minute ${endMinuteSinceEpoch}, before its start in minute ${startMinute}`,
      },
    ];
  }

  const payerFees = ledger.payerFees({
    originatorNodeId,
    afterMinute: startMinute,
    throughMinute: endMinuteSinceEpoch,
  });
  const { root } = merkleTree(packPayerLeaves(sortPayerFees(payerFees)));
  if (root === payersMerkleRoot.toLowerCase()) return [];

  return [
    {
      code: "WRONG_ROOT",
      message: `its root is ${payersMerkleRoot}; the usage known here gives ${root}`,
    },
  ];
}
