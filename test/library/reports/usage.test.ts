import { expect } from "chai";

import { messageFee, type MinuteCounts } from "../../../src/rates/fees.ts";
import type { Rates } from "../../../src/rates/rateAt.ts";
import {
  createUsageLedger,
  type UsageLedger,
  type UsageMessage,
} from "../../../src/reports/createUsageLedger.ts";
import { codeOf } from "../../helpers/codeOf.ts";
import { createRandom } from "../../helpers/createRandom.ts";

const ALICE = `0x${"a1".repeat(20)}` as const;
const BOB = `0x${"b0".repeat(20)}` as const;
const NODE = 100;
const MINUTE_NS = 60_000_000_000n;
const MAX_INT64 = 2n ** 63n - 1n;

const RATES: Rates = {
  messageFee: 100n,
  storageFee: 200n,
  congestionFee: 300n,
  targetRatePerMinute: 2n,
  startTime: 0n,
};

/** A message with a fee of its own. */
function message(
  sequenceId: number,
  minute: number,
  feePicodollars = 1n,
  payer: string = ALICE,
): UsageMessage {
  return { payer, originatorNodeId: NODE, sequenceId: BigInt(sequenceId), minute, feePicodollars };
}

/** A message whose fee follows from the rates. */
function facts(sequenceId: number, originatorNs: bigint, originatorNodeId = NODE): UsageMessage {
  return {
    payer: ALICE,
    originatorNodeId,
    sequenceId: BigInt(sequenceId),
    originatorNs,
    envelopeBytes: 10,
    retentionDays: 1,
  };
}

function fees(ledger: UsageLedger, afterMinute: number, throughMinute: number) {
  return ledger
    .payerFees({ originatorNodeId: NODE, afterMinute, throughMinute })
    .map(({ payer, feePicodollars }) => [payer, feePicodollars]);
}

