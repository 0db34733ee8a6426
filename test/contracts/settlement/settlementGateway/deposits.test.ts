import { expect } from "chai";
import { MaxUint256, ZeroAddress, keccak256 } from "ethers";

import { aliasOf } from "../../../helpers/aliasOf.ts";
import {
  DEPOSIT_WAYS,
  COSTS,
  GAS_LIMIT,
  MAX_FEE,
  MAX_FEES,
  TAKING_WAYS,
  UNIT,
  depositData,
} from "../../../helpers/depositWays.ts";
import {
  APPCHAIN_GATEWAY,
  APPCHAIN_ID,
  FUNDS,
  USD,
  deployConfiguredMoney,
  deployFundedMoney,
  giveFeeTokens,
  type MoneyFixture,
} from "../../../helpers/deployMoney.ts";
import type { EventRecord } from "../../../helpers/eventsOf.ts";
import { ticketsOf } from "../../../../bench/lightBridge.ts";
import { logsOf } from "../../../helpers/logsOf.ts";
import { ethers, loadFixture } from "../../../helpers/network.ts";
import { USELESS_PERMIT, malleated, signPermit } from "../../../helpers/signPermit.ts";

const AMOUNT = 5n * USD;

/** The call that a deposit makes on the appchain. */
function receiveDeposit(recipient: string): string {
  return ethers.concat([
    ethers.id("receiveDeposit(address)").slice(0, 10),
    ethers.zeroPadValue(recipient, 32),
  ]);
}

/** Nothing stays on the way, and every fee token is covered. */
async function expectNothingLeft(fixture: MoneyFixture): Promise<void> {
  const { underlying, feeToken, gateway, bridge } = fixture;
  for (const holder of [gateway, bridge.inbox]) {
    expect(await feeToken.balanceOf(holder)).to.equal(0n);
    expect(await underlying.balanceOf(holder)).to.equal(0n);
  }
  expect(await underlying.balanceOf(feeToken)).to.equal(await feeToken.totalSupply());
}

