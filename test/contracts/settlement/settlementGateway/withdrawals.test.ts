import { expect } from "chai";

import { GAS_LIMIT, MAX_FEE, UNIT } from "../../../helpers/depositWays.ts";
import {
  APPCHAIN_GATEWAY,
  APPCHAIN_ID,
  USD,
  deployFundedMoney,
  type MoneyFixture,
} from "../../../helpers/deployMoney.ts";
import { encodeCall } from "../../../helpers/encode.ts";
import {
  confirmExit,
  deployLightBridge,
  type ConfirmedExit,
  type LightBridge,
} from "../../../../bench/lightBridge.ts";
import { ethers, loadFixture } from "../../../helpers/network.ts";

const DEPOSITED = 50n * USD;

/** Tokens of deposits are in the bridge, and there are stray ones in the gateway. */
async function afterDeposits(): Promise<MoneyFixture> {
  const fixture = await deployFundedMoney();
  const { feeToken, gateway, other } = fixture;
  await gateway.deposit(APPCHAIN_ID, other, DEPOSITED, GAS_LIMIT, MAX_FEE);
  await feeToken.transfer(gateway, 9n * USD);

  return fixture;
}

const WAYS = [
  { name: "receiveWithdrawal", token: "feeToken" },
  { name: "receiveWithdrawalIntoUnderlying", token: "underlying" },
] as const;

for (const { name, token } of WAYS) {
  describe(`SettlementGateway.${name}`, () => {
    /** An exit of the appchain's gateway, ready to be executed by anybody. */
    const exitOf = (
      { gateway, stranger }: MoneyFixture,
      bridge: LightBridge,
      index: number,
      value: bigint,
    ): Promise<ConfirmedExit> =>
      confirmExit(bridge, index, {
        sender: APPCHAIN_GATEWAY,
        to: gateway,
        value,
        data: encodeCall(gateway, name, [stranger.address]),
      });

    it("pays exactly what the bridge brought with the call, and leaves stray tokens where they are", async () => {
      const fixture = await loadFixture(afterDeposits);
      const { feeToken, gateway, bridge, stranger } = fixture;

      for (const [index, amount] of [1n, 3n * USD, DEPOSITED - 3n * USD - 1n].entries()) {
        const before = await fixture[token].balanceOf(stranger);
        const execute = await exitOf(fixture, bridge, index, amount * UNIT);
        await expect(execute())
          .to.emit(gateway, "WithdrawalReceived")
          .withArgs(stranger.address, amount);
        expect(await fixture[token].balanceOf(stranger)).to.equal(before + amount);
      }
      expect(await feeToken.balanceOf(bridge.bridge)).to.equal(0n);
      expect(await feeToken.balanceOf(gateway)).to.equal(9n * USD);
    });

    it("pays the whole units of an exit, as many as the bridge brings", async () => {
      const fixture = await loadFixture(afterDeposits);
      const { gateway, bridge, stranger } = fixture;

      const execute = await exitOf(fixture, bridge, 0, 3n * UNIT - 1n);

      await expect(execute()).to.emit(gateway, "WithdrawalReceived").withArgs(stranger.address, 2n);
      expect(await fixture[token].balanceOf(stranger)).to.equal(2n);
    });

    it("pays each exit once", async () => {
      const fixture = await loadFixture(afterDeposits);
      const { bridge, stranger } = fixture;
      const execute = await exitOf(fixture, bridge, 0, USD * UNIT);

      await execute();

      await expect(execute()).to.be.revertedWithCustomError(bridge.outbox, "AlreadySpent");
      expect(await fixture[token].balanceOf(stranger)).to.equal(USD);
    });

    it("pays during a pause, and after the chain has another bridge, or none", async () => {
      const fixture = await loadFixture(afterDeposits);
      const { gateway, bridge, feeToken, stranger, setGatewayParameters } = fixture;
      const next = await deployLightBridge(feeToken, ethers);
      await setGatewayParameters({ paused: true });
      await gateway.updatePauseStatus();

      await (
        await exitOf(fixture, bridge, 0, USD * UNIT)
      )();
      for (const [index, inbox] of [await next.inbox.getAddress(), 0n].entries()) {
        await setGatewayParameters({ [`inbox.${APPCHAIN_ID}`]: inbox });
        await gateway.updateInbox(APPCHAIN_ID);
        await (
          await exitOf(fixture, bridge, 1 + index, USD * UNIT)
        )();
      }

      expect(await fixture[token].balanceOf(stranger)).to.equal(3n * USD);
    });

    it("pays nothing for a bridge that no chain has ever had", async () => {
      const fixture = await loadFixture(afterDeposits);
      const { feeToken, gateway, stranger } = fixture;
      const unknown = await deployLightBridge(feeToken, ethers);
      await feeToken.transfer(unknown.bridge, 5n * USD);
      const execute = await exitOf(fixture, unknown, 0, 5n * USD * UNIT);

      if (token === "feeToken") await execute();
      else await expect(execute()).to.be.revertedWithCustomError(feeToken, "ZeroAmount");

      expect(await fixture[token].balanceOf(stranger)).to.equal(0n);
      expect(await feeToken.balanceOf(gateway)).to.equal((token === "feeToken" ? 14n : 9n) * USD);
    });

    it("cannot be used for what an exit brought to somebody else, also while it is executed", async () => {
      const fixture = await loadFixture(afterDeposits);
      const { feeToken, gateway, bridge, stranger } = fixture;
      const account = await ethers.deployContract("HookedAccount");
      await account.getFunction("prepare")(gateway, encodeCall(gateway, name, [stranger.address]));

      const execute = await confirmExit(bridge, 0, {
        sender: stranger,
        to: account,
        value: 4n * USD * UNIT,
        data: encodeCall(account, "onTokensMoving"),
      });
      await execute();

      expect(await feeToken.balanceOf(account)).to.equal(4n * USD);
      expect(await fixture[token].balanceOf(stranger)).to.equal(0n);
      expect(await feeToken.balanceOf(gateway)).to.equal(9n * USD);
    });

    it("cannot be reached by one exit within another: the bridge itself refuses to pay twice in a call", async () => {
      const fixture = await loadFixture(afterDeposits);
      const { bridge, stranger } = fixture;
      const account = await ethers.deployContract("HookedAccount");
      const inner = await exitOf(fixture, bridge, 0, USD * UNIT);
      // What anybody sends to execute the inner exit, sent by whom the outer one calls.
      await account.getFunction("prepare")(bridge.outbox, inner.callData);

      const outer = await confirmExit(bridge, 1, {
        sender: stranger,
        to: account,
        value: 4n * USD * UNIT,
        data: encodeCall(account, "onTokensMoving"),
      });
      await expect(outer()).to.be.revertedWithCustomError(bridge.bridge, "CallNotAllowed");

      expect(await fixture[token].balanceOf(stranger)).to.equal(0n);
      await inner();
      expect(await fixture[token].balanceOf(stranger)).to.equal(USD);
    });

    it("refuses the zero address: the exit stays unspent, and can never be executed", async () => {
      const fixture = await loadFixture(afterDeposits);
      const { feeToken, gateway, bridge } = fixture;

      const execute = await confirmExit(bridge, 0, {
        sender: APPCHAIN_GATEWAY,
        to: gateway,
        value: USD * UNIT,
        data: encodeCall(gateway, name, [ethers.ZeroAddress]),
      });

      await expect(execute()).to.be.revertedWithCustomError(
        feeToken,
        token === "feeToken" ? "ERC20InvalidReceiver" : "ZeroRecipient",
      );
      expect(await bridge.outbox.getFunction("isSpent")(0n)).to.equal(false);
    });
  });
}

