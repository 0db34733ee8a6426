import type { ChainName } from "../chain/contracts.ts";
import type { Queries } from "../database/database.ts";
import { toHexBytes } from "../../inputs/hexBytes.ts";
import {
  GROUP_MESSAGES_ORIGINATOR,
  IDENTITY_UPDATES_ORIGINATOR,
} from "../../publisher/payloadKinds.ts";
import { blockOf, logIndexOf } from "../store/position.ts";
import { toBytes } from "./bytes.ts";
import { eventNames, readContractEvent, type ContractKind } from "./contractKinds.ts";
import type { ParsedFilter } from "./eventFilter.ts";
import type { IndexedEvent } from "./indexedEvents.ts";

/** Which part of a chain to read, both ends left out. */
export interface Range {
  readonly after: number;
  readonly before: number;
  readonly limit: number;
  /** Bytes of payloads after which nothing is added. */
  readonly maxBytes: number;
}

/** An event with its place. */
export interface PlacedEvent {
  readonly position: number;
  readonly bytes: number;
  readonly event: IndexedEvent;
}

/** What one table has of a range, in order. */
export interface TableRows {
  readonly events: readonly PlacedEvent[];
  /** Whether there is nothing else up to the end of the range. */
  readonly isComplete: boolean;
}

interface BaseRow extends Record<string, unknown> {
  readonly position: bigint;
  readonly transaction_hash: Uint8Array;
  readonly block_hash: Uint8Array | null;
  readonly block_timestamp: Date | null;
}

/** A row of either log with its block. */
export interface PayloadRow extends BaseRow {
  readonly sequence_id: bigint;
  readonly id: Uint8Array;
  readonly payload: Uint8Array;
}

interface ContractRow extends BaseRow {
  readonly contract: string;
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
}

const LOGS = {
  groupMessage: { table: "group_messages", id: "group_id", payload: "message" },
  identityUpdate: { table: "identity_updates", id: "inbox_id", payload: "update" },
} as const;

export type LogKind = keyof typeof LOGS;

/** Columns of one of the two logs under common names. */
export function logColumns(kind: LogKind): string {
  const { id, payload } = LOGS[kind];

  return `position, sequence_id, ${id} as id, ${payload} as payload, transaction_hash`;
}

export function logTable(kind: LogKind): string {
  return LOGS[kind].table;
}

/** Reads one of the two logs; the database counts the bytes, so that no more are sent than wanted. */
export async function readLogRows(
  queries: Queries,
  kind: LogKind,
  { groupId, inboxId }: Pick<ParsedFilter, "groupId" | "inboxId">,
  { after, before, limit, maxBytes }: Range,
): Promise<TableRows> {
  const { table, id } = LOGS[kind];
  const wanted = kind === "groupMessage" ? groupId : inboxId;
  const rows = await queries.query<PayloadRow & { readonly rows: bigint }>(
    `select page.*, b.hash as block_hash, b.timestamp as block_timestamp
       from (
         select *, count(*) over () as rows,
                sum(octet_length(payload)) over (order by position) - octet_length(payload) as bytes_before
           from (
             select ${logColumns(kind)} from ${table}
              where position > $1 and position < $2 ${wanted === undefined ? "" : `and ${id} = $5`}
              order by position limit $3
           ) found
       ) page
       left join blocks b on b.chain = 'appchain' and b.number = page.position >> 20
      where page.bytes_before < $4
      order by page.position`,
    [after, before, limit, maxBytes, ...(wanted === undefined ? [] : [toBytes(wanted)])],
  );

  return {
    events: rows.map((row) => payloadEvent(kind, row)),
    isComplete: rows.length < limit && rows.length === Number(rows[0]?.rows ?? 0n),
  };
}

