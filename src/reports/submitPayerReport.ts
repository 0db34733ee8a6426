import { encodeFunctionData, parseEventLogs } from "viem";

import { payerReportsAbi } from "../abi/index.ts";
import { readUntil } from "../chain/readUntil.ts";
import type { TransactParameters } from "../chain/transact.ts";
import { changeOf, demandEvent, writeContract, type Change } from "../chain/writeContract.ts";
import { ContractError } from "../errors/ContractError.ts";
import { libraryError } from "../errors/libraryErrors.ts";
import { parseAddress } from "../inputs/parseAddress.ts";
import { readNodes } from "../nodes/readNodes.ts";
import { findReportFault } from "./buildPayerReport.ts";
import { collectSignatures, type NodeSignature } from "./collectSignatures.ts";
import { findPayerReport } from "./findPayerReport.ts";
import { payerReportDigest, type PayerReport } from "./payerReportDigest.ts";

export interface SubmitPayerReportParameters extends TransactParameters {
  /** The contract `PayerReports`, `payerReportManager` in the address book. */
  readonly address: string;
  /** The node registry. */
  readonly nodeRegistry: string;
  readonly report: PayerReport;
  /** The signatures that came in, in any order; those that do not count are left out. */
  readonly signatures: readonly NodeSignature[];
}

export interface SubmittedReport {
  /** The index of the report among those of its originator. */
  readonly payerReportIndex: number;
  /** Where it was submitted; undefined if the same report was there already, whoever submitted it. */
  readonly change: Change | undefined;
}

/**
 * Submits a report with the signatures of a majority. Anyone may. A report that is there already counts as submitted, so
 * it is safe to call again after an error or a restart, and for several nodes at once.
 *
 * @throws {ContractError} `InvalidStartSequenceId` if another report of the range won, `NodeIdsLengthMismatch` or
 *   `NodeIdAtIndexMismatch` if other nodes are canonical by now
 * @throws {XmtpError} `NO_MAJORITY`, `INVALID_REPORT`, `INVALID_ADDRESS`, and those of `transact`
 * @example
 * const { payerReportIndex } = await submitPayerReport({
 *   chain, account, report, signatures,
 *   address: addresses.payerReportManager, nodeRegistry: addresses.nodeRegistry,
 * });
 */
export async function submitPayerReport({
  address,
  nodeRegistry,
  report,
  signatures,
  ...transaction
}: SubmitPayerReportParameters): Promise<SubmittedReport> {
  const { chain } = transaction;
  const to = parseAddress(address, "payer reports");
  const fault = findReportFault(report);
  if (fault !== undefined) throw libraryError("INVALID_REPORT", fault);
  const find = () => findPayerReport({ chain, address, report });

  const present = await find();
  if (present !== undefined) return { payerReportIndex: present, change: undefined };

  const valid = await validSignatures({ chain, address, nodeRegistry, report, signatures });
  const data = encodeFunctionData({
    abi: payerReportsAbi,
    functionName: "submit",
    args: [
      report.originatorNodeId,
      report.startSequenceId,
      report.endSequenceId,
      report.endMinuteSinceEpoch,
      report.payersMerkleRoot,
      report.nodeIds,
      valid,
    ],
  });

  try {
    const { receipt, logs } = await writeContract({ ...transaction, to, data });
    const [event] = parseEventLogs({
      abi: payerReportsAbi,
      eventName: "PayerReportSubmitted",
      logs,
    });
    const { payerReportIndex } = demandEvent(event, receipt);
    return { payerReportIndex: Number(payerReportIndex), change: changeOf(receipt) };
  } catch (error) {
    // Another node may have been faster, with this report or with one that follows on it. That there is this one already
    // the next block may be the first to show.
    const submitted = isRefused(error)
      ? await readUntil({
          read: find,
          isShown: (index) => index !== undefined || error.code !== "PayerReportAlreadySubmitted",
          timeoutMs: transaction.timeoutMs,
        })
      : undefined;
    if (submitted === undefined) throw error;
    return { payerReportIndex: submitted, change: undefined };
  }
}

async function validSignatures({
  chain,
  address,
  nodeRegistry,
  report,
  signatures,
}: Omit<SubmitPayerReportParameters, "account">): Promise<readonly NodeSignature[]> {
  const collected = await collectSignatures({
    id: payerReportDigest(report, { chainId: chain.chainId, verifyingContract: address }),
    nodes: await readNodes({ chain, address: nodeRegistry }),
    signatures,
  });
  if (collected.hasMajority) return collected.signatures;

  const reasons = collected.rejected.map(({ nodeId, reason }) => `${nodeId}: ${reason}`).join(", ");
  throw libraryError(
    "NO_MAJORITY",
    `${collected.signatures.length} of ${collected.required} signatures are there${reasons && `; rejected are ${reasons}`}`,
  );
}

function isRefused(error: unknown): error is ContractError {
  return (
    error instanceof ContractError &&
    (error.code === "PayerReportAlreadySubmitted" || error.code === "InvalidStartSequenceId")
  );
}
