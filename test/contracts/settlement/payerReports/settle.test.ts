import { expect } from "chai";
import { concat, dataSlice, id, toBeHex, ZeroAddress, ZeroHash } from "ethers";

import { createRandom } from "../../../helpers/createRandom.ts";
import { deployNetworkOfThree, type SettlementFixture } from "../../../helpers/deploySettlement.ts";
import { encodeCall, encodeError } from "../../../helpers/encode.ts";
import { logsOf } from "../../../helpers/logsOf.ts";
import { MERKLE_VECTORS } from "../../../helpers/merkleVectors.ts";
import { ethers, loadFixture } from "../../../helpers/network.ts";
import {
  charged,
  digestOf,
  leafOf,
  payerFees,
  proofOf,
  reportOf,
  rootOf,
  settlement,
  submit,
  type Bytes,
  type PayerFee,
} from "../../../helpers/payerReportFacts.ts";
import { setFeesSettled } from "../../../helpers/payerReportsStorage.ts";
import { revertData } from "../../../helpers/revertData.ts";

const FEES = payerFees(7);
const LEAVES = FEES.map(leafOf);

/** Three nodes, and a report of originator 100 with seven payers, the first of whom has a deposit. */
async function afterReport() {
  const fixture = await deployNetworkOfThree();
  const report = reportOf({ root: rootOf(LEAVES) });
  await submit(fixture.payerReports, report);
  await fixture.deposit(FEES[0]?.payer ?? "", 1_000_000n);

  return { ...fixture, report };
}

/** Three nodes, and a report with these leaves. */
async function withLeaves(leaves: readonly Bytes[]): Promise<SettlementFixture> {
  const fixture = await loadFixture(deployNetworkOfThree);
  await submit(fixture.payerReports, reportOf({ root: rootOf(leaves) }));

  return fixture;
}

