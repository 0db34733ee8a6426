import { toBeHex } from "ethers";

import type { Nodes } from "../../typechain-types/index.ts";
import { ethers, networkHelpers } from "./network.ts";

/** ERC-7201 slot of `xmtp.storage.NodeRegistry`, which `storage.test.ts` recomputes. */
export const NODES_SLOT = 0xd48713bc7b5e2644bcb4e26ace7d67dc9027725a9a1ee11596536cc6096a2000n;

/** The numbers of the first slot, which stand above the 20 bytes of the admin. */
export interface NodesState {
  readonly maxCanonicalNodes: bigint;
  readonly canonicalNodesCount: bigint;
  readonly nodeCount: bigint;
}

/** Reads the numbers of the first slot. */
export async function readNodesState(nodes: Nodes): Promise<NodesState> {
  const word = BigInt(await ethers.provider.getStorage(nodes, NODES_SLOT));

  return {
    maxCanonicalNodes: (word >> 160n) & 0xffn,
    canonicalNodesCount: (word >> 168n) & 0xffn,
    nodeCount: word >> 176n,
  };
}

/** Overwrites some of these numbers, past all checks: for states that calls cannot reach in reasonable time. */
export async function setNodesState(nodes: Nodes, fields: Partial<NodesState>): Promise<void> {
  const state = { ...(await readNodesState(nodes)), ...fields };
  const word =
    BigInt(await nodes.admin()) |
    (state.maxCanonicalNodes << 160n) |
    (state.canonicalNodesCount << 168n) |
    (state.nodeCount << 176n);

  await networkHelpers.setStorageAt(await nodes.getAddress(), toBeHex(NODES_SLOT), word);
}
