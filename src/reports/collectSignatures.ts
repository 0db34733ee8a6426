import type { Hex } from "viem";

import type { Node } from "../nodes/readNodes.ts";
import { normaliseSignature, recoverReportSigner } from "./reportSignatures.ts";

/** A signature as a node sent it, and the node that it is said to be of. */
export interface NodeSignature {
  readonly nodeId: number;
  readonly signature: Hex;
}

export type SignatureFault =
  /** There is no node with this id. With it in the list, the contract would refuse the whole submission. */
  | "UNKNOWN_NODE"
  /** The node is registered, but not part of the network. */
  | "NOT_CANONICAL"
  /** Another key than the node's signed, or something else than this report was signed. */
  | "WRONG_SIGNER"
  /** It is not a signature. */
  | "MALFORMED"
  /** There is a valid signature of the node already. */
  | "DUPLICATE";

export interface CollectedSignatures {
  /** The valid ones in the form that the contract takes, by ascending node id. */
  readonly signatures: readonly NodeSignature[];
  /** The others, in the order in which they came. */
  readonly rejected: readonly (NodeSignature & { readonly reason: SignatureFault })[];
  /** How many it takes: more than half of the canonical nodes. */
  readonly required: number;
  readonly hasMajority: boolean;
}

/**
 * Sorts out the signatures of a report: which ones the contract will count, and whether they are enough. A bad signature
 * never stands in the way of a good one.
 *
 * @example
 * const nodes = await readNodes({ chain, address: addresses.nodeRegistry });
 * const { signatures, hasMajority, rejected } = await collectSignatures({ id, nodes, signatures: received });
 */
export async function collectSignatures({
  id,
  nodes,
  signatures,
}: {
  /** The digest of the report. */
  readonly id: Hex;
  /** All nodes, as `readNodes` returns them. */
  readonly nodes: readonly Pick<Node, "nodeId" | "signer" | "isCanonical">[];
  /** What came in, in any order; 65 bytes or 64, see `normaliseSignature`. */
  readonly signatures: readonly NodeSignature[];
}): Promise<CollectedSignatures> {
  const byId = new Map(nodes.map((node) => [node.nodeId, node]));
  const accepted = new Map<number, NodeSignature>();
  const rejected: (NodeSignature & { reason: SignatureFault })[] = [];

  for (const received of signatures) {
    const { nodeId, signature } = received;
    const node = byId.get(nodeId);
    const reason = accepted.has(nodeId) ? "DUPLICATE" : await findFault(id, signature, node);
    if (reason === undefined)
      accepted.set(nodeId, { nodeId, signature: normaliseSignature(signature) });
    else rejected.push({ ...received, reason });
  }

  const required = requiredSignatures(nodes.filter(({ isCanonical }) => isCanonical).length);

  return {
    signatures: [...accepted.values()].sort((a, b) => a.nodeId - b.nodeId),
    rejected,
    required,
    hasMajority: accepted.size >= required,
  };
}

/** How many signatures a report needs that names this many nodes: more than half. */
export function requiredSignatures(nodeCount: number): number {
  return Math.floor(nodeCount / 2) + 1;
}

async function findFault(
  id: Hex,
  signature: Hex,
  node: Pick<Node, "signer" | "isCanonical"> | undefined,
): Promise<SignatureFault | undefined> {
  if (node === undefined) return "UNKNOWN_NODE";
  if (!node.isCanonical) return "NOT_CANONICAL";
  try {
    const signer = await recoverReportSigner(id, signature);
    return signer.toLowerCase() === node.signer.toLowerCase() ? undefined : "WRONG_SIGNER";
  } catch {
    return "MALFORMED";
  }
}
