import { expect } from "chai";

import { escapeText, unescapeText } from "../../../src/indexer/store/escapeText.ts";
import {
  blockOf,
  firstPosition,
  logIndexOf,
  positionOf,
} from "../../../src/indexer/store/position.ts";
import { createRandom } from "../../helpers/createRandom.ts";

describe("the position of a log", () => {
  for (const [block, index, position] of [
    [0, 0, 0],
    [0, 1, 1],
    [1, 0, 1_048_576],
    [0, 1_048_575, 1_048_575],
    [2 ** 33 - 1, 2 ** 20 - 1, Number.MAX_SAFE_INTEGER],
  ] as const) {
    it(`of log ${index} of block ${block} is ${position}, and back`, () => {
      expect(positionOf(block, index)).to.equal(position);
      expect(blockOf(position)).to.equal(block);
      expect(logIndexOf(position)).to.equal(index);
      expect(blockOf(BigInt(position))).to.equal(block);
      expect(firstPosition(block)).to.equal(position - index);
    });
  }

  it("has no room for a million logs in a block", () => {
    expect(() => positionOf(7, 2 ** 20)).to.throw("block 7 has a log with index 1048576");
  });
});

describe("text in the database", () => {
  for (const [text, stored] of [
    ["", ""],
    ["plain", "plain"],
    ["a\0b", "a\\0b"],
    ["a\\0b", "a\\\\0b"],
    ["\\", "\\\\"],
    ["\\\0", "\\\\\\0"],
    ["0\0\\0\0", "0\\0\\\\0\\0"],
    ["\u{1F600}\u200B", "\u{1F600}\u200B"],
  ] as const) {
    it(`stores ${JSON.stringify(text)} as ${JSON.stringify(stored)}, and reads it back`, () => {
      expect(escapeText(text)).to.equal(stored);
      expect(unescapeText(stored)).to.equal(text);
    });
  }

  it("keeps any text apart from any other", () => {
    const random = createRandom(1);
    const letters = ["\0", "\\", "0", "a"];
    const seen = new Map<string, string>();
    for (let run = 0; run < 2_000; run++) {
      const text = Array.from(
        { length: Math.floor(random() * 6) },
        () => letters[Math.floor(random() * 4)],
      ).join("");
      const stored = escapeText(text);
      expect(stored).not.to.include("\0");
      expect(unescapeText(stored), JSON.stringify(text)).to.equal(text);
      expect(seen.get(stored) ?? text).to.equal(text);
      seen.set(stored, text);
    }
  });
});
