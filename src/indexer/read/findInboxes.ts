import type { Hex } from "viem";

import { libraryError } from "../../errors/libraryErrors.ts";
import { describe } from "../../inputs/describe.ts";
import { toHexBytes } from "../../inputs/hexBytes.ts";
import type { Database } from "../database/database.ts";
import { readSnapshot } from "./readSnapshot.ts";

/** Addresses of one request. */
export const MAX_ADDRESSES = 1_000;
/** As much text as an address of any form has. */
const MAX_ADDRESS_LENGTH = 128;

/** Where an address leads. */
export interface FoundInbox {
  /** As it was asked for. */
  readonly address: string;
  /** Undefined if the address belongs to no inbox. */
  readonly inboxId: Hex | undefined;
  /** The update that associated it. */
  readonly associationSequenceId: bigint | undefined;
  /** Whether later updates of the inbox wait for an answer of another chain: the association may be over. */
  readonly isUndecided: boolean;
}

/**
 * Finds the inbox of each address: of the associations that are not revoked, the latest. The text must be as the update
 * carried it, which is lowercase with 0x for nearly everybody; nothing is converted here.
 *
 * @throws {XmtpError} `INVALID_OPTION` for more than 1,000 addresses, `NOT_INDEXED`, `DATABASE_UNREACHABLE`
 * @example
 * const [found] = await findInboxes({ database, addresses: [wallet.address.toLowerCase()] });
 */
export async function findInboxes({
  database,
  addresses,
}: {
  readonly database: Database;
  readonly addresses: readonly string[];
}): Promise<FoundInbox[]> {
  if (addresses.length > MAX_ADDRESSES) {
    throw libraryError(
      "INVALID_OPTION",
      `${addresses.length} addresses were asked for, ${MAX_ADDRESSES} can be at once`,
    );
  }
  const wrong = addresses.find(
    (address) => typeof address !== "string" || address.length > MAX_ADDRESS_LENGTH,
  );
  if (wrong !== undefined) {
    throw libraryError("INVALID_OPTION", `${describe(wrong)} is not the text of an address`);
  }
  // PostgreSQL's text cannot hold it, so nobody has such an address.
  const askable = addresses.filter((address) => !address.includes("\0"));

  const rows = await readSnapshot(database, (queries) =>
    queries.query<{
      identifier: string;
      inbox_id: Uint8Array;
      since_sequence_id: bigint;
      is_undecided: boolean;
    }>(
      `select latest.*,
              exists (
                select from identity_verdicts v
                 where v.inbox_id = latest.inbox_id and v.outcome = 'undecided'
              ) as is_undecided
         from (
           select distinct on (identifier) identifier, inbox_id, since_sequence_id
             from inbox_members
            where identifier = any($1::text[]) and to_position is null and kind = 'ethereum'
            order by identifier, since_sequence_id desc
         ) latest`,
      [askable],
    ),
  );
  const found = new Map(rows.map((row) => [row.identifier, row]));

  return addresses.map((address) => {
    const row = found.get(address);
    return {
      address,
      inboxId: row === undefined ? undefined : toHexBytes(row.inbox_id),
      associationSequenceId: row?.since_sequence_id,
      isUndecided: row?.is_undecided ?? false,
    };
  });
}

/** Finds the inbox of one address; see `findInboxes`. @throws {XmtpError} as `findInboxes` */
export async function findInbox({
  database,
  address,
}: {
  readonly database: Database;
  readonly address: string;
}): Promise<FoundInbox | undefined> {
  const [found] = await findInboxes({ database, addresses: [address] });

  return found?.inboxId === undefined ? undefined : found;
}
