import { payerReportsAbi } from "../abi/index.ts";
import type { Chain } from "../chain/connectChain.ts";
import { decodeError } from "../errors/decodeError.ts";
import { parseAddress } from "../inputs/parseAddress.ts";
import { parseInteger } from "../inputs/parseOption.ts";
import type { PayerReport } from "./payerReportDigest.ts";

/** Reports per call. */
const DEFAULT_PAGE_SIZE = 100;
const MAX_UINT32 = 2 ** 32 - 1;

/** Which report: each originator has its own, counted from 0. */
export interface PayerReportKey {
  readonly originatorNodeId: number;
  readonly payerReportIndex: number;
}

/** A report as the contract has it. */
export interface SubmittedPayerReport extends PayerReport, PayerReportKey {
  /** Microdollars, of the leaves that are settled. */
  readonly feesSettled: bigint;
  /** How many leaves are settled. */
  readonly offset: number;
  /** Whether all of them are. */
  readonly isSettled: boolean;
  /** Hundredths of a percent that the protocol gets, as of the submission. */
  readonly protocolFeeRate: number;
}

interface ReadParameters {
  /** The settlement chain; see `connectChain`. */
  readonly chain: Chain;
  /** The contract `PayerReports`, `payerReportManager` in the address book. */
  readonly address: string;
}

/**
 * Reads one report.
 *
 * @throws {ContractError} `NoReportsForOriginator`, `PayerReportIndexOutOfBounds`
 * @throws {XmtpError} `INVALID_OPTION`, `INVALID_ADDRESS`, `RPC_UNREACHABLE`
 */
export async function readPayerReport({
  chain: { client },
  address,
  originatorNodeId,
  payerReportIndex,
}: ReadParameters & PayerReportKey): Promise<SubmittedPayerReport> {
  const contract = parseAddress(address, "payer reports");
  const key = parsePayerReportKey({ originatorNodeId, payerReportIndex });

  try {
    const report = await client.readContract({
      address: contract,
      abi: payerReportsAbi,
      functionName: "getPayerReport",
      args: [originatorNodeId, BigInt(payerReportIndex)],
    });
    return { ...key, ...report };
  } catch (error) {
    throw decodeError(error);
  }
}

/**
 * Reads the reports of an originator, in the order of their indices; none if it has none. All of them are read at the
 * same block.
 *
 * @throws {XmtpError} `INVALID_OPTION`, `INVALID_ADDRESS`, `RPC_UNREACHABLE`
 * @example
 * const reports = await readPayerReports({ chain, address: addresses.payerReportManager, originatorNodeId: 100 });
 * const startSequenceId = reports.at(-1)?.endSequenceId ?? 0n; // where the next one begins
 */
export async function readPayerReports({
  chain: { client },
  address,
  originatorNodeId,
  fromIndex = 0,
  blockNumber,
  pageSize = DEFAULT_PAGE_SIZE,
}: ReadParameters & {
  readonly originatorNodeId: number;
  /** The index of the first to read. Negative to read that many from the end. Default 0. */
  readonly fromIndex?: number;
  /** Read the contract as it was after this block. Default: the newest. */
  readonly blockNumber?: bigint;
  /** Reports per call. Default 100. */
  readonly pageSize?: number;
}): Promise<readonly SubmittedPayerReport[]> {
  const contract = parseAddress(address, "payer reports");
  parseInteger(originatorNodeId, "originatorNodeId", 0, MAX_UINT32);
  parseInteger(fromIndex, "fromIndex", -MAX_UINT32);
  parseInteger(pageSize, "pageSize", 1);

  try {
    const at = { blockNumber: blockNumber ?? (await client.getBlockNumber()) };
    const target = { address: contract, abi: payerReportsAbi, ...at };
    const count = Number(
      await client.readContract({
        ...target,
        functionName: "getPayerReportCount",
        args: [originatorNodeId],
      }),
    );

    const reports: SubmittedPayerReport[] = [];
    let next = fromIndex < 0 ? Math.max(0, count + fromIndex) : fromIndex;
    while (next < count) {
      const indices = Array.from({ length: Math.min(pageSize, count - next) }, (_, i) => next + i);
      const page = await client.readContract({
        ...target,
        functionName: "getPayerReports",
        args: [indices.map(() => originatorNodeId), indices.map(BigInt)],
      });
      page.forEach((report, position) =>
        reports.push({ originatorNodeId, payerReportIndex: next + position, ...report }),
      );
      next += page.length;
    }

    return reports;
  } catch (error) {
    throw decodeError(error);
  }
}

/** @throws {XmtpError} `INVALID_OPTION` */
export function parsePayerReportKey({
  originatorNodeId,
  payerReportIndex,
}: PayerReportKey): PayerReportKey {
  parseInteger(originatorNodeId, "originatorNodeId", 0, MAX_UINT32);
  parseInteger(payerReportIndex, "payerReportIndex", 0);

  return { originatorNodeId, payerReportIndex };
}
