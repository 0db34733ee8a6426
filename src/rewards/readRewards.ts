import { zeroAddress, type Address } from "viem";

import { payerReportsAbi, rewardsAbi } from "../abi/index.ts";
import type { Chain } from "../chain/connectChain.ts";
import { decodeError } from "../errors/decodeError.ts";
import { parseAddress } from "../inputs/parseAddress.ts";
import { parseNodeId } from "../inputs/parseIds.ts";
import { parsePayerReportKey, type PayerReportKey } from "../reports/readPayerReports.ts";
import { splitSettledFees } from "./splitSettledFees.ts";

/** Reports per call. */
const PAGE_SIZE = 100;

interface ReadParameters {
  /** The settlement chain; see `connectChain`. */
  readonly chain: Chain;
  /** The contract `Rewards`, `distributionManager` in the address book. */
  readonly address: string;
  /** Read the contract as it was after this block. Default: the newest. */
  readonly blockNumber?: bigint;
}

/** What a node, or the protocol, gets of one report. */
export interface Reward extends PayerReportKey {
  /** Microdollars; 0 unless the report is settled, and for a node that it does not name. */
  readonly amount: bigint;
  readonly isSettled: boolean;
  /** Whether the report names the node. Always true of the protocol. */
  readonly isNamed: boolean;
  readonly isClaimed: boolean;
}

/** What is owed, in microdollars. */
export interface OwedRewards {
  /** To each node that was asked for, in that order: claimed and not withdrawn. */
  readonly nodes: readonly { readonly nodeId: number; readonly owed: bigint }[];
  /** To all nodes. */
  readonly totalOwed: bigint;
  /** To the protocol. */
  readonly protocolOwed: bigint;
  /** Who gets the protocol's; undefined while nobody is named. */
  readonly protocolRecipient: Address | undefined;
  /** While it is paused, nothing is claimed or withdrawn. */
  readonly isPaused: boolean;
}

/**
 * Reads what was claimed and not yet withdrawn, all at one block.
 *
 * @throws {XmtpError} `INVALID_NODE_ID`, `INVALID_ADDRESS`, `NO_CODE`, `RPC_UNREACHABLE`
 * @example
 * const { nodes } = await readRewards({ chain, address: addresses.distributionManager, nodeIds: [100] });
 */
export async function readRewards({
  chain: { client },
  address,
  nodeIds = [],
  blockNumber,
}: ReadParameters & {
  readonly nodeIds?: readonly (number | string)[];
}): Promise<OwedRewards> {
  const contract = parseAddress(address, "rewards");
  const ids = nodeIds.map(parseNodeId);

  try {
    const at = { blockNumber: blockNumber ?? (await client.getBlockNumber()) };
    const target = { address: contract, abi: rewardsAbi, ...at };
    const [totalOwed, protocolOwed, recipient, isPaused, ...owed] = await Promise.all([
      client.readContract({ ...target, functionName: "totalOwedFees" }),
      client.readContract({ ...target, functionName: "owedProtocolFees" }),
      client.readContract({ ...target, functionName: "protocolFeesRecipient" }),
      client.readContract({ ...target, functionName: "paused" }),
      ...ids.map((nodeId) =>
        client.readContract({ ...target, functionName: "getOwedFees", args: [nodeId] }),
      ),
    ]);

    return {
      nodes: ids.map((nodeId, index) => ({ nodeId, owed: owed[index] ?? 0n })),
      totalOwed,
      protocolOwed,
      protocolRecipient: recipient === zeroAddress ? undefined : recipient,
      isPaused,
    };
  } catch (error) {
    throw decodeError(error);
  }
}

/**
 * Reads what a node, or without a node the protocol, gets of each report, and whether that was claimed. In the order of
 * the reports, all at one block.
 *
 * @throws {ContractError} `NoReportsForOriginator`, `PayerReportIndexOutOfBounds`
 * @throws {XmtpError} `INVALID_NODE_ID`, `INVALID_OPTION`, `INVALID_ADDRESS`, `NO_CODE`, `RPC_UNREACHABLE`
 */
export async function readReportRewards({
  chain: { client },
  address,
  nodeId,
  reports,
  blockNumber,
}: ReadParameters & {
  readonly nodeId?: number | string;
  readonly reports: readonly PayerReportKey[];
}): Promise<readonly Reward[]> {
  const contract = parseAddress(address, "rewards");
  const id = nodeId === undefined ? undefined : parseNodeId(nodeId);
  const keys = reports.map(parsePayerReportKey);

  try {
    const at = { blockNumber: blockNumber ?? (await client.getBlockNumber()) };
    const target = { address: contract, abi: rewardsAbi, ...at };
    const payerReports = await client.readContract({
      ...target,
      functionName: "payerReportManager",
    });

    const rewards: Reward[] = [];
    for (let start = 0; start < keys.length; start += PAGE_SIZE) {
      const page = keys.slice(start, start + PAGE_SIZE);
      const [settled, claimed] = await Promise.all([
        client.readContract({
          ...at,
          address: payerReports,
          abi: payerReportsAbi,
          functionName: "getPayerReports",
          args: [
            page.map(({ originatorNodeId }) => originatorNodeId),
            page.map(({ payerReportIndex }) => BigInt(payerReportIndex)),
          ],
        }),
        Promise.all(
          page.map(({ originatorNodeId, payerReportIndex }) =>
            id === undefined
              ? client.readContract({
                  ...target,
                  functionName: "areProtocolFeesClaimed",
                  args: [originatorNodeId, BigInt(payerReportIndex)],
                })
              : client.readContract({
                  ...target,
                  functionName: "areFeesClaimed",
                  args: [id, originatorNodeId, BigInt(payerReportIndex)],
                }),
          ),
        ),
      ]);
      settled.forEach(({ isSettled, feesSettled, protocolFeeRate, nodeIds }, index) => {
        const key = page[index];
        if (key === undefined) return;
        const nodeCount = nodeIds.length;
        const { share, protocol } = splitSettledFees({ feesSettled, protocolFeeRate, nodeCount });
        const isNamed = id === undefined || nodeIds.includes(id);
        const whole = id === undefined ? protocol : share;
        rewards.push({
          ...key,
          amount: isSettled && isNamed ? whole : 0n,
          isSettled,
          isNamed,
          isClaimed: claimed[index] ?? false,
        });
      });
    }

    return rewards;
  } catch (error) {
    throw decodeError(error);
  }
}
