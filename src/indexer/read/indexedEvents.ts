import type { Address, Hex } from "viem";

import type {
  EventBase,
  GroupMessageEvent,
  IdentityUpdateEvent,
  NodeChangeEvent,
} from "../../events/eventSources.ts";
import type {
  EscrowEvent,
  PayerReportEvent,
  RatesUpdatedEvent,
  RewardEvent,
  UsageSettledEvent,
} from "../../events/moneyEvents.ts";

/** A parameter was set in the registry of the chain. */
export interface ParameterSetEvent extends EventBase {
  readonly kind: "parameterSet";
  readonly key: string;
  /** 32 bytes; see `decodeParameter`. */
  readonly value: Hex;
}

/** One side of a message of the bridge. */
export type BridgeEvent = EventBase &
  (
    | {
        readonly kind: "bridgeDepositSent";
        readonly chainId: bigint;
        readonly messageNumber: bigint;
        readonly recipient: Address;
        /** Microdollars. */
        readonly amount: bigint;
        /** Microdollars of it that may be spent on the way. */
        readonly maxFees: bigint;
      }
    | {
        readonly kind: "bridgeDepositReceived";
        readonly recipient: Address;
        /** Wei of the appchain, 10^-18 dollars. */
        readonly amountWei: bigint;
      }
    | {
        readonly kind: "parametersSent";
        readonly chainId: bigint;
        readonly messageNumber: bigint;
        readonly nonce: bigint;
        readonly keys: readonly string[];
      }
    | {
        readonly kind: "parametersReceived";
        readonly nonce: bigint;
        readonly keys: readonly string[];
      }
    | {
        readonly kind: "bridgeWithdrawalSent";
        readonly messageId: bigint;
        readonly recipient: Address;
        /** Wei of the appchain, 10^-18 dollars. */
        readonly amountWei: bigint;
      }
    | {
        readonly kind: "bridgeWithdrawalReceived";
        readonly recipient: Address;
        /** Microdollars. */
        readonly amount: bigint;
      }
  );

/** A node changed its owner; also when it was registered. */
export interface NodeTransferredEvent extends EventBase {
  readonly kind: "nodeTransferred";
  readonly nodeId: number;
  /** The zero address when it was registered. */
  readonly from: Address;
  readonly to: Address;
}

/** A contract got another implementation. */
export interface ContractUpgradedEvent extends EventBase {
  readonly kind: "contractUpgraded";
  /** Its name in the address book. */
  readonly contract: string;
  readonly implementation: Address;
}

/** What has no kind of its own, such as a change of a setting. */
export interface OtherContractEvent extends EventBase {
  readonly kind: "contractEvent";
  /** Its name in the address book. */
  readonly contract: string;
  /** As in the contract's interface; "unknown" with topics and data if it is not in it. */
  readonly name: string;
  /** By name: integers beyond 2^48 as decimal strings, bytes and addresses as lowercase hex. */
  readonly args: Readonly<Record<string, unknown>>;
}

type AnyEvent =
  | GroupMessageEvent
  | IdentityUpdateEvent
  | NodeChangeEvent
  | NodeTransferredEvent
  | EscrowEvent
  | UsageSettledEvent
  | PayerReportEvent
  | RewardEvent
  | RatesUpdatedEvent
  | ParameterSetEvent
  | BridgeEvent
  | ContractUpgradedEvent
  | OtherContractEvent;

/** An event as the indexer has it: that of the library, and when it was. */
export type IndexedEvent = AnyEvent & {
  /** Unix seconds of its block. */
  readonly blockTimestamp: number;
};

export type EventKind = IndexedEvent["kind"];

/** What an event of a kind has besides what all have. */
export type EventFields<Kind extends EventKind> = Fields<AnyEvent, Kind>;

// One member of the union at a time, since several kinds may share one.
type Fields<Event, Kind> = Event extends { readonly kind: infer Kinds }
  ? Kind extends Kinds
    ? Omit<Event, keyof EventBase | "kind">
    : never
  : never;
