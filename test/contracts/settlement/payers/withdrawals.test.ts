import { expect } from "chai";
import { ZeroAddress } from "ethers";

import {
  FUNDS,
  USD,
  WITHDRAW_LOCK_PERIOD,
  deployFundedMoney,
  type MoneyFixture,
} from "../../../helpers/deployMoney.ts";
import { eventsOf } from "../../../helpers/eventsOf.ts";
import { logsOf } from "../../../helpers/logsOf.ts";
import { loadFixture, networkHelpers } from "../../../helpers/network.ts";
import { setWithdrawalNonce } from "../../../helpers/payersStorage.ts";
import { settleUsage } from "../../../helpers/settleUsage.ts";

const { time } = networkHelpers;

/** The payer has 100 dollars in the escrow. */
async function deposited(): Promise<MoneyFixture> {
  const fixture = await deployFundedMoney();
  await fixture.payers.deposit(fixture.payer, 100n * USD);
  return fixture;
}

/** 60 of them are requested. */
async function requested(): Promise<MoneyFixture & { readyAt: bigint }> {
  const fixture = await deposited();
  await fixture.payers.requestWithdrawal(60n * USD);
  const [, readyAt] = await fixture.payers.getPendingWithdrawal(fixture.payer);
  return { ...fixture, readyAt };
}

describe("Payers.requestWithdrawal", () => {
  it("sets an amount apart until the lock is over, and moves nothing", async () => {
    const { feeToken, payers, payer } = await loadFixture(deposited);
    const now = BigInt(await time.latest()) + 1_000n;
    await time.setNextBlockTimestamp(now);

    expect(await eventsOf(await payers.requestWithdrawal(60n * USD), payers)).to.deep.equal([
      ["WithdrawalRequested", payer.address, 60n * USD, now + WITHDRAW_LOCK_PERIOD, 1n],
    ]);
    expect(await payers.getPendingWithdrawal(payer)).to.deep.equal([
      60n * USD,
      now + WITHDRAW_LOCK_PERIOD,
      1n,
    ]);
    expect(await payers.getBalance(payer)).to.equal(40n * USD);
    expect(await payers.totalDeposits()).to.equal(100n * USD);
    expect(await payers.totalWithdrawable()).to.equal(100n * USD);
    expect(await feeToken.balanceOf(payers)).to.equal(100n * USD);
    expect(await payers.excess()).to.equal(0n);
  });

  it("takes any amount up to the whole balance", async () => {
    const { payers, payer } = await loadFixture(deposited);

    for (const [amount, nonce] of [
      [1n, 1n],
      [100n * USD, 2n],
    ] as const) {
      await payers.requestWithdrawal(amount);
      expect((await payers.getPendingWithdrawal(payer)).slice(0, 1)).to.deep.equal([amount]);
      expect(await payers.getBalance(payer)).to.equal(100n * USD - amount);
      expect((await payers.getPendingWithdrawal(payer))[2]).to.equal(nonce);
      await payers.cancelWithdrawal();
    }
  });

  it("counts each payer's requests for itself, and keeps the count when they end", async () => {
    const { payers, payer, other, setParameters } = await loadFixture(deposited);
    await payers.deposit(other, 10n * USD);
    await setParameters({ withdrawLockPeriod: 0n });
    await payers.updateWithdrawLockPeriod();

    await payers.requestWithdrawal(1n);
    await payers.cancelWithdrawal();
    expect(await payers.getPendingWithdrawal(payer)).to.deep.equal([0n, 0n, 1n]);
    await payers.requestWithdrawal(1n);
    await payers.finalizeWithdrawal(payer);
    expect(await payers.getPendingWithdrawal(payer)).to.deep.equal([0n, 0n, 2n]);
    await payers.connect(other).requestWithdrawal(1n);
    expect((await payers.getPendingWithdrawal(other))[2]).to.equal(1n);
  });

  it("begins to count again after 2^24 - 1 requests, so nobody is ever locked in", async () => {
    const { payers, payer } = await loadFixture(deposited);
    await setWithdrawalNonce(payers, payer, 2n ** 24n - 2n);

    for (const nonce of [2n ** 24n - 1n, 0n, 1n]) {
      await payers.requestWithdrawal(60n * USD);
      const [amount, , counted] = await payers.getPendingWithdrawal(payer);
      expect([amount, counted]).to.deep.equal([60n * USD, nonce]);
      expect(await payers.getBalance(payer)).to.equal(40n * USD);
      await payers.cancelWithdrawal();
      expect(await payers.getPendingWithdrawal(payer)).to.deep.equal([0n, 0n, nonce]);
    }
  });

  it("keeps the time of a request when the lock changes afterwards", async () => {
    const { payers, payer, readyAt, setParameters } = await loadFixture(requested);

    for (const withdrawLockPeriod of [604_800n, 0n]) {
      await setParameters({ withdrawLockPeriod });
      await payers.updateWithdrawLockPeriod();
      expect((await payers.getPendingWithdrawal(payer))[1]).to.equal(readyAt);
    }
  });

  it("works up to the last second that fits into 32 bits, and panics after it", async () => {
    const { payers, payer } = await loadFixture(deposited);
    const last = 2n ** 32n - 1n - WITHDRAW_LOCK_PERIOD;
    // The chain is that of all tests, and fixtures that are new to it begin at its present time.
    const today = await networkHelpers.takeSnapshot();

    try {
      await time.setNextBlockTimestamp(last);
      await payers.requestWithdrawal(USD);
      expect((await payers.getPendingWithdrawal(payer))[1]).to.equal(2n ** 32n - 1n);
      await payers.cancelWithdrawal();

      await time.increaseTo(last + 10n);
      await expect(payers.requestWithdrawal(USD)).to.be.revertedWithPanic(0x11);
      await expect(payers.requestWithdrawal(200n * USD)).to.be.revertedWithPanic(0x11);
    } finally {
      await today.restore();
    }
  });

  describe("refuses, in this order,", () => {
    it("a pause", async () => {
      const { payers, setParameters } = await loadFixture(requested);
      await setParameters({ paused: true });
      await payers.updatePauseStatus();

      await expect(payers.requestWithdrawal(0n)).to.be.revertedWithCustomError(payers, "Paused");
    });

    it("an amount of zero", async () => {
      const { payers } = await loadFixture(requested);

      await expect(payers.requestWithdrawal(0n)).to.be.revertedWithCustomError(
        payers,
        "ZeroWithdrawalAmount",
      );
    });

    it("a second request", async () => {
      const { payers } = await loadFixture(requested);

      for (const amount of [1n, 2n ** 96n - 1n]) {
        await expect(payers.requestWithdrawal(amount)).to.be.revertedWithCustomError(
          payers,
          "PendingWithdrawalExists",
        );
      }
    });

    it("more than the balance, also of a payer in debt, or of nobody", async () => {
      const fixture = await loadFixture(deposited);
      const { payers, payer, stranger } = fixture;
      const calls = [
        () => payers.requestWithdrawal(100n * USD + 1n),
        () => payers.requestWithdrawal(2n ** 96n - 1n),
        () => payers.connect(stranger).requestWithdrawal(1n),
      ];

      for (const call of calls) {
        await expect(call()).to.be.revertedWithCustomError(payers, "InsufficientBalance");
      }
      await settleUsage(fixture, [[payer, 101n * USD]]);
      await expect(payers.requestWithdrawal(1n)).to.be.revertedWithCustomError(
        payers,
        "InsufficientBalance",
      );
    });
  });
});

