import type { Chain } from "../chain/connectChain.ts";
import type { PayerReport } from "./payerReportDigest.ts";
import { readPayerReports } from "./readPayerReports.ts";

/** Reports to look at first; the one that is looked for is nearly always among the newest. */
const FIRST_LOOK = 10;

/**
 * The index under which a report was submitted; undefined if it was not. Looks from the newest one back.
 *
 * @throws {XmtpError} `INVALID_OPTION`, `INVALID_ADDRESS`, `RPC_UNREACHABLE`
 */
export async function findPayerReport({
  report,
  ...contract
}: {
  readonly chain: Chain;
  /** The contract `PayerReports`. */
  readonly address: string;
  readonly report: PayerReport;
}): Promise<number | undefined> {
  for (let count = FIRST_LOOK; ; count *= 10) {
    const newest = await readPayerReports({
      ...contract,
      originatorNodeId: report.originatorNodeId,
      fromIndex: -count,
    });
    const found = newest.findLast((submitted) => isSame(submitted, report));
    if (found !== undefined) return found.payerReportIndex;

    // The ends of an originator's reports never go back, so whatever is before has an earlier one.
    const [oldest] = newest;
    if (oldest === undefined || oldest.payerReportIndex === 0) return undefined;
    if (oldest.endSequenceId < report.endSequenceId) return undefined;
  }
}

function isSame(one: PayerReport, other: PayerReport): boolean {
  return (
    one.startSequenceId === other.startSequenceId &&
    one.endSequenceId === other.endSequenceId &&
    one.endMinuteSinceEpoch === other.endMinuteSinceEpoch &&
    one.payersMerkleRoot.toLowerCase() === other.payersMerkleRoot.toLowerCase() &&
    one.nodeIds.join() === other.nodeIds.join()
  );
}