describe("createUsageLedger", () => {
  it("sums what each payer owes over the minutes after one, up to and with another", () => {
    const ledger = createUsageLedger();
    ledger.add(message(1, 5, 10n));
    ledger.add(message(2, 5, 20n, BOB));
    ledger.add(message(3, 6, 30n));
    ledger.add(message(4, 7, 40n));
    ledger.add({ ...message(1, 6, 1_000n), originatorNodeId: 200 });

    expect(fees(ledger, 0, 4)).to.deep.equal([]);
    expect(fees(ledger, 0, 5)).to.deep.equal([
      [ALICE, 10n],
      [BOB, 20n],
    ]);
    expect(fees(ledger, 5, 7)).to.deep.equal([[ALICE, 70n]]);
    expect(fees(ledger, 4, 6)).to.deep.equal([
      [ALICE, 40n],
      [BOB, 20n],
    ]);
    expect(ledger.originators()).to.deep.equal([100, 200]);
  });

  it("keeps payers who owe nothing", () => {
    const ledger = createUsageLedger();
    ledger.add(message(1, 5, 0n));
    expect(fees(ledger, 0, 5)).to.deep.equal([[ALICE, 0n]]);
  });

  it("takes an address in any case for the same payer", () => {
    const ledger = createUsageLedger();
    ledger.add(message(1, 5, 1n, "0xd8dA6BF26964aF9D7eEd9e03E53415D37aA96045"));
    ledger.add(message(2, 5, 2n, "0xd8da6bf26964af9d7eed9e03e53415d37aa96045"));
    expect(fees(ledger, 0, 5)).to.deep.equal([["0xd8da6bf26964af9d7eed9e03e53415d37aa96045", 3n]]);
  });

  it("knows the highest sequence id and the number of messages of each minute", () => {
    const ledger = createUsageLedger();
    for (const [sequenceId, minute] of [
      [1, 5],
      [4, 5],
      [5, 7],
      [6, 6],
    ] as const) {
      ledger.add(message(sequenceId, minute));
    }
    expect(ledger.minutes(NODE)).to.deep.equal([
      { minute: 5, lastSequenceId: 4n, messageCount: 2 },
      { minute: 6, lastSequenceId: 6n, messageCount: 1 },
      { minute: 7, lastSequenceId: 5n, messageCount: 1 },
    ]);
    expect(ledger.lastSequenceId(NODE)).to.equal(6n);
    expect(ledger.lastSequenceId(200)).to.equal(0n);
    expect(ledger.minutes(200)).to.deep.equal([]);
  });

  it("books a message once, however often it is added", () => {
    const ledger = createUsageLedger();
    expect(ledger.add(message(2, 5, 10n))).to.equal(10n);
    expect(ledger.add(message(2, 5, 10n))).to.equal(undefined);
    expect(ledger.add(message(1, 5, 10n))).to.equal(undefined);
    expect(fees(ledger, 0, 5)).to.deep.equal([[ALICE, 10n]]);
    expect(ledger.minutes(NODE)[0]?.messageCount).to.equal(1);
  });

  it("takes the minute from the time of the originator, rounded down", () => {
    const ledger = createUsageLedger();
    const free = { payer: ALICE, originatorNodeId: NODE, feePicodollars: 0n };
    ledger.add({ ...free, sequenceId: 1n, originatorNs: 5n * MINUTE_NS - 1n });
    ledger.add({ ...free, sequenceId: 2n, originatorNs: 5n * MINUTE_NS });
    expect(ledger.minutes(NODE).map(({ minute }) => minute)).to.deep.equal([4, 5]);
  });

  it("computes fees by the rates in force at the time, and by the messages before", () => {
    const rates = [RATES, { ...RATES, messageFee: 1_000n, startTime: 300n }];
    const ledger = createUsageLedger({ rates: () => rates });
    const fee = (sequenceId: number, minute: bigint) =>
      ledger.add(facts(sequenceId, minute * MINUTE_NS));
    const expected = (messageFeeNow: bigint, counts: MinuteCounts) =>
      messageFee({
        rates: { ...RATES, messageFee: messageFeeNow },
        envelopeBytes: 10,
        retentionDays: 1,
        counts,
      });

    expect(fee(1, 4n)).to.equal(2_100n);
    expect(fee(2, 4n)).to.equal(2_100n);
    expect(fee(3, 4n)).to.equal(2_100n);
    // The fourth of the minute is the first that finds more than two before it: 1.5 times the target.
    expect(fee(4, 4n)).to.equal(2_100n + 100n * 300n);
    expect(fee(5, 5n)).to.equal(expected(1_000n, [0, 4, 0, 0, 0]));
    expect(fee(6, 8n)).to.equal(expected(1_000n, [0, 0, 0, 1, 4]));
    expect(fee(7, 9n)).to.equal(expected(1_000n, [0, 1, 0, 0, 1]));
  });

  it("asks sources of the migration for no congestion, and the chain for nothing", () => {
    const ledger = createUsageLedger({ rates: () => [RATES] });
    for (const originator of [10, 11, 13]) {
      for (let id = 1; id <= 5; id++) {
        expect(ledger.add(facts(id, MINUTE_NS, originator)), `${originator}, ${id}`).to.equal(
          2_100n,
        );
      }
    }
    for (const originator of [0, 1]) {
      expect(ledger.add(facts(1, MINUTE_NS, originator))).to.equal(0n);
      expect(ledger.minutes(originator)).to.deep.equal([]);
    }
  });

  it("refuses sums of more than 63 bits, and books nothing then", () => {
    const ledger = createUsageLedger();
    ledger.add(message(1, 5, MAX_INT64));
    expect(codeOf(() => ledger.add(message(2, 5, 1n)))).to.equal("INVALID_FEE");
    expect(ledger.lastSequenceId(NODE)).to.equal(1n);
    expect(fees(ledger, 0, 5)).to.deep.equal([[ALICE, MAX_INT64]]);

    ledger.add(message(2, 6, 1n));
    expect(codeOf(() => fees(ledger, 0, 6))).to.equal("INVALID_FEE");
    expect(fees(ledger, 5, 6)).to.deep.equal([[ALICE, 1n]]);
  });

  it("refuses what no envelope says", () => {
    const ledger = createUsageLedger();
    const refused: readonly (readonly [string, Record<string, unknown>])[] = [
      ["INVALID_ADDRESS", { payer: "0x12" }],
      ["INVALID_ADDRESS", { payer: "0xD8dA6BF26964aF9D7eEd9e03E53415D37aA96045" }],
      ["INVALID_USAGE", { originatorNodeId: -1 }],
      ["INVALID_USAGE", { originatorNodeId: 2 ** 32 }],
      ["INVALID_USAGE", { sequenceId: 0n }],
      ["INVALID_USAGE", { sequenceId: 2n ** 64n }],
      ["INVALID_USAGE", { sequenceId: 1 }],
      ["INVALID_USAGE", { minute: 2 ** 31 }],
      ["INVALID_USAGE", { minute: -1 }],
      ["INVALID_USAGE", { minute: 1.5 }],
      ["INVALID_FEE", { feePicodollars: -1n }],
      ["INVALID_FEE", { feePicodollars: 1 }],
    ];
    for (const [code, wrong] of refused) {
      const act = () => ledger.add({ ...message(1, 5), ...wrong } as UsageMessage);
      expect(codeOf(act), Object.entries(wrong).join()).to.equal(code);
    }
    expect(codeOf(() => ledger.add(facts(1, -1n)))).to.equal("INVALID_USAGE");
    expect(codeOf(() => ledger.add(facts(1, MINUTE_NS)))).to.equal("NO_RATES");
    expect(ledger.originators()).to.deep.equal([]);
  });

  it("forgets what is settled, and still knows the congestion of the last minutes", () => {
    const ledger = createUsageLedger({ rates: () => [RATES] });
    for (let id = 1; id <= 20; id++) ledger.add(facts(id, BigInt(id) * MINUTE_NS));
    const fresh = createUsageLedger({ rates: () => [RATES], snapshot: ledger.snapshot() });

    ledger.forget({ originatorNodeId: NODE, throughMinute: 19 });
    expect(ledger.minutes(NODE).map(({ minute }) => minute)).to.deep.equal([16, 17, 18, 19, 20]);
    expect(fees(ledger, 19, 20)).to.deep.equal(fees(fresh, 19, 20));
    expect(codeOf(() => fees(ledger, 18, 20))).to.equal("INVALID_USAGE");
    expect(ledger.add(message(20, 20))).to.equal(undefined);
    expect(ledger.add(facts(21, 20n * MINUTE_NS))).to.equal(fresh.add(facts(21, 20n * MINUTE_NS)));

    ledger.forget({ originatorNodeId: NODE, throughMinute: 10 });
    expect(codeOf(() => fees(ledger, 18, 20))).to.equal("INVALID_USAGE");
    ledger.forget({ originatorNodeId: 200, throughMinute: 10 });
    expect(ledger.originators()).to.deep.equal([NODE]);
  });

  describe("snapshot", () => {
    it("goes through JSON and back without a loss, at any message", () => {
      const random = createRandom(4);
      const messages = Array.from({ length: 400 }, (_, index) => ({
        ...facts(
          1 + index,
          BigInt(Math.floor(index / 20)) * MINUTE_NS + BigInt(Math.floor(random() * 6e10)),
        ),
        payer: `0x${Math.floor(random() * 9)
          .toString(16)
          .padStart(40, "0")}`,
      }));
      const whole = createUsageLedger({ rates: () => [RATES] });
      for (const each of messages) whole.add(each);

      let restarted = createUsageLedger({ rates: () => [RATES] });
      for (const each of messages) {
        restarted.add(each);
        if (random() > 0.9) {
          const snapshot: unknown = JSON.parse(JSON.stringify(restarted.snapshot()));
          restarted = createUsageLedger({ rates: () => [RATES], snapshot });
        }
      }

      expect(restarted.snapshot()).to.deep.equal(whole.snapshot());
      expect(fees(restarted, -1, 20)).to.deep.equal(fees(whole, -1, 20));
      expect(whole.minutes(NODE)).to.have.length.greaterThan(15);
    });

    it("does not change with the ledger that it was taken of", () => {
      const ledger = createUsageLedger();
      ledger.add(message(1, 5, 10n));
      const snapshot = ledger.snapshot();
      ledger.add(message(2, 5, 10n));
      expect(fees(createUsageLedger({ snapshot }), 0, 5)).to.deep.equal([[ALICE, 10n]]);
    });

    it("is refused when it is not one", () => {
      const ledger = createUsageLedger();
      ledger.add(message(1, 5));
      const good = JSON.stringify(ledger.snapshot());
      const refused = [
        "null",
        "{}",
        good.replace('"version":1', '"version":2'),
        good.replace('"lastSequenceId":"1"', '"lastSequenceId":1'),
        good.replace('"lastSequenceId":"1"', '"lastSequenceId":"-1"'),
        good.replace(ALICE, "alice"),
        good.replace('"minute":5', '"minute":2147483648'),
      ];
      for (const text of refused) {
        expect(text).not.to.equal(good);
        const act = () => createUsageLedger({ snapshot: JSON.parse(text) as unknown });
        expect(codeOf(act), text).to.equal("INVALID_USAGE");
      }
    });
  });

  describe("nextReportRange", () => {
    const start = { originatorNodeId: NODE, startSequenceId: 0n, startMinute: 0 };

    it("ends at the second newest minute", () => {
      const ledger = createUsageLedger();
      for (const [sequenceId, minute] of [
        [1, 5],
        [2, 6],
        [3, 6],
        [4, 9],
      ] as const) {
        ledger.add(message(sequenceId, minute));
      }
      expect(ledger.nextReportRange(start)).to.deep.equal({
        startSequenceId: 0n,
        endSequenceId: 3n,
        endMinuteSinceEpoch: 6,
      });
      const next = { ...start, startSequenceId: 1n, startMinute: 5 };
      expect(ledger.nextReportRange(next)).to.deep.equal({
        startSequenceId: 1n,
        endSequenceId: 3n,
        endMinuteSinceEpoch: 6,
      });
    });

    it("waits for two minutes after the start", () => {
      const ledger = createUsageLedger();
      expect(ledger.nextReportRange(start)).to.equal(undefined);
      ledger.add(message(1, 5));
      expect(ledger.nextReportRange(start)).to.equal(undefined);
      ledger.add(message(2, 6));
      expect(ledger.nextReportRange(start)?.endSequenceId).to.equal(1n);
      const next = { ...start, startSequenceId: 1n, startMinute: 5 };
      expect(ledger.nextReportRange(next)).to.equal(undefined);
    });
  });
});