describe("Payers.cancelWithdrawal", () => {
  it("gives the amount back to the balance, before and after its time", async () => {
    const { payers, payer } = await loadFixture(requested);

    for (const nonce of [1n, 2n]) {
      expect(await eventsOf(await payers.cancelWithdrawal(), payers)).to.deep.equal([
        ["WithdrawalCancelled", payer.address, nonce],
      ]);
      expect(await payers.getPendingWithdrawal(payer)).to.deep.equal([0n, 0n, nonce]);
      expect(await payers.getBalance(payer)).to.equal(100n * USD);
      expect(await payers.totalDeposits()).to.equal(100n * USD);

      await payers.requestWithdrawal(60n * USD);
      await time.increase(WITHDRAW_LOCK_PERIOD + 1n);
    }
  });

  it("repays a debt without fresh money, in part or in full", async () => {
    for (const [fee, balance, debt] of [
      [70n * USD, 30n * USD, 0n],
      [100n * USD, 0n, 0n],
      [130n * USD, -30n * USD, 30n * USD],
    ] as const) {
      const fixture = await loadFixture(requested);
      const { payers, payer } = fixture;
      await settleUsage(fixture, [[payer, fee]]);
      expect(await payers.getBalance(payer)).to.equal(40n * USD - fee);
      expect(await payers.totalDebt()).to.equal(fee - 40n * USD);

      await payers.cancelWithdrawal();

      expect(await payers.getBalance(payer)).to.equal(balance);
      expect(await payers.totalDebt()).to.equal(debt);
      expect(await payers.totalDeposits()).to.equal(100n * USD - fee);
    }
  });

  it("refuses, in this order, a pause, and a payer without a request", async () => {
    const { payers, stranger, setParameters } = await loadFixture(requested);

    await expect(payers.connect(stranger).cancelWithdrawal()).to.be.revertedWithCustomError(
      payers,
      "NoPendingWithdrawal",
    );
    await setParameters({ paused: true });
    await payers.updatePauseStatus();
    await expect(payers.connect(stranger).cancelWithdrawal()).to.be.revertedWithCustomError(
      payers,
      "Paused",
    );
  });
});

