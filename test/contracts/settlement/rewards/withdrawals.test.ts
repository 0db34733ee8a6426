import { expect } from "chai";
import { toBeHex, ZeroAddress } from "ethers";

import { deployRewards, RECIPIENT, settledOf, splitOf } from "../../../helpers/deployRewards.ts";
import { loadFixture, networkHelpers } from "../../../helpers/network.ts";
import { logsOf } from "../../../helpers/logsOf.ts";
import { payerFees } from "../../../helpers/payerReportFacts.ts";
import { PAYERS_SLOT } from "../../../helpers/payersStorage.ts";

const SOMEBODY = "0x2222222222222222222222222222222222222222";

const FEES = payerFees(5);
const SETTLED = settledOf(FEES);
const { share: SHARE, protocol: PROTOCOL } = splitOf(FEES);

/** One report that is settled and claimed by all, of payers who deposited nothing: they owe all of it. */
async function withClaims() {
  const fixture = await deployRewards();
  const { rewards } = fixture;
  await fixture.report(100, FEES);
  for (const nodeId of [100, 200, 300]) await rewards.claim(nodeId, [100], [0]);
  await rewards.claimProtocolFees([100], [0]);

  /** Pays what the payers owe, so that the escrow has as much more than payers can withdraw. */
  const repay = async (): Promise<void> => {
    for (const { payer, fee } of FEES) await fixture.deposit(payer, (fee + 999_999n) / 1_000_000n);
  };
  /** Puts fee tokens straight into the contract. */
  const supply = async (amount: bigint): Promise<void> => {
    const { underlying, feeToken, admin } = fixture;
    await underlying.mint(admin, amount);
    await underlying.connect(admin).approve(feeToken, amount);
    await feeToken.connect(admin).depositFor(rewards, amount);
  };

  return { ...fixture, repay, supply };
}