/** Reads what contracts have emitted besides the two logs. */
export async function readContractRows(
  queries: Queries,
  chain: ChainName,
  { kinds, payer, nodeId }: Pick<ParsedFilter, "kinds" | "payer" | "nodeId">,
  { after, before, limit }: Range,
): Promise<TableRows> {
  const rows =
    kinds === undefined
      ? await queries.query<ContractRow>(
          `select e.*, b.hash as block_hash, b.timestamp as block_timestamp
             from (
               select position, contract, name, args, transaction_hash from events
                where chain = $1 and position > $2 and position < $3
                order by position limit $4
             ) e
             left join blocks b on b.chain = $1 and b.number = e.position >> 20
            order by e.position`,
          [chain, after, before, limit],
        )
      : await readNamed(queries, chain, { kinds, payer, nodeId }, { after, before, limit });

  return {
    events: rows.map((row) => placed(row, readContractEvent(row), 0)),
    isComplete: rows.length < limit,
  };
}

/** Each event name has its own ordered index: the first so many of every one are merged. */
async function readNamed(
  queries: Queries,
  chain: ChainName,
  {
    kinds,
    payer,
    nodeId,
  }: { kinds: ParsedFilter["kinds"] & {}; payer: string | undefined; nodeId: number | undefined },
  { after, before, limit }: Omit<Range, "maxBytes">,
): Promise<ContractRow[]> {
  const parameters: unknown[] = [chain, after, before, limit];
  const parts: string[] = [];
  const add = (value: unknown): string => `$${parameters.push(value)}`;

  for (const kind of kinds) {
    if (kind === "groupMessage" || kind === "identityUpdate") continue;
    for (const { contract, name } of eventNames(chain, kind satisfies ContractKind)) {
      // The names are ours; as literals they fit the indexes that are for one contract.
      const of = `contract = '${contract}' and name = '${name}'`;
      const isPayers = payer !== undefined && contract === "payerRegistry";
      const isNodes =
        nodeId !== undefined && (contract === "nodeRegistry" || contract === "distributionManager");
      const one = isPayers
        ? `and args->>'payer' = ${add(payer)}`
        : isNodes
          ? `and coalesce(args->>'nodeId', args->>'tokenId') = ${add(String(nodeId))}`
          : "";
      parts.push(
        `(select position, contract, name, args, transaction_hash from events
           where ${of} and position > $2 and position < $3 ${one} order by position limit $4)`,
      );
    }
  }
  if (parts.length === 0) return [];

  return await queries.query<ContractRow>(
    `select e.*, b.hash as block_hash, b.timestamp as block_timestamp
       from (select * from (${parts.join(" union all ")}) every order by position limit $4) e
       left join blocks b on b.chain = $1 and b.number = e.position >> 20
      order by e.position`,
    parameters,
  );
}

/** A row of one of the two logs as an event. */
export function payloadEvent(kind: LogKind, row: PayloadRow): PlacedEvent {
  const id = toHexBytes(row.id);
  const payload = toHexBytes(row.payload);
  const { sequence_id: sequenceId } = row;
  const fields =
    kind === "groupMessage"
      ? { kind, originator: GROUP_MESSAGES_ORIGINATOR, sequenceId, groupId: id, payload }
      : { kind, originator: IDENTITY_UPDATES_ORIGINATOR, sequenceId, inboxId: id, payload };

  return placed(row, fields, row.payload.length);
}

function placed(row: BaseRow, fields: object, bytes: number): PlacedEvent {
  const position = Number(row.position);
  if (row.block_hash === null || row.block_timestamp === null) {
    throw new Error(`the block of the event at ${position} is not stored`);
  }
  const event = {
    ...fields,
    transactionHash: toHexBytes(row.transaction_hash),
    cursor: {
      blockNumber: blockOf(position),
      blockHash: toHexBytes(row.block_hash),
      logIndex: logIndexOf(position),
    },
    blockTimestamp: row.block_timestamp.getTime() / 1_000,
  } as unknown as IndexedEvent; // what `fields` lacks to be one is here

  return { position, bytes, event };
}