for (const name of ["finalizeWithdrawal", "finalizeWithdrawalIntoUnderlying"] as const) {
  describe(`Payers.${name}`, () => {
    const into = name === "finalizeWithdrawal" ? "feeToken" : "underlying";

    it("pays any recipient what was requested, and tells so first", async () => {
      const fixture = await loadFixture(requested);
      const { underlying, feeToken, payers, payer, other, readyAt } = fixture;
      const escrow = await payers.getAddress();
      await time.increaseTo(readyAt);

      expect(
        await logsOf(await payers[name](other), { underlying, feeToken, payers }),
      ).to.deep.equal([
        ["payers.WithdrawalFinalized", payer.address, 1n],
        ...(into === "feeToken"
          ? [["feeToken.Transfer", escrow, other.address, 60n * USD]]
          : [
              ["feeToken.Transfer", escrow, ZeroAddress, 60n * USD],
              ["underlying.Transfer", await feeToken.getAddress(), other.address, 60n * USD],
            ]),
      ]);
      expect(await fixture[into].balanceOf(other)).to.equal(60n * USD);
      expect(await payers.getPendingWithdrawal(payer)).to.deep.equal([0n, 0n, 1n]);
      expect(await payers.getBalance(payer)).to.equal(40n * USD);
      expect(await payers.totalDeposits()).to.equal(40n * USD);
      expect(await feeToken.balanceOf(payers)).to.equal(40n * USD);
      await expect(payers[name](other)).to.be.revertedWithCustomError(
        payers,
        "NoPendingWithdrawal",
      );
    });

    it("pays at the second that was announced, and not one before", async () => {
      const { payers, payer, readyAt } = await loadFixture(requested);

      await time.setNextBlockTimestamp(readyAt - 1n);
      await expect(payers[name](payer))
        .to.be.revertedWithCustomError(payers, "WithdrawalNotReady")
        .withArgs(readyAt - 1n, readyAt, 1n);
      await time.setNextBlockTimestamp(readyAt);
      await payers[name](payer);
    });

    it("pays at once without a lock", async () => {
      const { payers, payer, setParameters } = await loadFixture(deposited);
      await setParameters({ withdrawLockPeriod: 0n });
      await payers.updateWithdrawLockPeriod();

      await payers.requestWithdrawal(100n * USD);
      await payers[name](payer);

      expect(await payers.totalDeposits()).to.equal(0n);
    });

    it("pays a payer whose balance is zero", async () => {
      const fixture = await loadFixture(requested);
      const { payers, payer, readyAt } = fixture;
      await settleUsage(fixture, [[payer, 40n * USD]]);
      await time.increaseTo(readyAt);

      await payers[name](payer);

      expect(await fixture[into].balanceOf(payer)).to.equal(
        FUNDS + 60n * USD - (into === "feeToken" ? 100n * USD : 0n),
      );
      expect(await payers.getBalance(payer)).to.equal(0n);
      expect(await payers.excess()).to.equal(40n * USD);
    });

    it("refuses, in this order, a pause, nobody, no request, a debt, and a lock that is not over", async () => {
      const fixture = await loadFixture(requested);
      const { payers, payer, stranger, readyAt, setParameters } = fixture;

      await expect(payers[name](payer)).to.be.revertedWithCustomError(payers, "WithdrawalNotReady");
      await settleUsage(fixture, [[payer, 40n * USD + 1n]]);
      await expect(payers[name](payer)).to.be.revertedWithCustomError(payers, "PayerInDebt");
      await expect(payers.connect(stranger)[name](stranger)).to.be.revertedWithCustomError(
        payers,
        "NoPendingWithdrawal",
      );
      await expect(payers.connect(stranger)[name](ZeroAddress)).to.be.revertedWithCustomError(
        payers,
        "ZeroRecipient",
      );
      await setParameters({ paused: true });
      await payers.updatePauseStatus();
      await expect(payers.connect(stranger)[name](ZeroAddress)).to.be.revertedWithCustomError(
        payers,
        "Paused",
      );

      await setParameters({ paused: false });
      await payers.updatePauseStatus();
      await time.increaseTo(readyAt);
      await expect(payers[name](payer)).to.be.revertedWithCustomError(payers, "PayerInDebt");
      await payers.deposit(payer, 10n * USD);
      await payers[name](payer);
    });
  });
}
