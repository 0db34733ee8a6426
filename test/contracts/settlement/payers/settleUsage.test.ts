import { expect } from "chai";
import { ZeroAddress, ZeroHash } from "ethers";

import {
  USD,
  deployFundedMoney,
  deployMoney,
  giveFeeTokens,
  type MoneyFixture,
} from "../../../helpers/deployMoney.ts";
import { eventsOf } from "../../../helpers/eventsOf.ts";
import { loadFixture } from "../../../helpers/network.ts";
import { REPORT_ID, settleUsage } from "../../../helpers/settleUsage.ts";

const MAX_UINT96 = 2n ** 96n - 1n;

/** The payer has 100 dollars in the escrow, and another account 50. */
async function deposited(): Promise<MoneyFixture> {
  const fixture = await deployFundedMoney();
  await fixture.payers.deposit(fixture.payer, 100n * USD);
  await fixture.payers.deposit(fixture.other, 50n * USD);
  return fixture;
}

/** All that settling changes. */
async function ledgerOf({ payers, payer, other, stranger }: MoneyFixture) {
  return {
    balances: [...(await payers.getBalances([payer, other, stranger, ZeroAddress]))],
    pending: [...(await payers.getPendingWithdrawal(payer))],
    deposits: await payers.totalDeposits(),
    debt: await payers.totalDebt(),
    withdrawable: await payers.totalWithdrawable(),
    excess: await payers.excess(),
  };
}