describe("SettlementGateway: deposits", () => {
  for (const { name, from, deposit } of DEPOSIT_WAYS) {
    describe(name, () => {
      it("orders one call of the appchain's gateway, which gives the recipient what the message does not cost", async () => {
        const fixture = await loadFixture(deployFundedMoney);
        const { gateway, bridge, other } = fixture;

        const transaction = await deposit(fixture);

        expect(await ticketsOf(bridge, transaction)).to.deep.equal([
          {
            messageNumber: 0n,
            sender: await aliasOf(gateway),
            to: APPCHAIN_GATEWAY,
            callValue: AMOUNT * UNIT - COSTS,
            deposit: AMOUNT * UNIT,
            maxSubmissionCost: 0n,
            excessFeeRefundAddress: other.address,
            callValueRefundAddress: other.address,
            gasLimit: GAS_LIMIT,
            maxFeePerGas: MAX_FEE,
            data: receiveDeposit(other.address),
            size: 324,
          },
        ]);
      });

      it("moves the tokens to the bridge and nowhere else, and says what it took and what it may cost", async () => {
        const fixture = await loadFixture(deployFundedMoney);
        const { underlying, feeToken, gateway, payer, other } = fixture;
        const { bridge, inbox } = fixture.bridge;
        const [token, here, entry, escrow] = await Promise.all(
          [feeToken, gateway, inbox, bridge].map((contract) => contract.getAddress()),
        );
        const taken: Record<string, readonly EventRecord[]> = {
          feeToken: [["feeToken.Transfer", payer.address, here, AMOUNT]],
          underlying: [
            ["underlying.Transfer", payer.address, token, AMOUNT],
            ["feeToken.Transfer", ZeroAddress, here, AMOUNT],
          ],
        };

        const transaction = await deposit(fixture);

        const logs = await logsOf(transaction, { underlying, feeToken, gateway, bridge, inbox });
        const names = logs.map(([event]) => event);
        expect(names.filter((event) => event !== "underlying.Transfer")).to.deep.equal([
          "feeToken.Transfer",
          "feeToken.Transfer",
          "bridge.MessageDelivered",
          "feeToken.Transfer",
          "inbox.InboxMessageDelivered",
          "gateway.Deposit",
        ]);
        expect(logs.filter(([event]) => String(event).endsWith(".Transfer"))).to.deep.equal([
          // What is sent beforehand is sent in a transaction of its own.
          ...(taken[from] ?? []).slice(name === "depositReceived" ? 1 : 0),
          ["feeToken.Transfer", here, entry, AMOUNT],
          ["feeToken.Transfer", entry, escrow, AMOUNT],
        ]);
        expect(logs.at(-1)).to.deep.equal([
          "gateway.Deposit",
          APPCHAIN_ID,
          0n,
          other.address,
          AMOUNT,
          MAX_FEES,
        ]);
        expect(await feeToken.balanceOf(bridge)).to.equal(AMOUNT);
        expect(await fixture[from].balanceOf(payer)).to.equal(FUNDS - AMOUNT);
        await expectNothingLeft(fixture);
      });

      it("takes exactly what the message costs, and nothing is passed on then; less is refused", async () => {
        const fixture = await loadFixture(deployFundedMoney);
        const { gateway, bridge } = fixture;

        const [ticket] = await ticketsOf(bridge, await deposit(fixture, { amount: MAX_FEES }));
        expect(ticket?.callValue).to.equal(0n);
        expect(ticket?.deposit).to.equal(COSTS);

        await expect(deposit(fixture, { amount: MAX_FEES - 1n }))
          .to.be.revertedWithCustomError(gateway, "InsufficientAmount")
          .withArgs((MAX_FEES - 1n) * UNIT, COSTS);
      });

      it("rounds the fees of the event up, and passes on the rest of the unit", async () => {
        const fixture = await loadFixture(deployFundedMoney);
        const { gateway, bridge } = fixture;

        for (const [gasLimit, maxFeePerGas, fees] of [
          [0n, 0n, 0n],
          [1_000_000n, 1_000_000n, 1n],
          [1_000_000n, 1_000_001n, 2n],
          [0n, MAX_FEE, 0n],
          [GAS_LIMIT, 0n, 0n],
        ] as const) {
          const transaction = await deposit(fixture, { gasLimit, maxFeePerGas });
          const [ticket] = await ticketsOf(bridge, transaction);

          expect(ticket?.callValue).to.equal(AMOUNT * UNIT - gasLimit * maxFeePerGas);
          await expect(transaction)
            .to.emit(gateway, "Deposit")
            .withArgs(APPCHAIN_ID, ticket?.messageNumber, fixture.other.address, AMOUNT, fees);
        }
      });

      it("refuses in this order: a pause, a chain without a bridge, no recipient, nothing, too little", async () => {
        const fixture = await loadFixture(deployFundedMoney);
        const { gateway, setGatewayParameters } = fixture;
        const worst = { chainId: 7n, recipient: ZeroAddress, amount: 0n };
        await setGatewayParameters({ paused: true });
        await gateway.updatePauseStatus();

        await expect(deposit(fixture, worst)).to.be.revertedWithCustomError(gateway, "Paused");

        await setGatewayParameters({ paused: false });
        await gateway.updatePauseStatus();
        await expect(deposit(fixture, worst))
          .to.be.revertedWithCustomError(gateway, "UnsupportedChainId")
          .withArgs(7n);
        await expect(
          deposit(fixture, { recipient: ZeroAddress, amount: 0n }),
        ).to.be.revertedWithCustomError(gateway, "ZeroRecipient");
        await expect(deposit(fixture, { amount: 0n })).to.be.revertedWithCustomError(
          gateway,
          "ZeroAmount",
        );
        await expect(deposit(fixture, { amount: 1n }))
          .to.be.revertedWithCustomError(gateway, "InsufficientAmount")
          .withArgs(UNIT, COSTS);
      });

      it("panics when the costs, or the amount in wei, are above 2^256 - 1", async () => {
        const fixture = await loadFixture(deployFundedMoney);

        await expect(
          deposit(fixture, { gasLimit: 2n ** 128n, maxFeePerGas: 2n ** 128n }),
        ).to.be.revertedWithPanic(0x11);
      });

      it("passes on what the inbox refuses: the values that ask it for an estimate, and gas beyond 64 bits", async () => {
        const fixture = await loadFixture(deployFundedMoney);
        const { inbox } = fixture.bridge;

        for (const changes of [{ gasLimit: 1n }, { maxFeePerGas: 1n }]) {
          await expect(deposit(fixture, changes)).to.be.revertedWithCustomError(
            inbox,
            "RetryableData",
          );
        }
        await expect(
          deposit(fixture, { gasLimit: 2n ** 64n, maxFeePerGas: 0n }),
        ).to.be.revertedWithCustomError(inbox, "GasLimitTooLarge");
      });

      it("has a recipient with code refunded at its alias, which it commands through the inbox", async () => {
        const fixture = await loadFixture(deployFundedMoney);
        const { payers, bridge } = fixture;
        const account = await payers.getAddress();

        const [ticket] = await ticketsOf(bridge, await deposit(fixture, { recipient: account }));

        expect(ticket?.data).to.equal(receiveDeposit(account));
        expect(ticket?.excessFeeRefundAddress).to.equal(await aliasOf(account));
        expect(ticket?.callValueRefundAddress).to.equal(await aliasOf(account));
      });

      it("uses nobody's stray tokens: those here and in the inbox stay, and the bridge gets what was taken", async () => {
        const fixture = await loadFixture(deployFundedMoney);
        const { feeToken, gateway, bridge } = fixture;
        await feeToken.transfer(gateway, 7n * USD);

        await deposit(fixture);

        expect(await feeToken.balanceOf(gateway)).to.equal(7n * USD);
        expect(await feeToken.balanceOf(bridge.inbox)).to.equal(0n);
        expect(await feeToken.balanceOf(bridge.bridge)).to.equal(AMOUNT);
      });

      it("leaves here what the inbox does not take, because somebody sent it some: it is recovered, not taken", async () => {
        const fixture = await loadFixture(deployFundedMoney);
        const { feeToken, gateway, bridge } = fixture;
        await feeToken.transfer(bridge.inbox, 2n * USD);

        const [ticket] = await ticketsOf(bridge, await deposit(fixture));

        expect(ticket?.deposit).to.equal(AMOUNT * UNIT);
        expect(await feeToken.balanceOf(bridge.bridge)).to.equal(AMOUNT);
        expect(await feeToken.balanceOf(gateway)).to.equal(2n * USD);
        await gateway.receiveWithdrawal(fixture.payer);
        expect(await feeToken.balanceOf(gateway)).to.equal(2n * USD);
      });
    });
  }

  for (const { name, from, deposit } of TAKING_WAYS) {
    it(`${name} takes no token before it has looked at all arguments, and then says what the token says`, async () => {
      const fixture = await loadFixture(deployFundedMoney);
      const { feeToken, gateway, stranger, other } = fixture;
      const error = from === "feeToken" ? "ERC20InsufficientAllowance" : "TransferFromFailed";
      const poor = { ...fixture, gateway: gateway.connect(stranger) };

      await expect(deposit(poor, { amount: MAX_FEES - 1n })).to.be.revertedWithCustomError(
        gateway,
        "InsufficientAmount",
      );
      await expect(deposit(poor)).to.be.revertedWithCustomError(feeToken, error);
      expect(await feeToken.balanceOf(other)).to.equal(0n);
    });

    it(`${name} takes up to what the inbox takes, 2^192 - 1 units`, async () => {
      const fixture = await loadFixture(deployFundedMoney);
      const { bridge, payer } = fixture;
      const most = 2n ** 192n - 1n;
      if (from === "feeToken") await giveFeeTokens(fixture, payer, 3n * most);
      else await fixture.underlying.mint(payer, 3n * most);

      const [ticket] = await ticketsOf(bridge, await deposit(fixture, { amount: most }));
      expect(ticket?.deposit).to.equal(most * UNIT);

      await expect(deposit(fixture, { amount: most + 1n }))
        .to.be.revertedWithCustomError(bridge.inbox, "AmountTooLarge")
        .withArgs(most + 1n);
      await expect(deposit(fixture, { amount: MaxUint256 })).to.be.revertedWithPanic(0x11);
    });
  }

  describe("with a permit", () => {
    async function unapproved(): Promise<MoneyFixture> {
      const fixture = await deployConfiguredMoney();
      await giveFeeTokens(fixture, fixture.payer, FUNDS);
      await fixture.underlying.mint(fixture.payer, FUNDS);
      return fixture;
    }

    for (const [name, from] of [
      ["depositWithPermit", "feeToken"],
      ["depositFromUnderlyingWithPermit", "underlying"],
    ] as const) {
      it(`${name} needs no allowance beforehand, whoever uses the permit first`, async () => {
        const fixture = await loadFixture(unapproved);
        const { [from]: token, feeToken, gateway, bridge, payer, other, stranger } = fixture;

        for (const isUsedBefore of [false, true]) {
          const permit = await signPermit(token, payer, gateway, AMOUNT);
          if (isUsedBefore) {
            await token.connect(stranger).permit(payer, gateway, AMOUNT, ...permit);
          }
          await gateway[name](APPCHAIN_ID, other, AMOUNT, GAS_LIMIT, MAX_FEE, ...permit);
          expect(await token.allowance(payer, gateway)).to.equal(0n);
        }

        expect(await feeToken.balanceOf(bridge.bridge)).to.equal(2n * AMOUNT);
        await expectNothingLeft(fixture);
      });

      it(`${name} refuses a permit that is wrong in any way when there is no allowance`, async () => {
        const fixture = await loadFixture(unapproved);
        const { [from]: token, feeToken, payers, gateway, payer, other, stranger } = fixture;
        const valid = await signPermit(token, payer, gateway, AMOUNT);
        const error = from === "feeToken" ? "ERC20InsufficientAllowance" : "TransferFromFailed";
        const args = [APPCHAIN_ID, other, AMOUNT, GAS_LIMIT, MAX_FEE] as const;

        for (const [fault, permit] of [
          ["of nobody", USELESS_PERMIT],
          ["of somebody else", await signPermit(token, stranger, gateway, AMOUNT)],
          ["for somebody else", await signPermit(token, payer, payers, AMOUNT)],
          ["for less", await signPermit(token, payer, gateway, AMOUNT - 1n)],
          ["too late", await signPermit(token, payer, gateway, AMOUNT, { deadline: 1n })],
          ["with a high s", malleated(valid)],
        ] as const) {
          await expect(gateway[name](...args, ...permit), fault).to.be.revertedWithCustomError(
            feeToken,
            error,
          );
        }
        await expect(
          gateway.connect(stranger)[name](...args, ...valid),
        ).to.be.revertedWithCustomError(feeToken, error);
      });
    }
  });

  describe("onTransferReceived", () => {
    const TRANSFER = "transferAndCall(address,uint256,bytes)";
    const TRANSFER_FROM = "transferFromAndCall(address,address,uint256,bytes)";

    it("takes transfers of others too, for whomever they name", async () => {
      const { feeToken, gateway, bridge, payer, stranger, other } =
        await loadFixture(deployFundedMoney);
      await feeToken.approve(stranger, AMOUNT);

      const strangerToken = feeToken.connect(stranger);
      const transaction = await strangerToken[TRANSFER_FROM](
        payer,
        gateway,
        AMOUNT,
        depositData([APPCHAIN_ID, other.address, GAS_LIMIT, MAX_FEE]),
      );

      const [ticket] = await ticketsOf(bridge, transaction);
      expect(ticket?.data).to.equal(receiveDeposit(other.address));
      expect(await feeToken.balanceOf(payer)).to.equal(FUNDS - AMOUNT);
    });

    it("refuses everybody but the fee token, whatever they say", async () => {
      const { underlying, gateway, payer, other } = await loadFixture(deployFundedMoney);
      const data = depositData([APPCHAIN_ID, other.address, GAS_LIMIT, MAX_FEE]);

      for (const caller of [gateway, gateway.connect(other)]) {
        for (const args of [data, "0x"]) {
          await expect(
            caller.onTransferReceived(payer, payer, AMOUNT, args),
          ).to.be.revertedWithCustomError(gateway, "NotFeeToken");
        }
      }
      await expect(underlying[TRANSFER](gateway, AMOUNT, data)).to.be.revertedWithCustomError(
        gateway,
        "NotFeeToken",
      );
    });

    it("refuses a transfer that does not say what it is for: nobody sends tokens here by mistake", async () => {
      const { feeToken, gateway, other, payer } = await loadFixture(deployFundedMoney);
      const valid = depositData([APPCHAIN_ID, other.address, GAS_LIMIT, MAX_FEE]);

      for (const data of [
        "0x",
        valid.slice(0, -2),
        depositData([APPCHAIN_ID, `0x${"00".repeat(20)}`, GAS_LIMIT, MAX_FEE]),
        valid.replace("0".repeat(24) + other.address.slice(2).toLowerCase(), "f".repeat(64)),
      ]) {
        expect(data).to.not.equal(valid);
        await expect(feeToken[TRANSFER](gateway, AMOUNT, data), data).to.be.revert(ethers);
      }
      await expect(feeToken["transferAndCall(address,uint256)"](gateway, AMOUNT)).to.be.revert(
        ethers,
      );
      expect(await feeToken.balanceOf(payer)).to.equal(FUNDS);
    });
  });

  describe("depositReceived", () => {
    it("deposits what a contract has sent to the fee token, and refuses what nobody has", async () => {
      const { underlying, feeToken, gateway, bridge, other } = await loadFixture(deployFundedMoney);
      const args = [APPCHAIN_ID, other, AMOUNT, GAS_LIMIT, MAX_FEE] as const;
      await underlying.transfer(feeToken, AMOUNT);

      const [ticket] = await ticketsOf(bridge, await gateway.depositReceived(...args));
      expect(ticket?.deposit).to.equal(AMOUNT * UNIT);
      await expect(gateway.depositReceived(...args)).to.be.revertedWithCustomError(
        feeToken,
        "TransferFromFailed",
      );
    });
  });

  it("gives each chain its own message numbers, and none to another chain's", async () => {
    const fixture = await loadFixture(deployFundedMoney);
    const { gateway, bridge } = fixture;
    const [way] = DEPOSIT_WAYS;

    for (const number of [0n, 1n, 2n]) {
      await expect(way?.deposit(fixture))
        .to.emit(gateway, "Deposit")
        .withArgs(APPCHAIN_ID, number, fixture.other.address, AMOUNT, MAX_FEES);
    }
    expect(await bridge.bridge.getFunction("delayedMessageCount")()).to.equal(3n);
  });

  it("spends no gas on an approval: the inbox may take tokens here from the day it is known", async () => {
    const { feeToken, gateway, bridge, other } = await loadFixture(deployFundedMoney);
    expect(await feeToken.allowance(gateway, bridge.inbox)).to.equal(MaxUint256);

    const transaction = await gateway.deposit(APPCHAIN_ID, other, AMOUNT, GAS_LIMIT, MAX_FEE);

    await expect(transaction).to.not.emit(feeToken, "Approval");
    expect(await feeToken.allowance(gateway, bridge.inbox)).to.equal(MaxUint256);
  });

  it("orders what anybody may check: the hash that the bridge keeps is that of the message", async () => {
    const { gateway, bridge, other } = await loadFixture(deployFundedMoney);
    const transaction = await gateway.deposit(APPCHAIN_ID, other, AMOUNT, GAS_LIMIT, MAX_FEE);
    const receipt = await transaction.wait();
    const [message] = (receipt?.logs ?? [])
      .map((log) => bridge.inbox.interface.parseLog(log))
      .filter((log) => log?.name === "InboxMessageDelivered");

    await expect(transaction)
      .to.emit(bridge.bridge, "MessageDelivered")
      .withArgs(
        0n,
        ethers.ZeroHash,
        await bridge.inbox.getAddress(),
        9n,
        await aliasOf(gateway),
        keccak256(String(message?.args[1])),
        0n,
        (await ethers.provider.getBlock(receipt?.blockNumber ?? 0))?.timestamp,
      );
  });
});
