import { parseNodeId } from "../../inputs/parseIds.ts";
import { parseInteger } from "../../inputs/parseOption.ts";
import type { Database } from "../database/database.ts";
import { MAX_PAGE_EVENTS } from "./readEventPage.ts";
import { readSnapshot } from "./readSnapshot.ts";

/** What a node, or the protocol, has got and is owed. Microdollars. */
export interface RewardBalance {
  /** Undefined: the protocol. */
  readonly nodeId: number | undefined;
  readonly claimed: bigint;
  readonly withdrawn: bigint;
  /** Claimed and not withdrawn. */
  readonly owed: bigint;
}

export type RewardKind = "claim" | "withdrawal" | "protocolFeesClaim" | "protocolFeesWithdrawal";

/** A claim or a withdrawal. */
export interface RewardEntry {
  readonly kind: RewardKind;
  /** Undefined: the protocol. */
  readonly nodeId: number | undefined;
  /** Of a claim. */
  readonly report:
    { readonly originatorNodeId: number; readonly payerReportIndex: number } | undefined;
  /** Microdollars. */
  readonly amount: bigint;
  readonly blockNumber: number;
  /** Unix seconds. */
  readonly blockTimestamp: number;
}

/**
 * Reads what is owed of fees, and the newest claims and withdrawals. All of them are in the events.
 *
 * @throws {XmtpError} `INVALID_NODE_ID`, `INVALID_OPTION`, `NOT_INDEXED`, `DATABASE_UNREACHABLE`
 */
export async function readIndexedRewards({
  database,
  nodeId,
  afterNodeId = 0,
  limit = 100,
}: {
  readonly database: Database;
  /** Default: of all nodes and of the protocol. */
  readonly nodeId?: number | string | undefined;
  /** Of the balances, the last node of the page before. */
  readonly afterNodeId?: number | undefined;
  /** Entries and balances, each up to 1,000. Default 100. */
  readonly limit?: number | undefined;
}): Promise<{
  /** By ascending node id, the protocol last. */
  readonly balances: readonly RewardBalance[];
  /** Newest first. */
  readonly entries: readonly RewardEntry[];
}> {
  parseInteger(limit, "limit", 1, MAX_PAGE_EVENTS);
  parseInteger(afterNodeId, "afterNodeId", 0);
  const id = nodeId === undefined ? null : parseNodeId(nodeId);

  return await readSnapshot(database, async (queries) => {
    const balances = await queries.query<{
      node_id: bigint | null;
      claimed_microdollars: string;
      withdrawn_microdollars: string;
      owed_microdollars: string;
    }>(
      `select * from reward_balances
        where ($1::bigint is null or node_id = $1) and (node_id > $2 or node_id is null)
        order by node_id nulls last limit $3`,
      [id, afterNodeId, limit],
    );
    const entries = await queries.query<{
      kind: RewardKind;
      node_id: bigint | null;
      originator_node_id: bigint | null;
      payer_report_index: bigint | null;
      amount_microdollars: string;
      block_number: bigint;
      block_timestamp: Date;
    }>(
      `select * from rewards where $1::bigint is null or node_id = $1
        order by position desc limit $2`,
      [id, limit],
    );

    return {
      balances: balances.map((row) => ({
        nodeId: row.node_id === null ? undefined : Number(row.node_id),
        claimed: BigInt(row.claimed_microdollars),
        withdrawn: BigInt(row.withdrawn_microdollars),
        owed: BigInt(row.owed_microdollars),
      })),
      entries: entries.map((row) => ({
        kind: row.kind,
        nodeId: row.node_id === null ? undefined : Number(row.node_id),
        report:
          row.originator_node_id === null || row.payer_report_index === null
            ? undefined
            : {
                originatorNodeId: Number(row.originator_node_id),
                payerReportIndex: Number(row.payer_report_index),
              },
        amount: BigInt(row.amount_microdollars),
        blockNumber: Number(row.block_number),
        blockTimestamp: row.block_timestamp.getTime() / 1_000,
      })),
    };
  });
}
