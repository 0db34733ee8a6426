import { expect } from "chai";

import { createRangePlanner } from "../../../src/indexer/chain/createRangePlanner.ts";
import { createRandom } from "../../helpers/createRandom.ts";

const TARGET_BYTES = 6_000_000;
const MAX_BLOCKS = 20_000;

/** What a provider says to a range: bytes, or that it is too much, and perhaps how many blocks would do. */
type Provider = (from: number, blocks: number) => number | { readonly maxBlocks?: number };

/** Asks for all blocks of a chain as the planner wants them. */
function readAll(
  provider: Provider,
  chainBlocks: number,
  maxBlocks?: number,
): { readonly accepted: number[]; readonly refused: number[]; readonly bytes: number[] } {
  const planner = createRangePlanner({
    targetBytes: TARGET_BYTES,
    ...(maxBlocks !== undefined && { maxBlocks }),
  });
  const accepted: number[] = [];
  const refused: number[] = [];
  const bytes: number[] = [];
  let next = 0;
  while (next < chainBlocks) {
    const blocks = Math.min(planner.blocks(), chainBlocks - next);
    expect(blocks, "blocks of a request").to.be.within(1, maxBlocks ?? MAX_BLOCKS);
    const answer = provider(next, blocks);
    if (typeof answer === "number") {
      planner.succeeded(blocks, answer);
      accepted.push(blocks);
      bytes.push(answer);
      next += blocks;
      continue;
    }
    expect(blocks, "a single block was refused").to.be.greaterThan(1);
    planner.refused(blocks, answer.maxBlocks);
    refused.push(blocks);
    expect(refused.length, "refusals").to.be.lessThan(10_000);
  }

  return { accepted, refused, bytes };
}

const emptyBlock = () => 0;

describe("how many blocks an indexer asks for", () => {
  it("grows to the most there may be while blocks are empty", () => {
    const { accepted, refused } = readAll(emptyBlock, 1_000_000);

    expect(refused).to.deep.equal([]);
    expect(accepted.slice(0, 6)).to.deep.equal([4, 32, 256, 2_048, 16_384, MAX_BLOCKS]);
    expect(accepted.length).to.be.below(60);
  });

  it("never asks for more than it was told", () => {
    const { accepted } = readAll(emptyBlock, 100_000, 500);

    expect(Math.max(...accepted)).to.equal(500);
    expect(accepted.length).to.be.below(210);
  });

  for (const [name, say] of [
    ["says how many", true],
    ["does not say how many", false],
  ] as const) {
    it(`settles near a limit of blocks that a provider ${name}`, () => {
      const limit = 800;
      const { accepted, refused } = readAll(
        (_, blocks) => (blocks <= limit ? 0 : say ? { maxBlocks: limit } : {}),
        1_000_000,
      );

      // Half of the limit is the worst that halving leads to, and now and then a little more is tried.
      const needed = 1_000_000 / limit;
      expect(accepted.length).to.be.below((say ? 1.05 : 2.05) * needed + 10);
      expect(refused.length).to.be.below(0.03 * accepted.length + 10);
    });
  }

  it("settles near a limit of results, where blocks are full", () => {
    const perBlock = 50;
    const { accepted, refused } = readAll(
      (_, blocks) => (blocks * perBlock <= 10_000 ? blocks * perBlock * 1_000 : {}),
      100_000,
    );

    // 10,000 results of 1,000 bytes are more than is wanted of one answer.
    expect(Math.max(...accepted)).to.be.at.most(200);
    expect(refused.length).to.be.below(5);
    expect(accepted.length).to.be.below(1_000);
  });

  it("has about as many bytes in an answer as it wants", () => {
    const { accepted, bytes } = readAll((_, blocks) => blocks * 100_000, 10_000);

    const settled = bytes.slice(5, -1);
    for (const [at, size] of settled.entries()) {
      expect(size, `answer ${at}`).to.be.within(0.9 * TARGET_BYTES, TARGET_BYTES);
    }
    expect(accepted.length).to.be.below(180);
  });

  it("asks for one block at a time where each is larger than wanted", () => {
    const { accepted } = readAll((_, blocks) => blocks * 10_000_000, 50);

    expect(accepted.slice(1)).to.deep.equal(accepted.slice(1).map(() => 1));
  });

  it("does not leap when dense blocks follow empty ones", () => {
    const { bytes } = readAll((from, blocks) => {
      const dense = Math.max(0, from + blocks - Math.max(from, 50_000));
      return dense * 100_000;
    }, 60_000);

    // The range in which dense blocks begin tells how dense they are on average; the next one tells for sure.
    const first = bytes.findIndex((size) => size > 0);
    for (const size of bytes.slice(first + 2)) expect(size).to.be.at.most(1.01 * TARGET_BYTES);
    expect(bytes[first + 1]).to.be.at.most(8 * TARGET_BYTES);
  });

  it("tries a little more from time to time after a refusal", () => {
    let limit = 100;
    const { accepted } = readAll((from, blocks) => {
      if (from > 20_000) limit = 10_000;
      return blocks <= limit ? 0 : {};
    }, 2_000_000);

    expect(Math.max(...accepted)).to.be.greaterThan(1_000);
  });

  it("finishes whatever a provider refuses", () => {
    const random = createRandom(7);
    for (let run = 0; run < 20; run++) {
      const limit = 1 + Math.floor(random() * 300);
      const { accepted } = readAll((_, blocks) => {
        if (blocks > limit)
          return random() < 0.5 ? { maxBlocks: Math.floor(random() * 1_000) } : {};
        return blocks > 1 && random() < 0.1 ? {} : Math.floor(random() * 1_000_000);
      }, 2_000);
      expect(
        accepted.reduce((sum, blocks) => sum + blocks, 0),
        `run ${run}`,
      ).to.equal(2_000);
    }
  });
});
