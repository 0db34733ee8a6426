import { expect } from "chai";
import { AbiCoder, MaxUint256, ZeroAddress, type BaseContract } from "ethers";

import type { DepositSplitter, Payers } from "../../../../typechain-types/index.ts";
import {
  FUNDS,
  USD,
  deployFeeToken,
  deployFundedMoney,
  deployMoney,
  giveFeeTokens,
} from "../../../helpers/deployMoney.ts";
import { deployProxy } from "../../../helpers/deployProxy.ts";
import { encodeCall } from "../../../helpers/encode.ts";
import { ethers, loadFixture, networkHelpers } from "../../../helpers/network.ts";
import { settleUsage } from "../../../helpers/settleUsage.ts";
import { signPermit } from "../../../helpers/signPermit.ts";

const MAX_UINT96 = 2n ** 96n - 1n;

/** An escrow and a splitter over a hostile underlying token; the attacker has 1,000 dollars of it. */
async function over(name: string) {
  const { registry, gateway, payer: attacker, other: victim } = await deployMoney();
  const underlying = await ethers.deployContract(name);
  const { feeToken } = await deployFeeToken(registry, underlying);
  const implementation = await ethers.deployContract("Payers", [registry, feeToken]);
  const { address } = await deployProxy(
    await implementation.getAddress(),
    implementation.interface.encodeFunctionData("initialize"),
  );
  const payers = (await ethers.getContractAt("Payers", address)).connect(attacker);
  const splitter = (
    await ethers.deployContract("DepositSplitter", [feeToken, payers, gateway, 1n])
  ).connect(attacker);

  await underlying.getFunction("mint")(attacker, 1_000n * USD);
  const approve = underlying.connect(attacker).getFunction("approve");
  for (const spender of [feeToken, payers, splitter]) await approve(spender, MaxUint256);

  return { underlying, feeToken: feeToken.connect(attacker), payers, splitter, attacker, victim };
}

const overHooks = () => over("HookingToken");
const overTax = () => over("TaxingToken");
const overFailures = () => over("FailingToken");
const overSilence = () => over("SilentToken");

/** Both ways from underlying tokens into the escrow. */
const FROM_UNDERLYING = [
  [
    "the escrow",
    ({ payers }: { payers: Payers }, payer: string, amount: bigint) =>
      payers.depositFromUnderlying(payer, amount),
  ],
  [
    "the splitter",
    ({ splitter }: { splitter: DepositSplitter }, payer: string, amount: bigint) =>
      splitter.depositFromUnderlying(payer, amount, ZeroAddress, 0n, 0n, 0n),
  ],
] as const;

async function underlyingBalance(underlying: BaseContract, account: BaseContract) {
  return (await underlying.getFunction("balanceOf")(account)) as bigint;
}

