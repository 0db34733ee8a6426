import { expect } from "chai";

import {
  baseFee,
  congestionFee,
  congestionUnits,
  messageFee,
  type MinuteCounts,
} from "../../../src/rates/fees.ts";
import { rateAt, type Rates } from "../../../src/rates/rateAt.ts";
import { settledMicrodollars, splitSettledFees } from "../../../src/rewards/splitSettledFees.ts";
import { codeOf } from "../../helpers/codeOf.ts";
import { createRandom } from "../../helpers/createRandom.ts";

const RATES: Rates = {
  messageFee: 100n,
  storageFee: 200n,
  congestionFee: 300n,
  targetRatePerMinute: 100n,
  startTime: 0n,
};
const MAX_INT64 = 2n ** 63n - 1n;
const QUIET: MinuteCounts = [0, 0, 0, 0, 0];

const units = (counts: MinuteCounts, targetRatePerMinute = 100n) =>
  congestionUnits({ counts, targetRatePerMinute });

describe("rateAt", () => {
  const list = [10n, 20n, 30n].map((startTime) => ({ ...RATES, startTime }));

  it("takes the last entry that has started", () => {
    const started = [10n, 19n, 20n, 29n, 30n, 2n ** 63n].map(
      (time) => rateAt(list, time).startTime,
    );
    expect(started).to.deep.equal([10n, 10n, 20n, 20n, 30n, 30n]);
  });

  it("refuses a time before the first entry, and an empty list", () => {
    expect(codeOf(() => rateAt(list, 9n))).to.equal("NO_RATES");
    expect(codeOf(() => rateAt([], 9n))).to.equal("NO_RATES");
  });
});

describe("baseFee", () => {
  const fee = (envelopeBytes: number, retentionDays: number, rates: Rates = RATES) =>
    baseFee({ rates, envelopeBytes, retentionDays });

  it("is the fee per message, and storage by bytes and days", () => {
    expect(fee(0, 0)).to.equal(100n);
    expect(fee(1, 1)).to.equal(300n);
    expect(fee(200, 60)).to.equal(2_400_100n);
    expect(fee(200, 2 ** 32 - 1)).to.equal(100n + 200n * 200n * 4_294_967_295n);
  });

  it("takes what just fits 63 bits, and refuses one more", () => {
    const rates = { ...RATES, messageFee: 7n, storageFee: MAX_INT64 - 7n };
    expect(fee(1, 1, rates)).to.equal(MAX_INT64);
    expect(codeOf(() => fee(1, 1, { ...rates, messageFee: 8n }))).to.equal("INVALID_FEE");
    expect(codeOf(() => fee(2, 1, rates))).to.equal("INVALID_FEE");
    expect(codeOf(() => fee(0, 0, { ...RATES, storageFee: MAX_INT64 + 1n }))).to.equal(
      "INVALID_FEE",
    );
    expect(codeOf(() => fee(0, 0, { ...RATES, messageFee: -1n }))).to.equal("INVALID_FEE");
  });

  it("refuses sizes and days that cannot be", () => {
    for (const [bytes, days] of [
      [-1, 1],
      [0.5, 1],
      [1, -1],
      [1, 2 ** 32],
    ] as const) {
      expect(
        codeOf(() => fee(bytes, days)),
        `${bytes}, ${days}`,
      ).to.equal("INVALID_OPTION");
    }
  });
});

describe("congestionUnits", () => {
  it("is 26 for 125 messages at a target of 100", () => {
    expect(units([125, 0, 0, 0, 0])).to.equal(26);
  });

  it("is 0 up to the target and 100 from one and a half times on", () => {
    expect(units([100, 0, 0, 0, 0])).to.equal(0);
    expect(units([101, 0, 0, 0, 0])).to.equal(0);
    expect(units([102, 0, 0, 0, 0])).to.equal(1);
    expect(units([149, 0, 0, 0, 0])).to.equal(95);
    expect(units([150, 0, 0, 0, 0])).to.equal(100);
    expect(units([1_000_000, 0, 0, 0, 0])).to.equal(100);
  });

  it("looks at the minute before too, and at the weighted mean of the last four, rounded down", () => {
    expect(units([0, 125, 0, 0, 0])).to.equal(26);
    // (4 * 100 + 3 * 200 + 2 * 100 + 50) / 10 = 125
    expect(units([0, 100, 200, 100, 50])).to.equal(26);
    // 1,259 / 10 rounded down is 125.
    expect(units([0, 100, 200, 100, 59])).to.equal(26);
    expect(units([0, 100, 200, 100, 60])).to.equal(units([126, 0, 0, 0, 0]));
  });

  it("is 0 without a target, and with one whose lower 32 bits are zero or negative", () => {
    for (const target of [0n, 2n ** 32n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 64n - 1n]) {
      expect(units([1_000_000, 0, 0, 0, 0], target), String(target)).to.equal(0);
    }
    expect(units([125, 0, 0, 0, 0], 2n ** 32n + 100n)).to.equal(26);
  });

  // So another implementation of the exponential function cannot give another number either.
  for (const target of [1, 60, 100, 6_000]) {
    it(`is what exact arithmetic gives at a target of ${target}, nowhere near a boundary`, () => {
      for (let messages = target + 1; messages < 1.5 * target; messages++) {
        const exact = exactUnits(messages, target);
        const label = `${messages} messages`;
        expect(units([messages, 0, 0, 0, 0], BigInt(target)), label).to.equal(Math.trunc(exact));
        expect(Math.abs(exact - Math.round(exact)), label).to.be.greaterThan(1e-9);
      }
    });
  }

  it("refuses counts that cannot be", () => {
    for (const count of [-1, 0.5, 2 ** 31, Number.NaN]) {
      expect(
        codeOf(() => units([0, 0, 0, 0, count])),
        String(count),
      ).to.equal("INVALID_OPTION");
    }
  });
});

