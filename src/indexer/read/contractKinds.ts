import { getAddress, type Abi, type Address, type Hex } from "viem";

import { INDEXED_CONTRACTS, type ChainName } from "../chain/contracts.ts";
import type { EventFields, EventKind } from "./indexedEvents.ts";

/** The kinds that are in the table `events`. */
export type ContractKind = Exclude<EventKind, "groupMessage" | "identityUpdate">;

/** An event of a contract as the table has it: which contract, by its name in the address book, and which event. */
export interface ContractEventName {
  readonly contract: string;
  readonly name: string;
}

type Args = Readonly<Record<string, unknown>>;

interface Source<Kind extends ContractKind> {
  readonly contract: string;
  readonly name: string;
  /** Whether the event is about one payer, or about one node. */
  readonly carries?: "payer" | "node";
  readonly read: (args: Args) => EventFields<Kind>;
}

// `JSON.parse` has made numbers or strings of them, whichever is exact.
const big = (value: unknown): bigint => BigInt(value as number | string);
const small = (value: unknown): number => Number(value);
const text = (value: unknown): string => value as string;
const hex = (value: unknown): Hex => value as Hex;
const address = (value: unknown): Address => getAddress(value as string);
const numbers = (value: unknown): readonly number[] => (value as readonly unknown[]).map(Number);
const texts = (value: unknown): readonly string[] => value as readonly string[];

const reportKey = (args: Args) => ({
  originatorNodeId: small(args.originatorNodeId),
  payerReportIndex: big(args.payerReportIndex),
});
const escrow = { contract: "payerRegistry", carries: "payer" } as const;
const registry = { contract: "nodeRegistry", carries: "node" } as const;
const fees = { contract: "distributionManager" } as const;
const withdrawalEnd = (args: Args) => ({ payer: address(args.payer), nonce: small(args.nonce) });
const nodeOnly = (args: Args) => ({ nodeId: small(args.nodeId) });
const parameterSet = (contract: string): Source<"parameterSet"> => ({
  contract,
  name: "ParameterSet",
  read: (args) => ({ key: text(args.key), value: hex(args.value) }),
});

/** Kinds of one event each; `parameterSet` has one on each chain, and the last two kinds have many. */
const SOURCES: {
  readonly [
    Kind in Exclude<ContractKind, "parameterSet" | "contractUpgraded" | "contractEvent">
  ]: Source<Kind>;
} = {
  nodeAdded: {
    ...registry,
    name: "NodeAdded",
    read: (args) => ({
      nodeId: small(args.nodeId),
      owner: address(args.owner),
      signer: address(args.signer),
      signingPublicKey: hex(args.signingPublicKey),
      httpAddress: text(args.httpAddress),
    }),
  },
  nodeAddedToNetwork: { ...registry, name: "NodeAddedToCanonicalNetwork", read: nodeOnly },
  nodeRemovedFromNetwork: { ...registry, name: "NodeRemovedFromCanonicalNetwork", read: nodeOnly },
  nodeHttpAddressUpdated: {
    ...registry,
    name: "HttpAddressUpdated",
    read: (args) => ({ nodeId: small(args.nodeId), httpAddress: text(args.httpAddress) }),
  },
  nodeTransferred: {
    ...registry,
    name: "Transfer",
    read: (args) => ({
      nodeId: small(args.tokenId),
      from: address(args.from),
      to: address(args.to),
    }),
  },
  deposit: {
    ...escrow,
    name: "Deposit",
    read: (args) => ({ payer: address(args.payer), amount: big(args.amount) }),
  },
  withdrawalRequested: {
    ...escrow,
    name: "WithdrawalRequested",
    read: (args) => ({
      payer: address(args.payer),
      amount: big(args.amount),
      withdrawableTimestamp: small(args.withdrawableTimestamp),
      nonce: small(args.nonce),
    }),
  },
  withdrawalCancelled: { ...escrow, name: "WithdrawalCancelled", read: withdrawalEnd },
  withdrawalFinalized: { ...escrow, name: "WithdrawalFinalized", read: withdrawalEnd },
  usageSettled: {
    ...escrow,
    name: "UsageSettled",
    read: (args) => ({
      payerReportId: hex(args.payerReportId),
      payer: address(args.payer),
      amount: big(args.amount),
    }),
  },
  payerReportSubmitted: {
    contract: "payerReportManager",
    name: "PayerReportSubmitted",
    read: (args) => ({
      ...reportKey(args),
      startSequenceId: big(args.startSequenceId),
      endSequenceId: big(args.endSequenceId),
      endMinuteSinceEpoch: small(args.endMinuteSinceEpoch),
      payersMerkleRoot: hex(args.payersMerkleRoot),
      nodeIds: numbers(args.nodeIds),
      signingNodeIds: numbers(args.signingNodeIds),
    }),
  },
  payerReportSubsetSettled: {
    contract: "payerReportManager",
    name: "PayerReportSubsetSettled",
    read: (args) => ({
      ...reportKey(args),
      count: small(args.count),
      remaining: small(args.remaining),
      feesSettled: big(args.feesSettled),
    }),
  },
  rewardClaimed: {
    ...fees,
    name: "Claim",
    carries: "node",
    read: (args) => ({
      nodeId: small(args.nodeId),
      ...reportKey(args),
      amount: big(args.amount),
    }),
  },
  rewardWithdrawn: {
    ...fees,
    name: "Withdrawal",
    carries: "node",
    read: (args) => ({ nodeId: small(args.nodeId), amount: big(args.amount) }),
  },
  protocolFeesClaimed: {
    ...fees,
    name: "ProtocolFeesClaim",
    read: (args) => ({ ...reportKey(args), amount: big(args.amount) }),
  },
  protocolFeesWithdrawn: {
    ...fees,
    name: "ProtocolFeesWithdrawal",
    read: (args) => ({ amount: big(args.amount) }),
  },
  ratesUpdated: {
    contract: "rateRegistry",
    name: "RatesUpdated",
    read: (args) => ({
      messageFee: big(args.messageFee),
      storageFee: big(args.storageFee),
      congestionFee: big(args.congestionFee),
      targetRatePerMinute: big(args.targetRatePerMinute),
      startTime: big(args.startTime),
    }),
  },
  bridgeDepositSent: {
    contract: "settlementChainGateway",
    name: "Deposit",
    read: (args) => ({
      chainId: big(args.chainId),
      messageNumber: big(args.messageNumber),
      recipient: address(args.recipient),
      amount: big(args.amount),
      maxFees: big(args.maxFees),
    }),
  },
  bridgeDepositReceived: {
    contract: "appChainGateway",
    name: "DepositReceived",
    read: (args) => ({ recipient: address(args.recipient), amountWei: big(args.amount) }),
  },
  parametersSent: {
    contract: "settlementChainGateway",
    name: "ParametersSent",
    read: (args) => ({
      chainId: big(args.chainId),
      messageNumber: big(args.messageNumber),
      nonce: big(args.nonce),
      keys: texts(args.keys),
    }),
  },
  parametersReceived: {
    contract: "appChainGateway",
    name: "ParametersReceived",
    read: (args) => ({ nonce: big(args.nonce), keys: texts(args.keys) }),
  },
  bridgeWithdrawalSent: {
    contract: "appChainGateway",
    name: "Withdrawal",
    read: (args) => ({
      messageId: big(args.messageId),
      recipient: address(args.recipient),
      amountWei: big(args.amount),
    }),
  },
  bridgeWithdrawalReceived: {
    contract: "settlementChainGateway",
    name: "WithdrawalReceived",
    read: (args) => ({ recipient: address(args.recipient), amount: big(args.amount) }),
  },
};

