import { expect } from "chai";
import { MaxUint256, type BaseContract, type ContractTransactionResponse } from "ethers";

import type { FeeToken } from "../../../../typechain-types/index.ts";
import {
  FUNDS,
  USD,
  deployFeeToken,
  deployFundedMoney,
  deployMoney,
} from "../../../helpers/deployMoney.ts";
import { encodeCall, encodeError } from "../../../helpers/encode.ts";
import { ethers, loadFixture } from "../../../helpers/network.ts";
import { malleated, signPermit } from "../../../helpers/signPermit.ts";

/** Deploys a fee token over a hostile underlying token, of which the victim has wrapped 100 dollars. */
async function over(name: string) {
  const { registry, payer: attacker, other: victim } = await deployMoney();
  const underlying = await ethers.deployContract(name);
  const { feeToken } = await deployFeeToken(registry, underlying);

  for (const account of [attacker, victim]) {
    await underlying.getFunction("mint")(account, 1_000n * USD);
    const approve = underlying.connect(account).getFunction("approve");
    await approve(feeToken, MaxUint256);
  }
  await feeToken.connect(victim).deposit(100n * USD);

  return { underlying, feeToken: feeToken.connect(attacker), attacker, victim };
}

/** The same with a token that calls an account of the attacker, which has 1,000 dollars. */
async function overHooks() {
  const fixture = await over("HookingToken");
  const { underlying, feeToken } = fixture;
  const account = await ethers.deployContract("HookedAccount");
  await underlying.getFunction("mint")(account, 1_000n * USD);

  const prepare = async (target: BaseContract, name: string, args: unknown[]) => {
    await account.getFunction("prepare")(target, encodeCall(target, name, args));
  };
  const execute = async (target: BaseContract, name: string, args: unknown[]) => {
    const call = account.getFunction("execute");
    return (await call(target, encodeCall(target, name, args))) as ContractTransactionResponse;
  };
  await execute(underlying, "approve", [await feeToken.getAddress(), MaxUint256]);

  return { ...fixture, account, prepare, execute };
}

const overTax = () => over("TaxingToken");
const overFailures = () => over("FailingToken");
const overSilence = () => over("SilentToken");

/** Every fee token stands for an underlying one. */
async function expectCovered(feeToken: FeeToken, underlying: BaseContract) {
  const held: unknown = await underlying.getFunction("balanceOf")(feeToken);
  expect(held).to.be.at.least(await feeToken.totalSupply());
}

/** What a hooked account's own calls ended in. */
async function callsOf(transaction: ContractTransactionResponse, account: BaseContract) {
  const receipt = await transaction.wait();

  return (receipt?.logs ?? [])
    .map((log) => account.interface.parseLog(log))
    .filter((event) => event !== null)
    .map(({ args }) => args.toArray() as unknown[]);
}

/** What one dollar in a call is worth to the balance of its caller. */
function worthOf(name: string): bigint {
  return name === "deposit" ? 1n : -1n;
}

