import {
  AbiCoder,
  concat,
  id,
  keccak256,
  type AddressLike,
  type ContractTransactionResponse,
} from "ethers";

import type { PayerReports } from "../../typechain-types/index.ts";
import { naiveMerkle } from "./naiveMerkle.ts";
import { ethers } from "./network.ts";
import { signingKeyOf } from "./nodeFacts.ts";

export type Bytes = `0x${string}`;

/** A leaf of a tree of fees, in picodollars. */
export interface PayerFee {
  readonly payer: string;
  readonly fee: bigint;
}

/** What is signed of a payer report. */
export interface Report {
  readonly originator: number;
  readonly start: bigint;
  readonly end: bigint;
  readonly minute: number;
  readonly root: string;
  readonly nodeIds: readonly number[];
}

export interface Signature {
  readonly nodeId: number;
  readonly signature: string;
}

export const REPORT_TYPE =
  "PayerReport(uint32 originatorNodeId,uint64 startSequenceId,uint64 endSequenceId,uint32 endMinuteSinceEpoch,bytes32 payersMerkleRoot,uint32[] nodeIds)";

/** A first report of originator 100, signed off by nodes 100, 200 and 300. */
export function reportOf(fields: Partial<Report> = {}): Report {
  return {
    originator: 100,
    start: 0n,
    end: 10n,
    minute: 29_000_000,
    root: id("a root"),
    nodeIds: [100, 200, 300],
    ...fields,
  };
}

/** Ids of the first nodes that there are. */
export function firstIds(count: number): number[] {
  return Array.from({ length: count }, (_, index) => (index + 1) * 100);
}

/** The separator of the contract's domain, from its parts. */
export function domainSeparatorOf(chainId: bigint, contract: string): string {
  return keccak256(
    AbiCoder.defaultAbiCoder().encode(
      ["bytes32", "bytes32", "bytes32", "uint256", "address"],
      [
        id("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
        id("PayerReportManager"),
        id("1"),
        chainId,
        contract,
      ],
    ),
  );
}

/** The digest of a report under a domain: by hand, because tools hash arrays otherwise. */
export function digestUnder(domainSeparator: string, report: Report): string {
  const coder = AbiCoder.defaultAbiCoder();
  const structHash = keccak256(
    coder.encode(
      ["bytes32", "uint32", "uint64", "uint64", "uint32", "bytes32", "bytes32"],
      [
        id(REPORT_TYPE),
        report.originator,
        report.start,
        report.end,
        report.minute,
        report.root,
        keccak256(coder.encode(["uint32[]"], [report.nodeIds])),
      ],
    ),
  );

  return keccak256(concat(["0x1901", domainSeparator, structHash]));
}

/** The digest of a report for a contract. */
export async function digestOf(contract: AddressLike, report: Report): Promise<string> {
  const { chainId } = await ethers.provider.getNetwork();
  return digestUnder(domainSeparatorOf(chainId, await ethers.resolveAddress(contract)), report);
}

/** The signature of a node with a key of its own (`nodeKeyOf`), r, s and v. */
export function signatureOf(nodeId: number, digest: string): Signature {
  return { nodeId, signature: signingKeyOf(nodeId / 100).sign(digest).serialized };
}

/** Signatures of a report by these nodes, or by all that it names. */
export async function sign(
  contract: AddressLike,
  report: Report,
  nodeIds: readonly number[] = report.nodeIds,
): Promise<Signature[]> {
  const digest = await digestOf(contract, report);
  return nodeIds.map((nodeId) => signatureOf(nodeId, digest));
}

/** The signature of a report by one node. */
export async function signOne(
  contract: AddressLike,
  report: Report,
  nodeId: number,
): Promise<Signature> {
  return signatureOf(nodeId, await digestOf(contract, report));
}

/** Arguments of `submit`. */
export function submission(
  report: Report,
  signatures: readonly Signature[],
): Parameters<PayerReports["submit"]> {
  return [
    report.originator,
    report.start,
    report.end,
    report.minute,
    report.root,
    [...report.nodeIds],
    [...signatures],
  ];
}

/** Submits a report that all of its nodes sign. */
export async function submit(
  contract: PayerReports,
  report: Report,
): Promise<ContractTransactionResponse> {
  return contract.submit(...submission(report, await sign(contract, report)));
}

/** As many payers as wanted, at addresses that mean nothing, with fees in picodollars that are no whole microdollars. */
export function payerFees(count: number, seed = "payers"): PayerFee[] {
  return Array.from({ length: count }, (_, index) => {
    const hash = BigInt(id(`${seed} ${index}`));
    return {
      payer: ethers.getAddress(`0x${(hash >> 96n).toString(16).padStart(40, "0")}`),
      fee: 1_000_000_000n + (hash % 9_000_000_000n),
    };
  });
}

/** What a fee in picodollars is charged as, in microdollars. */
export function charged(fee: bigint): bigint {
  return (fee + 999_999n) / 1_000_000n;
}

export function leafOf({ payer, fee }: PayerFee): Bytes {
  const leaf = AbiCoder.defaultAbiCoder().encode(["address", "uint96"], [payer, fee]);
  return `0x${leaf.slice(2)}`;
}

/** Root of the tree with these leaves. */
export function rootOf(leaves: readonly Bytes[]): string {
  return naiveMerkle(leaves).root;
}

/** Proof of the leaves from index `start` to before index `end`. */
export function proofOf(leaves: readonly Bytes[], start: number, end: number): string[] {
  return naiveMerkle(leaves).proof(start, end - start);
}

/** What `getSettlements` says of a report. */
export function payoutWord(
  isSettled: boolean,
  namesNode: boolean,
  nodeCount: bigint,
  protocolFeeRate: bigint,
  feesSettled: bigint,
): bigint {
  return (
    (isSettled ? 1n << 238n : 0n) |
    (protocolFeeRate << 224n) |
    (feesSettled << 96n) |
    (namesNode ? 1n << 8n : 0n) |
    nodeCount
  );
}

/** Arguments of `settle` for the leaves from index `start` to before index `end`. */
export function settlement(
  originator: number,
  index: number,
  leaves: readonly Bytes[],
  start: number,
  end: number,
): Parameters<PayerReports["settle"]> {
  return [originator, index, leaves.slice(start, end), proofOf(leaves, start, end)];
}
