import { expect } from "chai";
import { MaxUint256, ZeroAddress, ZeroHash, id, toBeHex } from "ethers";

import { aliasOf } from "../../../helpers/aliasOf.ts";
import {
  SETTLEMENT_GATEWAY,
  deployAppchainGateway,
} from "../../../helpers/deployAppchainGateway.ts";
import { encodeCall, encodeError } from "../../../helpers/encode.ts";
import { eventsOf } from "../../../helpers/eventsOf.ts";
import { logsOf } from "../../../helpers/logsOf.ts";
import { ethers, loadFixture } from "../../../helpers/network.ts";

/** Wei in a microdollar: what the bridge can pay out. */
const UNIT = 10n ** 12n;

const KEY = "xmtp.groupMessageBroadcaster.minPayloadSize";
const OTHER_KEY = "xmtp.groupMessageBroadcaster.maxPayloadSize";

const word = (value: bigint) => toBeHex(value, 32);

/** Withdrawals are paused by a parameter that came across. */
async function deployPaused() {
  const fixture = await deployAppchainGateway();
  await fixture.push(1n, { "xmtp.appChainGateway.paused": true });
  await fixture.gateway.updatePauseStatus();
  return fixture;
}

describe("AppchainGateway", () => {
  it("names the other end of the bridge, and who sends its messages here", async () => {
    const { gateway, registry } = await loadFixture(deployAppchainGateway);

    expect(await gateway.settlementChainGateway()).to.equal(SETTLEMENT_GATEWAY);
    expect(await gateway.settlementChainGatewayAlias()).to.equal(await aliasOf(SETTLEMENT_GATEWAY));
    expect(await gateway.parameterRegistry()).to.equal(await registry.getAddress());
    expect(await gateway.pausedParameterKey()).to.equal("xmtp.appChainGateway.paused");
    expect(await gateway.migratorParameterKey()).to.equal("xmtp.appChainGateway.migrator");
    expect(await gateway.paused()).to.equal(false);
  });

  it("knows a sender whose alias wraps around 2^160", async () => {
    const { registry } = await loadFixture(deployAppchainGateway);
    const last = `0x${"ff".repeat(20)}`;

    const gateway = await ethers.deployContract("AppchainGateway", [registry, last, 6n]);

    expect(await gateway.settlementChainGatewayAlias()).to.equal(
      "0x1111000000000000000000000000000000001110",
    );
  });

  it("refuses to be made, in this order, without a registry or a gateway, or for more than 18 decimals", async () => {
    const { registry } = await loadFixture(deployAppchainGateway);
    const factory = await ethers.getContractFactory("AppchainGateway");

    for (const [parameters, gateway, decimals, error] of [
      [ZeroAddress, ZeroAddress, 19n, "ZeroParameterRegistry"],
      [registry, ZeroAddress, 19n, "ZeroSettlementChainGateway"],
      [registry, SETTLEMENT_GATEWAY, 19n, "InvalidFeeTokenDecimals"],
      [registry, SETTLEMENT_GATEWAY, 255n, "InvalidFeeTokenDecimals"],
    ] as const) {
      await expect(
        factory.deploy(parameters, gateway, decimals),
        error,
      ).to.be.revertedWithCustomError(factory, error);
    }
  });

  describe("receiveDeposit", () => {
    it("passes on what it is sent, by anybody, also during a pause, and keeps nothing", async () => {
      const { gateway, alias, stranger, recipient } = await loadFixture(deployPaused);

      for (const sender of [alias, stranger]) {
        for (const value of [0n, 1n, 5n * 10n ** 18n + 1n]) {
          const before = await ethers.provider.getBalance(recipient);
          expect(
            await eventsOf(
              await gateway.connect(sender).receiveDeposit(recipient, { value }),
              gateway,
            ),
          ).to.deep.equal([["DepositReceived", recipient.address, value]]);
          expect(await ethers.provider.getBalance(recipient)).to.equal(before + value);
        }
      }
      expect(await ethers.provider.getBalance(gateway)).to.equal(0n);
    });

    it("refuses the zero address, where production burns the deposit", async () => {
      const { gateway } = await loadFixture(deployAppchainGateway);

      await expect(
        gateway.receiveDeposit(ZeroAddress, { value: 1n }),
      ).to.be.revertedWithCustomError(gateway, "ZeroRecipient");
    });

    it("undoes the event when the recipient takes nothing: the message can be redeemed later", async () => {
      const { gateway, registry } = await loadFixture(deployAppchainGateway);

      await expect(gateway.receiveDeposit(registry, { value: 1n })).to.be.revertedWithCustomError(
        gateway,
        "TransferFailed",
      );
    });

    it("gives a recipient that calls back no more than its deposit", async () => {
      const { gateway, alias } = await loadFixture(deployAppchainGateway);
      const thief = await ethers.deployContract("CallingRecipient");
      const address = await thief.getAddress();
      const parameters = [5n, [KEY], [word(1n)]];

      for (const [name, args, value, answer] of [
        ["receiveDeposit", [address], 3n, "0x"],
        ["receiveParameters", parameters, 0n, encodeError(gateway, "NotSettlementChainGateway")],
        ["withdraw", [address], 3n, encodeError(gateway, "ZeroWithdrawalAmount")],
      ] as const) {
        await thief.getFunction("prepare")(gateway, encodeCall(gateway, name, [...args]), value);
        await expect(gateway.connect(alias).receiveDeposit(thief, { value: 5n }))
          .to.emit(thief, "Called")
          .withArgs(name === "receiveDeposit", answer);
      }
      expect(await ethers.provider.getBalance(thief)).to.equal(15n);
      expect(await ethers.provider.getBalance(gateway)).to.equal(0n);
    });
  });

  describe("receiveParameters", () => {
    it("sets what the settlement chain's gateway sends, and says with which push it came", async () => {
      const { gateway, registry, push } = await loadFixture(deployAppchainGateway);

      expect(
        await logsOf(await push(7n, { [KEY]: 78n, [OTHER_KEY]: 0n }), { gateway, registry }),
      ).to.deep.include.members([["gateway.ParametersReceived", 7n, [KEY, OTHER_KEY]]]);

      expect(await registry["get(string)"](KEY)).to.equal(word(78n));
      expect(await gateway.nonceOf(KEY)).to.equal(7n);
      expect(await gateway.nonceOf(OTHER_KEY)).to.equal(7n);
      expect(await gateway.nonceOf("another")).to.equal(0n);
    });

    it("refuses everybody else, the gateway's own address on the settlement chain too, and tells that first", async () => {
      const { gateway, stranger, registry } = await loadFixture(deployAppchainGateway);

      for (const from of [stranger.address, SETTLEMENT_GATEWAY, await registry.getAddress()]) {
        for (const values of [[word(1n)], []]) {
          await expect(
            ethers.provider.call({
              from,
              to: gateway,
              data: encodeCall(gateway, "receiveParameters", [1n, [KEY], values]),
            }),
          ).to.be.revertedWithCustomError(gateway, "NotSettlementChainGateway");
        }
      }
    });

    it("refuses another number of values than keys, and sets nothing then", async () => {
      const { gateway, alias, registry } = await loadFixture(deployAppchainGateway);
      const fromAlias = gateway.connect(alias);

      for (const [keys, values] of [
        [[KEY, OTHER_KEY], [word(1n)]],
        [[KEY], [word(1n), word(2n)]],
        [[], [word(1n)]],
        [[KEY], []],
      ] as const) {
        await expect(
          fromAlias.receiveParameters(1n, [...keys], [...values]),
        ).to.be.revertedWithCustomError(gateway, "ArrayLengthMismatch");
      }
      expect(await registry["get(string)"](KEY)).to.equal(ZeroHash);
    });

    it("keeps the value of the latest push, in whatever order they arrive", async () => {
      const { gateway, registry, push } = await loadFixture(deployAppchainGateway);

      await push(5n, { [KEY]: 50n });
      for (const late of [4n, 1n, 5n, 0n]) {
        const logs = await logsOf(await push(late, { [KEY]: 1n }), { gateway, registry });
        // It succeeds, and says that it came; nothing is set.
        expect(logs).to.deep.equal([["gateway.ParametersReceived", late, [KEY]]]);
      }
      expect(await registry["get(string)"](KEY)).to.equal(word(50n));
      expect(await gateway.nonceOf(KEY)).to.equal(5n);

      await push(9n, { [KEY]: 90n });
      expect(await registry["get(string)"](KEY)).to.equal(word(90n));
    });

    it("judges each key of a message by itself", async () => {
      const { registry, push } = await loadFixture(deployAppchainGateway);
      await push(5n, { [KEY]: 50n });

      await push(4n, { [KEY]: 40n, [OTHER_KEY]: 41n });

      expect(await registry["get(string)"](KEY)).to.equal(word(50n));
      expect(await registry["get(string)"](OTHER_KEY)).to.equal(word(41n));
    });

    it("counts a key that stands twice in a message once: the first value stays", async () => {
      const { gateway, alias, registry } = await loadFixture(deployAppchainGateway);

      await gateway
        .connect(alias)
        .receiveParameters(3n, [KEY, OTHER_KEY, KEY], [word(1n), word(2n), word(3n)]);

      expect(await registry["get(string)"](KEY)).to.equal(word(1n));
      expect(await registry["get(string)"](OTHER_KEY)).to.equal(word(2n));
    });

    it("never applies push 0, and nothing after the last number", async () => {
      const { registry, push } = await loadFixture(deployAppchainGateway);

      await push(0n, { [KEY]: 1n });
      expect(await registry["get(string)"](KEY)).to.equal(ZeroHash);

      await push(MaxUint256, { [KEY]: 2n });
      await push(MaxUint256, { [KEY]: 3n });
      expect(await registry["get(string)"](KEY)).to.equal(word(2n));
    });

    it("takes a message without keys, and works during a pause", async () => {
      const { gateway, registry, push } = await loadFixture(deployPaused);

      expect(await logsOf(await push(2n, {}), { gateway, registry })).to.deep.equal([
        ["gateway.ParametersReceived", 2n, []],
      ]);
      await push(3n, { [KEY]: 3n });
      expect(await registry["get(string)"](KEY)).to.equal(word(3n));
    });

    it("passes on what the registry refuses, and forgets the push then", async () => {
      const { registry, gateway, alias } = await loadFixture(deployAppchainGateway);
      const stranger = await ethers.deployContract("AppchainGateway", [
        registry,
        SETTLEMENT_GATEWAY,
        6n,
      ]);

      await expect(
        stranger.connect(alias).receiveParameters(1n, [KEY], [word(1n)]),
      ).to.be.revertedWithCustomError(registry, "NotAdmin");
      expect(await stranger.nonceOf(KEY)).to.equal(0n);
      expect(await registry.isAdmin(gateway)).to.equal(true);
    });
  });

  for (const [name, receive] of [
    ["withdraw", "receiveWithdrawal(address)"],
    ["withdrawIntoUnderlying", "receiveWithdrawalIntoUnderlying(address)"],
  ] as const) {
    describe(name, () => {
      it("sends a message that has the other gateway pay the recipient, and the whole units with it", async () => {
        const { gateway, arbSys, recipient } = await loadFixture(deployAppchainGateway);
        const data = ethers.concat([
          id(receive).slice(0, 10),
          ethers.zeroPadValue(recipient.address, 32),
        ]);

        for (const [messageId, value] of [UNIT, 7n * UNIT].entries()) {
          const transaction = await gateway[name](recipient, { value });
          const logs = await logsOf(transaction, { gateway, arbSys });
          const [, caller, destination, , position, , , , callValue, sent] =
            logs.find(([event]) => event === "arbSys.L2ToL1Tx") ?? [];

          expect([caller, destination, position, callValue, sent]).to.deep.equal([
            await gateway.getAddress(),
            ethers.getAddress(SETTLEMENT_GATEWAY),
            BigInt(messageId),
            value,
            data,
          ]);
          expect(logs.at(-1)).to.deep.equal([
            "gateway.Withdrawal",
            BigInt(messageId),
            recipient.address,
            value,
          ]);
        }
        expect(await ethers.provider.getBalance(arbSys)).to.equal(8n * UNIT);
        expect(await ethers.provider.getBalance(gateway)).to.equal(0n);
      });

      it("returns to the caller what the bridge would drop", async () => {
        const { gateway, arbSys, recipient } = await loadFixture(deployAppchainGateway);
        const caller = await ethers.deployContract("CallingRecipient");

        const transaction: unknown = await caller.getFunction("execute")(
          gateway,
          encodeCall(gateway, name, [recipient.address]),
          { value: 3n * UNIT - 1n },
        );

        await expect(transaction)
          .to.emit(gateway, "Withdrawal")
          .withArgs(0n, recipient.address, 2n * UNIT);
        expect(await ethers.provider.getBalance(caller)).to.equal(UNIT - 1n);
        expect(await ethers.provider.getBalance(arbSys)).to.equal(2n * UNIT);
        expect(await ethers.provider.getBalance(gateway)).to.equal(0n);
      });

      it("refuses a caller that does not take its rest, and needs no such caller for whole units", async () => {
        const { gateway, recipient } = await loadFixture(deployAppchainGateway);
        const caller = await ethers.deployContract("HookedAccount");
        const address = await caller.getAddress();
        const data = encodeCall(gateway, name, [recipient.address]);
        await ethers.provider.send("hardhat_impersonateAccount", [address]);
        await ethers.provider.send("hardhat_setBalance", [address, "0xde0b6b3a7640000"]);
        const account = await ethers.getSigner(address);

        await expect(
          ethers.provider.call({ from: address, to: gateway, data, value: UNIT + 1n }),
        ).to.be.revertedWithCustomError(gateway, "TransferFailed");
        await account.sendTransaction({ to: gateway, data, value: UNIT });
        expect(await ethers.provider.getBalance(gateway)).to.equal(0n);
      });

      it("refuses in this order: a pause, no recipient, less than one unit", async () => {
        const { gateway, push, recipient } = await loadFixture(deployPaused);
        await expect(gateway[name](ZeroAddress, { value: 0n })).to.be.revertedWithCustomError(
          gateway,
          "Paused",
        );

        await push(2n, { "xmtp.appChainGateway.paused": false });
        await gateway.updatePauseStatus();
        await expect(gateway[name](ZeroAddress, { value: 0n })).to.be.revertedWithCustomError(
          gateway,
          "ZeroRecipient",
        );
        for (const value of [0n, 1n, UNIT - 1n]) {
          await expect(gateway[name](recipient, { value })).to.be.revertedWithCustomError(
            gateway,
            "ZeroWithdrawalAmount",
          );
        }
        await gateway[name](recipient, { value: UNIT });
      });

      it("gives a caller that calls back with its rest no more than that", async () => {
        const { gateway, arbSys, recipient } = await loadFixture(deployAppchainGateway);
        const thief = await ethers.deployContract("CallingRecipient");
        const data = encodeCall(gateway, name, [recipient.address]);
        await thief.getFunction("prepare")(gateway, data, UNIT / 2n);

        await expect(thief.getFunction("execute")(gateway, data, { value: UNIT + UNIT / 2n }))
          .to.emit(thief, "Called")
          .withArgs(false, encodeError(gateway, "ZeroWithdrawalAmount"));

        expect(await ethers.provider.getBalance(thief)).to.equal(UNIT / 2n);
        expect(await ethers.provider.getBalance(arbSys)).to.equal(UNIT);
      });
    });
  }

  it("withdraws any value where the fee token has 18 decimals", async () => {
    const { registry, recipient, arbSys } = await loadFixture(deployAppchainGateway);
    const gateway = await ethers.deployContract("AppchainGateway", [
      registry,
      SETTLEMENT_GATEWAY,
      18n,
    ]);

    await gateway.withdraw(recipient, { value: 1n });

    expect(await ethers.provider.getBalance(arbSys)).to.equal(1n);
  });

  describe("updatePauseStatus", () => {
    it("applies the value that came across and announces it, on anybody's call", async () => {
      const { gateway, push } = await loadFixture(deployAppchainGateway);

      for (const [index, paused] of [true, false, true].entries()) {
        await push(BigInt(index + 1), { "xmtp.appChainGateway.paused": paused });
        expect(await eventsOf(await gateway.updatePauseStatus(), gateway)).to.deep.equal([
          ["PauseStatusUpdated", paused],
        ]);
        expect(await gateway.paused()).to.equal(paused);
      }
    });

    it("refuses a value that is applied already, and one that is no boolean", async () => {
      const { gateway, push } = await loadFixture(deployAppchainGateway);

      await expect(gateway.updatePauseStatus()).to.be.revertedWithCustomError(gateway, "NoChange");
      await push(1n, { "xmtp.appChainGateway.paused": 2n });
      await expect(gateway.updatePauseStatus()).to.be.revertedWithCustomError(
        gateway,
        "ParameterOutOfTypeBounds",
      );
    });
  });
});
