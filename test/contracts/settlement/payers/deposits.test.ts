import { expect } from "chai";
import {
  MaxUint256,
  ZeroAddress,
  type AddressLike,
  type ContractTransactionResponse,
} from "ethers";

import type { Payers } from "../../../../typechain-types/index.ts";
import {
  FUNDS,
  MINIMUM_DEPOSIT,
  USD,
  deployConfiguredMoney,
  deployFundedMoney,
  deployMoney,
  giveFeeTokens,
  type MoneyFixture,
} from "../../../helpers/deployMoney.ts";
import type { EventRecord } from "../../../helpers/eventsOf.ts";
import { logsOf } from "../../../helpers/logsOf.ts";
import { ethers, loadFixture } from "../../../helpers/network.ts";
import { settleUsage } from "../../../helpers/settleUsage.ts";
import { USELESS_PERMIT, malleated, signPermit } from "../../../helpers/signPermit.ts";

const MAX_UINT96 = 2n ** 96n - 1n;

/** A way to deposit, and what the tokens do meanwhile. */
interface Way {
  readonly name: string;
  readonly from: "feeToken" | "underlying";
  deposit(payers: Payers, payer: AddressLike, amount: bigint): Promise<ContractTransactionResponse>;
}

/** The permits do nothing here, because the payer has approved already. */
const WAYS: readonly Way[] = [
  {
    name: "deposit",
    from: "feeToken",
    deposit: (payers, payer, amount) => payers.deposit(payer, amount),
  },
  {
    name: "depositWithPermit",
    from: "feeToken",
    deposit: (payers, payer, amount) => payers.depositWithPermit(payer, amount, ...USELESS_PERMIT),
  },
  {
    name: "depositFromUnderlying",
    from: "underlying",
    deposit: (payers, payer, amount) => payers.depositFromUnderlying(payer, amount),
  },
  {
    name: "depositFromUnderlyingWithPermit",
    from: "underlying",
    deposit: (payers, payer, amount) =>
      payers.depositFromUnderlyingWithPermit(payer, amount, ...USELESS_PERMIT),
  },
];

