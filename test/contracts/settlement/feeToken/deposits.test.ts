import { expect } from "chai";
import { MaxUint256, ZeroAddress, type AddressLike } from "ethers";

import type { FeeToken } from "../../../../typechain-types/index.ts";
import {
  FUNDS,
  USD,
  deployFeeToken,
  deployFundedMoney,
  deployMoney,
  type MoneyFixture,
} from "../../../helpers/deployMoney.ts";
import { logsOf } from "../../../helpers/logsOf.ts";
import { loadFixture } from "../../../helpers/network.ts";
import { revertData } from "../../../helpers/revertData.ts";
import { USELESS_PERMIT, malleated, signPermit } from "../../../helpers/signPermit.ts";

/** The four ways in; those without a recipient deposit for the caller. */
const WAYS = [
  {
    name: "deposit",
    deposit: (feeToken: FeeToken, amount: bigint) => feeToken.deposit(amount),
  },
  {
    name: "depositWithPermit",
    deposit: (feeToken: FeeToken, amount: bigint) =>
      feeToken.depositWithPermit(amount, ...USELESS_PERMIT),
  },
] as const;

const WAYS_FOR = [
  {
    name: "depositFor",
    depositFor: (feeToken: FeeToken, recipient: AddressLike, amount: bigint) =>
      feeToken.depositFor(recipient, amount),
    answer: (feeToken: FeeToken, recipient: AddressLike, amount: bigint) =>
      feeToken.depositFor.staticCall(recipient, amount),
  },
  {
    name: "depositForWithPermit",
    depositFor: (feeToken: FeeToken, recipient: AddressLike, amount: bigint) =>
      feeToken.depositForWithPermit(recipient, amount, ...USELESS_PERMIT),
    answer: (feeToken: FeeToken, recipient: AddressLike, amount: bigint) =>
      feeToken.depositForWithPermit.staticCall(recipient, amount, ...USELESS_PERMIT),
  },
] as const;

/** The payer has underlying tokens, and the fee token no allowance. */
async function unapproved(): Promise<MoneyFixture> {
  const fixture = await deployMoney();
  await fixture.underlying.mint(fixture.payer, FUNDS);
  return fixture;
}

