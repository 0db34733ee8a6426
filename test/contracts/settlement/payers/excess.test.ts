import { expect } from "chai";

import {
  USD,
  deployFundedMoney,
  deployMoney,
  giveFeeTokens,
  type MoneyFixture,
} from "../../../helpers/deployMoney.ts";
import { logsOf } from "../../../helpers/logsOf.ts";
import { ethers, loadFixture, networkHelpers } from "../../../helpers/network.ts";
import { settleUsage } from "../../../helpers/settleUsage.ts";

const MAX_UINT96 = 2n ** 96n - 1n;

/** Of 100 dollars of the payer, 30 are charged, and 20 requested. */
async function charged(): Promise<MoneyFixture> {
  const fixture = await deployFundedMoney();
  await fixture.payers.deposit(fixture.payer, 100n * USD);
  await settleUsage(fixture, [[fixture.payer, 30n * USD]]);
  await fixture.payers.requestWithdrawal(20n * USD);
  return fixture;
}

describe("Payers.sendExcessToFeeDistributor", () => {
  it("sends what no payer can claim, on anybody's call, and tells so first", async () => {
    const { feeToken, payers, distributor, stranger } = await loadFixture(charged);
    const strangerPayers = payers.connect(stranger);

    expect(await payers.excess()).to.equal(30n * USD);
    expect(await strangerPayers.sendExcessToFeeDistributor.staticCall()).to.equal(30n * USD);
    expect(
      await logsOf(await strangerPayers.sendExcessToFeeDistributor(), { feeToken, payers }),
    ).to.deep.equal([
      ["payers.ExcessTransferred", 30n * USD],
      ["feeToken.Transfer", await payers.getAddress(), distributor.address, 30n * USD],
    ]);
    expect(await feeToken.balanceOf(distributor)).to.equal(30n * USD);
    expect(await payers.excess()).to.equal(0n);
    expect(await feeToken.balanceOf(payers)).to.equal(await payers.totalWithdrawable());
    expect(await payers.totalDeposits()).to.equal(70n * USD);
  });

  it("keeps what a debtor owes until it is paid", async () => {
    const fixture = await loadFixture(charged);
    const { feeToken, payers, distributor, stranger } = fixture;
    await settleUsage(fixture, [[stranger, 5n * USD]]);

    await payers.sendExcessToFeeDistributor();
    expect(await feeToken.balanceOf(distributor)).to.equal(30n * USD);

    await payers.deposit(stranger, 10n * USD);
    await payers.sendExcessToFeeDistributor();
    expect(await feeToken.balanceOf(distributor)).to.equal(35n * USD);
    expect(await payers.getBalance(stranger)).to.equal(5n * USD);
  });

  it("takes along what was sent without a deposit, and withdrawals to the escrow itself", async () => {
    const { feeToken, payers, payer } = await loadFixture(charged);
    await feeToken.transfer(payers, 7n * USD);
    await networkHelpers.time.increase(172_800n);
    await payers.finalizeWithdrawal(payers);

    expect(await payers.excess()).to.equal(57n * USD);
    expect(await payers.sendExcessToFeeDistributor.staticCall()).to.equal(57n * USD);
    expect(await payers.getBalance(payer)).to.equal(50n * USD);
  });

  it("refuses, in this order, a pause, nothing to send, and nobody to send it to", async () => {
    const fixture = await loadFixture(deployMoney);
    const { feeToken, payers, payer, setParameters } = fixture;
    await giveFeeTokens(fixture, payer, USD);

    const noExcess = payers.interface.getError("NoExcess");
    expect(noExcess?.selector).to.equal("0x6c163b7e");
    await expect(payers.sendExcessToFeeDistributor()).to.be.revertedWithCustomError(
      payers,
      "NoExcess",
    );
    await feeToken.transfer(payers, USD);
    await expect(payers.sendExcessToFeeDistributor()).to.be.revertedWithCustomError(
      payers,
      "ZeroFeeDistributor",
    );
    await setParameters({ paused: true });
    await payers.updatePauseStatus();
    await expect(payers.sendExcessToFeeDistributor()).to.be.revertedWithCustomError(
      payers,
      "Paused",
    );
  });
});

describe("Payers: amounts that do not fit", () => {
  it("reads an excess above 2^96 - 1 as 2^96 - 1, and sends it in parts", async () => {
    const fixture = await loadFixture(charged);
    const { feeToken, payers, payer, distributor } = fixture;
    await giveFeeTokens(fixture, payer, 2n ** 97n);
    await feeToken.transfer(payers, 2n ** 96n + 7n);

    expect(await payers.excess()).to.equal(MAX_UINT96);
    await payers.sendExcessToFeeDistributor();
    expect(await feeToken.balanceOf(distributor)).to.equal(MAX_UINT96);
    expect(await payers.excess()).to.equal(30n * USD + 8n);
    await payers.sendExcessToFeeDistributor();
    expect(await feeToken.balanceOf(payers)).to.equal(await payers.totalWithdrawable());
  });

  it("reads what is withdrawable above 2^96 - 1 as 2^96 - 1, and does not take it for an excess", async () => {
    const fixture = await loadFixture(charged);
    const { feeToken, payers, payer, other } = fixture;
    await giveFeeTokens(fixture, payer, 2n ** 98n);
    await payers.deposit(payer, MAX_UINT96);
    await payers.deposit(other, MAX_UINT96);

    expect(await payers.totalWithdrawable()).to.equal(MAX_UINT96);
    expect(await payers.totalDeposits()).to.equal(70n * USD + 2n * MAX_UINT96);
    expect(await payers.excess()).to.equal(30n * USD);
    await payers.sendExcessToFeeDistributor();
    expect(await feeToken.balanceOf(payers)).to.equal(70n * USD + 2n * MAX_UINT96);
  });

  it("reads as no excess that fewer tokens are there than payers may claim", async () => {
    const fixture = await loadFixture(charged);
    const { feeToken, payers } = fixture;
    // Only a migrator could take tokens out: somebody acts as the escrow here.
    await networkHelpers.setBalance(await payers.getAddress(), 10n ** 18n);
    await networkHelpers.impersonateAccount(await payers.getAddress());
    const escrow = await ethers.getSigner(await payers.getAddress());
    await feeToken.connect(escrow).transfer(fixture.stranger, 31n * USD);
    await networkHelpers.stopImpersonatingAccount(await payers.getAddress());

    expect(await payers.excess()).to.equal(0n);
    await expect(payers.sendExcessToFeeDistributor()).to.be.revertedWithCustomError(
      payers,
      "NoExcess",
    );
  });
});
