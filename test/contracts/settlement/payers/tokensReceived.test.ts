import { expect } from "chai";
import { AbiCoder, MaxUint256, ZeroAddress, dataSlice } from "ethers";

import {
  FUNDS,
  MINIMUM_DEPOSIT,
  USD,
  deployFeeToken,
  deployFundedMoney,
  giveFeeTokens,
} from "../../../helpers/deployMoney.ts";
import { logsOf } from "../../../helpers/logsOf.ts";
import { loadFixture } from "../../../helpers/network.ts";

const TRANSFER = "transferAndCall(address,uint256,bytes)";
const TRANSFER_FROM = "transferFromAndCall(address,address,uint256,bytes)";

const dataFor = (payer: string) => AbiCoder.defaultAbiCoder().encode(["address"], [payer]);

describe("Payers.onTransferReceived", () => {
  it("credits whom the tokens came from when nobody is named", async () => {
    const { feeToken, payers, payer } = await loadFixture(deployFundedMoney);
    const escrow = await payers.getAddress();

    for (const transaction of [
      await feeToken["transferAndCall(address,uint256)"](payers, MINIMUM_DEPOSIT),
      await feeToken[TRANSFER](payers, MINIMUM_DEPOSIT, "0x"),
    ]) {
      expect(await logsOf(transaction, { feeToken, payers })).to.deep.equal([
        ["feeToken.Transfer", payer.address, escrow, MINIMUM_DEPOSIT],
        ["payers.Deposit", payer.address, MINIMUM_DEPOSIT],
      ]);
    }
    expect(await payers.getBalance(payer)).to.equal(2n * MINIMUM_DEPOSIT);
    expect(await payers.totalDeposits()).to.equal(2n * MINIMUM_DEPOSIT);
    expect(await payers.excess()).to.equal(0n);
  });

  it("credits the owner of the tokens, not whoever moves them", async () => {
    const { feeToken, payers, payer, stranger } = await loadFixture(deployFundedMoney);
    await feeToken.approve(stranger, MaxUint256);

    await feeToken.connect(stranger)[TRANSFER_FROM](payer, payers, 10n * USD, "0x");

    expect(await payers.getBalances([payer, stranger])).to.deep.equal([10n * USD, 0n]);
  });

  it("credits the payer that is named", async () => {
    const { feeToken, payers, payer, other } = await loadFixture(deployFundedMoney);

    expect(
      await logsOf(await feeToken[TRANSFER](payers, 10n * USD, dataFor(other.address)), {
        feeToken,
        payers,
      }),
    ).to.deep.equal([
      ["feeToken.Transfer", payer.address, await payers.getAddress(), 10n * USD],
      ["payers.Deposit", other.address, 10n * USD],
    ]);
    expect(await payers.getBalances([payer, other])).to.deep.equal([0n, 10n * USD]);
  });

  it("takes up to 2^96 - 1, and refuses more", async () => {
    const fixture = await loadFixture(deployFundedMoney);
    const { feeToken, payers, payer } = fixture;
    await giveFeeTokens(fixture, payer, 2n ** 97n);

    await expect(feeToken[TRANSFER](payers, 2n ** 96n, "0x"))
      .to.be.revertedWithCustomError(payers, "SafeCastOverflowedUintDowncast")
      .withArgs(96n, 2n ** 96n);
    await feeToken[TRANSFER](payers, 2n ** 96n - 1n, "0x");

    expect(await payers.getBalance(payer)).to.equal(2n ** 96n - 1n);
  });

  describe("refuses, in this order,", () => {
    it("everybody but the fee token, another fee token too", async () => {
      const { underlying, registry, payers, payer, stranger } =
        await loadFixture(deployFundedMoney);
      const { feeToken: another } = await deployFeeToken(registry, underlying);
      await underlying.approve(another, USD);
      await another.connect(payer).deposit(USD);

      await expect(
        payers.connect(stranger).onTransferReceived(stranger, stranger, MaxUint256, "0x12"),
      ).to.be.revertedWithCustomError(payers, "NotFeeToken");
      await expect(
        another.connect(payer)[TRANSFER](payers, USD, "0x"),
      ).to.be.revertedWithCustomError(payers, "NotFeeToken");
    });

    it("data that names no payer", async () => {
      const { feeToken, payers, payer } = await loadFixture(deployFundedMoney);
      const data = dataFor(payer.address);

      for (const wrong of ["0x12", dataSlice(data, 0, 31), payer.address, `0x01${data.slice(4)}`]) {
        await expect(feeToken[TRANSFER](payers, 10n * USD, wrong), wrong)
          .to.be.revertedWithCustomError(feeToken, "ERC1363InvalidReceiver")
          .withArgs(await payers.getAddress());
      }
    });

    it("a pause, nobody, and too little, as a deposit does", async () => {
      const { feeToken, payers, payer, setParameters } = await loadFixture(deployFundedMoney);

      await expect(feeToken[TRANSFER](payers, MINIMUM_DEPOSIT - 1n, "0x"))
        .to.be.revertedWithCustomError(payers, "InsufficientDeposit")
        .withArgs(MINIMUM_DEPOSIT - 1n, MINIMUM_DEPOSIT);
      await expect(
        feeToken[TRANSFER](payers, 1n, dataFor(ZeroAddress)),
      ).to.be.revertedWithCustomError(payers, "ZeroPayer");
      await setParameters({ paused: true });
      await payers.updatePauseStatus();
      await expect(
        feeToken[TRANSFER](payers, 1n, dataFor(ZeroAddress)),
      ).to.be.revertedWithCustomError(payers, "Paused");
      expect(await feeToken.balanceOf(payer)).to.equal(FUNDS);
    });
  });
});