describe("FeeToken: deposits", () => {
  for (const { name, deposit } of WAYS) {
    it(`${name} gives the caller one fee token for each underlying one, which moves first`, async () => {
      const { underlying, feeToken, payer } = await loadFixture(deployFundedMoney);

      expect(
        await logsOf(await deposit(feeToken, 7n * USD), { underlying, feeToken }),
      ).to.deep.equal([
        ["underlying.Transfer", payer.address, await feeToken.getAddress(), 7n * USD],
        ["feeToken.Transfer", ZeroAddress, payer.address, 7n * USD],
      ]);
      expect(await feeToken.balanceOf(payer)).to.equal(FUNDS + 7n * USD);
      expect(await feeToken.totalSupply()).to.equal(FUNDS + 7n * USD);
      expect(await underlying.balanceOf(payer)).to.equal(FUNDS - 7n * USD);
      expect(await underlying.balanceOf(feeToken)).to.equal(FUNDS + 7n * USD);
    });
  }

  for (const { name, depositFor, answer } of WAYS_FOR) {
    it(`${name} gives them to a recipient, and returns true`, async () => {
      const { underlying, feeToken, payer, other } = await loadFixture(deployFundedMoney);

      expect(await answer(feeToken, other, 1n)).to.equal(true);
      expect(
        await logsOf(await depositFor(feeToken, other, 1n), { underlying, feeToken }),
      ).to.deep.equal([
        ["underlying.Transfer", payer.address, await feeToken.getAddress(), 1n],
        ["feeToken.Transfer", ZeroAddress, other.address, 1n],
      ]);
      expect(await feeToken.balanceOf(other)).to.equal(1n);
      expect(await feeToken.balanceOf(payer)).to.equal(FUNDS);
    });

    it(`${name} for the fee token itself makes tokens that nobody can move, and that stay covered`, async () => {
      const { underlying, feeToken, stranger } = await loadFixture(deployFundedMoney);

      await depositFor(feeToken, feeToken, USD);

      expect(await feeToken.balanceOf(feeToken)).to.equal(USD);
      expect(await underlying.balanceOf(feeToken)).to.equal(await feeToken.totalSupply());
      await expect(
        feeToken.connect(stranger).depositReceived(stranger, 1n),
      ).to.be.revertedWithCustomError(feeToken, "TransferFromFailed");
    });
  }

  describe("with a permit of the underlying token", () => {
    it("need no allowance beforehand", async () => {
      const { underlying, feeToken, payer, other } = await loadFixture(unapproved);

      await feeToken.depositWithPermit(
        USD,
        ...(await signPermit(underlying, payer, feeToken, USD)),
      );
      await feeToken.depositForWithPermit(
        other,
        2n * USD,
        ...(await signPermit(underlying, payer, feeToken, 2n * USD)),
      );

      expect(await feeToken.balanceOf(payer)).to.equal(USD);
      expect(await feeToken.balanceOf(other)).to.equal(2n * USD);
      expect(await underlying.allowance(payer, feeToken)).to.equal(0n);
      expect(await underlying.nonces(payer)).to.equal(2n);
    });

    it("are not harmed by somebody who uses the permit first", async () => {
      const { underlying, feeToken, payer, stranger } = await loadFixture(unapproved);
      const permit = await signPermit(underlying, payer, feeToken, USD);

      await underlying.connect(stranger).permit(payer, feeToken, USD, ...permit);
      await feeToken.depositWithPermit(USD, ...permit);

      expect(await feeToken.balanceOf(payer)).to.equal(USD);
    });

    it("refuse a permit that is wrong in any way when there is no allowance", async () => {
      const { underlying, feeToken, payers, payer, stranger } = await loadFixture(unapproved);
      const valid = await signPermit(underlying, payer, feeToken, USD);

      for (const [fault, permit] of [
        ["of nobody", USELESS_PERMIT],
        ["of somebody else", await signPermit(underlying, stranger, feeToken, USD)],
        ["for somebody else", await signPermit(underlying, payer, payers, USD)],
        ["for less", await signPermit(underlying, payer, feeToken, USD - 1n)],
        ["for another token", await signPermit(feeToken, payer, feeToken, USD)],
        ["too late", await signPermit(underlying, payer, feeToken, USD, { deadline: 1n })],
        ["with another nonce", await signPermit(underlying, payer, feeToken, USD, { nonce: 1n })],
        ["with a high s", malleated(valid)],
      ] as const) {
        await expect(
          feeToken.depositWithPermit(USD, ...permit),
          fault,
        ).to.be.revertedWithCustomError(feeToken, "TransferFromFailed");
      }

      await feeToken.depositWithPermit(USD, ...valid);
    });

    it("do not let anybody deposit another's tokens with another's permit", async () => {
      const { underlying, feeToken, payer, stranger } = await loadFixture(unapproved);
      const permit = await signPermit(underlying, payer, feeToken, USD);

      await expect(
        feeToken.connect(stranger).depositForWithPermit(stranger, USD, ...permit),
      ).to.be.revertedWithCustomError(feeToken, "TransferFromFailed");
    });
  });

  describe("refuse, in this order,", () => {
    it("an amount of zero", async () => {
      const { feeToken } = await loadFixture(deployMoney);

      for (const { name, deposit } of WAYS) {
        await expect(deposit(feeToken, 0n), name).to.be.revertedWithCustomError(
          feeToken,
          "ZeroAmount",
        );
      }
      for (const { name, depositFor } of WAYS_FOR) {
        await expect(depositFor(feeToken, ZeroAddress, 0n), name).to.be.revertedWithCustomError(
          feeToken,
          "ZeroAmount",
        );
      }
    });

    it("nobody as recipient", async () => {
      const { feeToken } = await loadFixture(deployMoney);

      for (const { name, depositFor } of WAYS_FOR) {
        await expect(
          depositFor(feeToken, ZeroAddress, MaxUint256),
          name,
        ).to.be.revertedWithCustomError(feeToken, "ZeroRecipient");
      }
    });

    it("more than the caller has approved, or has", async () => {
      const { underlying, feeToken, payer } = await loadFixture(unapproved);
      const ways = [
        ...WAYS.map(({ name, deposit }) => [name, deposit] as const),
        ...WAYS_FOR.map(
          ({ name, depositFor }) =>
            [name, (token: FeeToken, amount: bigint) => depositFor(token, payer, amount)] as const,
        ),
      ];

      for (const [allowance, amount] of [
        [0n, 1n],
        [USD, USD + 1n],
        [MaxUint256, FUNDS + 1n],
        [MaxUint256, MaxUint256],
      ] as const) {
        await underlying.approve(feeToken, allowance);
        for (const [name, deposit] of ways) {
          await expect(
            deposit(feeToken, amount),
            `${name} ${amount}`,
          ).to.be.revertedWithCustomError(feeToken, "TransferFromFailed");
        }
      }
      expect(await feeToken.totalSupply()).to.equal(0n);
    });

    it("everything when there is no code at the underlying token", async () => {
      const { registry, stranger } = await loadFixture(deployMoney);
      const { feeToken } = await deployFeeToken(registry, stranger);

      await expect(feeToken.deposit(1n)).to.be.revertedWithCustomError(
        feeToken,
        "TransferFromFailed",
      );
      await expect(feeToken.depositFor(stranger, 1n)).to.be.revertedWithCustomError(
        feeToken,
        "TransferFromFailed",
      );
      // A permit cannot be asked of an account without code, and the compiler says so without an error.
      expect(
        await revertData({
          to: feeToken,
          data: feeToken.interface.encodeFunctionData("depositWithPermit", [1n, ...USELESS_PERMIT]),
        }),
      ).to.equal("0x");
    });
  });
});
