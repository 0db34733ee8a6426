import { encodeFunctionData, parseEventLogs, type Hex, type Log } from "viem";

import { rewardsAbi } from "../abi/index.ts";
import { readUntil } from "../chain/readUntil.ts";
import type { TransactParameters } from "../chain/transact.ts";
import { changeOf, writeContract, type Change } from "../chain/writeContract.ts";
import { ContractError } from "../errors/ContractError.ts";
import { parseAddress } from "../inputs/parseAddress.ts";
import { parseNodeId } from "../inputs/parseIds.ts";
import { parseInteger } from "../inputs/parseOption.ts";
import type { PayerReportKey } from "../reports/readPayerReports.ts";
import { readReportRewards, type Reward } from "./readRewards.ts";

/** Reports per transaction; each costs some 35,000 gas. */
const DEFAULT_BATCH_SIZE = 50;

export interface ClaimParameters extends TransactParameters {
  /** The contract `Rewards`, `distributionManager` in the address book. */
  readonly address: string;
  /** The reports to claim from, in any order. */
  readonly reports: readonly PayerReportKey[];
  /** Reports per transaction. Default 50. */
  readonly batchSize?: number;
}

export interface ClaimedRewards {
  /** Microdollars that this call claimed, in sum. */
  readonly amount: bigint;
  /** What this call claimed, report by report. */
  readonly claimed: readonly (PayerReportKey & { readonly amount: bigint })[];
  /** What there was nothing to claim from: claimed before, not settled yet, or without this node. */
  readonly skipped: readonly Reward[];
  readonly changes: readonly Change[];
}

/**
 * Claims a node's shares of reports, which adds them to what it is owed; `withdrawRewards` pays out. Reports that are
 * claimed already, not settled yet, or do not name the node are skipped, so it is safe to call again with the same ones.
 * The account must own the node.
 *
 * @throws {ContractError} `NotNodeOwner`, `ERC721NonexistentToken`, `Paused`, `NoReportsForOriginator`,
 *   `PayerReportIndexOutOfBounds`
 * @throws {XmtpError} `INVALID_NODE_ID`, `INVALID_OPTION`, `INVALID_ADDRESS`, and those of `transact`
 * @example
 * const reports = await readPayerReports({ chain, address: addresses.payerReportManager, originatorNodeId: 100 });
 * await claimRewards({ chain, account, address: addresses.distributionManager, nodeId: 100, reports });
 */
export async function claimRewards({
  nodeId,
  ...parameters
}: ClaimParameters & { readonly nodeId: number | string }): Promise<ClaimedRewards> {
  const id = parseNodeId(nodeId);

  return claim(
    parameters,
    { nodeId: id },
    (originators, indices) =>
      encodeFunctionData({
        abi: rewardsAbi,
        functionName: "claim",
        args: [id, originators, indices],
      }),
    (logs) => parseEventLogs({ abi: rewardsAbi, eventName: "Claim", logs }),
  );
}

/**
 * Claims the protocol's part of reports. Anyone may. Otherwise as `claimRewards`.
 *
 * @throws {ContractError} `Paused`, `NoReportsForOriginator`, `PayerReportIndexOutOfBounds`
 * @throws {XmtpError} `INVALID_OPTION`, `INVALID_ADDRESS`, and those of `transact`
 */
export async function claimProtocolFees(parameters: ClaimParameters): Promise<ClaimedRewards> {
  return claim(
    parameters,
    {},
    (originators, indices) =>
      encodeFunctionData({
        abi: rewardsAbi,
        functionName: "claimProtocolFees",
        args: [originators, indices],
      }),
    (logs) => parseEventLogs({ abi: rewardsAbi, eventName: "ProtocolFeesClaim", logs }),
  );
}

/** The arguments that the events of both claims have. */
interface ClaimEvent {
  readonly args: {
    readonly originatorNodeId: number;
    readonly payerReportIndex: bigint;
    readonly amount: bigint;
  };
}

async function claim(
  { address, reports, batchSize = DEFAULT_BATCH_SIZE, ...transaction }: ClaimParameters,
  node: { readonly nodeId?: number },
  encode: (originators: readonly number[], indices: readonly bigint[]) => Hex,
  parse: (logs: Log[]) => readonly ClaimEvent[],
): Promise<ClaimedRewards> {
  const { chain } = transaction;
  const to = parseAddress(address, "rewards");
  parseInteger(batchSize, "batchSize", 1);
  const read = async (wanted: readonly PayerReportKey[]) => {
    const rewards = await readReportRewards({ chain, address, ...node, reports: wanted });
    const isOpen = (reward: Reward) => reward.isSettled && reward.isNamed && !reward.isClaimed;
    return { open: rewards.filter(isOpen), closed: rewards.filter((reward) => !isOpen(reward)) };
  };

  const first = await read(distinct(reports));
  const skipped = [...first.closed];
  let open = first.open;
  const claimed: (PayerReportKey & { amount: bigint })[] = [];
  const changes: Change[] = [];
  while (open.length > 0) {
    const batch = open.slice(0, batchSize);
    const data = encode(
      batch.map(({ originatorNodeId }) => originatorNodeId),
      batch.map(({ payerReportIndex }) => BigInt(payerReportIndex)),
    );
    try {
      const { receipt, logs } = await writeContract({ ...transaction, to, data });
      changes.push(changeOf(receipt));
      for (const { args } of parse(logs)) {
        const { originatorNodeId, payerReportIndex, amount } = args;
        claimed.push({ originatorNodeId, payerReportIndex: Number(payerReportIndex), amount });
      }
      open = open.slice(batchSize);
    } catch (error) {
      if (!(error instanceof ContractError) || error.code !== "AlreadyClaimed") throw error;
      // Somebody else was faster with some of them, as the next block may be the first to show; what is left still is to
      // be claimed.
      const wanted = open;
      const again = await readUntil({
        read: () => read(wanted),
        isShown: ({ closed }) => closed.length > 0,
        timeoutMs: transaction.timeoutMs,
      });
      if (again.closed.length === 0) throw error;
      skipped.push(...again.closed);
      open = again.open;
    }
  }

  return {
    amount: claimed.reduce((sum, { amount }) => sum + amount, 0n),
    claimed,
    skipped,
    changes,
  };
}

/** Each report once: the contract refuses to pay one twice in a call. */
function distinct(reports: readonly PayerReportKey[]): PayerReportKey[] {
  const byKey = new Map(
    reports.map((report) => [`${report.originatorNodeId}/${report.payerReportIndex}`, report]),
  );

  return [...byKey.values()];
}
