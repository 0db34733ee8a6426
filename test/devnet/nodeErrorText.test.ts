import { expect } from "chai";

import { nodeErrorText } from "../../src/devnet/nodeErrorText.ts";

describe("nodeErrorText", () => {
  const hash = `0x${"ab".repeat(32)}`;
  const cases: [edr: string, expected: string][] = [
    [
      "Transaction nonce too low. Expected nonce to be at least 2 but got 0.",
      "Transaction nonce too low. Expected nonce to be at least 2 but got 0.",
    ],
    [
      "Nonce too low. Expected nonce to be 2 but got 0.",
      "nonce too low: Nonce too low. Expected nonce to be 2 but got 0.",
    ],
    [
      "Nonce too high. Expected nonce to be 2 but got 10.",
      "nonce too high: Nonce too high. Expected nonce to be 2 but got 10.",
    ],
    [`Known transaction: ${hash}`, `already known: Known transaction: ${hash}`],
    [
      "Replacement transaction underpriced. A gasPrice of at least 33 is necessary.",
      "replacement transaction underpriced: Replacement transaction underpriced. A gasPrice of at least 33 is necessary.",
    ],
    [
      "Sender doesn't have enough funds to send tx. The max upfront cost is: 1 and the sender's balance is: 0.",
      "insufficient funds for gas * price + value: Sender doesn't have enough funds to send tx. The max upfront cost is: 1 and the sender's balance is: 0.",
    ],
    ["execution reverted", "execution reverted"],
    ["", ""],
  ];
  for (const [edr, expected] of cases) {
    it(`words "${edr.slice(0, 40)}" so that geth clients understand it`, () => {
      expect(nodeErrorText(edr)).to.equal(expected);
      expect(nodeErrorText(expected), "twice changes nothing more").to.equal(expected);
    });
  }
});
