import { toEventSelector, toFunctionSelector, type Hex } from "viem";

/** The originator id under which node software stores what a contract emits. */
export const GROUP_MESSAGES_ORIGINATOR = 0;
export const IDENTITY_UPDATES_ORIGINATOR = 1;

/** How one of the two logs is written and read. */
export interface PayloadKind {
  readonly originator: typeof GROUP_MESSAGES_ORIGINATOR | typeof IDENTITY_UPDATES_ORIGINATOR;
  readonly singleSelector: Hex;
  readonly batchSelector: Hex;
  /** Topic 0; topic 1 is the id, topic 2 the sequence id, and the data is the payload. */
  readonly eventTopic: Hex;
}

export const GROUP_MESSAGE: PayloadKind = {
  originator: GROUP_MESSAGES_ORIGINATOR,
  singleSelector: toFunctionSelector("addMessage(bytes16,bytes)"),
  batchSelector: toFunctionSelector("addMessages(bytes16[],bytes[])"),
  eventTopic: toEventSelector("MessageSent(bytes16,bytes,uint64)"),
};

export const IDENTITY_UPDATE: PayloadKind = {
  originator: IDENTITY_UPDATES_ORIGINATOR,
  singleSelector: toFunctionSelector("addIdentityUpdate(bytes32,bytes)"),
  batchSelector: toFunctionSelector("addIdentityUpdates(bytes32[],bytes[])"),
  eventTopic: toEventSelector("IdentityUpdateCreated(bytes32,bytes,uint64)"),
};

/** An id as an event topic and as a word of calldata: left-aligned in 32 bytes. */
export function idWord(id: Hex): Hex {
  return `0x${id.slice(2).padEnd(64, "0")}`;
}
