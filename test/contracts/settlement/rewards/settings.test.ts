import { expect } from "chai";
import { MaxUint256, ZeroAddress } from "ethers";

import { deployRewards, RECIPIENT } from "../../../helpers/deployRewards.ts";
import { eventsOf } from "../../../helpers/eventsOf.ts";
import { ethers, loadFixture } from "../../../helpers/network.ts";

const OTHER = "0x2222222222222222222222222222222222222222";

describe("Rewards: settings", () => {
  it("needs all its contracts, told in order", async () => {
    const factory = await ethers.getContractFactory("Rewards");
    const errors = [
      "ZeroParameterRegistry",
      "ZeroNodeRegistry",
      "ZeroPayerReportManager",
      "ZeroPayerRegistry",
      "ZeroFeeToken",
    ];

    for (const [given, error] of errors.entries()) {
      const [registry, nodes, reports, payers, token] = errors.map((_, index) =>
        index < given ? OTHER : ZeroAddress,
      );
      if (!registry || !nodes || !reports || !payers || !token) throw new Error("five arguments");

      await expect(
        ethers.deployContract("Rewards", [registry, nodes, reports, payers, token]),
      ).to.be.revertedWithCustomError(factory, error);
    }
  });

  it("knows its contracts, and has the keys, name and version of production", async () => {
    const { rewards, registry, nodes, payerReports, payers, feeToken } =
      await loadFixture(deployRewards);

    expect(await rewards.parameterRegistry()).to.equal(await registry.getAddress());
    expect(await rewards.nodeRegistry()).to.equal(await nodes.getAddress());
    expect(await rewards.payerReportManager()).to.equal(await payerReports.getAddress());
    expect(await rewards.payerRegistry()).to.equal(await payers.getAddress());
    expect(await rewards.feeToken()).to.equal(await feeToken.getAddress());
    expect(await rewards.pausedParameterKey()).to.equal("xmtp.distributionManager.paused");
    expect(await rewards.protocolFeesRecipientParameterKey()).to.equal(
      "xmtp.distributionManager.protocolFeesRecipient",
    );
    expect(await rewards.migratorParameterKey()).to.equal("xmtp.distributionManager.migrator");
    expect(await rewards.contractName()).to.equal("DistributionManager");
    expect(await rewards.version()).to.equal("1.0.2");
  });

  it("is initialised once, and its implementation never", async () => {
    const { rewards, rewardsImplementation } = await loadFixture(deployRewards);

    for (const contract of [rewards, rewardsImplementation]) {
      await expect(contract.initialize()).to.be.revertedWithCustomError(
        rewards,
        "InvalidInitialization",
      );
    }
  });

  it("applies the pause, and while paused too", async () => {
    const { rewards, setParameters } = await loadFixture(deployRewards);

    await expect(rewards.updatePauseStatus()).to.be.revertedWithCustomError(rewards, "NoChange");
    for (const paused of [true, false]) {
      await setParameters({ "distributionManager.paused": paused });
      expect(await eventsOf(await rewards.updatePauseStatus(), rewards)).to.deep.equal([
        ["PauseStatusUpdated", paused],
      ]);
      expect(await rewards.paused()).to.equal(paused);
    }
    await setParameters({ "distributionManager.paused": 2n });
    await expect(rewards.updatePauseStatus()).to.be.revertedWithCustomError(
      rewards,
      "ParameterOutOfTypeBounds",
    );
  });

  it("applies the recipient, zero too, and keeps what is owed beside it", async () => {
    const { rewards, setParameters, report } = await loadFixture(deployRewards);
    await report(100, [{ payer: OTHER, fee: 12_345_678_901n }]);
    await rewards.claimProtocolFees([100], [0]);
    const owed = await rewards.owedProtocolFees();

    for (const recipient of [OTHER, ZeroAddress, RECIPIENT]) {
      await setParameters({ "distributionManager.protocolFeesRecipient": recipient });
      expect(await eventsOf(await rewards.updateProtocolFeesRecipient(), rewards)).to.deep.equal([
        ["ProtocolFeesRecipientUpdated", recipient],
      ]);
      expect(await rewards.protocolFeesRecipient()).to.equal(recipient);
    }
    await expect(rewards.updateProtocolFeesRecipient()).to.be.revertedWithCustomError(
      rewards,
      "NoChange",
    );
    for (const value of [2n ** 160n, MaxUint256]) {
      await setParameters({ "distributionManager.protocolFeesRecipient": value });
      await expect(rewards.updateProtocolFeesRecipient()).to.be.revertedWithCustomError(
        rewards,
        "ParameterOutOfTypeBounds",
      );
    }
    expect(owed).to.be.greaterThan(0n);
    expect(await rewards.owedProtocolFees()).to.equal(owed);
  });

  it("applies every combination of changes, and emits exactly those", async () => {
    const { rewards, setParameters } = await loadFixture(deployRewards);
    const pause = ["PauseStatusUpdated", true];
    const recipient = ["ProtocolFeesRecipientUpdated", OTHER];

    expect(await eventsOf(await rewards.updateAll(), rewards)).to.deep.equal([]);
    await setParameters({ "distributionManager.protocolFeesRecipient": OTHER });
    expect(await eventsOf(await rewards.updateAll(), rewards)).to.deep.equal([recipient]);
    await setParameters({ "distributionManager.paused": true });
    expect(await eventsOf(await rewards.updateAll(), rewards)).to.deep.equal([pause]);
    await setParameters({
      "distributionManager.paused": false,
      "distributionManager.protocolFeesRecipient": RECIPIENT,
    });
    expect(await eventsOf(await rewards.updateAll(), rewards)).to.deep.equal([
      ["PauseStatusUpdated", false],
      ["ProtocolFeesRecipientUpdated", RECIPIENT],
    ]);
  });
});
