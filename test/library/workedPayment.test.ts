import { readFile } from "node:fs/promises";

import { expect } from "chai";

import { baseFee } from "../../src/rates/fees.ts";
import { settledMicrodollars, splitSettledFees } from "../../src/rewards/splitSettledFees.ts";

describe("docs/units.md", () => {
  it("has a worked payment whose figures are those of the library, and which adds up", async () => {
    const text = await readFile(new URL("../../docs/units.md", import.meta.url), "utf8");
    const deposit = 10_000_000n;

    const message = baseFee({
      rates: { messageFee: 100n, storageFee: 200n },
      envelopeBytes: 1_000,
      retentionDays: 60,
    });
    const leaves = [1_500n * message, 2n * message];
    const charges = leaves.map(settledMicrodollars);
    const balances = charges.map((charge) => deposit - charge);
    const settled = sum(charges);
    const { share, protocol } = splitSettledFees({
      feesSettled: settled,
      protocolFeeRate: 100,
      nodeCount: 3,
    });

    expect(sum(balances) + 3n * share + protocol).to.equal(2n * deposit);

    for (const row of [
      ["one message: 100 + 200 x 1,000 x 60", message, message],
      ["the leaf in the report", ...leaves, sum(leaves)],
      ["charged, each rounded up", ...charges, settled],
      ["balance afterwards", ...balances, sum(balances)],
    ]) {
      expect(text).to.include(`| ${row.map(shown).join(" | ")} |`);
    }
    for (const amount of [settled, share, protocol]) {
      expect(text).to.include(`| ${shown(amount)} | microdollars |`);
    }
    expect(text).to.include(
      `${shown(sum(balances))} in balances, ${shown(3n * share)} owed to the nodes and ${shown(protocol)} to the protocol`,
    );
  });
});

function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((total, amount) => total + amount, 0n);
}

function shown(value: bigint | string): string {
  return value.toLocaleString("en-US");
}
