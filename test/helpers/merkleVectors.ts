import { readFileSync } from "node:fs";

import type { Address, Hex } from "viem";

interface Window {
  readonly start: number;
  readonly count: number;
  readonly proofElements: readonly Hex[];
}

interface Leaf {
  readonly payer: Address;
  readonly feePicodollars: string;
  readonly feeMicrodollarsSettled: string;
  readonly leaf: Hex;
}

interface Tree {
  readonly leafCount: number;
  readonly topNode: Hex | null;
  readonly root: Hex;
  readonly windows: readonly Window[];
}

/** Trees, proofs, digests and signatures that contracts and the production node software agree on. */
interface MerkleVectors {
  readonly hashPrimitives: {
    readonly leaf: readonly { readonly input: Hex; readonly hash: Hex }[];
    readonly pair: readonly { readonly left: Hex; readonly right: Hex; readonly hash: Hex }[];
    readonly lone: readonly { readonly node: Hex; readonly hash: Hex }[];
    readonly root: readonly {
      readonly leafCount: number;
      readonly node: Hex;
      readonly hash: Hex;
    }[];
  };
  readonly trees: readonly (Tree & { readonly leaves: readonly (Leaf & { leafHash: Hex })[] })[];
  readonly batches: readonly {
    readonly leafCount: number;
    readonly batchSize: number;
    readonly root: Hex;
    readonly steps: readonly {
      readonly offsetBefore: number;
      readonly count: number;
      readonly proofElements: readonly Hex[];
      readonly offsetAfter: number;
      readonly feesSettledMicrodollars: string;
    }[];
  }[];
  readonly referenceTrees: {
    readonly leafSet: readonly Hex[];
    readonly trees: readonly Tree[];
  };
  readonly settlementSets: readonly {
    readonly name: string;
    readonly leaves: readonly Leaf[];
    readonly root: Hex;
    readonly windows: readonly Window[];
  }[];
  readonly zeroCountProofsOffChainOnly: readonly {
    readonly leafCount: number;
    readonly proofElements: readonly Hex[];
    readonly root: Hex;
  }[];
  readonly verifierCases: readonly {
    readonly name: string;
    readonly root: Hex;
    readonly start: string;
    readonly leaves: readonly Hex[];
    readonly proofElements: readonly Hex[];
    readonly expected: string;
  }[];
  readonly payerReportDigests: {
    readonly typeHash: Hex;
    readonly cases: readonly {
      readonly name: string;
      readonly chainId: number;
      readonly verifyingContract: Address;
      readonly originatorNodeId: number;
      readonly startSequenceId: string;
      readonly endSequenceId: string;
      readonly endMinuteSinceEpoch: number;
      readonly payersMerkleRoot: Hex;
      readonly nodeIds: readonly number[];
      readonly domainSeparator: Hex;
      readonly digest: Hex;
    }[];
    readonly signatures: readonly {
      readonly privateKey: Hex;
      readonly signer: Address;
      readonly digest: Hex;
      readonly onChain65: Hex;
      readonly xmtpdWire65: Hex;
      readonly compact64: Hex;
    }[];
  };
}

export const MERKLE_VECTORS = JSON.parse(
  readFileSync(new URL("../contracts/fixtures/merkleVectors.json", import.meta.url), "utf8"),
) as MerkleVectors;