describe("Payers.settleUsage", () => {
  it("charges each payer in order, returns the sum, and moves no token", async () => {
    const fixture = await loadFixture(deposited);
    const { feeToken, payers, payer, other, settler } = fixture;
    const fees = [
      { payer, fee: 30n * USD },
      { payer: other, fee: 50n * USD },
    ];

    expect(await payers.connect(settler).settleUsage.staticCall(REPORT_ID, fees)).to.equal(
      80n * USD,
    );
    expect(
      await eventsOf(await payers.connect(settler).settleUsage(REPORT_ID, fees), payers),
    ).to.deep.equal([
      ["UsageSettled", REPORT_ID, payer.address, 30n * USD],
      ["UsageSettled", REPORT_ID, other.address, 50n * USD],
    ]);
    expect(await ledgerOf(fixture)).to.deep.equal({
      balances: [70n * USD, 0n, 0n, 0n],
      pending: [0n, 0n, 0n],
      deposits: 70n * USD,
      debt: 0n,
      withdrawable: 70n * USD,
      excess: 80n * USD,
    });
    expect(await feeToken.balanceOf(payers)).to.equal(150n * USD);
  });

  it("makes a debt of what a balance does not cover, and of everything after that", async () => {
    const fixture = await loadFixture(deposited);
    const { payer, stranger } = fixture;

    await settleUsage(fixture, [
      [payer, 100n * USD + 7n],
      [stranger, 3n],
      [payer, 5n],
    ]);

    expect(await ledgerOf(fixture)).to.deep.equal({
      balances: [-12n, 50n * USD, -3n, 0n],
      pending: [0n, 0n, 0n],
      deposits: 50n * USD - 15n,
      debt: 15n,
      withdrawable: 50n * USD,
      excess: 100n * USD,
    });
  });

  it("does not touch a requested withdrawal, also when it makes a debt", async () => {
    const fixture = await loadFixture(deposited);
    const { payers, payer } = fixture;
    await payers.requestWithdrawal(60n * USD);
    const pending = await payers.getPendingWithdrawal(payer);

    await settleUsage(fixture, [[payer, 90n * USD]]);

    expect(await payers.getPendingWithdrawal(payer)).to.deep.equal(pending);
    expect(await ledgerOf(fixture)).to.deep.include({
      balances: [-50n * USD, 50n * USD, 0n, 0n],
      deposits: 60n * USD,
      debt: 50n * USD,
      withdrawable: 110n * USD,
      excess: 40n * USD,
    });
  });

  it("accepts payers named twice, fees of zero, nobody, unknown payers, and no fees at all", async () => {
    const fixture = await loadFixture(deposited);
    const { payers, payer, stranger } = fixture;

    const transaction = await settleUsage(fixture, [
      [payer, 1n],
      [stranger, 0n],
      [ZeroAddress, 2n],
      [payer, 1n],
    ]);
    expect(await eventsOf(transaction, payers)).to.deep.equal([
      ["UsageSettled", REPORT_ID, payer.address, 1n],
      ["UsageSettled", REPORT_ID, stranger.address, 0n],
      ["UsageSettled", REPORT_ID, ZeroAddress, 2n],
      ["UsageSettled", REPORT_ID, payer.address, 1n],
    ]);
    expect(await ledgerOf(fixture)).to.deep.include({
      balances: [100n * USD - 2n, 50n * USD, 0n, -2n],
      debt: 2n,
    });

    const before = await ledgerOf(fixture);
    expect(await eventsOf(await settleUsage(fixture, []), payers)).to.deep.equal([]);
    expect(await ledgerOf(fixture)).to.deep.equal(before);
  });

  it("does not remember what a report was charged", async () => {
    const fixture = await loadFixture(deposited);

    for (let time = 0; time < 2; time++) await settleUsage(fixture, [[fixture.payer, USD]]);

    expect(await fixture.payers.getBalance(fixture.payer)).to.equal(98n * USD);
  });

  it("charges a hundred payers in one call", async () => {
    const fixture = await loadFixture(deposited);
    const many = Array.from(
      { length: 100 },
      (_, index) => `0x${(index + 1).toString().padStart(40, "0")}`,
    );

    await settleUsage(
      fixture,
      many.map((payer, index) => [payer, BigInt(index)] as const),
    );

    expect(await fixture.payers.getBalances(many)).to.deep.equal(
      many.map((_, index) => -BigInt(index)),
    );
    expect(await fixture.payers.totalDebt()).to.equal(4_950n);
  });

  describe("refuses, in this order,", () => {
    it("everybody but the settler", async () => {
      const { payers, admin, payer, setParameters } = await loadFixture(deposited);
      await setParameters({ paused: true });
      await payers.updatePauseStatus();

      for (const caller of [admin, payer]) {
        await expect(
          payers.connect(caller).settleUsage(ZeroHash, []),
        ).to.be.revertedWithCustomError(payers, "NotSettler");
      }
    });

    it("everybody as long as no settler is applied", async () => {
      const { payers, settler, setParameters } = await loadFixture(deployMoney);
      await setParameters({ settler: settler.address });

      await expect(payers.connect(settler).settleUsage(ZeroHash, [])).to.be.revertedWithCustomError(
        payers,
        "NotSettler",
      );
    });

    it("a pause", async () => {
      const { payers, settler, setParameters } = await loadFixture(deposited);
      await setParameters({ paused: true });
      await payers.updatePauseStatus();

      await expect(payers.connect(settler).settleUsage(ZeroHash, [])).to.be.revertedWithCustomError(
        payers,
        "Paused",
      );
    });
  });

  describe("panics, and leaves no trace,", () => {
    it("when the fees of one call are more than 2^96 - 1, covered or not", async () => {
      const fixture = await loadFixture(deposited);
      const { payers, payer, other, stranger } = fixture;
      await giveFeeTokens(fixture, payer, 2n * MAX_UINT96);
      for (const account of [payer, other]) await payers.deposit(account, MAX_UINT96);
      const before = await ledgerOf(fixture);

      for (const fees of [
        [
          [payer, MAX_UINT96],
          [other, 1n],
        ],
        [
          [stranger, MAX_UINT96],
          [payer, 1n],
        ],
      ] as const) {
        await expect(settleUsage(fixture, fees)).to.be.revertedWithPanic(0x11);
      }
      expect(await ledgerOf(fixture)).to.deep.equal(before);

      await settleUsage(fixture, [
        [payer, MAX_UINT96 - 1n],
        [other, 1n],
      ]);
      expect(await payers.getBalances([payer, other])).to.deep.equal([
        100n * USD + 1n,
        50n * USD + MAX_UINT96 - 1n,
      ]);
    });

    it("when one payer, or all together, would owe more than 2^96 - 1", async () => {
      const fixture = await loadFixture(deposited);
      const { payers, payer, stranger } = fixture;
      await settleUsage(fixture, [[stranger, MAX_UINT96]]);
      const before = await ledgerOf(fixture);
      expect(before).to.deep.include({ debt: MAX_UINT96, withdrawable: 150n * USD });

      for (const fees of [
        [[stranger, 1n]],
        [[ZeroAddress, 1n]],
        [
          [payer, 5n],
          [payer, 100n * USD - 4n],
        ],
      ] as const) {
        await expect(settleUsage(fixture, fees)).to.be.revertedWithPanic(0x11);
      }
      expect(await ledgerOf(fixture)).to.deep.equal(before);

      // What is covered can be charged still.
      await settleUsage(fixture, [
        [payer, 100n * USD],
        [stranger, 0n],
      ]);
      expect(await payers.totalDebt()).to.equal(MAX_UINT96);
    });
  });

  describe("with the greatest debt there can be", () => {
    async function indebted(): Promise<MoneyFixture> {
      const fixture = await deposited();
      const { payers, payer, other } = fixture;
      await giveFeeTokens(fixture, payer, 2n ** 97n);
      await payers.connect(other).requestWithdrawal(20n * USD);
      await settleUsage(fixture, [[other, 40n * USD]]);
      await settleUsage(fixture, [[ZeroAddress, MAX_UINT96 - 10n * USD]]);
      return fixture;
    }

    it("lets debtors repay, by a deposit or by cancelling", async () => {
      const fixture = await loadFixture(indebted);
      const { payers, other, stranger } = fixture;
      expect(await payers.totalDebt()).to.equal(MAX_UINT96);

      await payers.connect(other).cancelWithdrawal();
      expect(await payers.getBalance(other)).to.equal(10n * USD);
      expect(await payers.totalDebt()).to.equal(MAX_UINT96 - 10n * USD);

      await settleUsage(fixture, [[stranger, 10n * USD]]);
      await payers.deposit(stranger, 10n * USD);
      expect(await payers.getBalance(stranger)).to.equal(0n);
      expect(await payers.totalDebt()).to.equal(MAX_UINT96 - 10n * USD);

      await settleUsage(fixture, [[stranger, 10n * USD]]);
      await payers.deposit(stranger, MAX_UINT96);
      expect(await payers.getBalance(stranger)).to.equal(MAX_UINT96 - 10n * USD);
    });

    it("lets others deposit", async () => {
      const { payers, payer } = await loadFixture(indebted);

      await payers.deposit(payer, MAX_UINT96);

      expect(await payers.getBalance(payer)).to.equal(100n * USD + MAX_UINT96);
      expect(await payers.totalDebt()).to.equal(MAX_UINT96);
    });
  });
});
