import { expect } from "chai";
import { AbiCoder, id, MaxUint256, toBeHex, type BaseContract } from "ethers";

import { merkleTree } from "../../../../src/reports/merkleTree.ts";
import { findProofFault } from "../../../../src/reports/verifyProof.ts";
import type { PayerReports } from "../../../../typechain-types/index.ts";
import { createRandom } from "../../../helpers/createRandom.ts";
import { deploySettlement } from "../../../helpers/deploySettlement.ts";
import { encodeCall } from "../../../helpers/encode.ts";
import { MERKLE_VECTORS } from "../../../helpers/merkleVectors.ts";
import { ethers, loadFixture } from "../../../helpers/network.ts";
import {
  leafOf,
  payerFees,
  proofOf,
  rootOf,
  type Bytes,
} from "../../../helpers/payerReportFacts.ts";
import { revertData } from "../../../helpers/revertData.ts";

/** The library alone, and the contract whose ABI has its errors. */
async function deployHarness(): Promise<{ harness: BaseContract; errors: PayerReports }> {
  const harness = await ethers.deployContract("MerkleProofsHarness");
  const { payerReports } = await deploySettlement();
  return { harness, errors: payerReports };
}

/** What a verification ends in: "ok", the name of an error, or a panic with its code. */
async function outcomeOf(
  { harness, errors }: Awaited<ReturnType<typeof deployHarness>>,
  ...args: [
    root: string,
    start: bigint,
    leaves: readonly string[],
    proofElements: readonly string[],
  ]
): Promise<string> {
  const data = await revertData({
    to: await harness.getAddress(),
    data: encodeCall(harness, "verify", args),
  });

  if (data === undefined) return "ok";
  if (data === "0x") return "empty";
  if (data.startsWith("0x4e487b71")) {
    const [code] = AbiCoder.defaultAbiCoder().decode(["uint256"], `0x${data.slice(10)}`);
    return `Panic(${toBeHex(code as bigint)})`;
  }
  return errors.interface.parseError(data)?.name ?? data;
}

interface RandomProof {
  readonly root: Bytes;
  readonly start: bigint;
  readonly leaves: readonly Bytes[];
  readonly proofElements: readonly Bytes[];
}

const HARMLESS = "a word too many";

/** The same values, but for one bit of one of them. */
function flipOne(values: readonly Bytes[], random: () => number): Bytes[] {
  const chosen = Math.floor(random() * values.length);

  return values.map((value, index): Bytes => {
    if (index !== chosen) return value;
    const bits = (value.length - 2) * 4;
    const flipped = BigInt(value) ^ (1n << BigInt(Math.floor(random() * bits)));
    return `0x${flipped.toString(16).padStart(value.length - 2, "0")}`;
  });
}