describe("Payers.depositReceivedFor", () => {
  it("credits a payer with underlying tokens that went to the fee token beforehand", async () => {
    const { underlying, feeToken, payers, stranger, other } = await loadFixture(deployFundedMoney);
    await underlying.transfer(feeToken, 25n * USD);

    expect(
      await logsOf(await payers.connect(stranger).depositReceivedFor(other, 25n * USD), {
        underlying,
        feeToken,
        payers,
      }),
    ).to.deep.equal([
      ["feeToken.Transfer", ZeroAddress, await payers.getAddress(), 25n * USD],
      ["payers.Deposit", other.address, 25n * USD],
    ]);
    expect(await payers.getBalance(other)).to.equal(25n * USD);
    expect(await payers.excess()).to.equal(0n);
    expect(await underlying.balanceOf(feeToken)).to.equal(await feeToken.totalSupply());
  });

  it("refuses, in this order, none, too few, a pause, nobody, and too little", async () => {
    const { underlying, feeToken, payers, other, setParameters } =
      await loadFixture(deployFundedMoney);
    await underlying.transfer(feeToken, 9n * USD);

    await expect(payers.depositReceivedFor(other, 9n * USD))
      .to.be.revertedWithCustomError(payers, "InsufficientDeposit")
      .withArgs(9n * USD, MINIMUM_DEPOSIT);
    await expect(payers.depositReceivedFor(ZeroAddress, 1n)).to.be.revertedWithCustomError(
      payers,
      "ZeroPayer",
    );
    await setParameters({ paused: true });
    await payers.updatePauseStatus();
    await expect(payers.depositReceivedFor(ZeroAddress, 1n)).to.be.revertedWithCustomError(
      payers,
      "Paused",
    );
    await expect(
      payers.depositReceivedFor(ZeroAddress, 9n * USD + 1n),
    ).to.be.revertedWithCustomError(feeToken, "TransferFromFailed");
    await expect(payers.depositReceivedFor(ZeroAddress, 0n)).to.be.revertedWithCustomError(
      feeToken,
      "ZeroAmount",
    );
  });
});
