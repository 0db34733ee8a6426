import { expect } from "chai";
import { MaxUint256, ZeroAddress } from "ethers";

import { FUNDS, USD, deployFundedMoney } from "../../../helpers/deployMoney.ts";
import { logsOf } from "../../../helpers/logsOf.ts";
import { loadFixture } from "../../../helpers/network.ts";

describe("FeeToken.depositReceived", () => {
  it("gives fee tokens for underlying ones that were sent beforehand, in parts too", async () => {
    const { underlying, feeToken, other } = await loadFixture(deployFundedMoney);
    await underlying.transfer(feeToken, 3n * USD);

    expect(
      await logsOf(await feeToken.depositReceived(other, USD), { underlying, feeToken }),
    ).to.deep.equal([["feeToken.Transfer", ZeroAddress, other.address, USD]]);
    await feeToken.depositReceived(other, 2n * USD);

    expect(await feeToken.balanceOf(other)).to.equal(3n * USD);
    expect(await underlying.balanceOf(feeToken)).to.equal(await feeToken.totalSupply());
  });

  it("gives for exactly what was sent, and refuses one unit more", async () => {
    const { underlying, feeToken, other } = await loadFixture(deployFundedMoney);
    await underlying.transfer(feeToken, 3n * USD);

    await expect(feeToken.depositReceived(other, 3n * USD + 1n)).to.be.revertedWithCustomError(
      feeToken,
      "TransferFromFailed",
    );
    await feeToken.depositReceived(other, 3n * USD);
    await expect(feeToken.depositReceived(other, 1n)).to.be.revertedWithCustomError(
      feeToken,
      "TransferFromFailed",
    );
  });

  it("counts what was sent apart from what others deposit and withdraw", async () => {
    const { underlying, feeToken, payer, other } = await loadFixture(deployFundedMoney);
    await underlying.transfer(feeToken, USD);
    await feeToken.deposit(5n * USD);
    await feeToken.withdraw(FUNDS);

    await expect(feeToken.depositReceived(other, USD + 1n)).to.be.revertedWithCustomError(
      feeToken,
      "TransferFromFailed",
    );
    await feeToken.depositReceived(other, USD);
    expect(await feeToken.balanceOf(payer)).to.equal(5n * USD);
  });

  it("may give them to the fee token itself", async () => {
    const { underlying, feeToken } = await loadFixture(deployFundedMoney);
    await underlying.transfer(feeToken, USD);

    await feeToken.depositReceived(feeToken, USD);

    expect(await feeToken.balanceOf(feeToken)).to.equal(USD);
    await expect(feeToken.depositReceived(feeToken, 1n)).to.be.revertedWithCustomError(
      feeToken,
      "TransferFromFailed",
    );
  });

  it("refuses, in this order, an amount of zero, nobody as recipient, and what has not arrived", async () => {
    const { feeToken, other } = await loadFixture(deployFundedMoney);

    for (const [recipient, amount, error] of [
      [ZeroAddress, 0n, "ZeroAmount"],
      [ZeroAddress, MaxUint256, "ZeroRecipient"],
      [other, 1n, "TransferFromFailed"],
    ] as const) {
      await expect(feeToken.depositReceived(recipient, amount)).to.be.revertedWithCustomError(
        feeToken,
        error,
      );
    }
  });
});
