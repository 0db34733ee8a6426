import { expect } from "chai";
import { MaxUint256, ZeroAddress } from "ethers";

import { aliasOf } from "../../../helpers/aliasOf.ts";
import { COSTS, GAS_LIMIT, MAX_FEE, UNIT } from "../../../helpers/depositWays.ts";
import {
  APPCHAIN_GATEWAY,
  APPCHAIN_ID,
  deployConfiguredMoney,
  deployMoney,
} from "../../../helpers/deployMoney.ts";
import { eventsOf } from "../../../helpers/eventsOf.ts";
import { deployLightBridge } from "../../../../bench/lightBridge.ts";
import { ethers, loadFixture } from "../../../helpers/network.ts";

const SOMEBODY = "0x0000000000000000000000000000000000005678";

async function deployTwoBridges() {
  const fixture = await deployConfiguredMoney();
  return { ...fixture, next: await deployLightBridge(fixture.feeToken, ethers) };
}

describe("SettlementGateway: settings", () => {
  it("reads the keys of the production network, and one of its own", async () => {
    const { gateway } = await loadFixture(deployMoney);

    expect(await gateway.inboxParameterKey()).to.equal("xmtp.settlementChainGateway.inbox");
    expect(await gateway.pausedParameterKey()).to.equal("xmtp.settlementChainGateway.paused");
    expect(await gateway.migratorParameterKey()).to.equal("xmtp.settlementChainGateway.migrator");
    expect(await gateway.strayTokensRecipientParameterKey()).to.equal(
      "xmtp.settlementChainGateway.strayTokensRecipient",
    );
  });

  it("names its token, the other end of the bridge, and who it is there", async () => {
    const { gateway, feeToken } = await loadFixture(deployMoney);

    expect(await gateway.feeToken()).to.equal(await feeToken.getAddress());
    expect(await gateway.appChainGateway()).to.equal(APPCHAIN_GATEWAY);
    expect(await gateway.appChainAlias()).to.equal(await aliasOf(gateway));
    expect(await gateway.getInbox(APPCHAIN_ID)).to.equal(ZeroAddress);
    expect(await gateway.nonce()).to.equal(0n);
    expect(await gateway.paused()).to.equal(false);
  });

  it("refuses to be made, in this order, without a registry, a gateway or a token", async () => {
    const { registry } = await loadFixture(deployMoney);
    const factory = await ethers.getContractFactory("SettlementGateway");

    for (const [parameters, gateway, token, error] of [
      [ZeroAddress, ZeroAddress, ZeroAddress, "ZeroParameterRegistry"],
      [registry, ZeroAddress, ZeroAddress, "ZeroAppChainGateway"],
      [registry, APPCHAIN_GATEWAY, ZeroAddress, "ZeroFeeToken"],
    ] as const) {
      await expect(factory.deploy(parameters, gateway, token), error).to.be.revertedWithCustomError(
        factory,
        error,
      );
    }
  });

  it("refuses a token with more than 18 decimals, which the appchain could not count", async () => {
    const { registry } = await loadFixture(deployMoney);
    const factory = await ethers.getContractFactory("SettlementGateway");

    for (const decimals of [19n, 255n]) {
      const token = await ethers.deployContract("DecimalsToken", [decimals]);
      await expect(
        factory.deploy(registry, APPCHAIN_GATEWAY, token),
        String(decimals),
      ).to.be.revertedWithCustomError(factory, "InvalidFeeTokenDecimals");
    }
    for (const decimals of [0n, 18n]) {
      const token = await ethers.deployContract("DecimalsToken", [decimals]);
      const gateway = await factory.deploy(registry, APPCHAIN_GATEWAY, token);
      expect(await gateway.feeToken()).to.equal(await token.getAddress());
    }
  });

  describe("updateInbox", () => {
    it("takes the inbox from the registry and lets it take tokens, on anybody's call, also during a pause", async () => {
      const { gateway, feeToken, bridge, stranger, setGatewayParameters } =
        await loadFixture(deployMoney);
      const inbox = await bridge.inbox.getAddress();
      await setGatewayParameters({ [`inbox.${APPCHAIN_ID}`]: inbox, paused: true });
      await gateway.updatePauseStatus();

      await expect(gateway.connect(stranger).updateInbox(APPCHAIN_ID))
        .to.emit(gateway, "InboxUpdated")
        .withArgs(APPCHAIN_ID, inbox);

      expect(await gateway.getInbox(APPCHAIN_ID)).to.equal(inbox);
      expect(await gateway.getInbox(APPCHAIN_ID + 1n)).to.equal(ZeroAddress);
      expect(await feeToken.allowance(gateway, inbox)).to.equal(MaxUint256);
    });

    it("moves the allowance with the inbox: the old one may take nothing more", async () => {
      const { gateway, feeToken, bridge, next, setGatewayParameters } =
        await loadFixture(deployTwoBridges);
      const inbox = await next.inbox.getAddress();
      await setGatewayParameters({ [`inbox.${APPCHAIN_ID}`]: inbox });

      await expect(gateway.updateInbox(APPCHAIN_ID))
        .to.emit(gateway, "InboxUpdated")
        .withArgs(APPCHAIN_ID, inbox);

      expect(await gateway.getInbox(APPCHAIN_ID)).to.equal(inbox);
      expect(await feeToken.allowance(gateway, bridge.inbox)).to.equal(0n);
      expect(await feeToken.allowance(gateway, inbox)).to.equal(MaxUint256);
    });

    it("forgets the inbox and its allowance when the parameter is zero, or was never set", async () => {
      const { gateway, feeToken, bridge, other, setGatewayParameters } =
        await loadFixture(deployTwoBridges);
      await setGatewayParameters({ [`inbox.${APPCHAIN_ID}`]: 0n });

      for (const chainId of [APPCHAIN_ID, APPCHAIN_ID + 1n]) {
        await expect(gateway.updateInbox(chainId))
          .to.emit(gateway, "InboxUpdated")
          .withArgs(chainId, ZeroAddress);
        await expect(gateway.deposit(chainId, other, 1_000n, 0n, 0n))
          .to.be.revertedWithCustomError(gateway, "UnsupportedChainId")
          .withArgs(chainId);
      }
      expect(await feeToken.allowance(gateway, bridge.inbox)).to.equal(0n);
    });

    it("says again what is applied already, as in production, and keeps the allowance", async () => {
      const { gateway, feeToken, bridge } = await loadFixture(deployConfiguredMoney);

      await expect(gateway.updateInbox(APPCHAIN_ID))
        .to.emit(gateway, "InboxUpdated")
        .withArgs(APPCHAIN_ID, await bridge.inbox.getAddress());
      expect(await feeToken.allowance(gateway, bridge.inbox)).to.equal(MaxUint256);
    });

    it("refuses what is no address, and what is no inbox", async () => {
      const { gateway, bridge, setGatewayParameters } = await loadFixture(deployConfiguredMoney);

      await setGatewayParameters({ [`inbox.${APPCHAIN_ID}`]: 2n ** 160n });
      await expect(gateway.updateInbox(APPCHAIN_ID)).to.be.revertedWithCustomError(
        gateway,
        "ParameterOutOfTypeBounds",
      );
      await setGatewayParameters({ [`inbox.${APPCHAIN_ID}`]: SOMEBODY });
      await expect(gateway.updateInbox(APPCHAIN_ID)).to.be.revertedWithoutReason(ethers);
      expect(await gateway.getInbox(APPCHAIN_ID)).to.equal(await bridge.inbox.getAddress());
    });
  });

  describe("updatePauseStatus", () => {
    it("applies the value and announces it, on anybody's call", async () => {
      const { gateway, stranger, setGatewayParameters } = await loadFixture(deployMoney);

      for (const paused of [true, false, true]) {
        await setGatewayParameters({ paused });
        expect(
          await eventsOf(await gateway.connect(stranger).updatePauseStatus(), gateway),
        ).to.deep.equal([["PauseStatusUpdated", paused]]);
        expect(await gateway.paused()).to.equal(paused);
      }
    });

    it("refuses a value that is applied already, and one that is no boolean", async () => {
      const { gateway, setGatewayParameters } = await loadFixture(deployMoney);

      await expect(gateway.updatePauseStatus()).to.be.revertedWithCustomError(gateway, "NoChange");
      for (const paused of [2n, 256n, MaxUint256]) {
        await setGatewayParameters({ paused });
        await expect(gateway.updatePauseStatus()).to.be.revertedWithCustomError(
          gateway,
          "ParameterOutOfTypeBounds",
        );
      }
    });

    it("leaves the number of pushes alone, which shares its word", async () => {
      const { gateway, setGatewayParameters } = await loadFixture(deployConfiguredMoney);
      await gateway.sendParameters([APPCHAIN_ID], ["a.key"], 0n, 0n, 0n);

      await setGatewayParameters({ paused: true });
      await gateway.updatePauseStatus();

      expect(await gateway.nonce()).to.equal(1n);
      await expect(
        gateway.sendParameters([APPCHAIN_ID], ["a.key"], 0n, 0n, 0n),
      ).to.be.revertedWithCustomError(gateway, "Paused");
    });
  });

  describe("costs", () => {
    it("are in wei of the appchain, whatever the gas of this chain costs", async () => {
      const { gateway } = await loadFixture(deployConfiguredMoney);

      for (const baseFee of [0n, 10n ** 18n]) {
        expect(
          await gateway.calculateMaxDepositFee(APPCHAIN_ID, GAS_LIMIT, MAX_FEE, baseFee),
        ).to.equal(COSTS);
      }
    });

    it("are the least deposit in tokens, rounded up, and never nothing", async () => {
      const { gateway, underlying, payer, other } = await loadFixture(deployConfiguredMoney);
      await underlying.mint(payer, 1_000n);
      await underlying.approve(gateway, 1_000n);

      for (const [gasLimit, maxFeePerGas] of [
        [GAS_LIMIT, MAX_FEE],
        [1_000_000n, 1_000_001n],
        [3n, 5n],
        [0n, 0n],
      ] as const) {
        const least = await gateway.calculateMinimumDeposit(APPCHAIN_ID, gasLimit, maxFeePerGas);
        const units = (gasLimit * maxFeePerGas + UNIT - 1n) / UNIT;
        expect(least).to.equal(units === 0n ? 1n : units);

        const deposit = (amount: bigint) =>
          gateway.depositFromUnderlying(APPCHAIN_ID, other, amount, gasLimit, maxFeePerGas);
        await deposit(least);
        await expect(deposit(least - 1n)).to.be.revertedWithCustomError(
          gateway,
          least === 1n ? "ZeroAmount" : "InsufficientAmount",
        );
      }
    });

    it("are of no chain without a bridge", async () => {
      const { gateway } = await loadFixture(deployConfiguredMoney);

      for (const costs of [
        gateway.calculateMaxDepositFee(8n, 2n, 2n, 2n),
        gateway.calculateMinimumDeposit(8n, 2n, 2n),
      ]) {
        await expect(costs)
          .to.be.revertedWithCustomError(gateway, "UnsupportedChainId")
          .withArgs(8n);
      }
    });
  });
});
