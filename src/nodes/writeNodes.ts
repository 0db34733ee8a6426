import {
  encodeFunctionData,
  parseEventLogs,
  type Address,
  type Hex,
  type Log,
  type TransactionReceipt,
} from "viem";

import { nodesAbi } from "../abi/index.ts";
import type { TransactParameters } from "../chain/transact.ts";
import { changeOf, demandEvent, writeContract, type Change } from "../chain/writeContract.ts";
import { parseAddress } from "../inputs/parseAddress.ts";
import { parseNodeId } from "../inputs/parseIds.ts";
import { parseSigningPublicKey } from "../inputs/parseSigningPublicKey.ts";
import { parseHttpAddress } from "../inputs/parseUrl.ts";

/** What each write to the node registry takes. Each is simulated first: what would revert is never sent. */
export interface WriteNodesParameters extends TransactParameters {
  /** The node registry. */
  readonly address: string;
}

interface MembershipParameters extends WriteNodesParameters {
  readonly nodeId: number | string;
}

interface MembershipChange extends Change {
  /** Whether the call made a difference. */
  readonly isChanged: boolean;
}

export interface AddedNode extends Change {
  readonly nodeId: number;
  readonly owner: Address;
  readonly signer: Address;
  readonly signingPublicKey: Hex;
  readonly httpAddress: string;
}

/**
 * Registers a node. It becomes part of the network with `addToNetwork`. The account must be the registry's admin.
 *
 * @throws {ContractError} `NotAdmin`, `MaxNodesReached`
 * @throws {XmtpError} `INVALID_ADDRESS`, `INVALID_SIGNING_KEY`, `INVALID_URL`, and those of `transact`
 * @example
 * const { nodeId } = await addNode({
 *   chain: settlement, account, address: addresses.nodeRegistry,
 *   owner, signingPublicKey: "0x02ba57...", httpAddress: "https://node.example",
 * });
 */
export async function addNode({
  owner,
  signingPublicKey,
  httpAddress,
  ...write
}: WriteNodesParameters & {
  readonly owner: string;
  /** 65 bytes, or 33 in compressed form. */
  readonly signingPublicKey: Hex | Uint8Array | string;
  /** Must begin with http:// or https://: node software ignores nodes with any other. */
  readonly httpAddress: string;
}): Promise<AddedNode> {
  const data = encodeFunctionData({
    abi: nodesAbi,
    functionName: "addNode",
    args: [
      parseAddress(owner, "owner of the node"),
      parseSigningPublicKey(signingPublicKey),
      parseHttpAddress(httpAddress),
    ],
  });
  const { receipt, logs } = await sendWrite(write, data);
  const [event] = parseEventLogs({ abi: nodesAbi, eventName: "NodeAdded", logs });

  return { ...changeOf(receipt), ...demandEvent(event, receipt) };
}

/**
 * Makes a node part of the network. `isChanged` is false if it was already. The account must be the registry's admin.
 *
 * @throws {ContractError} `NotAdmin`, `ERC721NonexistentToken`, `MaxCanonicalNodesReached`
 */
export function addToNetwork(write: MembershipParameters): Promise<MembershipChange> {
  return changeMembership(write, "addToNetwork", "NodeAddedToCanonicalNetwork");
}

/**
 * Takes a node out of the network. `isChanged` is false if it was not part of it. The account must be the registry's admin.
 *
 * @throws {ContractError} `NotAdmin`, `ERC721NonexistentToken`
 */
export function removeFromNetwork(write: MembershipParameters): Promise<MembershipChange> {
  return changeMembership(write, "removeFromNetwork", "NodeRemovedFromCanonicalNetwork");
}

/**
 * Changes the HTTP address of a node. The account must own the node.
 *
 * @throws {ContractError} `NotNodeOwner`, `ERC721NonexistentToken`, `NoChange`
 * @throws {XmtpError} `INVALID_NODE_ID`, `INVALID_URL`, and those of `transact`
 */
export async function setHttpAddress({
  nodeId,
  httpAddress,
  ...write
}: WriteNodesParameters & {
  readonly nodeId: number | string;
  readonly httpAddress: string;
}): Promise<Change & { nodeId: number; httpAddress: string }> {
  const data = encodeFunctionData({
    abi: nodesAbi,
    functionName: "setHttpAddress",
    args: [parseNodeId(nodeId), parseHttpAddress(httpAddress)],
  });
  const { receipt, logs } = await sendWrite(write, data);
  const [event] = parseEventLogs({ abi: nodesAbi, eventName: "HttpAddressUpdated", logs });

  return { ...changeOf(receipt), ...demandEvent(event, receipt) };
}

/**
 * Makes the registry take its admin from the parameter `xmtp.nodeRegistry.admin`. Anyone may.
 *
 * @throws {ContractError} `NoChange`, `ZeroAdmin`, `ParameterOutOfTypeBounds`
 */
export async function updateAdmin(
  write: WriteNodesParameters,
): Promise<Change & { admin: Address }> {
  const { receipt, logs } = await sendWrite(
    write,
    encodeFunctionData({ abi: nodesAbi, functionName: "updateAdmin" }),
  );
  const [event] = parseEventLogs({ abi: nodesAbi, eventName: "AdminUpdated", logs });

  return { ...changeOf(receipt), ...demandEvent(event, receipt) };
}

/**
 * Makes the registry take its maximum of canonical nodes from `xmtp.nodeRegistry.maxCanonicalNodes`. Anyone may.
 *
 * @throws {ContractError} `NoChange`, `MaxCanonicalNodesBelowCurrentCount`, `ParameterOutOfTypeBounds`
 */
export async function updateMaxCanonicalNodes(
  write: WriteNodesParameters,
): Promise<Change & { maxCanonicalNodes: number }> {
  const data = encodeFunctionData({ abi: nodesAbi, functionName: "updateMaxCanonicalNodes" });
  const { receipt, logs } = await sendWrite(write, data);
  const [event] = parseEventLogs({ abi: nodesAbi, eventName: "MaxCanonicalNodesUpdated", logs });

  return { ...changeOf(receipt), ...demandEvent(event, receipt) };
}

async function changeMembership(
  { nodeId, ...write }: MembershipParameters,
  functionName: "addToNetwork" | "removeFromNetwork",
  eventName: "NodeAddedToCanonicalNetwork" | "NodeRemovedFromCanonicalNetwork",
): Promise<MembershipChange> {
  const data = encodeFunctionData({ abi: nodesAbi, functionName, args: [parseNodeId(nodeId)] });
  const { receipt, logs } = await sendWrite(write, data);

  return {
    ...changeOf(receipt),
    isChanged: parseEventLogs({ abi: nodesAbi, eventName, logs }).length > 0,
  };
}

async function sendWrite(
  { address, ...parameters }: WriteNodesParameters,
  data: Hex,
): Promise<{ receipt: TransactionReceipt; logs: Log[] }> {
  return writeContract({ ...parameters, to: parseAddress(address, "node registry"), data });
}
