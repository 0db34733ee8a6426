import { decodeEventLog, toEventSelector, type Address, type Hex } from "viem";

import { nodesAbi } from "../abi/index.ts";
import { libraryError } from "../errors/libraryErrors.ts";
import { parseAddress } from "../inputs/parseAddress.ts";
import { parseGroupId, parseInboxId, parseNodeId } from "../inputs/parseIds.ts";
import type { RawLog } from "../publisher/parseReceipt.ts";
import {
  GROUP_MESSAGE,
  IDENTITY_UPDATE,
  idWord,
  type PayloadKind,
} from "../publisher/payloadKinds.ts";

/** A position in the events of a chain. Plain data: keep it as JSON to resume from it. */
export interface Cursor {
  readonly blockNumber: number;
  /** Hash of the block; with it, a reorganisation that happened meanwhile is noticed on resuming. */
  readonly blockHash?: Hex;
  /** Position of the event in its block. -1: before the first. */
  readonly logIndex: number;
}

/** What every event has. */
export interface EventBase {
  readonly transactionHash: Hex;
  readonly cursor: Required<Cursor>;
}

export interface GroupMessageEvent extends EventBase {
  readonly kind: "groupMessage";
  readonly originator: number;
  readonly sequenceId: bigint;
  /** 16 bytes. */
  readonly groupId: Hex;
  readonly payload: Hex;
}

export interface IdentityUpdateEvent extends EventBase {
  readonly kind: "identityUpdate";
  readonly originator: number;
  readonly sequenceId: bigint;
  /** 32 bytes. */
  readonly inboxId: Hex;
  readonly payload: Hex;
}

export type NodeChangeEvent = EventBase &
  (
    | {
        readonly kind: "nodeAdded";
        readonly nodeId: number;
        readonly owner: Address;
        readonly signer: Address;
        readonly signingPublicKey: Hex;
        readonly httpAddress: string;
      }
    | { readonly kind: "nodeAddedToNetwork" | "nodeRemovedFromNetwork"; readonly nodeId: number }
    | {
        readonly kind: "nodeHttpAddressUpdated";
        readonly nodeId: number;
        readonly httpAddress: string;
      }
  );

/** Which logs to read, and what they become. */
export interface EventSource<Event> {
  readonly address: Address;
  /** As in `eth_getLogs`: null matches everything, a list any of its members. */
  readonly topics: readonly (Hex | readonly Hex[] | null)[];
  decode(log: RawLog): Event;
}

/** The group messages of a contract, of all groups or of one. @throws {XmtpError} `INVALID_ADDRESS`, `INVALID_GROUP_ID` */
export function groupMessages({
  address,
  groupId,
}: {
  readonly address: string;
  readonly groupId?: Hex | Uint8Array | string;
}): EventSource<GroupMessageEvent> {
  const id = groupId === undefined ? null : idWord(parseGroupId(groupId));

  return {
    ...payloadSource(GROUP_MESSAGE, address, id),
    decode: (log) => {
      const { id: idTopic, ...payload } = decodePayload(log, GROUP_MESSAGE);
      return { kind: "groupMessage", groupId: `0x${idTopic.slice(2, 34)}`, ...payload };
    },
  };
}

/** The identity updates of a contract, of all inboxes or of one. @throws {XmtpError} `INVALID_ADDRESS`, `INVALID_INBOX_ID` */
export function identityUpdates({
  address,
  inboxId,
}: {
  readonly address: string;
  readonly inboxId?: Hex | Uint8Array | string;
}): EventSource<IdentityUpdateEvent> {
  const id = inboxId === undefined ? null : idWord(parseInboxId(inboxId));

  return {
    ...payloadSource(IDENTITY_UPDATE, address, id),
    decode: (log) => {
      const { id: inbox, ...payload } = decodePayload(log, IDENTITY_UPDATE);
      return { kind: "identityUpdate", inboxId: inbox, ...payload };
    },
  };
}

const NODE_TOPICS = [
  toEventSelector("NodeAdded(uint32,address,address,bytes,string)"),
  toEventSelector("NodeAddedToCanonicalNetwork(uint32)"),
  toEventSelector("NodeRemovedFromCanonicalNetwork(uint32)"),
  toEventSelector("HttpAddressUpdated(uint32,string)"),
] as const;

/** The changes of the node registry, of all nodes or of one. @throws {XmtpError} `INVALID_ADDRESS`, `INVALID_NODE_ID` */
export function nodeChanges({
  address,
  nodeId,
}: {
  readonly address: string;
  readonly nodeId?: number | string;
}): EventSource<NodeChangeEvent> {
  const id: Hex | null =
    nodeId === undefined ? null : `0x${parseNodeId(nodeId).toString(16).padStart(64, "0")}`;

  return {
    address: parseAddress(address, "node registry"),
    topics: [NODE_TOPICS, id],
    decode: decodeNodeChange,
  };
}

function payloadSource(
  { eventTopic }: PayloadKind,
  address: string,
  id: Hex | null,
): Pick<EventSource<never>, "address" | "topics"> {
  return { address: parseAddress(address, "contract"), topics: [eventTopic, id] };
}

/** By hand: viem's decoder takes ten times as long, which large payloads pay for. */
function decodePayload(log: RawLog, { originator }: PayloadKind) {
  const [, id, sequenceId] = log.topics;
  // The data is one `bytes`: the offset 32, the length, and the payload padded to words.
  const bytes = Number(`0x${log.data.slice(66, 130)}`);
  if (
    id === undefined ||
    sequenceId === undefined ||
    !Number.isSafeInteger(bytes) ||
    log.data.length < 130 + 2 * bytes
  ) {
    throw malformed(log);
  }

  return {
    ...baseOf(log),
    id,
    originator,
    sequenceId: BigInt(sequenceId),
    payload: `0x${log.data.slice(130, 130 + 2 * bytes)}` as const,
  };
}

function decodeNodeChange(log: RawLog): NodeChangeEvent {
  const [topic, ...rest] = log.topics;
  if (topic === undefined) throw malformed(log);
  const { eventName, args } = decodeEventLog({
    abi: nodesAbi,
    topics: [topic, ...rest],
    data: log.data,
  });

  switch (eventName) {
    case "NodeAdded":
      return { ...baseOf(log), kind: "nodeAdded", ...args };
    case "NodeAddedToCanonicalNetwork":
      return { ...baseOf(log), kind: "nodeAddedToNetwork", ...args };
    case "NodeRemovedFromCanonicalNetwork":
      return { ...baseOf(log), kind: "nodeRemovedFromNetwork", ...args };
    case "HttpAddressUpdated":
      return { ...baseOf(log), kind: "nodeHttpAddressUpdated", ...args };
    default:
      throw malformed(log);
  }
}

/** What a decoder needs of any log. */
export function baseOf({ transactionHash, blockNumber, blockHash, logIndex }: RawLog): EventBase {
  return {
    transactionHash,
    cursor: { blockNumber: Number(blockNumber), blockHash, logIndex: Number(logIndex) },
  };
}

export function malformed({ transactionHash, logIndex }: RawLog) {
  return libraryError(
    "UNEXPECTED_RECEIPT",
    `the log ${Number(logIndex)} of the block with transaction ${transactionHash} cannot be decoded`,
  );
}
