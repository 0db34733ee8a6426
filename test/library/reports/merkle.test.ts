import { expect } from "chai";
import { concatHex, hexToBytes, keccak256, numberToHex, stringToHex, type Hex } from "viem";

import { EMPTY_ROOT, hashLeaf, hashNode, hashRoot } from "../../../src/reports/merkleHashes.ts";
import { merkleTree } from "../../../src/reports/merkleTree.ts";
import { findProofFault, verifyProof } from "../../../src/reports/verifyProof.ts";
import { codeOf } from "../../helpers/codeOf.ts";
import { createRandom } from "../../helpers/createRandom.ts";
import { MERKLE_VECTORS } from "../../helpers/merkleVectors.ts";
import { naiveMerkle } from "../../helpers/naiveMerkle.ts";

const word = (value: number | bigint) => numberToHex(value, { size: 32 });

describe("merkle hashes", () => {
  const { leaf, pair, lone, root } = MERKLE_VECTORS.hashPrimitives;
  const bytes = (hex: Hex) => hexToBytes(hex);

  it("are those of the vectors", () => {
    for (const { input, hash } of leaf)
      expect(hashLeaf(bytes(input)), input).to.deep.equal(bytes(hash));
    for (const { left, right, hash } of pair)
      expect(hashNode(bytes(concatHex([left, right]))), hash).to.deep.equal(bytes(hash));
    for (const { node, hash } of lone)
      expect(hashNode(bytes(node)), hash).to.deep.equal(bytes(hash));
    for (const { leafCount, node, hash } of root)
      expect(hashRoot(leafCount, bytes(node)), hash).to.deep.equal(bytes(hash));
  });
});

describe("merkleTree", () => {
  const { leafSet, trees: referenceTrees } = MERKLE_VECTORS.referenceTrees;
  const sets = [
    ...MERKLE_VECTORS.trees.map((tree) => ({
      ...tree,
      leaves: tree.leaves.map(({ leaf }) => leaf),
    })),
    ...referenceTrees.map((tree) => ({ ...tree, leaves: leafSet.slice(0, tree.leafCount) })),
    ...MERKLE_VECTORS.settlementSets.map((set) => ({
      ...set,
      leaves: set.leaves.map(({ leaf }) => leaf),
    })),
  ];

  sets.forEach(({ leaves, root, windows }, index) => {
    it(`has root and proofs of vector ${index}, ${leaves.length} leaves`, () => {
      const tree = merkleTree(leaves);
      expect(tree.root).to.equal(root);
      expect(tree.leafCount).to.equal(leaves.length);
      for (const { start, count, proofElements } of windows) {
        const label = `window ${start}, ${count}`;
        const window = leaves.slice(start, start + count);
        expect(tree.proof(start, count), label).to.deep.equal(proofElements);
        expect(verifyProof({ root, start, leaves: window, proofElements }), label).to.equal(true);
      }
    });
  });

  it("gives the topmost node as proof of no leaves, as the production node software does", () => {
    for (const { leafCount, proofElements, root } of MERKLE_VECTORS.zeroCountProofsOffChainOnly) {
      const leaves = MERKLE_VECTORS.trees
        .find((tree) => tree.leafCount === leafCount)
        ?.leaves.map(({ leaf }) => leaf);
      const tree = merkleTree(leaves ?? []);
      expect(tree.root).to.equal(root);
      expect(tree.proof(0, 0)).to.deep.equal(proofElements);
      expect(tree.proof(leafCount, 0)).to.deep.equal(proofElements);
      expect(findProofFault({ root, start: 0, leaves: [], proofElements })).to.equal("NoLeaves");
    }
  });

  it("is the tree of an independent implementation, for every size up to 40 and every window", () => {
    const random = createRandom(1);
    for (let count = 0; count <= 40; count++) {
      const leaves = Array.from({ length: count }, () => randomLeaf(random));
      const tree = merkleTree(leaves);
      const naive = naiveMerkle(leaves);
      expect(tree.root, `${count} leaves`).to.equal(naive.root);
      for (let start = 0; start < count; start++) {
        const window = 1 + Math.floor(random() * (count - start));
        for (const size of new Set([1, window, count - start])) {
          const label = `${count} leaves, window ${start}, ${size}`;
          expect(tree.proof(start, size), label).to.deep.equal(naive.proof(start, size));
        }
      }
    }
  });

  it("takes hex, bytes and packed leaves for the same, and gives the leaves back", () => {
    const leaves = Array.from({ length: 5 }, (_, index) => word(index * index));
    const arrays = leaves.map((leaf) => hexToBytes(leaf));
    const trees = [
      merkleTree(leaves),
      merkleTree(arrays),
      merkleTree({ bytes: hexToBytes(concatHex(leaves)), leafBytes: 32 }),
    ];
    for (const tree of trees) {
      expect(tree.root).to.equal(naiveMerkle(leaves).root);
      expect(leaves.map((_, index) => tree.leaf(index))).to.deep.equal(leaves);
    }
  });

  it("has a root of zero for no leaves, however they are passed", () => {
    for (const leaves of [[], { bytes: new Uint8Array(), leafBytes: 64 }]) {
      const tree = merkleTree(leaves);
      expect(tree.root).to.equal(EMPTY_ROOT);
      expect(tree.proof(0, 0)).to.deep.equal([word(0)]);
    }
  });

  it("refuses leaves and windows beyond the list", () => {
    const tree = merkleTree(["0x01", "0x02"]);
    const refused: readonly (() => unknown)[] = [
      () => tree.leaf(2),
      () => tree.leaf(-1),
      () => tree.proof(0, 3),
      () => tree.proof(2, 1),
      () => tree.proof(3, 0),
      () => tree.proof(-1, 1),
      () => tree.proof(0.5, 1),
      () => merkleTree([]).leaf(0),
      () => merkleTree([]).proof(0, 1),
      () => merkleTree(["0x1"]),
      () => merkleTree(["zz" as Hex]),
      () => merkleTree({ bytes: new Uint8Array(65), leafBytes: 64 }),
      () => merkleTree({ bytes: new Uint8Array(64), leafBytes: 0 }),
    ];
    refused.forEach((act, index) => expect(codeOf(act), String(index)).to.equal("INVALID_OPTION"));
  });
});

