import { expect } from "chai";

import { RpcNodeError } from "../../src/chain/createRpc.ts";
import { classifyRefusal, type Refusal } from "../../src/publisher/classifyRefusal.ts";
import { bumpFees, canReplace, coversBaseFee, suggestFees } from "../../src/publisher/fees.ts";

/** What nodes say, by what it means. */
const TEXTS: readonly (readonly [Refusal, readonly string[]])[] = [
  [
    "known",
    [
      "already known",
      "Known transaction: 0x12",
      "known transaction: 0x12",
      "ALREADY_EXISTS: already known",
    ],
  ],
  [
    "nonceTooLow",
    [
      "nonce too low",
      "nonce too low: address 0xab, tx: 5 state: 6",
      "Transaction nonce too low. Expected 6",
    ],
  ],
  [
    "nonceTooHigh",
    [
      "nonce too high",
      "Nonce too high. Expected nonce to be 1 but got 2",
      "nonce too high: tx: 7 state: 6",
    ],
  ],
  [
    "nonceTaken",
    [
      "replacement transaction underpriced",
      "Replacement transaction underpriced. A gasPrice of at least",
    ],
  ],
  [
    "noFunds",
    ["insufficient funds for gas * price + value", "Sender doesn't have enough funds to send tx"],
  ],
  [
    "gasTooLow",
    [
      "intrinsic gas too low",
      "Transaction requires at least 21000 gas but got 5",
      "insufficient gas for floor data gas cost",
    ],
  ],
  [
    "tooLarge",
    [
      "oversized data: transaction size 200000, limit 131072",
      "exceeds block gas limit",
      "transaction gas limit too high",
    ],
  ],
  [
    "feeTooLow",
    ["max fee per gas less than block base fee", "transaction underpriced", "gas price too low"],
  ],
  ["busy", ["txpool is full", "too many requests", "request timeout"]],
  ["refused", ["sender is blocked", "invalid chain id for signer"]],
];

describe("classifyRefusal", () => {
  for (const [refusal, texts] of TEXTS) {
    for (const text of texts) {
      it(`takes "${text}" for ${refusal}`, () => {
        expect(classifyRefusal(new RpcNodeError(-32_000, text, undefined))).to.equal(refusal);
      });
    }
  }

  it("takes the code for exceeded limits for busy, and what is no answer for unknown", () => {
    expect(classifyRefusal(new RpcNodeError(-32_005, "no", undefined))).to.equal("busy");
    expect(classifyRefusal(new Error("nonce too low"))).to.equal("unknown");
  });
});

describe("fees", () => {
  const market = { baseFee: 100n, tip: 10n };

  it("suggests twice the base fee and the tip, or the gas price, below the cap", () => {
    expect(suggestFees(market, undefined)).to.deep.equal({
      maxFeePerGas: 210n,
      maxPriorityFeePerGas: 10n,
    });
    expect(suggestFees({ baseFee: undefined, tip: 10n }, undefined).maxFeePerGas).to.equal(10n);
    expect(suggestFees(market, 5n)).to.deep.equal({ maxFeePerGas: 5n, maxPriorityFeePerGas: 5n });
  });

  it("replaces with at least an eighth more, rounded up", () => {
    for (const fee of [0n, 1n, 7n, 8n, 1_000n, 123_456_789n]) {
      const previous = { maxFeePerGas: fee, maxPriorityFeePerGas: fee };
      const next = bumpFees(previous, { baseFee: 0n, tip: 0n }, undefined);
      expect(canReplace(previous, next), String(fee)).to.equal(true);
      expect(Number(next.maxFeePerGas) * 8, String(fee)).to.be.at.least(Number(fee) * 9);
      const oneLess = { ...next, maxFeePerGas: next.maxFeePerGas - 1n };
      expect(canReplace(previous, oneLess), String(fee)).to.equal(false);
    }
  });

  it("goes to the market's price at once when that is higher", () => {
    const previous = { maxFeePerGas: 10n, maxPriorityFeePerGas: 1n };
    expect(bumpFees(previous, market, undefined)).to.deep.equal(suggestFees(market, undefined));
    expect(coversBaseFee(previous, market)).to.equal(false);
    expect(coversBaseFee({ ...previous, maxFeePerGas: 100n }, market)).to.equal(true);
  });
});
