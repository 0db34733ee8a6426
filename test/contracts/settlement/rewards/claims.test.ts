import { expect } from "chai";

import { deployRewards, settledOf, splitOf } from "../../../helpers/deployRewards.ts";
import { eventsOf } from "../../../helpers/eventsOf.ts";
import { loadFixture } from "../../../helpers/network.ts";
import { payerFees } from "../../../helpers/payerReportFacts.ts";
import { setFeesSettled } from "../../../helpers/payerReportsStorage.ts";

const FEES = payerFees(5);
const MORE_FEES = payerFees(2, "more");

/** Two settled reports of originator 100, one of 200, and one of 300 of which a leaf is missing. */
async function withReports() {
  const fixture = await deployRewards();
  await fixture.report(100, FEES);
  await fixture.report(100, MORE_FEES);
  await fixture.report(200, FEES);
  await fixture.report(300, FEES, { settled: 4 });

  return fixture;
}

describe("Rewards: claims", () => {
  describe("claim", () => {
    it("books a node's share of each report, and says so", async () => {
      const { rewards } = await loadFixture(withReports);
      const [first, second] = [splitOf(FEES).share, splitOf(MORE_FEES).share];

      expect(await rewards.claim.staticCall(100, [100, 100], [0, 1])).to.equal(first + second);
      expect(await eventsOf(await rewards.claim(100, [100, 100], [0, 1]), rewards)).to.deep.equal([
        ["Claim", 100n, 100n, 0n, first],
        ["Claim", 100n, 100n, 1n, second],
      ]);

      expect(await rewards.getOwedFees(100)).to.equal(first + second);
      expect(await rewards.totalOwedFees()).to.equal(first + second);
      expect(await rewards.getOwedFees(200)).to.equal(0n);
      expect(await rewards.areFeesClaimed(100, 100, 0)).to.equal(true);
      expect(await rewards.areFeesClaimed(100, 100, 1)).to.equal(true);
      expect(await rewards.areFeesClaimed(100, 100, 2)).to.equal(false);
      expect(await rewards.areFeesClaimed(100, 200, 0)).to.equal(false);
      expect(await rewards.areFeesClaimed(200, 100, 0)).to.equal(false);
      expect(await rewards.areProtocolFeesClaimed(100, 0)).to.equal(false);
    });

    it("gives every part of a report to somebody, in whatever order it is claimed", async () => {
      const { rewards } = await loadFixture(withReports);

      await rewards.claim(300, [100], [0]);
      await rewards.claimProtocolFees([100], [0]);
      await rewards.claim(100, [100], [0]);
      await rewards.claim(200, [100], [0]);

      expect((await rewards.totalOwedFees()) + (await rewards.owedProtocolFees())).to.equal(
        settledOf(FEES),
      );
    });

    it("claims reports of several originators in any order", async () => {
      const { rewards } = await loadFixture(withReports);

      await rewards.claim(100, [200, 100, 100], [0, 1, 0]);

      for (const [originator, index] of [
        [200, 0],
        [100, 0],
        [100, 1],
      ] as const) {
        expect(await rewards.areFeesClaimed(100, originator, index)).to.equal(true);
      }
      expect(await rewards.getOwedFees(100)).to.equal(
        2n * splitOf(FEES).share + splitOf(MORE_FEES).share,
      );
    });

    it("books nothing for no reports", async () => {
      const { rewards } = await loadFixture(withReports);

      expect(await eventsOf(await rewards.claim(100, [], []), rewards)).to.deep.equal([]);
      expect(await rewards.totalOwedFees()).to.equal(0n);
    });

    it("announces a share of nothing too", async () => {
      const { rewards, report } = await loadFixture(withReports);
      const index = await report(400, []);

      expect(await eventsOf(await rewards.claim(100, [400], [index]), rewards)).to.deep.equal([
        ["Claim", 100n, 400n, 0n, 0n],
      ]);
    });

    it("refuses a report that was claimed, in an earlier call or in the same one, and undoes all", async () => {
      const { rewards } = await loadFixture(withReports);
      await rewards.claim(100, [100], [0]);

      for (const [originators, indices] of [
        [[100], [0]],
        [
          [200, 100],
          [0, 0],
        ],
      ] as const) {
        await expect(rewards.claim(100, [...originators], [...indices]))
          .to.be.revertedWithCustomError(rewards, "AlreadyClaimed")
          .withArgs(100, 0);
      }
      await expect(rewards.claim(200, [100, 100], [0, 0]))
        .to.be.revertedWithCustomError(rewards, "AlreadyClaimed")
        .withArgs(100, 0);
      await expect(rewards.claim(200, [100, 200, 100], [0, 0, 0]))
        .to.be.revertedWithCustomError(rewards, "AlreadyClaimed")
        .withArgs(100, 0);

      expect(await rewards.areFeesClaimed(100, 200, 0)).to.equal(false);
      expect(await rewards.areFeesClaimed(200, 100, 0)).to.equal(false);
      expect(await rewards.getOwedFees(200)).to.equal(0n);
    });

    it("keeps reports apart that share a word of claims", async () => {
      const { rewards, report } = await loadFixture(withReports);
      for (let index = 0; index < 258; index++) await report(500, []);

      await rewards.claim(100, [500, 500, 500], [0, 256, 255]);

      const claimed = await Promise.all(
        [0, 1, 254, 255, 256, 257].map((index) => rewards.areFeesClaimed(100, 500, index)),
      );
      expect(claimed).to.deep.equal([true, false, false, true, true, false]);
    });

    it("refuses a report of which a leaf is not settled", async () => {
      const { rewards } = await loadFixture(withReports);

      await expect(rewards.claim(100, [300], [0]))
        .to.be.revertedWithCustomError(rewards, "PayerReportNotSettled")
        .withArgs(300, 0);
      await expect(rewards.claimProtocolFees([300], [0]))
        .to.be.revertedWithCustomError(rewards, "PayerReportNotSettled")
        .withArgs(300, 0);
    });

    it("refuses a node that the report does not name, canonical now or not", async () => {
      const { rewards, nodes, admin } = await loadFixture(withReports);
      await nodes.connect(admin).addToNetwork(400);

      await expect(rewards.claim(400, [100], [0]))
        .to.be.revertedWithCustomError(rewards, "NotInPayerReport")
        .withArgs(100, 0);
    });

    it("pays a node that the report names, canonical still or not", async () => {
      const { rewards, nodes, admin } = await loadFixture(withReports);
      await nodes.connect(admin).removeFromNetwork(200);

      await rewards.claim(200, [100], [0]);

      expect(await rewards.getOwedFees(200)).to.equal(splitOf(FEES).share);
    });

    it("divides by the nodes that each report names", async () => {
      const { rewards, report, nodes, admin } = await loadFixture(withReports);
      await nodes.connect(admin).addToNetwork(400);
      const index = await report(100, FEES, { nodeIds: [100, 200, 300, 400] });

      await rewards.claim(100, [100, 100], [0, index]);

      expect(await rewards.getOwedFees(100)).to.equal(
        splitOf(FEES, 3n).share + splitOf(FEES, 4n).share,
      );
    });

    it("uses the rate that held when the report was submitted", async () => {
      const { rewards, payerReports, setParameters } = await loadFixture(withReports);
      await setParameters({ "payerReportManager.protocolFeeRate": 10_000n });
      await payerReports.updateAll();

      await rewards.claim(100, [100], [0]);

      expect(await rewards.getOwedFees(100)).to.equal(splitOf(FEES).share);
    });

    it("refuses anybody but the owner of the node, an operator too, and a node that there is not", async () => {
      const { rewards, nodes, owner, stranger } = await loadFixture(withReports);
      await nodes.connect(owner).setApprovalForAll(stranger, true);

      await expect(rewards.connect(stranger).claim(100, [100], [0])).to.be.revertedWithCustomError(
        rewards,
        "NotNodeOwner",
      );
      for (const nodeId of [0, 101, 500]) {
        await expect(rewards.claim(nodeId, [100], [0]))
          .to.be.revertedWithCustomError(nodes, "ERC721NonexistentToken")
          .withArgs(nodeId);
      }
    });

    it("refuses lists of different lengths, and reports that there are not", async () => {
      const { rewards, payerReports } = await loadFixture(withReports);

      for (const claim of [
        (originators: number[], indices: number[]) => rewards.claim(100, originators, indices),
        (originators: number[], indices: number[]) =>
          rewards.claimProtocolFees(originators, indices),
      ]) {
        await expect(claim([100], [])).to.be.revertedWithCustomError(
          rewards,
          "ArrayLengthMismatch",
        );
        await expect(claim([], [0])).to.be.revertedWithCustomError(rewards, "ArrayLengthMismatch");
        await expect(claim([100], [2])).to.be.revertedWithCustomError(
          payerReports,
          "PayerReportIndexOutOfBounds",
        );
        await expect(claim([999], [0]))
          .to.be.revertedWithCustomError(payerReports, "NoReportsForOriginator")
          .withArgs(999);
      }
    });

    it("tells a pause before a wrong owner, that before different lengths, those before the reports", async () => {
      const { rewards, nodes, stranger, setParameters } = await loadFixture(withReports);

      await expect(rewards.connect(stranger).claim(100, [999], [])).to.be.revertedWithCustomError(
        rewards,
        "NotNodeOwner",
      );
      await expect(rewards.claim(100, [999], [])).to.be.revertedWithCustomError(
        rewards,
        "ArrayLengthMismatch",
      );
      await rewards.claim(100, [100], [0]);
      // Claimed, then not settled, then not named: the first report that is wrong decides, whatever the others are.
      await expect(rewards.claim(100, [300, 100], [0, 0])).to.be.revertedWithCustomError(
        rewards,
        "PayerReportNotSettled",
      );
      await expect(rewards.claim(400, [300], [0])).to.be.revertedWithCustomError(
        rewards,
        "PayerReportNotSettled",
      );

      await setParameters({ "distributionManager.paused": true });
      await rewards.updateAll();
      await expect(rewards.claim(999, [], [0])).to.be.revertedWithCustomError(rewards, "Paused");
      await expect(rewards.claimProtocolFees([], [0])).to.be.revertedWithCustomError(
        rewards,
        "Paused",
      );
      expect(await nodes.ownerOf(100)).to.not.equal(stranger.address);
    });
  });

  describe("claimProtocolFees", () => {
    it("books the protocol's part, for whoever calls, and says so", async () => {
      const { rewards, stranger } = await loadFixture(withReports);
      const [first, second] = [splitOf(FEES).protocol, splitOf(MORE_FEES).protocol];
      const byStranger = rewards.connect(stranger);

      expect(await byStranger.claimProtocolFees.staticCall([100, 100], [0, 1])).to.equal(
        first + second,
      );
      expect(
        await eventsOf(await byStranger.claimProtocolFees([100, 100], [0, 1]), rewards),
      ).to.deep.equal([
        ["ProtocolFeesClaim", 100n, 0n, first],
        ["ProtocolFeesClaim", 100n, 1n, second],
      ]);

      expect(await rewards.owedProtocolFees()).to.equal(first + second);
      expect(await rewards.totalOwedFees()).to.equal(0n);
      expect(await rewards.areProtocolFeesClaimed(100, 0)).to.equal(true);
      expect(await rewards.areProtocolFeesClaimed(200, 0)).to.equal(false);
      // The protocol's claims are no node's.
      expect(await rewards.areFeesClaimed(0, 100, 0)).to.equal(false);
      expect(await rewards.areFeesClaimed(100, 100, 0)).to.equal(false);
    });

    it("refuses a report that was claimed", async () => {
      const { rewards } = await loadFixture(withReports);
      await rewards.claimProtocolFees([100], [0]);

      await expect(rewards.claimProtocolFees([200, 100], [0, 0]))
        .to.be.revertedWithCustomError(rewards, "AlreadyClaimed")
        .withArgs(100, 0);
      await expect(rewards.claimProtocolFees([200, 200], [0, 0]))
        .to.be.revertedWithCustomError(rewards, "AlreadyClaimed")
        .withArgs(200, 0);
      expect(await rewards.areProtocolFeesClaimed(200, 0)).to.equal(false);
    });

    it("refuses sums above 2^96 - 1, in one call or over several, instead of losing them", async () => {
      const { rewards, payerReports, report, setParameters } = await loadFixture(deployRewards);
      await setParameters({ "payerReportManager.protocolFeeRate": 10_000n });
      await payerReports.updateAll();
      await report(100, FEES);
      await report(100, FEES);
      await setFeesSettled(payerReports, 2n ** 96n - 1n);

      await expect(rewards.claimProtocolFees([100, 100], [0, 1])).to.be.revertedWithPanic(0x11);
      await rewards.claimProtocolFees([100], [0]);
      await expect(rewards.claimProtocolFees([100], [1])).to.be.revertedWithPanic(0x11);

      expect(await rewards.owedProtocolFees()).to.equal(2n ** 96n - 1n);
      expect(await rewards.areProtocolFeesClaimed(100, 1)).to.equal(false);
    });

    it("needs no recipient", async () => {
      const { rewards, setParameters } = await loadFixture(withReports);
      await setParameters({ "distributionManager.protocolFeesRecipient": 0n });
      await rewards.updateAll();

      await rewards.claimProtocolFees([100], [0]);

      expect(await rewards.owedProtocolFees()).to.equal(splitOf(FEES).protocol);
    });
  });
});