describe("Payers: deposits", () => {
  for (const { name, from, deposit } of WAYS) {
    describe(name, () => {
      it("moves the tokens first, and then credits any payer", async () => {
        const fixture = await loadFixture(deployFundedMoney);
        const { underlying, feeToken, payers, payer, other } = fixture;
        const escrow = await payers.getAddress();
        const moves: Record<typeof from, EventRecord[]> = {
          feeToken: [["feeToken.Transfer", payer.address, escrow, 25n * USD]],
          underlying: [
            ["underlying.Transfer", payer.address, await feeToken.getAddress(), 25n * USD],
            ["feeToken.Transfer", ZeroAddress, escrow, 25n * USD],
          ],
        };

        expect(
          await logsOf(await deposit(payers, other, 25n * USD), { underlying, feeToken, payers }),
        ).to.deep.equal([...moves[from], ["payers.Deposit", other.address, 25n * USD]]);

        expect(await payers.getBalance(other)).to.equal(25n * USD);
        expect(await payers.getBalance(payer)).to.equal(0n);
        expect(await payers.totalDeposits()).to.equal(25n * USD);
        expect(await payers.totalWithdrawable()).to.equal(25n * USD);
        expect(await payers.totalDebt()).to.equal(0n);
        expect(await payers.excess()).to.equal(0n);
        expect(await feeToken.balanceOf(payers)).to.equal(25n * USD);
        expect(await fixture[from].balanceOf(payer)).to.equal(FUNDS - 25n * USD);
        // Every fee token is covered, and nothing is left over on the way.
        expect(await underlying.balanceOf(feeToken)).to.equal(await feeToken.totalSupply());
        expect(await underlying.balanceOf(payers)).to.equal(0n);
      });

      it("adds to what is there, and takes the least deposit exactly", async () => {
        const { payers, other } = await loadFixture(deployFundedMoney);

        await deposit(payers, other, MINIMUM_DEPOSIT);
        await deposit(payers, other, MINIMUM_DEPOSIT + 1n);

        expect(await payers.getBalance(other)).to.equal(2n * MINIMUM_DEPOSIT + 1n);
        expect(await payers.totalDeposits()).to.equal(2n * MINIMUM_DEPOSIT + 1n);
      });

      it("repays a debt first, in part or in full", async () => {
        const fixture = await loadFixture(deployFundedMoney);
        const { feeToken, payers, other, stranger } = fixture;
        await settleUsage(fixture, [
          [other, 25n * USD],
          [stranger, USD],
        ]);

        await deposit(payers, other, 10n * USD);
        expect(await payers.getBalance(other)).to.equal(-15n * USD);
        expect(await payers.totalDebt()).to.equal(16n * USD);

        await deposit(payers, other, 15n * USD);
        expect(await payers.getBalance(other)).to.equal(0n);
        expect(await payers.totalDebt()).to.equal(USD);

        await deposit(payers, stranger, 10n * USD);
        expect(await payers.getBalance(stranger)).to.equal(9n * USD);
        expect(await payers.totalDebt()).to.equal(0n);
        expect(await payers.totalDeposits()).to.equal(9n * USD);
        expect(await payers.totalWithdrawable()).to.equal(9n * USD);
        // What was owed is there now, for the nodes.
        expect(await feeToken.balanceOf(payers)).to.equal(35n * USD);
        expect(await payers.excess()).to.equal(26n * USD);
      });

      it("refuses, after the tokens have moved and in this order, a pause, nobody, and too little", async () => {
        const { payers, other, setParameters } = await loadFixture(deployFundedMoney);

        await expect(deposit(payers, other, MINIMUM_DEPOSIT - 1n))
          .to.be.revertedWithCustomError(payers, "InsufficientDeposit")
          .withArgs(MINIMUM_DEPOSIT - 1n, MINIMUM_DEPOSIT);
        await expect(deposit(payers, ZeroAddress, 1n)).to.be.revertedWithCustomError(
          payers,
          "ZeroPayer",
        );
        await setParameters({ paused: true });
        await payers.updatePauseStatus();
        await expect(deposit(payers, ZeroAddress, 1n)).to.be.revertedWithCustomError(
          payers,
          "Paused",
        );
        expect(await payers.totalDeposits()).to.equal(0n);
      });
    });
  }

  describe("tell an error of the token before every other:", () => {
    async function pausedEscrow(): Promise<MoneyFixture> {
      const fixture = await deployConfiguredMoney();
      await fixture.setParameters({ paused: true });
      await fixture.payers.updatePauseStatus();
      return fixture;
    }

    it("too little approved, and then too little there, of the fee token", async () => {
      const { feeToken, payers, payer } = await loadFixture(pausedEscrow);

      for (const call of [
        () => payers.deposit(ZeroAddress, 1n),
        () => payers.depositWithPermit(ZeroAddress, 1n, ...USELESS_PERMIT),
      ]) {
        await expect(call())
          .to.be.revertedWithCustomError(feeToken, "ERC20InsufficientAllowance")
          .withArgs(await payers.getAddress(), 0n, 1n);
      }
      await feeToken.approve(payers, 1n);
      await expect(payers.deposit(ZeroAddress, 1n))
        .to.be.revertedWithCustomError(feeToken, "ERC20InsufficientBalance")
        .withArgs(payer.address, 0n, 1n);
    });

    it("too little approved or there of the underlying token, and then none at all", async () => {
      const { underlying, feeToken, payers, payer } = await loadFixture(pausedEscrow);
      const calls = (amount: bigint) => [
        () => payers.depositFromUnderlying(ZeroAddress, amount),
        () => payers.depositFromUnderlyingWithPermit(ZeroAddress, amount, ...USELESS_PERMIT),
      ];

      for (const call of calls(1n)) {
        await expect(call()).to.be.revertedWithCustomError(payers, "TransferFromFailed");
      }
      await underlying.approve(payers, MaxUint256);
      for (const call of calls(1n)) {
        await expect(call()).to.be.revertedWithCustomError(payers, "TransferFromFailed");
      }
      await underlying.mint(payer, 1n);
      for (const call of calls(0n)) {
        await expect(call()).to.be.revertedWithCustomError(feeToken, "ZeroAmount");
      }
    });
  });

  describe("with a permit", () => {
    async function unapproved(): Promise<MoneyFixture> {
      const fixture = await deployConfiguredMoney();
      await giveFeeTokens(fixture, fixture.payer, FUNDS);
      await fixture.underlying.mint(fixture.payer, FUNDS);
      return fixture;
    }

    for (const [name, key] of [
      ["depositWithPermit", "feeToken"],
      ["depositFromUnderlyingWithPermit", "underlying"],
    ] as const) {
      it(`${name} needs no allowance beforehand`, async () => {
        const { [key]: token, payers, payer, other } = await loadFixture(unapproved);

        await payers[name](
          other,
          10n * USD,
          ...(await signPermit(token, payer, payers, 10n * USD)),
        );

        expect(await payers.getBalance(other)).to.equal(10n * USD);
        expect(await token.allowance(payer, payers)).to.equal(0n);
        expect(await token.nonces(payer)).to.equal(1n);
      });

      it(`${name} is not harmed by somebody who uses the permit first`, async () => {
        const { [key]: token, payers, payer, stranger } = await loadFixture(unapproved);
        const permit = await signPermit(token, payer, payers, 10n * USD);

        await token.connect(stranger).permit(payer, payers, 10n * USD, ...permit);
        await payers[name](payer, 10n * USD, ...permit);

        expect(await payers.getBalance(payer)).to.equal(10n * USD);
      });

      it(`${name} refuses a permit that is wrong in any way when there is no allowance`, async () => {
        const { [key]: token, feeToken, splitter, ...rest } = await loadFixture(unapproved);
        const { payers, payer, stranger } = rest;
        const amount = 10n * USD;
        const valid = await signPermit(token, payer, payers, amount);
        const error =
          key === "feeToken" ? "ERC20InsufficientAllowance" : ("TransferFromFailed" as const);

        for (const [fault, permit] of [
          ["of nobody", USELESS_PERMIT],
          ["of somebody else", await signPermit(token, stranger, payers, amount)],
          ["for somebody else", await signPermit(token, payer, splitter, amount)],
          ["for less", await signPermit(token, payer, payers, amount - 1n)],
          ["too late", await signPermit(token, payer, payers, amount, { deadline: 1n })],
          ["with a high s", malleated(valid)],
        ] as const) {
          await expect(payers[name](payer, amount, ...permit), fault).to.be.revertedWithCustomError(
            feeToken,
            error,
          );
        }
        await expect(
          payers.connect(stranger)[name](stranger, amount, ...valid),
        ).to.be.revertedWithCustomError(feeToken, error);

        await payers[name](payer, amount, ...valid);
      });
    }
  });

  describe("and the least deposit", () => {
    it("accept nothing at all as long as none is applied, from fee tokens", async () => {
      const { feeToken, payers, payer, other } = await loadFixture(deployMoney);

      expect(await logsOf(await payers.deposit(other, 0n), { feeToken, payers })).to.deep.equal([
        ["feeToken.Transfer", payer.address, await payers.getAddress(), 0n],
        ["payers.Deposit", other.address, 0n],
      ]);
    });

    // A packed copy of the least deposit has 35 bits; its greatest value stands for all that do not fit.
    for (const [description, minimum] of [
      ["one", 1n],
      ["the last that fits into 35 bits, and below the one that says too much", 2n ** 35n - 2n],
      ["the one that says too much", 2n ** 35n - 1n],
      ["the first that does not fit into 35 bits", 2n ** 35n],
      ["one whose low 35 bits are zero", 2n ** 40n],
      ["one whose low 35 bits are one", 2n ** 40n + 1n],
      ["the greatest", MAX_UINT96],
    ] as const) {
      it(`hold to ${description}: ${minimum}`, async () => {
        const fixture = await loadFixture(deployFundedMoney);
        const { payers, payer, setParameters } = fixture;
        await giveFeeTokens(fixture, payer, 2n ** 97n);
        await setParameters({ minimumDeposit: minimum });
        await payers.updateMinimumDeposit();
        expect(await payers.minimumDeposit()).to.equal(minimum);

        for (const amount of [0n, minimum - 1n]) {
          await expect(payers.deposit(payer, amount))
            .to.be.revertedWithCustomError(payers, "InsufficientDeposit")
            .withArgs(amount, minimum);
        }
        await payers.deposit(payer, minimum);
        await payers.deposit(payer, MAX_UINT96);

        expect(await payers.getBalance(payer)).to.equal(minimum + MAX_UINT96);
        expect(await payers.totalDeposits()).to.equal(minimum + MAX_UINT96);
        expect(await payers.withdrawLockPeriod()).to.equal(172_800n);
        expect(await payers.paused()).to.equal(false);
      });
    }

    it("follow it up and down again", async () => {
      const fixture = await loadFixture(deployFundedMoney);
      const { payers, payer, setParameters } = fixture;

      for (const minimum of [2n ** 50n, 5n, 2n ** 35n - 1n, 2n ** 35n - 2n, 7n]) {
        await setParameters({ minimumDeposit: minimum });
        await payers.updateMinimumDeposit();
        await expect(payers.deposit(payer, 4n))
          .to.be.revertedWithCustomError(payers, "InsufficientDeposit")
          .withArgs(4n, minimum);
      }
      await payers.deposit(payer, 7n);
      expect(await payers.getBalance(payer)).to.equal(7n);
    });
  });

  it("take the greatest amount again and again", async () => {
    const fixture = await loadFixture(deployFundedMoney);
    const { payers, payer, other } = fixture;
    await giveFeeTokens(fixture, payer, 3n * MAX_UINT96);

    for (const account of [other, other, payer]) await payers.deposit(account, MAX_UINT96);

    expect(await payers.getBalances([other, payer])).to.deep.equal([2n * MAX_UINT96, MAX_UINT96]);
    expect(await payers.totalDeposits()).to.equal(3n * MAX_UINT96);
  });

  it("need a fee token: the constructor refuses a zero registry, and then a zero token", async () => {
    const { registry } = await loadFixture(deployMoney);
    const factory = await ethers.getContractFactory("Payers");

    await expect(factory.deploy(ZeroAddress, ZeroAddress)).to.be.revertedWithCustomError(
      factory,
      "ZeroParameterRegistry",
    );
    await expect(factory.deploy(registry, ZeroAddress)).to.be.revertedWithCustomError(
      factory,
      "ZeroFeeToken",
    );
  });
});
