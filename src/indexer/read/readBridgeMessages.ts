import { getAddress, type Address, type Hex } from "viem";

import { toHexBytes } from "../../inputs/hexBytes.ts";
import { parseAddress } from "../../inputs/parseAddress.ts";
import { parseInteger } from "../../inputs/parseOption.ts";
import type { Database } from "../database/database.ts";
import { MAX_PAGE_EVENTS } from "./readEventPage.ts";
import { readSnapshot } from "./readSnapshot.ts";

export type BridgeMessageKind = "deposit" | "parameters" | "withdrawal";

/** Where one side of a message is. */
export interface BridgeSide {
  readonly blockNumber: number;
  /** Unix seconds. */
  readonly blockTimestamp: number;
  readonly transactionHash: Hex;
}

/** What went over the bridge, on both sides. */
export interface BridgeMessage {
  readonly kind: BridgeMessageKind;
  readonly from: "settlement" | "appchain";
  /** Undefined for parameters. */
  readonly recipient: Address | undefined;
  /** Number in the inbox of the rollup, of a message to the appchain. */
  readonly messageNumber: bigint | undefined;
  /** Nonce of parameters, id of a withdrawal. */
  readonly messageId: bigint | undefined;
  /** Of parameters. */
  readonly keys: readonly string[] | undefined;
  /** Microdollars that went into the bridge. */
  readonly amount: bigint | undefined;
  /** Microdollars of a deposit that may be spent on the way. */
  readonly maxFees: bigint | undefined;
  /** Wei of the appchain, 10^-18 dollars: what arrived of a deposit, what left of a withdrawal. */
  readonly amountWei: bigint | undefined;
  /** Undefined if the sending chain is not indexed. */
  readonly sent: BridgeSide | undefined;
  /** Undefined while it is on its way. */
  readonly received: BridgeSide | undefined;
}

/**
 * Reads the newest messages of the bridge.
 *
 * @throws {XmtpError} `INVALID_ADDRESS`, `INVALID_OPTION`, `NOT_INDEXED`, `DATABASE_UNREACHABLE`
 */
export async function readBridgeMessages({
  database,
  kind,
  recipient,
  isReceived,
  limit = 100,
}: {
  readonly database: Database;
  readonly kind?: BridgeMessageKind | undefined;
  readonly recipient?: string | undefined;
  /** False: only what is on its way. Default: all. */
  readonly isReceived?: boolean | undefined;
  /** Up to 1,000. Default 100. */
  readonly limit?: number | undefined;
}): Promise<BridgeMessage[]> {
  parseInteger(limit, "limit", 1, MAX_PAGE_EVENTS);
  const to = recipient === undefined ? null : parseAddress(recipient, "recipient").toLowerCase();

  const rows = await readSnapshot(database, (queries) =>
    queries.query<BridgeRow>(
      `select * from bridge_messages
        where ($1::text is null or kind = $1) and ($2::text is null or recipient = $2)
          and ($3::boolean is null or (received_position is not null) = $3)
        order by coalesce(sent_at, received_at) desc, coalesce(sent_position, received_position) desc
        limit $4`,
      [kind ?? null, to, isReceived ?? null, limit],
    ),
  );

  return rows.map((row) => ({
    kind: row.kind,
    from: row.from_chain,
    recipient: row.recipient === null ? undefined : getAddress(row.recipient),
    messageNumber: toBigInt(row.message_number),
    messageId: toBigInt(row.message_id),
    keys: row.keys ?? undefined,
    amount: toBigInt(row.amount_microdollars),
    maxFees: toBigInt(row.max_fees_microdollars),
    amountWei: toBigInt(row.amount_wei),
    sent: side(row.sent_block_number, row.sent_at, row.sent_transaction_hash),
    received: side(row.received_block_number, row.received_at, row.received_transaction_hash),
  }));
}

interface BridgeRow extends Record<string, unknown> {
  readonly kind: BridgeMessageKind;
  readonly from_chain: "settlement" | "appchain";
  readonly recipient: string | null;
  readonly message_number: string | null;
  readonly message_id: string | null;
  readonly keys: readonly string[] | null;
  readonly amount_microdollars: string | null;
  readonly max_fees_microdollars: string | null;
  readonly amount_wei: string | null;
  readonly sent_block_number: bigint | null;
  readonly sent_at: Date | null;
  readonly sent_transaction_hash: Uint8Array | null;
  readonly received_block_number: bigint | null;
  readonly received_at: Date | null;
  readonly received_transaction_hash: Uint8Array | null;
}

function toBigInt(value: string | null): bigint | undefined {
  return value === null ? undefined : BigInt(value);
}

function side(
  block: bigint | null,
  time: Date | null,
  transaction: Uint8Array | null,
): BridgeSide | undefined {
  if (block === null || time === null || transaction === null) return undefined;

  return {
    blockNumber: Number(block),
    blockTimestamp: time.getTime() / 1_000,
    transactionHash: toHexBytes(transaction),
  };
}
