import type { Address, Hex } from "viem";

import { libraryError } from "../../errors/libraryErrors.ts";
import { parseInteger } from "../../inputs/parseOption.ts";
import { payerReportDigest } from "../../reports/payerReportDigest.ts";
import { parsePayerReportKey, type PayerReportKey } from "../../reports/readPayerReports.ts";
import type { Database, Queries } from "../database/database.ts";
import { MAX_PAGE_EVENTS } from "./readEventPage.ts";
import { readSnapshot } from "./readSnapshot.ts";

const MAX_UINT32 = 2 ** 32 - 1;

/** A payer report and how much of it is settled. */
export interface IndexedReport extends PayerReportKey {
  /** Its digest, which charges carry as `payerReportId`. */
  readonly id: Hex;
  readonly startSequenceId: bigint;
  readonly endSequenceId: bigint;
  readonly endMinuteSinceEpoch: number;
  readonly payersMerkleRoot: Hex;
  readonly nodeIds: readonly number[];
  readonly signingNodeIds: readonly number[];
  /** Hundredths of a percent that the protocol gets, as of the submission. */
  readonly protocolFeeRate: number;
  readonly settledLeaves: number;
  /** Undefined before the first settlement. */
  readonly remainingLeaves: number | undefined;
  /** Microdollars, of the leaves that are settled. */
  readonly feesSettled: bigint;
  readonly isSettled: boolean;
  readonly submittedBlock: number;
  /** Unix seconds. */
  readonly submittedAt: number;
}

/**
 * Reads payer reports by originator and index, a page at a time.
 *
 * @throws {XmtpError} `INVALID_OPTION`, `NOT_INDEXED`, `DATABASE_UNREACHABLE`
 */
export async function readIndexedReports({
  database,
  originatorNodeId,
  isSettled,
  after,
  limit = 100,
}: {
  readonly database: Database;
  /** Default: of all originators. */
  readonly originatorNodeId?: number | undefined;
  /** Default: settled or not. */
  readonly isSettled?: boolean | undefined;
  /** The last report of the page before. */
  readonly after?: PayerReportKey | undefined;
  /** Up to 1,000. Default 100. */
  readonly limit?: number | undefined;
}): Promise<IndexedReport[]> {
  parseInteger(limit, "limit", 1, MAX_PAGE_EVENTS);
  if (originatorNodeId !== undefined) {
    parseInteger(originatorNodeId, "originatorNodeId", 0, MAX_UINT32);
  }
  const last =
    after === undefined
      ? { originatorNodeId: -1, payerReportIndex: -1 }
      : parsePayerReportKey(after);

  return await readSnapshot(database, async (queries) => {
    const domain = await readDomain(queries);
    const rows = await queries.query<ReportRow>(
      `select * from payer_reports
        where (originator_node_id, payer_report_index) > ($1::bigint, $2::bigint)
          and ($3::bigint is null or originator_node_id = $3)
          and ($4::boolean is null or is_settled = $4)
        order by originator_node_id, payer_report_index limit $5`,
      [
        last.originatorNodeId,
        last.payerReportIndex,
        originatorNodeId ?? null,
        isSettled ?? null,
        limit,
      ],
    );
    return rows.map((row) => parseRow(row, domain));
  });
}

interface ReportRow extends Record<string, unknown> {
  readonly originator_node_id: bigint;
  readonly payer_report_index: bigint;
  readonly start_sequence_id: bigint;
  readonly end_sequence_id: bigint;
  readonly end_minute_since_epoch: bigint;
  readonly payers_merkle_root: Hex;
  readonly node_ids: readonly number[];
  readonly signing_node_ids: readonly number[];
  readonly protocol_fee_rate_bps: number;
  readonly settled_leaves: bigint;
  readonly remaining_leaves: bigint | null;
  readonly fees_settled_microdollars: string;
  readonly is_settled: boolean;
  readonly submitted_block_number: bigint;
  readonly submitted_at: Date;
}

type Domain = Parameters<typeof payerReportDigest>[1];

function parseRow(row: ReportRow, domain: Domain): IndexedReport {
  const report = {
    originatorNodeId: Number(row.originator_node_id),
    startSequenceId: row.start_sequence_id,
    endSequenceId: row.end_sequence_id,
    endMinuteSinceEpoch: Number(row.end_minute_since_epoch),
    payersMerkleRoot: row.payers_merkle_root,
    nodeIds: row.node_ids,
  };

  return {
    ...report,
    id: payerReportDigest(report, domain),
    payerReportIndex: Number(row.payer_report_index),
    signingNodeIds: row.signing_node_ids,
    protocolFeeRate: row.protocol_fee_rate_bps,
    settledLeaves: Number(row.settled_leaves),
    remainingLeaves: row.remaining_leaves === null ? undefined : Number(row.remaining_leaves),
    feesSettled: BigInt(row.fees_settled_microdollars),
    isSettled: row.is_settled,
    submittedBlock: Number(row.submitted_block_number),
    submittedAt: row.submitted_at.getTime() / 1_000,
  };
}

/** What the digests of reports are bound to. */
async function readDomain(queries: Queries): Promise<Domain> {
  const [row] = await queries.query<{ chain_id: bigint; address: Address | null }>(
    "select chain_id, contracts->>'payerReportManager' as address from chains where name = 'settlement'",
  );
  if (row === undefined || row.address === null) {
    throw libraryError("NOT_INDEXED", "the settlement chain is not indexed in this database");
  }

  return { chainId: Number(row.chain_id), verifyingContract: row.address };
}