describe("messageFee", () => {
  it("adds congestion to the base fee", () => {
    const message = { rates: RATES, envelopeBytes: 200, retentionDays: 60 };
    expect(congestionFee({ rates: RATES, counts: [125, 0, 0, 0, 0] })).to.equal(26n * 300n);
    expect(messageFee({ ...message, counts: QUIET })).to.equal(2_400_100n);
    expect(messageFee({ ...message, counts: [125, 0, 0, 0, 0] })).to.equal(2_407_900n);
  });

  it("refuses a congestion fee, and a sum, of more than 63 bits", () => {
    const counts: MinuteCounts = [150, 0, 0, 0, 0];
    const fits = { ...RATES, congestionFee: MAX_INT64 / 100n };
    const tooMuch = { ...RATES, congestionFee: MAX_INT64 / 100n + 1n };
    expect(congestionFee({ rates: fits, counts })).to.equal((MAX_INT64 / 100n) * 100n);
    expect(codeOf(() => congestionFee({ rates: tooMuch, counts }))).to.equal("INVALID_FEE");
    const message = { rates: fits, envelopeBytes: 0, retentionDays: 0, counts };
    expect(codeOf(() => messageFee(message))).to.equal("INVALID_FEE");
  });
});

describe("settledMicrodollars", () => {
  it("rounds up", () => {
    const pairs = [
      [0n, 0n],
      [1n, 1n],
      [999_999n, 1n],
      [1_000_000n, 1n],
      [1_000_001n, 2n],
      [MAX_INT64, 9_223_372_036_855n],
    ] as const;
    for (const [fee, settled] of pairs) {
      expect(settledMicrodollars(fee), String(fee)).to.equal(settled);
    }
  });

  it("refuses what no leaf holds", () => {
    expect(codeOf(() => settledMicrodollars(-1n))).to.equal("INVALID_FEE");
    expect(codeOf(() => settledMicrodollars(MAX_INT64 + 1n))).to.equal("INVALID_FEE");
  });
});

describe("splitSettledFees", () => {
  const rows = [
    [100n, 1_000, 3, 30n, 10n],
    [200n, 750, 3, 61n, 17n],
    [303n, 0, 3, 101n, 0n],
    [2n, 0, 3, 0n, 2n],
    [99n, 100, 7, 14n, 1n],
    [50n, 10_000, 5, 0n, 50n],
    [0n, 100, 3, 0n, 0n],
    [77n, 100, 0, 0n, 77n],
  ] as const;

  for (const [feesSettled, protocolFeeRate, nodeCount, share, protocol] of rows) {
    it(`gives ${nodeCount} nodes ${share} each of ${feesSettled} at ${protocolFeeRate}`, () => {
      const split = splitSettledFees({ feesSettled, protocolFeeRate, nodeCount });
      expect(split).to.deep.equal({ share, protocol });
    });
  }

  it("neither loses nor makes a unit", () => {
    const random = createRandom(3);
    for (let round = 0; round < 1_000; round++) {
      const feesSettled =
        BigInt(Math.floor(random() * 2 ** 53)) * BigInt(1 + Math.floor(random() * 2 ** 40));
      const protocolFeeRate = Math.floor(random() * 10_001);
      const nodeCount = Math.floor(random() * 256);
      const { share, protocol } = splitSettledFees({ feesSettled, protocolFeeRate, nodeCount });
      const label = `${feesSettled}, ${protocolFeeRate}, ${nodeCount}`;
      expect(share * BigInt(nodeCount) + protocol, label).to.equal(feesSettled);
      expect(share >= 0n && protocol * 10_000n >= feesSettled * BigInt(protocolFeeRate), label).to
        .be.true;
    }
  });

  it("refuses what no report holds", () => {
    const fine = { feesSettled: 1n, protocolFeeRate: 1, nodeCount: 1 };
    for (const wrong of [
      { feesSettled: -1n },
      { feesSettled: 2n ** 96n },
      { protocolFeeRate: 10_001 },
      { protocolFeeRate: -1 },
      { nodeCount: -1 },
    ]) {
      const act = () => splitSettledFees({ ...fine, ...wrong });
      expect(codeOf(act), Object.keys(wrong).join()).to.equal("INVALID_OPTION");
    }
  });
});

/** 100 (e^(4 (m - t) / t) - 1) / (e^2 - 1) with the series of e^x in integers of 60 digits. */
function exactUnits(messages: number, target: number): number {
  const one = 10n ** 60n;
  const exp = (numerator: bigint, denominator: bigint): bigint => {
    let term = one;
    let sum = one;
    for (let k = 1n; term > 0n; k++) {
      term = (term * numerator) / (denominator * k);
      sum += term;
    }
    return sum;
  };
  const scaled =
    (100n * one * (exp(BigInt(4 * (messages - target)), BigInt(target)) - one)) /
    (exp(2n, 1n) - one);
  const places = 10n ** 15n;

  return Number((scaled * places) / one) / Number(places);
}
