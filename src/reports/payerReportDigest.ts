import { encodeAbiParameters, keccak256, stringToHex, type Hex } from "viem";

import { libraryError } from "../errors/libraryErrors.ts";
import { parseAddress } from "../inputs/parseAddress.ts";
import { parseInteger } from "../inputs/parseOption.ts";

const DOMAIN_TYPEHASH = keccak256(
  stringToHex("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
);
const DOMAIN_NAME_HASH = keccak256(stringToHex("PayerReportManager"));
const DOMAIN_VERSION_HASH = keccak256(stringToHex("1"));

/** The hash of the type of a payer report, as `PAYER_REPORT_TYPEHASH()` of the contract returns it. */
export const PAYER_REPORT_TYPEHASH: Hex = keccak256(
  stringToHex(
    "PayerReport(uint32 originatorNodeId,uint64 startSequenceId,uint64 endSequenceId,uint32 endMinuteSinceEpoch,bytes32 payersMerkleRoot,uint32[] nodeIds)",
  ),
);

/** What nodes agree on: who owes what for the messages of one originator, of which only the Merkle root goes on chain. */
export interface PayerReport {
  /** The node whose messages are billed; below 100 it is a source that the network migrated from. */
  readonly originatorNodeId: number;
  /** The last sequence id of the report before, 0 for the first report. Its message is not part of this one. */
  readonly startSequenceId: bigint;
  /** The last sequence id that is part of it. */
  readonly endSequenceId: bigint;
  /** The minute of the last message, counted from the Unix epoch. */
  readonly endMinuteSinceEpoch: number;
  /** 32 bytes; zero when nobody owes anything. */
  readonly payersMerkleRoot: Hex;
  /** The canonical nodes, ascending. They share what is settled. */
  readonly nodeIds: readonly number[];
}

/** The contract `PayerReports` that a report is signed for. */
export interface ReportDomain {
  /** Id of the settlement chain. */
  readonly chainId: number;
  /** Address of `PayerReports`. */
  readonly verifyingContract: string;
}

/**
 * The EIP-712 domain separator of a `PayerReports`, as its `DOMAIN_SEPARATOR()` returns it.
 *
 * @throws {XmtpError} `INVALID_OPTION`, `INVALID_ADDRESS`
 */
export function payerReportDomainSeparator({ chainId, verifyingContract }: ReportDomain): Hex {
  return keccak256(
    encodeAbiParameters(
      [
        { type: "bytes32" },
        { type: "bytes32" },
        { type: "bytes32" },
        { type: "uint256" },
        { type: "address" },
      ],
      [
        DOMAIN_TYPEHASH,
        DOMAIN_NAME_HASH,
        DOMAIN_VERSION_HASH,
        BigInt(parseInteger(chainId, "chainId", 1)),
        parseAddress(verifyingContract, "payer reports"),
      ],
    ),
  );
}

/**
 * The digest of a report: what nodes sign, and the id under which its usage is settled. As `getPayerReportDigest` of the
 * contract returns it, and the production node software computes it.
 *
 * It is not what EIP-712 prescribes: the node ids are hashed with offset and length. A wallet that signs typed data
 * makes a signature that counts for nothing. Node ids are taken in the order in which they are passed.
 *
 * @throws {XmtpError} `INVALID_REPORT` if a field does not fit its type, `INVALID_OPTION`, `INVALID_ADDRESS`
 */
export function payerReportDigest(report: PayerReport, domain: ReportDomain): Hex {
  const separator = payerReportDomainSeparator(domain);
  try {
    return keccak256(`0x1901${separator.slice(2)}${structHash(report).slice(2)}`);
  } catch (cause) {
    throw libraryError("INVALID_REPORT", "a field of the report does not fit its type", { cause });
  }
}

function structHash(report: PayerReport): Hex {
  return keccak256(
    encodeAbiParameters(
      [
        { type: "bytes32" },
        { type: "uint32" },
        { type: "uint64" },
        { type: "uint64" },
        { type: "uint32" },
        { type: "bytes32" },
        { type: "bytes32" },
      ],
      [
        PAYER_REPORT_TYPEHASH,
        report.originatorNodeId,
        report.startSequenceId,
        report.endSequenceId,
        report.endMinuteSinceEpoch,
        report.payersMerkleRoot,
        keccak256(encodeAbiParameters([{ type: "uint32[]" }], [report.nodeIds])),
      ],
    ),
  );
}