describe("PayerReports.settle", () => {
  it("charges the payers of the leaves, for the report's digest, and says so", async () => {
    const { payerReports, payers, report } = await loadFixture(afterReport);

    const sum = FEES.slice(0, 3).reduce((total, { fee }) => total + charged(fee), 0n);
    const transaction = await payerReports.settle(...settlement(100, 0, LEAVES, 0, 3));

    const digest = await digestOf(payerReports, report);
    expect(await logsOf(transaction, { payerReports, payers })).to.deep.equal([
      ...FEES.slice(0, 3).map(({ payer, fee }) => [
        "payers.UsageSettled",
        digest,
        payer,
        charged(fee),
      ]),
      ["payerReports.PayerReportSubsetSettled", 100n, 0n, 3n, 4n, sum],
    ]);
    expect(await payerReports.getPayerReport(100, 0)).to.deep.equal([
      0n,
      10n,
      29_000_000n,
      sum,
      3n,
      false,
      100n,
      report.root,
      [100n, 200n, 300n],
    ]);

    // A deposit pays, and who has none owes.
    const [first, second] = FEES;
    expect(await payers.getBalance(first?.payer ?? "")).to.equal(
      1_000_000n - charged(first?.fee ?? 0n),
    );
    expect(await payers.getBalance(second?.payer ?? "")).to.equal(-charged(second?.fee ?? 0n));
  });

  for (const size of [1, 2, 3, 7]) {
    it(`completes a report ${size} leaves at a time`, async () => {
      const { payerReports, payers } = await loadFixture(afterReport);
      let sum = 0n;

      for (let start = 0; start < LEAVES.length; start += size) {
        const end = Math.min(start + size, LEAVES.length);
        await payerReports.settle(...settlement(100, 0, LEAVES, start, end));
        for (const { fee } of FEES.slice(start, end)) sum += charged(fee);

        const report = await payerReports.getPayerReport(100, 0);
        expect(report.offset).to.equal(BigInt(end));
        expect(report.feesSettled).to.equal(sum);
        expect(report.isSettled).to.equal(end === LEAVES.length);
      }

      expect(await payers.getBalances(FEES.map(({ payer }) => payer))).to.deep.equal(
        FEES.map(({ fee }, index) => (index === 0 ? 1_000_000n : 0n) - charged(fee)),
      );
    });
  }

  it("settles random reports in random batches, and charges each payer once", async () => {
    const random = createRandom(2_026);
    const upTo = (most: number) => 1 + Math.floor(random() * most);
    const { payerReports, payers } = await loadFixture(deployNetworkOfThree);

    for (let index = 0; index < 20; index++) {
      const fees = payerFees(upTo(60), `random ${index}`);
      const leaves = fees.map(leafOf);
      const range = { start: 10n * BigInt(index), end: 10n * BigInt(index + 1) };
      await submit(payerReports, reportOf({ ...range, root: rootOf(leaves) }));

      for (let start = 0; start < leaves.length;) {
        const end = Math.min(leaves.length, start + upTo(25));
        await payerReports.settle(...settlement(100, index, leaves, start, end));
        start = end;
      }

      expect((await payerReports.getPayerReport(100, index)).isSettled).to.equal(true);
      expect(await payers.getBalances(fees.map(({ payer }) => payer))).to.deep.equal(
        fees.map(({ fee }) => -charged(fee)),
      );
    }
  });

  it("settles each report by itself: its digest begins where the one before it ends", async () => {
    const { payerReports, payers } = await loadFixture(afterReport);
    const next = reportOf({ start: 10n, end: 30n, root: rootOf(LEAVES) });
    await submit(payerReports, next);

    const transaction = await payerReports.settle(...settlement(100, 1, LEAVES, 0, 7));

    expect((await logsOf(transaction, { payerReports, payers }))[0]?.[1]).to.equal(
      await digestOf(payerReports, next),
    );
    expect((await payerReports.getPayerReport(100, 0)).offset).to.equal(0n);
    expect((await payerReports.getPayerReport(100, 1)).isSettled).to.equal(true);
  });

  it("names in the digest the nodes that signed, not those of today", async () => {
    const { payerReports, payers, nodes, admin, report } = await loadFixture(afterReport);
    await nodes.connect(admin).removeFromNetwork(200);
    await submit(
      payerReports,
      reportOf({ start: 10n, end: 20n, nodeIds: [100, 300], root: ZeroHash }),
    );

    const transaction = await payerReports.settle(...settlement(100, 0, LEAVES, 0, 7));

    expect((await logsOf(transaction, { payerReports, payers }))[0]?.[1]).to.equal(
      await digestOf(payerReports, report),
    );
  });

  describe("agrees with the node software of the production network", () => {
    for (const { leafCount, batchSize, root, steps } of MERKLE_VECTORS.batches) {
      it(`about ${leafCount} leaves, ${batchSize} at a time`, async () => {
        const { payerReports } = await loadFixture(deployNetworkOfThree);
        await submit(payerReports, reportOf({ root }));
        const leaves = MERKLE_VECTORS.trees.find((tree) => tree.root === root)?.leaves ?? [];
        let sum = 0n;

        for (const { offsetBefore, count, proofElements, offsetAfter, ...step } of steps) {
          await payerReports.settle(
            100,
            0,
            leaves.slice(offsetBefore, offsetAfter).map(({ leaf }) => leaf),
            [...proofElements],
          );
          sum += BigInt(step.feesSettledMicrodollars);

          const report = await payerReports.getPayerReport(100, 0);
          expect(report.offset).to.equal(BigInt(offsetBefore + count));
          expect(report.feesSettled).to.equal(sum);
        }

        expect((await payerReports.getPayerReport(100, 0)).isSettled).to.equal(true);
      });
    }

    for (const { name, leaves, root, windows } of MERKLE_VECTORS.settlementSets) {
      it(`about this: ${name}`, async () => {
        // Each window that begins at the start, and then the one that follows on it, if there is one.
        for (const first of windows.filter(({ start }) => start === 0)) {
          const { payerReports, payers } = await loadFixture(deployNetworkOfThree);
          await submit(payerReports, reportOf({ root }));
          const following = windows.filter(({ start }) => start === first.count);

          for (const { start, count, proofElements } of [first, ...following]) {
            await payerReports.settle(
              100,
              0,
              leaves.slice(start, start + count).map(({ leaf }) => leaf),
              [...proofElements],
            );
          }

          expect((await payerReports.getPayerReport(100, 0)).isSettled).to.equal(true);
          for (const { payer, feeMicrodollarsSettled } of leaves) {
            expect(await payers.getBalance(payer)).to.equal(-BigInt(feeMicrodollarsSettled));
          }
        }
      });
    }
  });

  describe("rounds each fee up to a microdollar", () => {
    for (const [fee, expected] of [
      [0n, 0n],
      [1n, 1n],
      [999_999n, 1n],
      [1_000_000n, 1n],
      [1_000_001n, 2n],
      [2n ** 63n - 1n, 9_223_372_036_855n],
      [2n ** 96n - 1n, 79_228_162_514_264_337_593_544n],
    ] as const) {
      it(`${fee} picodollars to ${expected}`, async () => {
        const payer = FEES[0]?.payer ?? "";
        const leaves = [leafOf({ payer, fee })];
        const { payerReports, payers } = await withLeaves(leaves);

        await payerReports.settle(...settlement(100, 0, leaves, 0, 1));

        expect(await payers.getBalance(payer)).to.equal(-expected);
        expect((await payerReports.getPayerReport(100, 0)).feesSettled).to.equal(expected);
        expect((await payerReports.getPayerReport(100, 0)).isSettled).to.equal(true);
      });
    }

    it("leaf by leaf, not their sum", async () => {
      const payer = FEES[0]?.payer ?? "";
      const leaves = [1n, 1n, 1n].map((fee) => leafOf({ payer, fee }));
      const { payerReports, payers } = await withLeaves(leaves);

      await payerReports.settle(...settlement(100, 0, leaves, 0, 3));

      expect(await payers.getBalance(payer)).to.equal(-3n);
    });
  });

  it("charges the zero address, and one payer in several leaves, like anybody else", async () => {
    const fees: PayerFee[] = [
      { payer: ZeroAddress, fee: 5_000_000n },
      { payer: ZeroAddress, fee: 6_000_000n },
    ];
    const leaves = fees.map(leafOf);
    const { payerReports, payers } = await withLeaves(leaves);

    await payerReports.settle(...settlement(100, 0, leaves, 0, 2));

    expect(await payers.getBalance(ZeroAddress)).to.equal(-11n);
  });

  describe("leaves of another kind", () => {
    const leaf = LEAVES[0] ?? "0x";
    const words = (payer: bigint, fee: bigint): Bytes => hex(concat([word(payer), word(fee)]));

    for (const [what, odd] of [
      ["63 bytes", hex(dataSlice(leaf, 0, 63))],
      ["no bytes", "0x"],
      ["an address above 160 bits", words(2n ** 160n, 1n)],
      ["an address with its highest bit set", words(2n ** 255n, 1n)],
      ["a fee above 96 bits", words(1n, 2n ** 96n)],
      ["a fee with its highest bit set", words(1n, 2n ** 255n)],
    ] as const) {
      it(`refuses ${what}, without data, and every batch with it`, async () => {
        const leaves = [leaf, odd, leaf];
        const { payerReports } = await withLeaves(leaves);
        const revertOf = async (start: number, end: number) =>
          revertData({
            to: await payerReports.getAddress(),
            data: encodeCall(payerReports, "settle", settlement(100, 0, leaves, start, end)),
          });

        expect(await revertOf(0, 3)).to.equal("0x");
        expect(await revertOf(0, 2)).to.equal("0x");

        await payerReports.settle(...settlement(100, 0, leaves, 0, 1));
        expect(await revertOf(1, 2)).to.equal("0x");
        expect((await payerReports.getPayerReport(100, 0)).offset).to.equal(1n);
      });
    }

    for (const length of [65, 66, 96, 1000]) {
      it(`ignores what is behind the first 64 of ${length} bytes, except in the proof`, async () => {
        const long = hex(concat([leaf, `0x${"ff".repeat(length - 64)}`]));
        const { payerReports, payers } = await withLeaves([long]);

        await expect(
          payerReports.settle(100, 0, [leaf], proofOf([long], 0, 1)),
        ).to.be.revertedWithCustomError(payerReports, "InvalidProof");
        await payerReports.settle(...settlement(100, 0, [long], 0, 1));

        expect(await payers.getBalance(FEES[0]?.payer ?? "")).to.equal(
          -charged(FEES[0]?.fee ?? 0n),
        );
      });
    }
  });

  describe("refuses", () => {
    it("a report that is not there, of an originator that has some or none", async () => {
      const { payerReports } = await loadFixture(afterReport);

      for (const [originator, index] of [
        [100, 1],
        [200, 0],
      ] as const) {
        await expect(
          payerReports.settle(...settlement(originator, index, LEAVES, 0, 1)),
        ).to.be.revertedWithCustomError(payerReports, "PayerReportIndexOutOfBounds");
      }
      await expect(payerReports.settle(100, 2n ** 256n - 1n, [], [])).to.be.revertedWithCustomError(
        payerReports,
        "PayerReportIndexOutOfBounds",
      );
    });

    it("a report that is settled, whatever is offered", async () => {
      const { payerReports } = await loadFixture(afterReport);
      await payerReports.settle(...settlement(100, 0, LEAVES, 0, 7));
      await submit(payerReports, reportOf({ start: 10n, end: 20n, root: ZeroHash }));

      for (const index of [0, 1]) {
        await expect(payerReports.settle(100, index, [], [])).to.be.revertedWithCustomError(
          payerReports,
          "PayerReportEntirelySettled",
        );
      }
    });

    it("leaves that are settled, that come later, or that come from elsewhere", async () => {
      const { payerReports } = await loadFixture(afterReport);
      const first = settlement(100, 0, LEAVES, 0, 3);
      await payerReports.settle(...first);
      const invalid = encodeError(payerReports, "InvalidProof");
      // Of words that are missing: proofs of other places are longer or shorter.
      const outOfBounds = new ethers.Interface(["error Panic(uint256)"]).encodeErrorResult(
        "Panic",
        [0x32],
      );

      for (const [args, expected] of [
        [first, outOfBounds],
        [settlement(100, 0, LEAVES, 1, 4), outOfBounds],
        [settlement(100, 0, LEAVES, 4, 6), outOfBounds],
        [settlement(100, 0, LEAVES, 0, 7), invalid],
        [settlement(100, 0, payerFees(7, "others").map(leafOf), 3, 7), invalid],
      ] as const) {
        expect(
          await revertData({
            to: await payerReports.getAddress(),
            data: encodeCall(payerReports, "settle", [...args]),
          }),
        ).to.equal(expected);
      }
    });

    it("no leaves, and no proof", async () => {
      const { payerReports } = await loadFixture(afterReport);
      const top = id("top");

      for (const [leaves, proof, error] of [
        [[], [], "NoProofElements"],
        [LEAVES, [], "NoProofElements"],
        [[], [ZeroHash], "InvalidProof"],
        [[], [word(7n)], "NoLeaves"],
        [[], [word(7n), top], "NoLeaves"],
        [[], [word(2n ** 32n)], "NoLeaves"],
        [LEAVES, [word(6n)], "InvalidProof"],
        [LEAVES, [word(2n ** 32n)], "InvalidBitCount32Input"],
      ] as const) {
        await expect(
          payerReports.settle(100, 0, [...leaves], [...proof]),
          error,
        ).to.be.revertedWithCustomError(payerReports, error);
      }

      await expect(
        payerReports.settle(100, 0, LEAVES.slice(0, 2), [word(7n)]),
      ).to.be.revertedWithPanic(0x32);

      // Once some leaves are settled, nothing at all is no batch either.
      await payerReports.settle(...settlement(100, 0, LEAVES, 0, 3));
      await expect(payerReports.settle(100, 0, [], [ZeroHash])).to.be.revertedWithCustomError(
        payerReports,
        "NoLeaves",
      );
    });

    it("to go on while the escrow is paused, or settles for another, with the escrow's error", async () => {
      const { payerReports, payers, setParameters, stranger } = await loadFixture(afterReport);
      const call = {
        to: await payerReports.getAddress(),
        data: encodeCall(payerReports, "settle", settlement(100, 0, LEAVES, 0, 7)),
      };

      await setParameters({ "payerRegistry.paused": true });
      await payers.updateAll();
      expect(await revertData(call)).to.equal(encodeError(payers, "Paused"));

      await setParameters({
        "payerRegistry.paused": false,
        "payerRegistry.settler": stranger.address,
      });
      await payers.updateAll();
      expect(await revertData(call)).to.equal(encodeError(payers, "NotSettler"));

      expect((await payerReports.getPayerReport(100, 0)).offset).to.equal(0n);
    });

    it("to go on when there is no escrow at its address", async () => {
      const { registry, nodes } = await loadFixture(deployNetworkOfThree);
      const payerReports = await ethers.deployContract("PayerReports", [
        registry,
        nodes,
        "0x0000000000000000000000000000000000001234",
      ]);
      await submit(payerReports, reportOf({ root: rootOf(LEAVES) }));

      expect(
        await revertData({
          to: await payerReports.getAddress(),
          data: encodeCall(payerReports, "settle", settlement(100, 0, LEAVES, 0, 7)),
        }),
      ).to.equal("0x");
    });
  });

  it("sums up the fees of a report as far as 96 bits, and no further", async () => {
    // A million of the greatest leaves would do it too.
    const payer = FEES[0]?.payer ?? "";
    const leaves = [leafOf({ payer, fee: 5_000_000n }), leafOf({ payer, fee: 2_000_000n })];
    const { payerReports } = await withLeaves(leaves);
    await payerReports.settle(...settlement(100, 0, leaves, 0, 1));
    await setFeesSettled(payerReports, 2n ** 96n - 2n);

    await expect(payerReports.settle(...settlement(100, 0, leaves, 1, 2))).to.be.revertedWithPanic(
      0x11,
    );

    await setFeesSettled(payerReports, 2n ** 96n - 3n);
    await payerReports.settle(...settlement(100, 0, leaves, 1, 2));
    expect((await payerReports.getPayerReport(100, 0)).feesSettled).to.equal(2n ** 96n - 1n);
    expect((await payerReports.getPayerReport(100, 0)).isSettled).to.equal(true);
  });

  it("settles a thousand leaves in batches of a hundred, as node software does", async () => {
    const fees = payerFees(1000);
    const leaves = fees.map(leafOf);
    const { payerReports, payers } = await withLeaves(leaves);

    for (let start = 0; start < 1000; start += 100) {
      await payerReports.settle(...settlement(100, 0, leaves, start, start + 100));
    }

    const report = await payerReports.getPayerReport(100, 0);
    expect(report.isSettled).to.equal(true);
    expect(report.feesSettled).to.equal(fees.reduce((total, { fee }) => total + charged(fee), 0n));
    expect(await payers.totalDebt()).to.equal(report.feesSettled);
  });
});

function word(value: bigint): string {
  return toBeHex(value, 32);
}

function hex(value: string): Bytes {
  return `0x${value.slice(2)}`;
}