interface Entry extends ContractEventName {
  readonly kind: ContractKind;
  readonly carries?: "payer" | "node";
  readonly read: (args: Args) => object;
}

const ENTRIES: readonly Entry[] = [
  ...Object.entries(SOURCES).map(([kind, source]): Entry => ({
    kind: kind as ContractKind,
    ...source,
  })),
  ...["settlementChainParameterRegistry", "appChainParameterRegistry"].map((contract): Entry => ({
    kind: "parameterSet",
    ...parameterSet(contract),
  })),
];
const BY_NAME = new Map(ENTRIES.map((entry) => [`${entry.contract}.${entry.name}`, entry]));

/** Every event of each chain's contracts, and what a contract may emit that this version does not know. */
const NAMES: Readonly<Record<ChainName, readonly ContractEventName[]>> = {
  settlement: namesOf("settlement"),
  appchain: namesOf("appchain"),
};

function namesOf(chain: ChainName): readonly ContractEventName[] {
  return Object.entries(INDEXED_CONTRACTS[chain]).flatMap(([contract, abi]) => [
    ...(abi as Abi).flatMap((item) =>
      item.type === "event" ? [{ contract, name: item.name }] : [],
    ),
    { contract, name: "unknown" },
  ]);
}

function kindOf({ contract, name }: ContractEventName): ContractKind {
  if (name === "Upgraded") return "contractUpgraded";

  return BY_NAME.get(`${contract}.${name}`)?.kind ?? "contractEvent";
}

/** The kinds of a chain's contracts. */
export function contractKinds(chain: ChainName): ReadonlySet<ContractKind> {
  return new Set(NAMES[chain].map(kindOf));
}

/** The events that a kind stands for on a chain. */
export function eventNames(chain: ChainName, kind: ContractKind): readonly ContractEventName[] {
  return NAMES[chain].filter((event) => kindOf(event) === kind);
}

/** Whether events of a kind are about one payer, or about one node. */
export function carriedBy(kind: ContractKind): "payer" | "node" | undefined {
  return ENTRIES.find((entry) => entry.kind === kind)?.carries;
}

/** What an event is, by its name and the arguments of its row. */
export function readContractEvent({
  contract,
  name,
  args,
}: ContractEventName & { readonly args: Args }): object {
  const kind = kindOf({ contract, name });
  if (kind === "contractUpgraded") {
    return { kind, contract, implementation: address(args.implementation) };
  }
  const read = BY_NAME.get(`${contract}.${name}`)?.read;

  return read === undefined
    ? { kind: "contractEvent", contract, name, args }
    : { kind, ...read(args) };
}