describe("FeeToken: attacks", () => {
  for (const afterwards of [false, true]) {
    const moment = afterwards ? "after" : "before";

    describe(`reentrancy by an underlying token that calls ${moment} it moves`, () => {
      async function hooked() {
        const fixture = await overHooks();
        await fixture.underlying.getFunction("hook")(fixture.account, afterwards);
        return fixture;
      }

      for (const outer of ["deposit", "withdraw"]) {
        it(`cannot claim a ${outer} on its way`, async () => {
          const { underlying, feeToken, account, prepare, execute } = await loadFixture(hooked);
          await execute(feeToken, "deposit", [10n * USD]);
          await prepare(feeToken, "depositReceived", [await account.getAddress(), USD]);

          const transaction = await execute(feeToken, outer, [USD]);

          expect(await callsOf(transaction, account)).to.deep.equal([
            [false, encodeError(feeToken, "TransferFromFailed")],
          ]);
          expect(await feeToken.balanceOf(account)).to.equal((10n + worthOf(outer)) * USD);
          await expectCovered(feeToken, underlying);
        });

        for (const inner of ["deposit", "withdraw"]) {
          it(`cannot claim a ${outer} on its way behind a ${inner} of its own`, async () => {
            const { underlying, feeToken, account, prepare, execute } = await loadFixture(hooked);
            await execute(feeToken, "deposit", [10n * USD]);
            await prepare(feeToken, inner, [USD]);
            await prepare(feeToken, "depositReceived", [await account.getAddress(), USD]);

            const transaction = await execute(feeToken, outer, [2n * USD]);

            expect(await callsOf(transaction, account)).to.deep.equal([
              [true, "0x"],
              [false, encodeError(feeToken, "TransferFromFailed")],
            ]);
            expect(await feeToken.balanceOf(account)).to.equal(
              (10n + worthOf(outer) * 2n + worthOf(inner)) * USD,
            );
            await expectCovered(feeToken, underlying);
          });
        }
      }

      it("can claim what was sent without a deposit, after the transfer as before", async () => {
        const { underlying, feeToken, account, execute } = await loadFixture(hooked);
        await execute(underlying, "transfer", [await feeToken.getAddress(), USD]);
        await execute(feeToken, "deposit", [USD]);

        await execute(feeToken, "depositReceived", [await account.getAddress(), USD]);

        expect(await feeToken.balanceOf(account)).to.equal(2n * USD);
        await expectCovered(feeToken, underlying);
      });
    });
  }

  describe("an underlying token that taxes transfers", () => {
    it("is trusted in a deposit, which leaves the tax uncovered", async () => {
      const { underlying, feeToken, attacker } = await loadFixture(overTax);
      // The victim's 100 dollars have arrived as 99.
      expect(await underlying.getFunction("balanceOf")(feeToken)).to.equal(99n * USD);
      expect(await feeToken.totalSupply()).to.equal(100n * USD);

      await feeToken.deposit(100n * USD);

      expect(await feeToken.balanceOf(attacker)).to.equal(100n * USD);
      expect(await underlying.getFunction("balanceOf")(feeToken)).to.equal(198n * USD);
    });

    it("makes the last one to withdraw wait", async () => {
      const { feeToken, victim } = await loadFixture(overTax);

      await expect(feeToken.connect(victim).withdraw(100n * USD)).to.be.revertedWithCustomError(
        feeToken,
        "TransferFailed",
      );
      await feeToken.connect(victim).withdraw(99n * USD);
    });

    it("is not trusted when tokens were sent beforehand: only what has arrived counts", async () => {
      const { underlying, feeToken, attacker } = await loadFixture(overTax);
      // One dollar too few is there.
      await underlying.getFunction("mint")(feeToken, USD);
      const transfer = underlying.connect(attacker).getFunction("transfer");
      await transfer(feeToken, 100n * USD);

      await expect(
        feeToken.depositReceived(attacker, 99n * USD + 1n),
      ).to.be.revertedWithCustomError(feeToken, "TransferFromFailed");
      await feeToken.depositReceived(attacker, 99n * USD);
      await expectCovered(feeToken, underlying);
    });
  });

  describe("an underlying token that fails", () => {
    for (const [failure, says] of [
      [1n, "returns false"],
      [2n, "reverts"],
    ] as const) {
      it(`and ${says} gives no fee tokens, and burns none`, async () => {
        const { underlying, feeToken, victim } = await loadFixture(overFailures);
        await underlying.getFunction("fail")(failure);

        await expect(feeToken.deposit(USD)).to.be.revertedWithCustomError(
          feeToken,
          "TransferFromFailed",
        );
        await expect(feeToken.connect(victim).withdraw(USD)).to.be.revertedWithCustomError(
          feeToken,
          "TransferFailed",
        );
        expect(await feeToken.totalSupply()).to.equal(100n * USD);
        expect(await feeToken.balanceOf(victim)).to.equal(100n * USD);
      });
    }
  });

  it("an underlying token that returns nothing is believed when it does not revert", async () => {
    const { underlying, feeToken, attacker } = await loadFixture(overSilence);

    await feeToken.deposit(10n * USD);
    await feeToken.withdraw(4n * USD);

    expect(await feeToken.balanceOf(attacker)).to.equal(6n * USD);
    expect(await underlying.getFunction("balanceOf")(feeToken)).to.equal(106n * USD);
    await expect(feeToken.deposit(1_000n * USD)).to.be.revertedWithCustomError(
      feeToken,
      "TransferFromFailed",
    );
  });

  it("stealing another's deposit: what was deposited belongs to somebody already", async () => {
    const { feeToken, stranger } = await loadFixture(deployFundedMoney);
    await feeToken.deposit(USD);

    await expect(
      feeToken.connect(stranger).depositReceived(stranger, 1n),
    ).to.be.revertedWithCustomError(feeToken, "TransferFromFailed");
  });

  it("minting without tokens: nothing that is not there can be claimed, however much it is", async () => {
    const { feeToken, stranger } = await loadFixture(deployFundedMoney);

    for (const amount of [1n, 2n ** 96n, MaxUint256 - FUNDS]) {
      await expect(
        feeToken.connect(stranger).depositReceived(stranger, amount),
      ).to.be.revertedWithCustomError(feeToken, "TransferFromFailed");
    }
    await expect(
      feeToken.connect(stranger).depositReceived(stranger, MaxUint256 - FUNDS + 1n),
    ).to.be.revertedWithPanic(0x11);
  });

  it("taking stray tokens: whoever comes first gets them, and no more than them", async () => {
    const { underlying, feeToken, stranger, other } = await loadFixture(deployFundedMoney);
    await underlying.transfer(feeToken, 5n * USD);

    await feeToken.connect(stranger).depositReceived(stranger, 5n * USD);
    await expect(feeToken.connect(other).depositReceived(other, 1n)).to.be.revertedWithCustomError(
      feeToken,
      "TransferFromFailed",
    );
    await feeToken.connect(stranger).withdraw(5n * USD);

    expect(await underlying.balanceOf(stranger)).to.equal(5n * USD);
    expect(await underlying.balanceOf(feeToken)).to.equal(FUNDS);
  });

  it("front-running a permit: it does what its owner wanted, and nothing else", async () => {
    const { feeToken, payer, payers, stranger } = await loadFixture(deployFundedMoney);
    const permit = await signPermit(feeToken, payer, payers, USD);

    for (const [spender, value] of [
      [stranger, USD],
      [payers, USD + 1n],
    ] as const) {
      await expect(
        feeToken.connect(stranger).permit(payer, spender, value, ...permit),
      ).to.be.revertedWithCustomError(feeToken, "ERC2612InvalidSigner");
    }
    await feeToken.connect(stranger).permit(payer, payers, USD, ...permit);
    expect(await feeToken.allowance(payer, payers)).to.equal(USD);
  });

  it("malleating a permit: the signature with the other s is refused, and so are both afterwards", async () => {
    const { feeToken, payer, payers } = await loadFixture(deployFundedMoney);
    const permit = await signPermit(feeToken, payer, payers, USD);
    const twin = malleated(permit);

    await expect(feeToken.permit(payer, payers, USD, ...twin))
      .to.be.revertedWithCustomError(feeToken, "ECDSAInvalidSignatureS")
      .withArgs(twin[3]);
    await feeToken.permit(payer, payers, USD, ...permit);
    await expect(feeToken.permit(payer, payers, USD, ...permit)).to.be.revertedWithCustomError(
      feeToken,
      "ERC2612InvalidSigner",
    );
    await expect(feeToken.permit(payer, payers, USD, ...twin)).to.be.revertedWithCustomError(
      feeToken,
      "ECDSAInvalidSignatureS",
    );
  });
});