describe("SequentialMerkleProofs", () => {
  describe("agrees with the node software of the production network", () => {
    for (const { leafCount, leaves, root, windows } of MERKLE_VECTORS.trees) {
      it(`about a tree of ${leafCount} leaves`, async () => {
        const fixture = await loadFixture(deployHarness);
        const bytes = leaves.map(({ leaf }) => leaf);

        for (const { start, count, proofElements } of windows) {
          expect(
            await outcomeOf(
              fixture,
              root,
              BigInt(start),
              bytes.slice(start, start + count),
              proofElements,
            ),
            `${start}, ${count}`,
          ).to.equal("ok");
        }
      });
    }

    for (const { leafCount, root, windows } of MERKLE_VECTORS.referenceTrees.trees) {
      it(`about a tree of ${leafCount} leaves of 32 bytes`, async () => {
        const fixture = await loadFixture(deployHarness);

        for (const { start, count, proofElements } of windows) {
          const leaves = MERKLE_VECTORS.referenceTrees.leafSet.slice(start, start + count);
          expect(await outcomeOf(fixture, root, BigInt(start), leaves, proofElements)).to.equal(
            "ok",
          );
        }
      });
    }

    for (const verifierCase of MERKLE_VECTORS.verifierCases) {
      const { name, root, start, leaves, proofElements, expected } = verifierCase;

      it(`when there is this: ${name}`, async () => {
        const fixture = await loadFixture(deployHarness);
        expect(await outcomeOf(fixture, root, BigInt(start), leaves, proofElements)).to.equal(
          expected,
        );
      });
    }

    it("but for proofs of no leaves of a tree that has some, which no contract takes", async () => {
      const fixture = await loadFixture(deployHarness);

      for (const { root, proofElements } of MERKLE_VECTORS.zeroCountProofsOffChainOnly) {
        // The empty tree is the one of which nothing can be proved.
        const expected = BigInt(root) === 0n ? "ok" : "NoLeaves";
        expect(await outcomeOf(fixture, root, 0n, [], proofElements)).to.equal(expected);
      }
    });
  });

  it("verifies every window of every tree of up to 20 leaves", async () => {
    const fixture = await loadFixture(deployHarness);
    const all = payerFees(20).map(leafOf);

    for (let count = 1; count <= 20; count++) {
      const leaves = all.slice(0, count);
      const root = rootOf(leaves);

      for (let start = 0; start < count; start++) {
        for (let end = start + 1; end <= count; end++) {
          expect(
            await outcomeOf(
              fixture,
              root,
              BigInt(start),
              leaves.slice(start, end),
              proofOf(leaves, start, end),
            ),
            `${start} to ${end} of ${count}`,
          ).to.equal("ok");
        }
      }
    }
  });

  describe("agrees with the library about random trees and windows", () => {
    const SEED = 20_261_121;
    const ROUNDS = 60;

    /** What an attacker may try on a proof that holds. Only the last change is harmless. */
    const MUTATIONS: Record<string, (proof: RandomProof, random: () => number) => RandomProof> = {
      "a bit of a leaf": (proof, random) => ({
        ...proof,
        leaves: flipOne(proof.leaves, random),
      }),
      "a leaf left out": (proof) => ({ ...proof, leaves: proof.leaves.slice(1) }),
      "a leaf twice": (proof) => ({
        ...proof,
        leaves: [...proof.leaves, ...proof.leaves.slice(-1)],
      }),
      "the window moved on": (proof) => ({ ...proof, start: proof.start + 1n }),
      "a bit of the proof": (proof, random) => ({
        ...proof,
        proofElements: flipOne(proof.proofElements, random),
      }),
      "a word of the proof left out": (proof) => ({
        ...proof,
        proofElements: proof.proofElements.slice(0, -1),
      }),
      "another root": (proof, random) => {
        const [root = proof.root] = flipOne([proof.root], random);
        return { ...proof, root };
      },
      [HARMLESS]: (proof) => ({ ...proof, proofElements: [...proof.proofElements, proof.root] }),
    };

    it(`as they are, and after every kind of change (seed ${SEED})`, async () => {
      const fixture = await loadFixture(deployHarness);
      const random = createRandom(SEED);
      const below = (bound: number): number => Math.floor(random() * bound);

      for (let round = 0; round < ROUNDS; round++) {
        const count = 1 + below(round % 3 === 0 ? 300 : 20);
        const leaves = payerFees(count, `round ${round}`).map(leafOf);
        const start = below(count);
        const size = 1 + below(count - start);
        const tree = merkleTree(leaves);
        const proof: RandomProof = {
          root: tree.root,
          start: BigInt(start),
          leaves: leaves.slice(start, start + size),
          proofElements: tree.proof(start, size),
        };
        const outcome = ({ root, start: from, leaves: window, proofElements }: RandomProof) =>
          outcomeOf(fixture, root, from, window, proofElements);

        expect(findProofFault(proof), `round ${round}`).to.equal(undefined);
        expect(await outcome(proof), `round ${round}`).to.equal("ok");

        for (const [name, mutate] of Object.entries(MUTATIONS)) {
          const changed = mutate(proof, random);
          const expected = findProofFault(changed) ?? "ok";

          expect(await outcome(changed), `round ${round}: ${name}`).to.equal(expected);
          expect(expected === "ok", `round ${round}: ${name}`).to.equal(name === HARMLESS);
        }
      }
    });
  });

  it("verifies leaves of any length, from none to more than a word of hundreds", async () => {
    const fixture = await loadFixture(deployHarness);
    const random = createRandom(7);
    const leaves = [0, 1, 31, 32, 33, 63, 64, 65, 135, 136, 137, 10_000, 0, 64].map(
      (length): Bytes =>
        `0x${Array.from({ length }, () => toBeHex(Math.floor(random() * 256), 1).slice(2)).join("")}`,
    );
    const root = rootOf(leaves);

    expect(await outcomeOf(fixture, root, 0n, leaves, proofOf(leaves, 0, leaves.length))).to.equal(
      "ok",
    );
    expect(
      await outcomeOf(fixture, root, 9n, leaves.slice(9, 13), proofOf(leaves, 9, 13)),
    ).to.equal("ok");
    // A zero more at the end is another leaf.
    expect(
      await outcomeOf(fixture, root, 13n, [`${leaves[13] ?? ""}00`], proofOf(leaves, 13, 14)),
    ).to.equal("InvalidProof");
  });

  it("takes a tree of 2^32 - 1 leaves to its end, with a node on the left at each level but the lowest", async () => {
    const fixture = await loadFixture(deployHarness);
    const leafCount = 2n ** 32n - 1n;
    const siblings = Array.from({ length: 32 }, (_, index) => id(`${index}`));
    const proof = [toBeHex(leafCount, 32), ...siblings];

    // What the last leaf leads to by hand: its index has a bit set in all but the lowest place.
    let node = ethers.keccak256(ethers.concat([ethers.toUtf8Bytes("leaf|"), "0x1234"]));
    node = hashNode(node);
    for (let level = 1; level < 32; level++) node = hashNode(siblings[level - 1] ?? "", node);
    const root = ethers.keccak256(
      ethers.concat([ethers.toUtf8Bytes("root|"), toBeHex(leafCount, 32), node]),
    );

    expect(await outcomeOf(fixture, root, leafCount - 1n, ["0x1234"], proof)).to.equal("ok");
    expect(await outcomeOf(fixture, root, leafCount - 1n, ["0x1234"], proof.slice(0, 31))).to.equal(
      "Panic(0x32)",
    );
    expect(
      await outcomeOf(fixture, root, leafCount, ["0x1234"], [toBeHex(leafCount + 1n, 32)]),
    ).to.equal("InvalidBitCount32Input");
  });

  it("tells a window beyond the end before a number of leaves that is too large", async () => {
    const fixture = await loadFixture(deployHarness);

    expect(
      await outcomeOf(fixture, id("root"), 2n ** 40n, ["0x"], [toBeHex(2n ** 40n, 32)]),
    ).to.equal("InvalidProof");
    expect(
      await outcomeOf(fixture, id("root"), MaxUint256, ["0x"], [toBeHex(2n ** 40n, 32)]),
    ).to.equal("Panic(0x11)");
  });

  it("refuses a leaf that is not within the calldata", async () => {
    const fixture = await loadFixture(deployHarness);
    const { harness } = fixture;
    const leaves: Bytes[] = ["0x1234", "0x5678"];
    const data = encodeCall(harness, "verify", [rootOf(leaves), 0n, leaves, proofOf(leaves, 0, 2)]);
    const to = await harness.getAddress();
    expect(await revertData({ to, data })).to.equal(undefined);

    // Words of the calldata: root, start, two offsets, then of the leaves their number, two offsets, and the first length.
    for (const word of [5, 7]) {
      for (const value of [MaxUint256, 2n ** 64n, 2n ** 63n, 100_000n]) {
        const at = 2 + 8 + 64 * word;
        const wrong = data.slice(0, at) + toBeHex(value, 32).slice(2) + data.slice(at + 64);
        expect(await revertData({ to, data: wrong }), `${word}: ${value}`).to.equal("0x");
      }
    }
  });

  it("reads the number of leaves that a proof claims, and says when there is none or too many", async () => {
    const { harness, errors } = await loadFixture(deployHarness);
    const count = harness.getFunction("getLeafCount");

    expect(await count.staticCall([toBeHex(2n ** 32n - 1n, 32), id("more")])).to.equal(
      2n ** 32n - 1n,
    );
    await expect(count.staticCall([])).to.be.revertedWithCustomError(errors, "NoProofElements");
    await expect(count.staticCall([toBeHex(2n ** 32n, 32)])).to.be.revertedWithCustomError(
      errors,
      "InvalidLeafCount",
    );
  });
});

function hashNode(...children: readonly string[]): string {
  return ethers.keccak256(ethers.concat([ethers.toUtf8Bytes("node|"), ...children]));
}