describe("Payers: attacks", () => {
  for (const [through, depositFromUnderlying] of FROM_UNDERLYING) {
    it(`reentrancy through ${through}: whoever claims a deposit on its way makes it fail`, async () => {
      const fixture = await loadFixture(overHooks);
      const { underlying, feeToken, payers, attacker } = fixture;
      const account = await ethers.deployContract("HookedAccount");
      await underlying.getFunction("hook")(account, true);
      await account.getFunction("prepare")(
        feeToken,
        encodeCall(feeToken, "depositReceived", [await account.getAddress(), 10n * USD]),
      );

      await expect(
        depositFromUnderlying(fixture, attacker.address, 10n * USD),
      ).to.be.revertedWithCustomError(feeToken, "TransferFromFailed");
      expect(await feeToken.totalSupply()).to.equal(0n);
      expect(await payers.totalDeposits()).to.equal(0n);
    });

    it(`reentrancy through ${through}: a deposit within a deposit is worth what both are`, async () => {
      const fixture = await loadFixture(overHooks);
      const { underlying, feeToken, payers, attacker } = fixture;
      const account = await ethers.deployContract("HookedAccount");
      const address = await account.getAddress();
      await underlying.getFunction("mint")(account, 10n * USD);
      await account.getFunction("execute")(
        underlying,
        encodeCall(underlying, "approve", [await payers.getAddress(), MaxUint256]),
      );
      await underlying.getFunction("hook")(account, true);
      await account.getFunction("prepare")(
        payers,
        encodeCall(payers, "depositFromUnderlying", [address, 10n * USD]),
      );

      await depositFromUnderlying(fixture, attacker.address, 5n * USD);

      expect(await payers.getBalances([attacker, account])).to.deep.equal([5n * USD, 10n * USD]);
      expect(await feeToken.totalSupply()).to.equal(15n * USD);
      expect(await underlyingBalance(underlying, feeToken)).to.equal(15n * USD);
    });

    it(`a taxed transfer through ${through}: what did not arrive is not credited`, async () => {
      const fixture = await loadFixture(overTax);
      const { underlying, feeToken, payers, attacker } = fixture;

      await expect(
        depositFromUnderlying(fixture, attacker.address, 100n * USD),
      ).to.be.revertedWithCustomError(feeToken, "TransferFromFailed");
      expect(await payers.totalDeposits()).to.equal(0n);
      expect(await underlyingBalance(underlying, feeToken)).to.equal(0n);
    });

    it(`a token that returns false, or reverts, through ${through}: nothing is credited`, async () => {
      const fixture = await loadFixture(overFailures);
      const { underlying, payers, attacker } = fixture;

      for (const failure of [1n, 2n]) {
        await underlying.getFunction("fail")(failure);
        await expect(
          depositFromUnderlying(fixture, attacker.address, USD),
        ).to.be.revertedWithCustomError(payers, "TransferFromFailed");
      }
      expect(await payers.totalDeposits()).to.equal(0n);
    });

    it(`a token that returns nothing, through ${through}: it is believed when it does not revert`, async () => {
      const fixture = await loadFixture(overSilence);
      const { underlying, feeToken, payers, attacker } = fixture;

      await depositFromUnderlying(fixture, attacker.address, 10n * USD);

      expect(await payers.getBalance(attacker)).to.equal(10n * USD);
      expect(await underlyingBalance(underlying, feeToken)).to.equal(10n * USD);
      await expect(
        depositFromUnderlying(fixture, attacker.address, 1_000n * USD),
      ).to.be.revertedWithCustomError(payers, "TransferFromFailed");
    });
  }

  it("a taxed transfer covered by stray tokens: the escrow takes no more than there is", async () => {
    const fixture = await loadFixture(overTax);
    const { underlying, feeToken, payers, attacker } = fixture;
    // Somebody lost a dollar here, which is exactly the tax.
    await underlying.getFunction("mint")(feeToken, USD);

    await payers.depositFromUnderlying(attacker, 100n * USD);

    expect(await payers.getBalance(attacker)).to.equal(100n * USD);
    expect(await underlyingBalance(underlying, feeToken)).to.equal(await feeToken.totalSupply());
  });

  it("a withdrawal that its token refuses: the request stays, and can be finalized later", async () => {
    const { underlying, feeToken, payers, attacker } = await loadFixture(overFailures);
    await payers.depositFromUnderlying(attacker, 10n * USD);
    await payers.requestWithdrawal(4n * USD);
    await underlying.getFunction("fail")(2n);

    await expect(payers.finalizeWithdrawalIntoUnderlying(attacker)).to.be.revertedWithCustomError(
      feeToken,
      "TransferFailed",
    );
    expect((await payers.getPendingWithdrawal(attacker)).slice(0, 1)).to.deep.equal([4n * USD]);

    await payers.finalizeWithdrawal(attacker);
    expect(await feeToken.balanceOf(attacker)).to.equal(4n * USD);
  });

  it("reentrancy while a withdrawal is paid out: it cannot be finalized twice", async () => {
    const { underlying, feeToken, payers } = await loadFixture(overHooks);
    const account = await ethers.deployContract("HookedAccount");
    const address = await account.getAddress();
    const execute = account.getFunction("execute");
    await payers.depositFromUnderlying(account, 10n * USD);
    await execute(payers, encodeCall(payers, "requestWithdrawal", [4n * USD]));
    await underlying.getFunction("hook")(account, false);
    const finalize = encodeCall(payers, "finalizeWithdrawalIntoUnderlying", [address]);
    await account.getFunction("prepare")(payers, finalize);
    await account.getFunction("prepare")(payers, encodeCall(payers, "cancelWithdrawal"));

    await execute(payers, finalize);

    expect(await payers.getBalance(account)).to.equal(6n * USD);
    expect(await payers.totalDeposits()).to.equal(6n * USD);
    expect(await underlyingBalance(underlying, account)).to.equal(4n * USD);
    expect(await feeToken.totalSupply()).to.equal(6n * USD);
  });

  it("donation: tokens sent without a deposit credit nobody, and cannot be taken back", async () => {
    const { feeToken, payers, payer, distributor } = await loadFixture(deployFundedMoney);
    await feeToken.transfer(payers, 50n * USD);

    expect(await payers.getBalance(payer)).to.equal(0n);
    expect(await payers.totalDeposits()).to.equal(0n);
    await expect(payers.requestWithdrawal(1n)).to.be.revertedWithCustomError(
      payers,
      "InsufficientBalance",
    );
    await payers.sendExcessToFeeDistributor();
    expect(await feeToken.balanceOf(distributor)).to.equal(50n * USD);
  });

  it("donation of underlying tokens to the escrow: they credit nobody, and nobody gets them", async () => {
    const { underlying, payers, payer } = await loadFixture(deployFundedMoney);
    await underlying.transfer(payers, 50n * USD);

    expect(await payers.excess()).to.equal(0n);
    await payers.depositFromUnderlying(payer, 10n * USD);
    expect(await underlying.balanceOf(payers)).to.equal(50n * USD);
    expect(await payers.getBalance(payer)).to.equal(10n * USD);
  });

  it("stray underlying tokens: whoever comes first may deposit them, once", async () => {
    const { underlying, feeToken, payers, stranger, other } = await loadFixture(deployFundedMoney);
    await underlying.transfer(feeToken, 10n * USD);

    await payers.connect(stranger).depositReceivedFor(stranger, 10n * USD);
    await expect(
      payers.connect(other).depositReceivedFor(other, 10n * USD),
    ).to.be.revertedWithCustomError(feeToken, "TransferFromFailed");
    expect(await payers.getBalances([stranger, other])).to.deep.equal([10n * USD, 0n]);
  });

  it("a credit without tokens: only the fee token says that tokens came", async () => {
    const { registry, underlying, payers, payer, stranger } = await loadFixture(deployFundedMoney);
    const data = AbiCoder.defaultAbiCoder().encode(["address"], [stranger.address]);
    const fake = await ethers.deployContract("MockUnderlyingFeeToken", [registry]);
    await fake.mint(stranger, USD);

    await expect(
      payers.connect(stranger).onTransferReceived(stranger, payer, MAX_UINT96, data),
    ).to.be.revertedWithCustomError(payers, "NotFeeToken");
    await expect(
      fake.connect(stranger)["transferAndCall(address,uint256)"](payers, USD),
    ).to.be.revertedWithCustomError(payers, "NotFeeToken");
    await expect(
      underlying["transferAndCall(address,uint256)"](payers, USD),
    ).to.be.revertedWithCustomError(payers, "NotFeeToken");
  });

  it("spending another's allowance: what a payer approved for the escrow is taken by that payer only", async () => {
    const { payers, splitter, payer, stranger, feeToken } = await loadFixture(deployFundedMoney);
    const strangers = payers.connect(stranger);

    for (const call of [
      () => strangers.deposit(stranger, 10n * USD),
      () => splitter.connect(stranger).deposit(stranger, 10n * USD, stranger, 0n, 0n, 0n),
    ]) {
      await expect(call()).to.be.revertedWithCustomError(feeToken, "ERC20InsufficientAllowance");
    }
    await expect(
      strangers.depositFromUnderlying(stranger, 10n * USD),
    ).to.be.revertedWithCustomError(payers, "TransferFromFailed");
    expect(await feeToken.balanceOf(payer)).to.equal(FUNDS);
  });

  it("taking another's permit: it pays only what its owner deposits", async () => {
    const { feeToken, payers, payer, stranger } = await loadFixture(deployFundedMoney);
    await feeToken.approve(payers, 0n);
    const permit = await signPermit(feeToken, payer, payers, 10n * USD);

    await expect(
      payers.connect(stranger).depositWithPermit(stranger, 10n * USD, ...permit),
    ).to.be.revertedWithCustomError(feeToken, "ERC20InsufficientAllowance");
    await payers.depositWithPermit(payer, 10n * USD, ...permit);
    expect(await payers.getBalances([payer, stranger])).to.deep.equal([10n * USD, 0n]);
  });

  it("withdrawing before the bill: what is requested late can be charged until the lock is over", async () => {
    const fixture = await loadFixture(deployFundedMoney);
    const { payers, payer } = fixture;
    await payers.deposit(payer, 100n * USD);
    await payers.requestWithdrawal(100n * USD);
    await networkHelpers.time.increase(172_799n);
    await settleUsage(fixture, [[payer, 1n]]);
    await networkHelpers.time.increase(10n);

    await expect(payers.finalizeWithdrawal(payer)).to.be.revertedWithCustomError(
      payers,
      "PayerInDebt",
    );
    await payers.cancelWithdrawal();
    expect(await payers.getBalance(payer)).to.equal(100n * USD - 1n);
  });

  it("dust on another's account: it can be withdrawn by its owner only, and blocks nothing", async () => {
    const { payers, payer, other, feeToken } = await loadFixture(deployFundedMoney);
    await payers.deposit(other, 10n * USD);

    await expect(payers.requestWithdrawal(1n)).to.be.revertedWithCustomError(
      payers,
      "InsufficientBalance",
    );
    await payers.connect(other).requestWithdrawal(10n * USD);
    await payers.deposit(other, 10n * USD);
    await networkHelpers.time.increase(172_800n);
    await payers.connect(other).finalizeWithdrawal(other);
    expect(await feeToken.balanceOf(other)).to.equal(10n * USD);
    expect(await payers.getBalances([payer, other])).to.deep.equal([0n, 10n * USD]);
  });

  it("overflowing an account: a balance stops at 2^103 - 1, and takes nothing when it would pass it", async () => {
    const fixture = await loadFixture(deployFundedMoney);
    const { feeToken, payers, payer, other } = fixture;
    await giveFeeTokens(fixture, payer, 2n ** 103n);
    for (let count = 0; count < 128; count++) await payers.deposit(other, MAX_UINT96);
    const left = 2n ** 103n - 1n - 128n * MAX_UINT96;
    await fixture.setParameters({ minimumDeposit: 1n });
    await payers.updateMinimumDeposit();
    const held = await feeToken.balanceOf(payer);

    for (const account of [other, payer]) {
      await expect(payers.deposit(account, left + 1n)).to.be.revertedWithPanic(0x11);
    }
    expect(await feeToken.balanceOf(payer)).to.equal(held);
    await payers.deposit(other, left);
    expect(await payers.getBalance(other)).to.equal(2n ** 103n - 1n);
    expect(await payers.totalDeposits()).to.equal(2n ** 103n - 1n);
    expect(await payers.totalWithdrawable()).to.equal(MAX_UINT96);

    await settleUsage(fixture, [[other, MAX_UINT96]]);
    expect(await payers.getBalance(other)).to.equal(2n ** 103n - 1n - MAX_UINT96);
  });
});
