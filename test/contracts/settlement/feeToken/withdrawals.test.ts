import { expect } from "chai";
import { MaxUint256, ZeroAddress } from "ethers";

import { FUNDS, USD, deployFundedMoney } from "../../../helpers/deployMoney.ts";
import { logsOf } from "../../../helpers/logsOf.ts";
import { loadFixture } from "../../../helpers/network.ts";

describe("FeeToken: withdrawals", () => {
  it("withdraw burns fee tokens of the caller first, and then pays it underlying ones", async () => {
    const { underlying, feeToken, payer } = await loadFixture(deployFundedMoney);

    expect(await logsOf(await feeToken.withdraw(7n * USD), { underlying, feeToken })).to.deep.equal(
      [
        ["feeToken.Transfer", payer.address, ZeroAddress, 7n * USD],
        ["underlying.Transfer", await feeToken.getAddress(), payer.address, 7n * USD],
      ],
    );
    expect(await feeToken.balanceOf(payer)).to.equal(FUNDS - 7n * USD);
    expect(await feeToken.totalSupply()).to.equal(FUNDS - 7n * USD);
    expect(await underlying.balanceOf(payer)).to.equal(FUNDS + 7n * USD);
    expect(await underlying.balanceOf(feeToken)).to.equal(FUNDS - 7n * USD);
  });

  it("withdrawTo pays a recipient, and returns true", async () => {
    const { underlying, feeToken, payer, other } = await loadFixture(deployFundedMoney);

    expect(await feeToken.withdrawTo.staticCall(other, 1n)).to.equal(true);
    expect(
      await logsOf(await feeToken.withdrawTo(other, 1n), { underlying, feeToken }),
    ).to.deep.equal([
      ["feeToken.Transfer", payer.address, ZeroAddress, 1n],
      ["underlying.Transfer", await feeToken.getAddress(), other.address, 1n],
    ]);
    expect(await underlying.balanceOf(other)).to.equal(1n);
    expect(await underlying.balanceOf(payer)).to.equal(FUNDS);
  });

  it("give back to the last unit what was deposited", async () => {
    const { underlying, feeToken, payer } = await loadFixture(deployFundedMoney);

    await feeToken.deposit(FUNDS);
    await feeToken.withdraw(FUNDS);
    await feeToken.withdraw(FUNDS);

    expect(await underlying.balanceOf(payer)).to.equal(2n * FUNDS);
    expect(await underlying.balanceOf(feeToken)).to.equal(0n);
    expect(await feeToken.totalSupply()).to.equal(0n);
  });

  it("to the fee token itself leave underlying tokens there that belong to whoever comes first", async () => {
    const { underlying, feeToken, other } = await loadFixture(deployFundedMoney);

    await feeToken.withdrawTo(feeToken, USD);
    expect(await feeToken.totalSupply()).to.equal(FUNDS - USD);
    expect(await underlying.balanceOf(feeToken)).to.equal(FUNDS);

    await feeToken.connect(other).depositReceived(other, USD);
    expect(await feeToken.balanceOf(other)).to.equal(USD);
  });

  describe("refuse, in this order,", () => {
    it("an amount of zero", async () => {
      const { feeToken, stranger } = await loadFixture(deployFundedMoney);

      await expect(feeToken.connect(stranger).withdraw(0n)).to.be.revertedWithCustomError(
        feeToken,
        "ZeroAmount",
      );
      await expect(
        feeToken.connect(stranger).withdrawTo(ZeroAddress, 0n),
      ).to.be.revertedWithCustomError(feeToken, "ZeroAmount");
    });

    it("nobody as recipient", async () => {
      const { feeToken, stranger } = await loadFixture(deployFundedMoney);

      await expect(
        feeToken.connect(stranger).withdrawTo(ZeroAddress, 1n),
      ).to.be.revertedWithCustomError(feeToken, "ZeroRecipient");
    });

    it("more than the caller has, whoever else has approved it", async () => {
      const { feeToken, payer, stranger } = await loadFixture(deployFundedMoney);
      await feeToken.approve(stranger, MaxUint256);

      for (const [caller, balance, amount] of [
        [payer, FUNDS, FUNDS + 1n],
        [payer, FUNDS, MaxUint256],
        [stranger, 0n, 1n],
      ] as const) {
        await expect(feeToken.connect(caller).withdraw(amount))
          .to.be.revertedWithCustomError(feeToken, "ERC20InsufficientBalance")
          .withArgs(caller.address, balance, amount);
        await expect(feeToken.connect(caller).withdrawTo(payer, amount))
          .to.be.revertedWithCustomError(feeToken, "ERC20InsufficientBalance")
          .withArgs(caller.address, balance, amount);
      }
    });
  });
});