describe("Rewards: withdrawals", () => {
  it("fetches the escrow's excess, pays the node in fee tokens, and says so in this order", async () => {
    const { rewards, payers, feeToken, repay } = await loadFixture(withClaims);
    await repay();

    expect(await rewards.withdraw.staticCall(100, SOMEBODY)).to.equal(SHARE);
    const [rewardsAt, payersAt] = [await rewards.getAddress(), await payers.getAddress()];
    expect(
      await logsOf(await rewards.withdraw(100, SOMEBODY), { rewards, payers, feeToken }),
    ).to.deep.equal([
      ["payers.ExcessTransferred", SETTLED],
      ["feeToken.Transfer", payersAt, rewardsAt, SETTLED],
      ["rewards.Withdrawal", 100n, SHARE],
      ["feeToken.Transfer", rewardsAt, SOMEBODY, SHARE],
    ]);

    expect(await rewards.getOwedFees(100)).to.equal(0n);
    expect(await rewards.totalOwedFees()).to.equal(2n * SHARE);
    expect(await feeToken.balanceOf(SOMEBODY)).to.equal(SHARE);
  });

  it("does not ask the escrow for what is here already", async () => {
    const { rewards, feeToken, supply } = await loadFixture(withClaims);
    await supply(SHARE);

    expect(
      await logsOf(await rewards.withdraw(200, SOMEBODY), { rewards, feeToken }),
    ).to.deep.equal([
      ["rewards.Withdrawal", 200n, SHARE],
      ["feeToken.Transfer", await rewards.getAddress(), SOMEBODY, SHARE],
    ]);
  });

  it("pays in underlying tokens", async () => {
    const { rewards, underlying, feeToken, repay } = await loadFixture(withClaims);
    await repay();
    const supply = await feeToken.totalSupply();

    await rewards.withdrawIntoUnderlying(100, SOMEBODY);
    await rewards.withdrawProtocolFeesIntoUnderlying();

    expect(await underlying.balanceOf(SOMEBODY)).to.equal(SHARE);
    expect(await underlying.balanceOf(RECIPIENT)).to.equal(PROTOCOL);
    expect(await feeToken.totalSupply()).to.equal(supply - SHARE - PROTOCOL);
  });

  it("pays out all that was settled, and nothing more", async () => {
    const { rewards, feeToken, repay } = await loadFixture(withClaims);
    await repay();

    for (const nodeId of [300, 100, 200]) await rewards.withdraw(nodeId, SOMEBODY);
    await rewards.withdrawProtocolFees();

    expect(await feeToken.balanceOf(SOMEBODY)).to.equal(3n * SHARE);
    expect(await feeToken.balanceOf(RECIPIENT)).to.equal(PROTOCOL);
    expect(await feeToken.balanceOf(rewards)).to.equal(0n);
    for (const nodeId of [100, 200, 300]) {
      await expect(rewards.withdraw(nodeId, SOMEBODY)).to.be.revertedWithCustomError(
        rewards,
        "NoFeesOwed",
      );
    }
    await expect(rewards.withdrawProtocolFees()).to.be.revertedWithCustomError(
      rewards,
      "NoFeesOwed",
    );
  });

  it("pays a part when there is no more, and owes the rest", async () => {
    const { rewards, feeToken, supply } = await loadFixture(withClaims);
    await supply(SHARE - 1n);

    await expect(rewards.withdraw(100, SOMEBODY))
      .to.emit(rewards, "Withdrawal")
      .withArgs(100, SHARE - 1n);

    expect(await rewards.getOwedFees(100)).to.equal(1n);
    expect(await rewards.totalOwedFees()).to.equal(2n * SHARE + 1n);
    expect(await feeToken.balanceOf(rewards)).to.equal(0n);
  });

  it("adds a part of the excess to what is here", async () => {
    const { rewards, feeToken, supply, deposit } = await loadFixture(withClaims);
    await supply(5n);
    await deposit(FEES[0]?.payer ?? "", 100n);

    await expect(rewards.withdraw(100, SOMEBODY))
      .to.emit(rewards, "Withdrawal")
      .withArgs(100, 105n);
    expect(await feeToken.balanceOf(SOMEBODY)).to.equal(105n);
  });

  it("counts a balance above 2^96 - 1 whole", async () => {
    const { rewards, feeToken, supply } = await loadFixture(withClaims);
    await supply(2n ** 96n);

    await expect(rewards.withdraw(100, SOMEBODY))
      .to.emit(rewards, "Withdrawal")
      .withArgs(100, SHARE);
    expect(await feeToken.balanceOf(rewards)).to.equal(2n ** 96n - SHARE);
  });

  it("refuses when nothing is there, and nothing to fetch", async () => {
    const { rewards } = await loadFixture(withClaims);

    await expect(rewards.withdraw(100, SOMEBODY)).to.be.revertedWithCustomError(
      rewards,
      "ZeroAvailableBalance",
    );
    await expect(rewards.withdrawProtocolFees()).to.be.revertedWithCustomError(
      rewards,
      "ZeroAvailableBalance",
    );
  });

  it("passes on that the escrow has no distributor to send to", async () => {
    const { rewards, payers, supply, repay } = await loadFixture(withClaims);
    await repay();
    await supply(1n);
    // Once set, a distributor is never zero again; so it is where none was ever applied.
    await networkHelpers.setStorageAt(await payers.getAddress(), toBeHex(PAYERS_SLOT + 2n), 0n);
    expect(await payers.feeDistributor()).to.equal(ZeroAddress);

    for (const withdraw of [
      () => rewards.withdraw(100, SOMEBODY),
      () => rewards.withdrawIntoUnderlying(100, SOMEBODY),
      () => rewards.withdrawProtocolFees(),
      () => rewards.withdrawProtocolFeesIntoUnderlying(),
    ]) {
      await expect(withdraw()).to.be.revertedWithCustomError(payers, "ZeroFeeDistributor");
    }
    expect(await rewards.getOwedFees(100)).to.equal(SHARE);
    expect(await rewards.owedProtocolFees()).to.equal(PROTOCOL);
  });

  it("passes on that the escrow is paused, though it could pay a part", async () => {
    const { rewards, payers, supply, repay, setParameters } = await loadFixture(withClaims);
    await repay();
    await supply(1n);
    await setParameters({ "payerRegistry.paused": true });
    await payers.updateAll();

    await expect(rewards.withdraw(100, SOMEBODY)).to.be.revertedWithCustomError(payers, "Paused");

    // With enough here, the escrow is not asked, and its pause does not matter.
    await supply(SHARE);
    await rewards.withdraw(100, SOMEBODY);
  });

  it("swallows only that there is no excess, which goes on with what is here", async () => {
    const { rewards, supply } = await loadFixture(withClaims);
    await supply(1n);

    await expect(rewards.withdraw(100, SOMEBODY)).to.emit(rewards, "Withdrawal").withArgs(100, 1n);
  });

  it("pays whoever owns the node now, also what was claimed before it was sold", async () => {
    const { rewards, nodes, owner, stranger, repay } = await loadFixture(withClaims);
    await repay();
    await nodes.connect(owner).transferFrom(owner, stranger, 100);

    await expect(rewards.withdraw(100, SOMEBODY)).to.be.revertedWithCustomError(
      rewards,
      "NotNodeOwner",
    );
    await expect(rewards.connect(stranger).withdraw(100, SOMEBODY))
      .to.emit(rewards, "Withdrawal")
      .withArgs(100, SHARE);
  });

  it("tells a pause before the recipient, that before the node, that before what is owed", async () => {
    const { rewards, nodes, stranger, setParameters } = await loadFixture(withClaims);

    for (const name of ["withdraw", "withdrawIntoUnderlying"] as const) {
      const withdraw = rewards.getFunction(name);
      await expect(withdraw(999, ZeroAddress)).to.be.revertedWithCustomError(
        rewards,
        "ZeroRecipient",
      );
      await expect(withdraw(999, SOMEBODY))
        .to.be.revertedWithCustomError(nodes, "ERC721NonexistentToken")
        .withArgs(999);
      await expect(
        rewards.connect(stranger).getFunction(name)(400, SOMEBODY),
      ).to.be.revertedWithCustomError(rewards, "NotNodeOwner");
      await expect(withdraw(400, SOMEBODY)).to.be.revertedWithCustomError(rewards, "NoFeesOwed");
    }
    await setParameters({ "distributionManager.protocolFeesRecipient": 0n });
    await rewards.updateAll();
    for (const name of ["withdrawProtocolFees", "withdrawProtocolFeesIntoUnderlying"] as const) {
      await expect(rewards.getFunction(name)()).to.be.revertedWithCustomError(
        rewards,
        "ZeroProtocolFeeRecipient",
      );
    }

    await setParameters({ "distributionManager.paused": true });
    await rewards.updateAll();
    for (const call of [
      () => rewards.withdraw(999, ZeroAddress),
      () => rewards.withdrawIntoUnderlying(999, ZeroAddress),
      () => rewards.withdrawProtocolFees(),
      () => rewards.withdrawProtocolFeesIntoUnderlying(),
    ]) {
      await expect(call()).to.be.revertedWithCustomError(rewards, "Paused");
    }
  });

  it("pays the protocol's fees to its recipient, whoever calls", async () => {
    const { rewards, feeToken, stranger, repay } = await loadFixture(withClaims);
    await repay();

    await expect(rewards.connect(stranger).withdrawProtocolFees())
      .to.emit(rewards, "ProtocolFeesWithdrawal")
      .withArgs(PROTOCOL);

    expect(await feeToken.balanceOf(RECIPIENT)).to.equal(PROTOCOL);
    expect(await rewards.owedProtocolFees()).to.equal(0n);
    expect(await rewards.totalOwedFees()).to.equal(3n * SHARE);
  });
});
