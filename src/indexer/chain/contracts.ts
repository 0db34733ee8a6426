import type { Abi, Address } from "viem";

import {
  appchainGatewayAbi,
  appchainParametersAbi,
  groupMessagesAbi,
  identityUpdatesAbi,
  nodesAbi,
  payerReportsAbi,
  payersAbi,
  ratesAbi,
  rewardsAbi,
  settlementGatewayAbi,
  settlementParametersAbi,
} from "../../abi/index.ts";
import type { AddressBook } from "../../deployment/addressBook.ts";

export type ChainName = "settlement" | "appchain";

/** Contracts whose events are indexed, by their names in the address book. */
export const INDEXED_CONTRACTS = {
  settlement: {
    nodeRegistry: nodesAbi,
    payerRegistry: payersAbi,
    rateRegistry: ratesAbi,
    payerReportManager: payerReportsAbi,
    distributionManager: rewardsAbi,
    settlementChainParameterRegistry: settlementParametersAbi,
    settlementChainGateway: settlementGatewayAbi,
  },
  appchain: {
    groupMessageBroadcaster: groupMessagesAbi,
    identityUpdateBroadcaster: identityUpdatesAbi,
    appChainParameterRegistry: appchainParametersAbi,
    appChainGateway: appchainGatewayAbi,
  },
} as const satisfies Record<ChainName, Partial<Record<keyof AddressBook, Abi>>>;

export interface IndexedContract {
  /** Its name in the address book. */
  readonly name: string;
  /** Lowercase. */
  readonly address: Address;
  readonly abi: Abi;
}

/** What is indexed of a network on one of its chains, and from which block. */
export interface IndexedChain {
  readonly name: ChainName;
  readonly chainId: number;
  readonly fromBlock: number;
  readonly contracts: readonly IndexedContract[];
}

export function indexedChain(name: ChainName, addresses: AddressBook): IndexedChain {
  const contracts = Object.entries(INDEXED_CONTRACTS[name]).map(([key, abi]) => ({
    name: key,
    address: addresses[key as keyof typeof INDEXED_CONTRACTS.settlement].toLowerCase() as Address,
    abi: abi as Abi,
  }));

  return name === "settlement"
    ? {
        name,
        chainId: addresses.settlementChainId,
        fromBlock: addresses.settlementChainDeploymentBlock,
        contracts,
      }
    : {
        name,
        chainId: addresses.appChainId,
        fromBlock: addresses.appChainDeploymentBlock,
        contracts,
      };
}
