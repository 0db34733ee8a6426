import { expect } from "chai";
import { MaxUint256 } from "ethers";

import { confirmExit, deployLightBridge, ticketsOf } from "../../../../bench/lightBridge.ts";
import { GAS_LIMIT, MAX_FEE, UNIT } from "../../../helpers/depositWays.ts";
import {
  APPCHAIN_GATEWAY,
  APPCHAIN_ID,
  USD,
  deployFeeToken,
  deployMoney,
} from "../../../helpers/deployMoney.ts";
import { deployProxy } from "../../../helpers/deployProxy.ts";
import { encodeCall } from "../../../helpers/encode.ts";
import { ethers, loadFixture } from "../../../helpers/network.ts";
import { setParametersOf } from "../../../helpers/setParametersOf.ts";

/** A gateway and a bridge over a hostile underlying token; the attacker has 1,000 dollars of it. */
async function over(name: string) {
  const { registry, payer: attacker, other: victim } = await deployMoney();
  const underlying = await ethers.deployContract(name);
  const { feeToken } = await deployFeeToken(registry, underlying);
  const implementation = await ethers.deployContract("SettlementGateway", [
    registry,
    APPCHAIN_GATEWAY,
    feeToken,
  ]);
  const { address } = await deployProxy(
    await implementation.getAddress(),
    implementation.interface.encodeFunctionData("initialize"),
  );
  const gateway = (await ethers.getContractAt("SettlementGateway", address)).connect(attacker);
  const bridge = await deployLightBridge(feeToken, ethers);
  await setParametersOf(registry, "xmtp.settlementChainGateway", {
    [`inbox.${APPCHAIN_ID}`]: await bridge.inbox.getAddress(),
  });
  await gateway.updateInbox(APPCHAIN_ID);

  await underlying.getFunction("mint")(attacker, 1_000n * USD);
  await underlying.connect(attacker).getFunction("approve")(gateway, MaxUint256);

  return { underlying, feeToken, gateway, bridge, attacker, victim };
}

const overHooks = () => over("HookingToken");
const overTax = () => over("TaxingToken");

const deposited = (recipient: string, amount: bigint) =>
  [APPCHAIN_ID, recipient, amount, GAS_LIMIT, MAX_FEE] as const;

describe("SettlementGateway: attacks", () => {
  it("reentrancy: whoever claims a deposit on its way makes it fail", async () => {
    const { underlying, feeToken, gateway, bridge, attacker, victim } =
      await loadFixture(overHooks);
    const account = await ethers.deployContract("HookedAccount");
    await underlying.getFunction("hook")(account, true);
    await account.getFunction("prepare")(
      gateway,
      encodeCall(gateway, "depositReceived", [...deposited(victim.address, 10n * USD)]),
    );

    await expect(
      gateway.depositFromUnderlying(...deposited(attacker.address, 10n * USD)),
    ).to.be.revertedWithCustomError(feeToken, "TransferFromFailed");
    expect(await feeToken.totalSupply()).to.equal(0n);
    expect(await bridge.bridge.getFunction("delayedMessageCount")()).to.equal(0n);
  });

  for (const afterwards of [false, true]) {
    it(`reentrancy: a deposit within a deposit, ${afterwards ? "after" : "before"} the tokens move, is worth what both are`, async () => {
      const { underlying, feeToken, gateway, bridge, attacker, victim } =
        await loadFixture(overHooks);
      const account = await ethers.deployContract("HookedAccount");
      await underlying.getFunction("mint")(account, 10n * USD);
      await account.getFunction("execute")(
        underlying,
        encodeCall(underlying, "approve", [await gateway.getAddress(), MaxUint256]),
      );
      await underlying.getFunction("hook")(account, afterwards);
      await account.getFunction("prepare")(
        gateway,
        encodeCall(gateway, "depositFromUnderlying", [...deposited(victim.address, 10n * USD)]),
      );

      const transaction = await gateway.depositFromUnderlying(
        ...deposited(attacker.address, 5n * USD),
      );

      const tickets = await ticketsOf(bridge, transaction);
      expect(tickets.map(({ deposit }) => deposit)).to.deep.equal([
        10n * USD * UNIT,
        5n * USD * UNIT,
      ]);
      expect(await feeToken.balanceOf(bridge.bridge)).to.equal(15n * USD);
      expect(await feeToken.balanceOf(gateway)).to.equal(0n);
      expect(await underlying.getFunction("balanceOf")(feeToken)).to.equal(15n * USD);
    });
  }

  it("reentrancy: who is paid a withdrawal gets no second one out of it", async () => {
    const { underlying, feeToken, gateway, bridge, attacker } = await loadFixture(overHooks);
    await gateway.depositFromUnderlying(...deposited(attacker.address, 50n * USD));
    const account = await ethers.deployContract("HookedAccount");
    const address = await account.getAddress();
    await underlying.getFunction("hook")(account, true);
    for (const name of ["receiveWithdrawal", "receiveWithdrawalIntoUnderlying"]) {
      await account.getFunction("prepare")(gateway, encodeCall(gateway, name, [address]));
    }

    const execute = await confirmExit(bridge, 0, {
      sender: APPCHAIN_GATEWAY,
      to: gateway,
      value: 4n * USD * UNIT,
      data: encodeCall(gateway, "receiveWithdrawalIntoUnderlying", [address]),
    });
    await expect(execute()).to.emit(gateway, "WithdrawalReceived").withArgs(address, 0n);

    expect(await underlying.getFunction("balanceOf")(account)).to.equal(4n * USD);
    expect(await feeToken.balanceOf(account)).to.equal(0n);
    expect(await feeToken.balanceOf(bridge.bridge)).to.equal(46n * USD);
  });

  it("a taxed transfer: what did not arrive is not sent to the appchain", async () => {
    const { feeToken, gateway, bridge, attacker } = await loadFixture(overTax);

    await expect(
      gateway.depositFromUnderlying(...deposited(attacker.address, 100n * USD)),
    ).to.be.revertedWithCustomError(feeToken, "TransferFromFailed");
    expect(await feeToken.balanceOf(bridge.bridge)).to.equal(0n);
  });
});