describe("findProofFault", () => {
  for (const { name, start, expected, ...proof } of MERKLE_VECTORS.verifierCases) {
    it(`answers ${expected}: ${name}`, () => {
      expect(findProofFault({ ...proof, start: BigInt(start) }) ?? "ok").to.equal(expected);
    });
  }

  it("finds every change of a proof", () => {
    const random = createRandom(2);
    const pick = (below: number) => Math.floor(random() * below);
    for (let round = 0; round < 300; round++) {
      const leaves = Array.from({ length: 2 + pick(40) }, () => randomLeaf(random));
      const tree = merkleTree(leaves);
      const start = pick(leaves.length);
      const count = 1 + pick(leaves.length - start);
      const proof = {
        root: tree.root,
        start,
        leaves: leaves.slice(start, start + count),
        proofElements: tree.proof(start, count),
      };
      const label = `round ${round}: ${leaves.length} leaves, window ${start}, ${count}`;
      expect(verifyProof(proof), label).to.equal(true);

      const at = pick(count);
      const element = pick(proof.proofElements.length);
      const mutations = {
        "a leaf": { leaves: proof.leaves.with(at, concatHex([proof.leaves[at] ?? "0x", "0x00"])) },
        "an element": {
          proofElements: proof.proofElements.with(element, flip(proof.proofElements[element])),
        },
        "the root": { root: flip(tree.root) ?? "0x" },
        "the start": { start: start === 0 ? 1 : start - 1 },
        "a leaf less": { leaves: proof.leaves.slice(1) },
        "a leaf more": { leaves: [...proof.leaves, word(7)] },
        "an element less": { proofElements: proof.proofElements.slice(0, -1) },
      };
      for (const [what, mutation] of Object.entries(mutations)) {
        expect(verifyProof({ ...proof, ...mutation }), `${label}: ${what}`).to.equal(false);
      }
    }
  });

  it("ignores what is left over at the end", () => {
    const tree = merkleTree(["0x01", "0x02", "0x03"]);
    const proofElements = [...tree.proof(1, 1), word(9)];
    const proof = { root: tree.root, start: 1, leaves: ["0x02" as Hex], proofElements };
    expect(findProofFault(proof)).to.equal(undefined);
  });

  it("takes the largest leaf count for possible", () => {
    const proof = { root: EMPTY_ROOT, start: 2 ** 32 - 2, leaves: ["0x" as Hex] };
    const proofElements = [word(2 ** 32 - 1)];
    expect(findProofFault({ ...proof, proofElements })).to.equal("Panic(0x32)");
    // 32 levels above the leaves; the last leaf has a left neighbour on every other one.
    const many = [...proofElements, ...Array.from({ length: 32 }, () => word(1))];
    expect(findProofFault({ ...proof, proofElements: many })).to.equal("InvalidProof");
  });

  it("refuses what cannot be passed to a contract", () => {
    const proof = { root: EMPTY_ROOT, start: 0, leaves: [], proofElements: [word(0)] };
    expect(codeOf(() => findProofFault({ ...proof, proofElements: ["0x01"] }))).to.equal(
      "INVALID_OPTION",
    );
    expect(codeOf(() => findProofFault({ ...proof, start: -1 }))).to.equal("INVALID_OPTION");
    expect(codeOf(() => findProofFault({ ...proof, start: -1n }))).to.equal("INVALID_OPTION");
  });
});

/** Up to 100 bytes; both sides of the 64 of payer leaves. */
function randomLeaf(random: () => number): Hex {
  const seed = keccak256(stringToHex(String(random())));
  return `0x${seed
    .slice(2)
    .repeat(4)
    .slice(0, 2 * Math.floor(random() * 101))}`;
}

function flip(element: Hex | undefined): Hex {
  if (element === undefined) throw new Error("no such element");
  return word(BigInt(element) ^ 1n);
}
