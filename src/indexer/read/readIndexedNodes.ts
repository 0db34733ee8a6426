import { getAddress, type Address, type Hex } from "viem";

import { parseInteger } from "../../inputs/parseOption.ts";
import type { Node } from "../../nodes/readNodes.ts";
import type { Database } from "../database/database.ts";
import { MAX_PAGE_EVENTS } from "./readEventPage.ts";
import { readSnapshot } from "./readSnapshot.ts";

/** A registered node, and since when it is as it is. */
export interface IndexedNode extends Node {
  readonly owner: Address;
  readonly registeredBlock: number;
  /** Unix seconds. */
  readonly registeredAt: number;
  readonly changedBlock: number;
  /** Unix seconds. */
  readonly changedAt: number;
}

/**
 * Reads the registered nodes by ascending id, a page at a time.
 *
 * @throws {XmtpError} `INVALID_OPTION`, `NOT_INDEXED`, `DATABASE_UNREACHABLE`
 */
export async function readIndexedNodes({
  database,
  canonicalOnly = false,
  afterNodeId = 0,
  limit = 100,
}: {
  readonly database: Database;
  /** Only the nodes that are part of the network. Default false. */
  readonly canonicalOnly?: boolean | undefined;
  /** The last node of the page before. */
  readonly afterNodeId?: number | undefined;
  /** Up to 1,000. Default 100. */
  readonly limit?: number | undefined;
}): Promise<IndexedNode[]> {
  parseInteger(limit, "limit", 1, MAX_PAGE_EVENTS);
  parseInteger(afterNodeId, "afterNodeId", 0);

  const rows = await readSnapshot(database, (queries) =>
    queries.query<{
      node_id: bigint;
      owner: string;
      signer: string;
      signing_public_key: Hex;
      http_address: string;
      is_canonical: boolean;
      registered_block_number: bigint;
      registered_at: Date;
      changed_block_number: bigint;
      changed_at: Date;
    }>(
      `select * from nodes where node_id > $1 and signer is not null and (is_canonical or not $2)
        order by node_id limit $3`,
      [afterNodeId, canonicalOnly, limit],
    ),
  );

  return rows.map((row) => ({
    nodeId: Number(row.node_id),
    owner: getAddress(row.owner),
    signer: getAddress(row.signer),
    isCanonical: row.is_canonical,
    signingPublicKey: row.signing_public_key,
    httpAddress: row.http_address,
    registeredBlock: Number(row.registered_block_number),
    registeredAt: row.registered_at.getTime() / 1_000,
    changedBlock: Number(row.changed_block_number),
    changedAt: row.changed_at.getTime() / 1_000,
  }));
}
