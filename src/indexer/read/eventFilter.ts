import type { Hex } from "viem";

import { libraryError } from "../../errors/libraryErrors.ts";
import { describe } from "../../inputs/describe.ts";
import { parseAddress } from "../../inputs/parseAddress.ts";
import { parseGroupId, parseInboxId, parseNodeId } from "../../inputs/parseIds.ts";
import type { ChainName } from "../chain/contracts.ts";
import { carriedBy, contractKinds, type ContractKind } from "./contractKinds.ts";
import type { EventKind } from "./indexedEvents.ts";

/** Which events of a chain. */
export interface EventFilter {
  /** Default: every kind, or those that carry one of the ids below if one is given. */
  readonly kinds?: readonly EventKind[] | undefined;
  /** Only the group messages of this group, 16 bytes. */
  readonly groupId?: Hex | string | undefined;
  /** Only the identity updates of this inbox, 32 bytes. */
  readonly inboxId?: Hex | string | undefined;
  /** Of deposits, withdrawals and charges only this payer's. */
  readonly payer?: string | undefined;
  /** Of changes of nodes and of their rewards only this node's. */
  readonly nodeId?: number | string | undefined;
}

/** A filter that makes sense. */
export interface ParsedFilter {
  /** Undefined: all that the chain has. */
  readonly kinds: ReadonlySet<EventKind> | undefined;
  readonly groupId: Hex | undefined;
  readonly inboxId: Hex | undefined;
  /** Lowercase. */
  readonly payer: string | undefined;
  readonly nodeId: number | undefined;
}

/** The kinds of events that a chain has. */
export function eventKinds(chain: ChainName): ReadonlySet<EventKind> {
  return new Set<EventKind>([
    ...(chain === "appchain" ? (["groupMessage", "identityUpdate"] as const) : []),
    ...contractKinds(chain),
  ]);
}

/**
 * Checks a filter: kinds that the chain does not have and ids that no kind carries are mistakes.
 *
 * @throws {XmtpError} `INVALID_OPTION`, `INVALID_GROUP_ID`, `INVALID_INBOX_ID`, `INVALID_ADDRESS`, `INVALID_NODE_ID`
 */
export function parseEventFilter(chain: ChainName, filter: EventFilter): ParsedFilter {
  const known = eventKinds(chain);
  const unknown = filter.kinds?.find((kind) => !known.has(kind));
  if (unknown !== undefined) {
    throw libraryError(
      "INVALID_OPTION",
      `the ${chain} has no events of kind ${describe(unknown)}, but ${[...known].join(", ")}`,
    );
  }
  if (filter.kinds?.length === 0) {
    throw libraryError("INVALID_OPTION", "the list of kinds is empty");
  }

  const ids = {
    groupId: filter.groupId === undefined ? undefined : parseGroupId(filter.groupId),
    inboxId: filter.inboxId === undefined ? undefined : parseInboxId(filter.inboxId),
    payer:
      filter.payer === undefined ? undefined : parseAddress(filter.payer, "payer").toLowerCase(),
    nodeId: filter.nodeId === undefined ? undefined : parseNodeId(filter.nodeId),
  };
  const carriers = new Set<EventKind>();
  for (const [id, value] of Object.entries(ids)) {
    if (value === undefined) continue;
    const carrying = [...known].filter(
      (kind) => idOf(kind) === id && (filter.kinds?.includes(kind) ?? true),
    );
    if (carrying.length === 0) {
      throw libraryError(
        "INVALID_OPTION",
        `no event that is asked for of the ${chain} has a ${id}`,
      );
    }
    for (const kind of carrying) carriers.add(kind);
  }

  return {
    ...ids,
    kinds:
      filter.kinds === undefined
        ? carriers.size === 0
          ? undefined
          : carriers
        : new Set(filter.kinds),
  };
}

/** The option that chooses among events of a kind. */
function idOf(kind: EventKind): "groupId" | "inboxId" | "payer" | "nodeId" | undefined {
  if (kind === "groupMessage") return "groupId";
  if (kind === "identityUpdate") return "inboxId";
  const carried = carriedBy(kind satisfies ContractKind);

  return carried === "node" ? "nodeId" : carried;
}
