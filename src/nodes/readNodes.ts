import type { Address, Hex } from "viem";

import { nodesAbi } from "../abi/index.ts";
import type { Chain } from "../chain/connectChain.ts";
import { decodeError } from "../errors/decodeError.ts";
import { parseAddress } from "../inputs/parseAddress.ts";
import { parseNodeId } from "../inputs/parseIds.ts";
import { parseInteger } from "../inputs/parseOption.ts";

/** Nodes per call; a hundred of them take some 40,000 bytes. */
const DEFAULT_PAGE_SIZE = 100;

/** A registered node. */
export interface Node {
  /** A multiple of 100. */
  readonly nodeId: number;
  /** The address of the signing key. */
  readonly signer: Address;
  /** Whether the node is part of the network. */
  readonly isCanonical: boolean;
  /** 65 bytes, beginning with 0x04. */
  readonly signingPublicKey: Hex;
  readonly httpAddress: string;
}

export interface ReadNodesParameters {
  /** The settlement chain; see `connectChain`. */
  readonly chain: Chain;
  /** The node registry. */
  readonly address: string;
  /** Only the nodes that are part of the network. Default false. */
  readonly canonicalOnly?: boolean;
  /** Read the registry as it was after this block. Default: the newest. */
  readonly blockNumber?: bigint;
  /** Nodes per call. Default 100. */
  readonly pageSize?: number;
}

/**
 * Reads the registered nodes, by ascending id. All pages are read at the same block.
 *
 * @throws {XmtpError} `INVALID_ADDRESS`, `RPC_UNREACHABLE`, `REVERTED` if the address is not a node registry
 * @example
 * const nodes = await readNodes({ chain: settlement, address: addresses.nodeRegistry, canonicalOnly: true });
 */
export async function readNodes({
  chain: { client },
  address,
  canonicalOnly = false,
  blockNumber,
  pageSize = DEFAULT_PAGE_SIZE,
}: ReadNodesParameters): Promise<readonly Node[]> {
  const registry = parseAddress(address, "node registry");
  parseInteger(pageSize, "pageSize", 1);

  try {
    const atBlock = blockNumber ?? (await client.getBlockNumber());
    const nodes: Node[] = [];
    for (;;) {
      const page = await client.readContract({
        address: registry,
        abi: nodesAbi,
        functionName: "getNodes",
        args: [BigInt(nodes.length), BigInt(pageSize)],
        blockNumber: atBlock,
      });
      nodes.push(...page.map(({ nodeId, node }) => ({ nodeId, ...node })));
      if (page.length < pageSize)
        return canonicalOnly ? nodes.filter(({ isCanonical }) => isCanonical) : nodes;
    }
  } catch (error) {
    throw decodeError(error);
  }
}

/**
 * Reads one node.
 *
 * @throws {ContractError} `ERC721NonexistentToken` if there is none with this id
 * @throws {XmtpError} `INVALID_NODE_ID`, `INVALID_ADDRESS`, `RPC_UNREACHABLE`
 */
export async function getNode({
  chain: { client },
  address,
  nodeId,
}: {
  readonly chain: Chain;
  readonly address: string;
  readonly nodeId: number | string;
}): Promise<Node> {
  const registry = parseAddress(address, "node registry");
  const id = parseNodeId(nodeId);

  try {
    const node = await client.readContract({
      address: registry,
      abi: nodesAbi,
      functionName: "getNode",
      args: [id],
    });
    return { nodeId: id, ...node };
  } catch (error) {
    throw decodeError(error);
  }
}
