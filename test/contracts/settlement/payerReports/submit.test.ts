import { expect } from "chai";
import { ZeroHash, id } from "ethers";

import { deployNetworkOfThree, deploySettlement } from "../../../helpers/deploySettlement.ts";
import { eventsOf } from "../../../helpers/eventsOf.ts";
import { loadFixture } from "../../../helpers/network.ts";
import { setNodeSetCount } from "../../../helpers/payerReportsStorage.ts";
import {
  firstIds,
  payoutWord,
  reportOf,
  sign,
  submission,
  submit,
  type Report,
} from "../../../helpers/payerReportFacts.ts";

/** A report that everybody signs is refused with this error, before and after another report of the originator. */
interface Refusal {
  readonly what: string;
  readonly report: Partial<Report>;
  readonly error: string;
  readonly args?: readonly unknown[];
}

/** The same three nodes, and a report of originator 100 from 0 to 10. */
async function afterOneReport() {
  const fixture = await deployNetworkOfThree();
  await submit(fixture.payerReports, reportOf());
  return fixture;
}

describe("PayerReports.submit", () => {
  it("appends a report, and says who signed", async () => {
    const { payerReports, stranger } = await loadFixture(deployNetworkOfThree);
    const report = reportOf();

    const args = submission(report, await sign(payerReports, report, [100, 300]));
    expect(await payerReports.submit.staticCall(...args)).to.equal(0n);
    const transaction = await payerReports.submit(...args);

    expect(transaction.from).to.equal(stranger.address);
    expect(await eventsOf(transaction, payerReports)).to.deep.equal([
      [
        "PayerReportSubmitted",
        100n,
        0n,
        0n,
        10n,
        29_000_000n,
        report.root,
        [100n, 200n, 300n],
        [100n, 300n],
      ],
    ]);
    expect(await payerReports.getPayerReport(100, 0)).to.deep.equal([
      0n,
      10n,
      29_000_000n,
      0n,
      0n,
      false,
      100n,
      report.root,
      [100n, 200n, 300n],
    ]);
  });

  it("counts the reports of each originator by themselves, whoever that is", async () => {
    const { payerReports } = await loadFixture(afterOneReport);

    for (const originator of [0, 10, 13, 2 ** 32 - 1]) {
      const transaction = await submit(payerReports, reportOf({ originator }));
      expect((await eventsOf(transaction, payerReports))[0]?.slice(0, 3)).to.deep.equal([
        "PayerReportSubmitted",
        BigInt(originator),
        0n,
      ]);
    }

    const next = reportOf({ start: 10n, end: 2n ** 64n - 1n });
    expect((await eventsOf(await submit(payerReports, next), payerReports))[0]?.[2]).to.equal(1n);
    expect(await payerReports.getPayerReportCount(100)).to.equal(2n);
  });

  it("settles a report with a zero root at once, and says so", async () => {
    const { payerReports } = await loadFixture(deployNetworkOfThree);
    const report = reportOf({ root: ZeroHash });

    expect((await eventsOf(await submit(payerReports, report), payerReports))[1]).to.deep.equal([
      "PayerReportSubsetSettled",
      100n,
      0n,
      0n,
      0n,
      0n,
    ]);
    expect((await payerReports.getPayerReport(100, 0)).isSettled).to.equal(true);
  });

  it("freezes the protocol's part into the report", async () => {
    const { payerReports, setParameters } = await loadFixture(afterOneReport);
    await setParameters({ "payerReportManager.protocolFeeRate": 10_000n });
    await payerReports.updateAll();
    await submit(payerReports, reportOf({ start: 10n, end: 20n }));

    expect((await payerReports.getPayerReport(100, 0)).protocolFeeRate).to.equal(100n);
    expect((await payerReports.getPayerReport(100, 1)).protocolFeeRate).to.equal(10_000n);
  });

  it("keeps every field at its greatest", async () => {
    const { payerReports } = await loadFixture(deployNetworkOfThree);
    const report = reportOf({
      originator: 2 ** 32 - 1,
      end: 2n ** 64n - 1n,
      minute: 2 ** 32 - 1,
      root: `0x${"ff".repeat(32)}`,
    });
    await submit(payerReports, report);

    expect(await payerReports.getPayerReport(2 ** 32 - 1, 0)).to.deep.equal([
      0n,
      2n ** 64n - 1n,
      2n ** 32n - 1n,
      0n,
      0n,
      false,
      100n,
      report.root,
      [100n, 200n, 300n],
    ]);
  });

  describe("ranges", () => {
    const refusals: readonly Refusal[] = [
      {
        what: "an exact replay of the last report, before its start is looked at",
        report: {},
        error: "PayerReportAlreadySubmitted",
        args: [100n, 0n, 10n],
      },
      {
        what: "the same range with another minute",
        report: { minute: 29_000_001 },
        error: "InvalidStartSequenceId",
        args: [0n, 10n],
      },
      {
        what: "the same range with another root",
        report: { root: id("another root") },
        error: "InvalidStartSequenceId",
        args: [0n, 10n],
      },
      {
        what: "a gap",
        report: { start: 11n, end: 20n },
        error: "InvalidStartSequenceId",
        args: [11n, 10n],
      },
      {
        what: "an overlap",
        report: { start: 9n, end: 20n },
        error: "InvalidStartSequenceId",
        args: [9n, 10n],
      },
      {
        what: "an end before its start",
        report: { start: 10n, end: 9n },
        error: "InvalidSequenceIds",
      },
      {
        what: "a wrong start with wrong nodes and a wrong end: the start decides",
        report: { start: 11n, end: 9n, nodeIds: [100] },
        error: "InvalidStartSequenceId",
        args: [11n, 10n],
      },
      {
        what: "a wrong end with wrong nodes: the end decides",
        report: { start: 10n, end: 9n, nodeIds: [100] },
        error: "InvalidSequenceIds",
      },
    ];

    for (const { what, report: fields, error, args } of refusals) {
      it(`refuses ${what}`, async () => {
        const { payerReports } = await loadFixture(afterOneReport);
        const assertion = expect(
          submit(payerReports, reportOf(fields)),
        ).to.be.revertedWithCustomError(payerReports, error);

        await (args === undefined ? assertion : assertion.withArgs(...args));
      });
    }

    it("refuses a first report that does not begin at 0", async () => {
      const { payerReports } = await loadFixture(deployNetworkOfThree);

      await expect(submit(payerReports, reportOf({ start: 1n })))
        .to.be.revertedWithCustomError(payerReports, "InvalidStartSequenceId")
        .withArgs(1n, 0n);
    });

    it("refuses a replay of an older report for its start", async () => {
      const { payerReports } = await loadFixture(afterOneReport);
      await submit(payerReports, reportOf({ start: 10n, end: 20n }));

      await expect(submit(payerReports, reportOf()))
        .to.be.revertedWithCustomError(payerReports, "InvalidStartSequenceId")
        .withArgs(0n, 20n);
    });

    it("takes a report of nothing, from where the last one ends to there, as often as it differs", async () => {
      const { payerReports } = await loadFixture(afterOneReport);
      const empty = reportOf({ start: 10n, end: 10n });

      await submit(payerReports, empty);
      await expect(submit(payerReports, empty))
        .to.be.revertedWithCustomError(payerReports, "PayerReportAlreadySubmitted")
        .withArgs(100n, 10n, 10n);
      await submit(payerReports, { ...empty, minute: 29_000_001 });
      await submit(payerReports, { ...empty, root: id("another root") });
      // Only the last one is compared.
      await submit(payerReports, empty);

      expect(await payerReports.getPayerReportCount(100)).to.equal(5n);
      expect((await payerReports.getPayerReport(100, 4)).startSequenceId).to.equal(10n);
    });

    it("takes nothing as the first report, and refuses it a second time", async () => {
      const { payerReports } = await loadFixture(deployNetworkOfThree);
      const empty = reportOf({ end: 0n });

      await submit(payerReports, empty);
      await expect(submit(payerReports, empty))
        .to.be.revertedWithCustomError(payerReports, "PayerReportAlreadySubmitted")
        .withArgs(100n, 0n, 0n);
      // The same of another originator is another report.
      await submit(payerReports, { ...empty, originator: 200 });
    });

    it("does not take a replay with fewer signatures for another report", async () => {
      const { payerReports } = await loadFixture(afterOneReport);

      await expect(
        payerReports.submit(...submission(reportOf(), [])),
      ).to.be.revertedWithCustomError(payerReports, "PayerReportAlreadySubmitted");
    });
  });

  describe("nodes", () => {
    const refusals: readonly (Omit<Refusal, "report"> & { readonly nodeIds: readonly number[] })[] =
      [
        {
          what: "one node too few",
          nodeIds: [100, 200],
          error: "NodeIdsLengthMismatch",
          args: [3n, 2n],
        },
        {
          what: "one node too many",
          nodeIds: [100, 200, 300, 400],
          error: "NodeIdsLengthMismatch",
          args: [3n, 4n],
        },
        { what: "no nodes", nodeIds: [], error: "NodeIdsLengthMismatch", args: [3n, 0n] },
        {
          what: "a node that is not canonical",
          nodeIds: [100, 200, 400],
          error: "NodeIdAtIndexMismatch",
          args: [300n, 400n, 2n],
        },
        {
          what: "an id that nobody has",
          nodeIds: [100, 250, 300],
          error: "NodeIdAtIndexMismatch",
          args: [200n, 250n, 1n],
        },
        {
          what: "the id 0",
          nodeIds: [0, 200, 300],
          error: "NodeIdAtIndexMismatch",
          args: [100n, 0n, 0n],
        },
        {
          what: "an unsorted list, at its first id",
          nodeIds: [300, 200, 100],
          error: "NodeIdAtIndexMismatch",
          args: [100n, 300n, 0n],
        },
        { what: "an id twice", nodeIds: [100, 100, 300], error: "UnorderedNodeIds" },
        {
          what: "a step back after right ids, though the id is nobody's either",
          nodeIds: [100, 200, 150],
          error: "UnorderedNodeIds",
        },
        {
          what: "an id that nobody has before a step back",
          nodeIds: [100, 4_294_967_200, 150],
          error: "NodeIdAtIndexMismatch",
          args: [200n, 4_294_967_200n, 1n],
        },
      ];

    for (const { what, nodeIds, error, args } of refusals) {
      it(`refuses ${what}`, async () => {
        const { payerReports } = await loadFixture(deployNetworkOfThree);
        const report = reportOf({ nodeIds });
        // Without a single signature: the nodes are looked at first.
        const assertion = expect(
          payerReports.submit(...submission(report, [])),
        ).to.be.revertedWithCustomError(payerReports, error);

        await (args === undefined ? assertion : assertion.withArgs(...args));
      });
    }

    it("wants the canonical nodes of this moment", async () => {
      const { payerReports, nodes, admin } = await loadFixture(afterOneReport);
      const next = reportOf({ start: 10n, end: 20n });
      const signatures = await sign(payerReports, next);

      await nodes.connect(admin).addToNetwork(400);
      await expect(payerReports.submit(...submission(next, signatures)))
        .to.be.revertedWithCustomError(payerReports, "NodeIdsLengthMismatch")
        .withArgs(4n, 3n);

      // The ids are signed too.
      const renamed = { ...next, nodeIds: [100, 200, 300, 400] };
      await expect(payerReports.submit(...submission(renamed, signatures)))
        .to.be.revertedWithCustomError(payerReports, "InsufficientSignatures")
        .withArgs(0n, 3n);

      await submit(payerReports, renamed);
      expect((await payerReports.getPayerReport(100, 1)).nodeIds).to.deep.equal([
        100n,
        200n,
        300n,
        400n,
      ]);
      // The list is in the order in which nodes came, without the holes of those that went.
      await nodes.connect(admin).removeFromNetwork(100);
      await submit(payerReports, { ...next, start: 20n, end: 30n, nodeIds: [200, 300, 400] });

      // Neither touches what was reported before.
      expect((await payerReports.getPayerReport(100, 0)).nodeIds).to.deep.equal([100n, 200n, 300n]);
      expect((await payerReports.getPayerReport(100, 2)).nodeIds).to.deep.equal([200n, 300n, 400n]);
    });

    it("keeps one and the same set for all reports in a row that name it", async () => {
      const { payerReports } = await loadFixture(deployNetworkOfThree);
      const gasOf = async (report: Report) =>
        Number((await (await submit(payerReports, report)).wait())?.gasUsed);

      const first = await gasOf(reportOf());
      const second = await gasOf(reportOf({ originator: 200 }));

      // Two new words: the hash of the ids, and the ids.
      expect(first - second).to.be.greaterThan(2 * 20_000);
    });

    it("says when there is no room for another set, and goes on with the newest one", async () => {
      const { payerReports, nodes, admin } = await loadFixture(afterOneReport);
      await setNodeSetCount(payerReports, 2n ** 17n - 1n);
      await nodes.connect(admin).removeFromNetwork(300);
      const next = reportOf({ start: 10n, end: 20n, nodeIds: [100, 200] });

      await expect(submit(payerReports, next)).to.be.revertedWithCustomError(
        payerReports,
        "TooManyNodeSets",
      );

      await setNodeSetCount(payerReports, 2n ** 17n - 2n);
      await submit(payerReports, next);
      await submit(payerReports, { ...next, start: 20n, end: 30n });
      for (const index of [1, 2]) {
        const report = await payerReports.getPayerReport(100, index);
        expect(report.nodeIds).to.deep.equal([100n, 200n]);
        expect(report.protocolFeeRate).to.equal(100n);
        expect(report.isSettled).to.equal(false);
      }
      expect((await payerReports.getPayerReport(100, 0)).nodeIds).to.deep.equal([100n, 200n, 300n]);
    });

    it("is impossible while no node is canonical", async () => {
      const { payerReports } = await loadFixture(deploySettlement);

      await expect(payerReports.submit(...submission(reportOf({ nodeIds: [] }), [])))
        .to.be.revertedWithCustomError(payerReports, "InsufficientSignatures")
        .withArgs(0n, 1n);
    });
  });

  describe("majorities", () => {
    for (const [count, required] of [
      [1, 1],
      [2, 2],
      [3, 2],
      [4, 3],
      [5, 3],
      [6, 4],
      [7, 4],
      [8, 5],
      [9, 5],
      [16, 9],
      [20, 11],
    ] as const) {
      it(`of ${count} are ${required}`, async () => {
        const { payerReports, addCanonicalNodes } = await loadFixture(deploySettlement);
        await addCanonicalNodes(count);
        const report = reportOf({ nodeIds: firstIds(count) });
        const enough = firstIds(count).slice(count - required);

        await expect(
          payerReports.submit(
            ...submission(report, await sign(payerReports, report, enough.slice(1))),
          ),
        )
          .to.be.revertedWithCustomError(payerReports, "InsufficientSignatures")
          .withArgs(required - 1, required);

        await payerReports.submit(...submission(report, await sign(payerReports, report, enough)));
        expect((await payerReports.getPayerReport(100, 0)).nodeIds).to.deep.equal(
          firstIds(count).map(BigInt),
        );
      });
    }
  });

  it("works for the greatest network there can be, 255 nodes", async () => {
    const { payerReports, nodes, addCanonicalNodes, setParameters } =
      await loadFixture(deploySettlement);
    await setParameters({ "nodeRegistry.maxCanonicalNodes": 255n });
    await nodes.updateAll();
    await addCanonicalNodes(255);
    const report = reportOf({ nodeIds: firstIds(255) });

    await expect(
      payerReports.submit(...submission(report, await sign(payerReports, report, firstIds(127)))),
    )
      .to.be.revertedWithCustomError(payerReports, "InsufficientSignatures")
      .withArgs(127n, 128n);

    await submit(payerReports, report);
    expect((await payerReports.getPayerReport(100, 0)).nodeIds).to.deep.equal(
      firstIds(255).map(BigInt),
    );
    expect(await payerReports.getSettlements(25_500, [100], [0])).to.deep.equal([
      payoutWord(false, true, 255n, 100n, 0n),
    ]);
  });
});
