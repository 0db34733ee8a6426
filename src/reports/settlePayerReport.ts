import { encodeFunctionData, parseEventLogs, type Address } from "viem";

import { payerReportsAbi } from "../abi/index.ts";
import { readUntil } from "../chain/readUntil.ts";
import type { TransactParameters } from "../chain/transact.ts";
import { changeOf, demandEvent, writeContract, type Change } from "../chain/writeContract.ts";
import { ContractError } from "../errors/ContractError.ts";
import { libraryError } from "../errors/libraryErrors.ts";
import { XmtpError } from "../errors/XmtpError.ts";
import { parseAddress } from "../inputs/parseAddress.ts";
import type { MerkleTree } from "./merkleTree.ts";
import {
  readPayerReport,
  type PayerReportKey,
  type SubmittedPayerReport,
} from "./readPayerReports.ts";
import {
  SETTLEMENT_BATCH_SIZE,
  settlementBatches,
  type SettlementBatch,
} from "./settlementBatches.ts";

export interface SettlePayerReportParameters extends TransactParameters, PayerReportKey {
  /** The contract `PayerReports`, `payerReportManager` in the address book. */
  readonly address: string;
  /** The tree of the report; see `buildPayerReport`. */
  readonly tree: MerkleTree;
  /** Leaves per transaction. Default 100. */
  readonly batchSize?: number;
  /** Called after each batch that this call settled. */
  readonly onBatch?: (batch: SettledBatch) => void;
  /** Ends the settlement after the batch under way. */
  readonly signal?: AbortSignal;
}

export interface SettledBatch extends Change {
  /** Leaves of the batch. */
  readonly count: number;
  /** Leaves that are left. */
  readonly remaining: number;
  /** Microdollars of the batch. */
  readonly feesSettled: bigint;
}

export interface SettledReport {
  /** Microdollars of the whole report, whoever settled it. */
  readonly feesSettled: bigint;
  /** What this call settled; empty if it was done already. */
  readonly batches: readonly SettledBatch[];
}

/**
 * Settles what is left of a report, batch after batch. Anyone may. Where to go on is read from the chain, so it is safe
 * to call again after an error or a restart, and while others settle the same report: every leaf is charged once.
 *
 * @throws {ContractError} `NoReportsForOriginator`, `PayerReportIndexOutOfBounds`, `Paused`
 * @throws {XmtpError} `INVALID_REPORT` if the tree is not that of the report, `ABORTED`, `INVALID_OPTION`, `INVALID_ADDRESS`, and
 *   those of `transact`
 * @example
 * const { feesSettled } = await settlePayerReport({
 *   chain, account, address: addresses.payerReportManager, originatorNodeId: 100, payerReportIndex: 0, tree,
 * });
 */
export async function settlePayerReport({
  address,
  originatorNodeId,
  payerReportIndex,
  tree,
  batchSize = SETTLEMENT_BATCH_SIZE,
  onBatch = () => undefined,
  signal,
  ...transaction
}: SettlePayerReportParameters): Promise<SettledReport> {
  const { chain } = transaction;
  const to = parseAddress(address, "payer reports");
  const key = { originatorNodeId, payerReportIndex };
  const read = () => readPayerReport({ chain, address: to, ...key });

  let report = await read();
  if (report.payersMerkleRoot.toLowerCase() !== tree.root) {
    throw libraryError(
      "INVALID_REPORT",
      `the root of report ${payerReportIndex} of originator ${originatorNodeId} is ${report.payersMerkleRoot}, that of the tree ${tree.root}`,
    );
  }

  const batches: SettledBatch[] = [];
  while (!report.isSettled) {
    if (signal?.aborted === true) {
      throw libraryError("ABORTED", `the settlement was stopped after ${report.offset} leaves`, {
        hint: "call again to settle the rest",
      });
    }
    const { offset } = report;
    const [batch] = settlementBatches({ tree, offset, batchSize });
    if (batch === undefined) break;
    try {
      const settled = await settleBatch({ ...transaction, ...key, to, batch });
      batches.push(settled);
      onBatch(settled);
      // Nobody else has settled anything since it was read: the batch would not have been accepted.
      report = {
        ...report,
        feesSettled: report.feesSettled + settled.feesSettled,
        offset: tree.leafCount - settled.remaining,
        isSettled: settled.remaining === 0,
      };
    } catch (error) {
      if (!(error instanceof XmtpError)) throw error;
      // The leaves are those of the report. If the batch was refused, others have settled meanwhile, which the next block
      // may be the first to show; or the chain has dropped a block with a settlement.
      const isMoved = (now: SubmittedPayerReport) => now.offset !== offset;
      report = isOutrun(error)
        ? await readUntil({ read, isShown: isMoved, timeoutMs: transaction.timeoutMs })
        : await read();
      if (!isMoved(report)) throw error;
    }
  }

  return { feesSettled: report.feesSettled, batches };
}

function isOutrun(error: XmtpError): boolean {
  return (
    error instanceof ContractError &&
    (error.code === "InvalidProof" || error.code === "PayerReportEntirelySettled")
  );
}

async function settleBatch({
  originatorNodeId,
  payerReportIndex,
  batch: { leaves, proofElements },
  ...transaction
}: TransactParameters &
  PayerReportKey & {
    readonly to: Address;
    readonly batch: SettlementBatch;
  }): Promise<SettledBatch> {
  const data = encodeFunctionData({
    abi: payerReportsAbi,
    functionName: "settle",
    args: [originatorNodeId, BigInt(payerReportIndex), leaves, proofElements],
  });
  const { receipt, logs } = await writeContract({ ...transaction, data });
  const [event] = parseEventLogs({
    abi: payerReportsAbi,
    eventName: "PayerReportSubsetSettled",
    logs,
  });
  const { count, remaining, feesSettled } = demandEvent(event, receipt);

  return { ...changeOf(receipt), count, remaining, feesSettled };
}