describe("SettlementGateway: a withdrawal received by hand", () => {
  it("pays nothing to whoever calls it, stray tokens neither, and says so in an event of zero", async () => {
    const { feeToken, gateway, stranger } = await loadFixture(afterDeposits);
    const call = gateway.connect(stranger);

    expect(await call.receiveWithdrawal.staticCall(stranger)).to.equal(0n);
    await expect(call.receiveWithdrawal(stranger))
      .to.emit(gateway, "WithdrawalReceived")
      .withArgs(stranger.address, 0n);
    expect(await feeToken.balanceOf(stranger)).to.equal(0n);
    expect(await feeToken.balanceOf(gateway)).to.equal(9n * USD);
  });

  it("reverts with the fee token's error when underlying tokens are asked for", async () => {
    const { feeToken, gateway, stranger } = await loadFixture(afterDeposits);

    await expect(
      gateway.connect(stranger).receiveWithdrawalIntoUnderlying(stranger),
    ).to.be.revertedWithCustomError(feeToken, "ZeroAmount");
  });
});

describe("SettlementGateway.recoverTokens", () => {
  it("pays stray tokens to whom the registry names, on anybody's call", async () => {
    const { feeToken, gateway, other, stranger, setGatewayParameters } =
      await loadFixture(afterDeposits);
    await setGatewayParameters({ strayTokensRecipient: other.address });
    const call = gateway.connect(stranger);

    expect(await call.recoverTokens.staticCall()).to.equal(9n * USD);
    await expect(call.recoverTokens())
      .to.emit(gateway, "TokensRecovered")
      .withArgs(other.address, 9n * USD);
    expect(await feeToken.balanceOf(other)).to.equal(9n * USD);
    expect(await feeToken.balanceOf(gateway)).to.equal(0n);
  });

  it("refuses in this order: a recipient that is no account, none, no tokens", async () => {
    const { gateway, other, setGatewayParameters } = await loadFixture(afterDeposits);

    await setGatewayParameters({ strayTokensRecipient: 2n ** 160n });
    await expect(gateway.recoverTokens()).to.be.revertedWithCustomError(
      gateway,
      "ParameterOutOfTypeBounds",
    );
    await setGatewayParameters({ strayTokensRecipient: 0n });
    await expect(gateway.recoverTokens()).to.be.revertedWithCustomError(gateway, "ZeroRecipient");
    await setGatewayParameters({ strayTokensRecipient: other.address });
    await gateway.recoverTokens();
    await expect(gateway.recoverTokens()).to.be.revertedWithCustomError(gateway, "ZeroBalance");
  });
});
