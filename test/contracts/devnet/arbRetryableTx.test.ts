import { expect } from "chai";
import { getAddress, id, toBeHex, ZeroAddress, ZeroHash, zeroPadValue } from "ethers";

import type { ISystemTickets } from "../../../typechain-types/devnet/ArbRetryableTx.ts";
import { accounts } from "../../helpers/accounts.ts";
import { ethers, loadFixture, networkHelpers } from "../../helpers/network.ts";
import { free, paid, systemContracts, systemSigner } from "../../helpers/systemContracts.ts";

const BASE_FEE = 100_000_000n;
const WEEK = 7 * 24 * 3_600;
const SENDER = getAddress(toBeHex(0xa11a5, 20));
const BENEFICIARY = getAddress(toBeHex(0xbe4e, 20));
const REFUND = getAddress(toBeHex(0x4ef0, 20));
const TARGET = getAddress(toBeHex(0x7a46e7, 20));
const TICKET = id("a ticket");

const message = (index: number): ISystemTickets.MessageStruct => ({
  ...{ index, parentBlock: 100 + index, accumulator: id(`after ${index}`) },
});
const call = (changes: Partial<ISystemTickets.CallStruct> = {}): ISystemTickets.CallStruct => ({
  ...{ from: SENDER, to: TARGET, value: 7n, data: "0x1234", gasLimit: 100_000n },
  ...{ nonce: 0, baseFee: BASE_FEE, ...changes },
});
const submission = (
  changes: Partial<ISystemTickets.SubmissionStruct> = {},
): ISystemTickets.SubmissionStruct => ({
  ...{ ticketId: TICKET, maxSubmissionFee: 0n, maxFeePerGas: BASE_FEE, feeRefund: REFUND },
  ...{ beneficiary: BENEFICIARY, isRunnable: true, ...changes },
});

async function tickets() {
  const { arbRetryableTx } = await loadFixture(systemContracts);
  const system = arbRetryableTx.connect(await systemSigner());
  const { deployer: anybody } = await accounts(["deployer"]);
  return { arbRetryableTx: arbRetryableTx.connect(anybody), system, anybody };
}

/** A ticket that nobody tries: it holds its value. */
async function keptTicket() {
  const fixture = await tickets();
  const { system } = fixture;
  await system.submitTicket(message(0), call({ gasLimit: 0 }), submission(), {
    ...(await free()),
    value: 10n,
  });
  return fixture;
}

/** A ticket whose first attempt is under way. */
async function triedTicket() {
  const fixture = await tickets();
  const value = 7n + 100_000n * BASE_FEE;
  await fixture.system.submitTicket(message(0), call(), submission(), {
    ...(await free()),
    value,
  });
  return fixture;
}

describe("ArbRetryableTx", () => {
  describe("what only the chain itself may do", () => {
    it("refuses everybody else, and the chain itself where gas has a price", async () => {
      const { arbRetryableTx, system } = await tickets();
      const calls = [
        (from: typeof system, overrides: object) => from.countMessages(message(0), overrides),
        (from: typeof system, overrides: object) =>
          from.creditDeposit(message(0), TARGET, ZeroHash, overrides),
        (from: typeof system, overrides: object) =>
          from.beginCall(message(0), call(), ZeroHash, overrides),
        (from: typeof system, overrides: object) =>
          from.submitTicket(message(0), call(), submission(), overrides),
        (from: typeof system, overrides: object) => from.startRedeem(0, true, overrides),
        (from: typeof system, overrides: object) => from.expireTicket(TICKET, overrides),
      ];
      for (const [place, send] of calls.entries()) {
        for (const [from, overrides] of [
          [arbRetryableTx, free],
          [system, paid],
        ] as const) {
          await expect(
            send(from, await overrides()),
            `call ${place}`,
          ).to.be.revertedWithCustomError(arbRetryableTx, "NotCallable");
        }
      }
    });

    it("lets the sender of a call and the chain itself finish it, and nobody else", async () => {
      const { arbRetryableTx, system } = await triedTicket();
      await expect(
        arbRetryableTx.finishCall(true, 100_000, ZeroHash, await free()),
      ).to.be.revertedWithCustomError(arbRetryableTx, "NotCallable");
      await expect(
        system.finishCall(true, 100_000, ZeroHash, await paid()),
      ).to.be.revertedWithCustomError(arbRetryableTx, "NotCallable");
      await system.finishCall(true, 100_000, ZeroHash, await free());
      expect((await system.progress()).step).to.equal(0);
    });

    it("takes messages in order, each once", async () => {
      const { arbRetryableTx, system } = await tickets();
      await system.countMessages(message(4), await free());
      const { messageCount, parentBlock, accumulator } = await system.progress();
      expect([messageCount, parentBlock, accumulator]).to.deep.equal([5n, 104n, id("after 4")]);
      expect(await system.parentBlock()).to.equal(104);

      for (const index of [4, 6]) {
        await expect(system.creditDeposit(message(index), TARGET, ZeroHash, await free()))
          .to.be.revertedWithCustomError(arbRetryableTx, "UnexpectedMessage")
          .withArgs(index, 5);
      }
      await expect(system.countMessages(message(4), await free()))
        .to.be.revertedWithCustomError(arbRetryableTx, "UnexpectedMessage")
        .withArgs(4, 5);
      await system.creditDeposit(message(5), TARGET, ZeroHash, await free());
    });

    it("begins nothing while a call is under way, and finishes nothing when none is", async () => {
      const { arbRetryableTx, system } = await triedTicket();
      await expect(
        system.submitTicket(message(1), call(), submission({ ticketId: id("b") }), await free()),
      ).to.be.revertedWithCustomError(arbRetryableTx, "CallUnderWay");
      await expect(system.startRedeem(0, true, await free())).to.be.revertedWithCustomError(
        arbRetryableTx,
        "CallUnderWay",
      );
      await system.finishCall(true, 100_000, ZeroHash, await free());
      await expect(
        system.finishCall(true, 0, ZeroHash, await free()),
      ).to.be.revertedWithCustomError(arbRetryableTx, "NothingUnderWay");
      await expect(system.startRedeem(0, true, await free())).to.be.revertedWithCustomError(
        arbRetryableTx,
        "NothingUnderWay",
      );
      await expect(system.nextRedeem()).to.be.revertedWithCustomError(
        arbRetryableTx,
        "NothingUnderWay",
      );
    });

    it("takes back the value of a call that failed, and what gas is somebody else's, to the wei", async () => {
      const { arbRetryableTx, system } = await triedTicket();
      const owed = 7n + 40_000n * BASE_FEE;
      expect(await system.amountToFinish(false, 60_000)).to.equal(owed);
      expect(await system.amountToFinish(true, 60_000)).to.equal(owed - 7n);

      const sender = arbRetryableTx.connect(await systemSigner(SENDER));
      for (const value of [owed - 1n, owed + 1n]) {
        await expect(sender.finishCall(false, 60_000, id("tx"), { ...(await free()), value }))
          .to.be.revertedWithCustomError(arbRetryableTx, "UnexpectedValue")
          .withArgs(value, owed);
      }
      const finish = sender.finishCall(false, 60_000, id("tx"), { ...(await free()), value: owed });
      await expect(finish).to.emit(arbRetryableTx, "Executed");
      expect(await ethers.provider.getBalance(REFUND)).to.equal(40_000n * BASE_FEE);
      expect(await ethers.provider.getBalance(arbRetryableTx)).to.equal(7n);
    });

    it("takes the price of donated gas for a redeem, and nothing for one that is dropped", async () => {
      const { arbRetryableTx, system } = await keptTicket();
      await arbRetryableTx.redeem(TICKET, await paid());
      await arbRetryableTx.redeem(TICKET, await paid());
      const [{ gasLimit, baseFee }, request] = await system.nextRedeem();
      const price = gasLimit * baseFee;
      expect(request.from).to.equal(SENDER);

      await expect(system.startRedeem(0, true, { ...(await free()), value: price - 1n }))
        .to.be.revertedWithCustomError(arbRetryableTx, "UnexpectedValue")
        .withArgs(price - 1n, price);
      await expect(system.startRedeem(0, false, { ...(await free()), value: 1n }))
        .to.be.revertedWithCustomError(arbRetryableTx, "UnexpectedValue")
        .withArgs(1, 0);
      await system.startRedeem(0, false, await free());
      expect((await system.progress()).redeemsDone).to.equal(1);
      const before = await ethers.provider.getBalance(SENDER);
      const [{ gasLimit: nextGas, baseFee: nextFee }] = await system.nextRedeem();
      await system.startRedeem(0, true, { ...(await free()), value: nextGas * nextFee });
      expect((await ethers.provider.getBalance(SENDER)) - before).to.equal(7n + nextGas * nextFee);
      expect(await ethers.provider.getBalance(arbRetryableTx)).to.equal(0);
    });

    it("lets a ticket expire after its time, and not before", async () => {
      const { arbRetryableTx, system } = await keptTicket();
      const timeout = await arbRetryableTx.getTimeout(TICKET);
      await networkHelpers.time.setNextBlockTimestamp(timeout);
      await expect(system.expireTicket(TICKET, await free()))
        .to.be.revertedWithCustomError(arbRetryableTx, "NotExpired")
        .withArgs(timeout);
      await networkHelpers.time.setNextBlockTimestamp(timeout + 1n);
      await expect(system.expireTicket(TICKET, await free()))
        .to.emit(arbRetryableTx, "Expired")
        .withArgs(TICKET);
      expect(await ethers.provider.getBalance(BENEFICIARY)).to.equal(7n);
      await expect(system.expireTicket(TICKET, await free())).to.be.revertedWithCustomError(
        arbRetryableTx,
        "NoTicketWithID",
      );
    });
  });

  describe("what anybody may do", () => {
    it("knows no ticket that was never there, nor one that expired", async () => {
      const { arbRetryableTx } = await keptTicket();
      const timeout = await arbRetryableTx.getTimeout(TICKET);
      const refuse = async (ticketId: string) => {
        for (const send of [
          () => arbRetryableTx.redeem(ticketId, { gasLimit: 1_000_000 }),
          () => arbRetryableTx.keepalive(ticketId),
          () => arbRetryableTx.cancel(ticketId),
          () => arbRetryableTx.getTimeout(ticketId),
          () => arbRetryableTx.getBeneficiary(ticketId),
        ]) {
          await expect(send()).to.be.revertedWithCustomError(arbRetryableTx, "NoTicketWithID");
        }
      };
      await refuse(id("another"));
      await networkHelpers.time.increaseTo(timeout + 1n);
      await refuse(TICKET);
    });

    it("lets nobody change a ticket whose call is under way", async () => {
      const { arbRetryableTx } = await triedTicket();
      for (const send of [
        () => arbRetryableTx.redeem(TICKET, { gasLimit: 1_000_000 }),
        () => arbRetryableTx.cancel(TICKET),
      ]) {
        await expect(send()).to.be.revertedWithCustomError(
          arbRetryableTx,
          "SelfModifyingRetryable",
        );
      }
      expect(await arbRetryableTx.getCurrentRedeemer()).to.equal(ZeroAddress);
      const data = arbRetryableTx.interface.encodeFunctionData("getCurrentRedeemer");
      const answer = await ethers.provider.call({ from: SENDER, to: arbRetryableTx, data });
      expect(answer).to.equal(zeroPadValue(REFUND, 32).toLowerCase());
    });

    it("schedules a redeem with the gas that is left, which has to be enough for a transaction", async () => {
      const { arbRetryableTx, anybody } = await keptTicket();
      await expect(
        arbRetryableTx.redeem(TICKET, { gasLimit: 200_000 }),
      ).to.be.revertedWithCustomError(arbRetryableTx, "TooLittleGasToDonate");
      const hash = await arbRetryableTx.redeem.staticCall(TICKET, { gasLimit: 1_000_000 });
      expect(hash).to.match(/^0x[0-9a-f]{64}$/u);

      const response = await arbRetryableTx.redeem(TICKET, { gasLimit: 1_000_000 });
      const receipt = await response.wait();
      const [scheduled] = await arbRetryableTx.queryFilter(
        arbRetryableTx.filters.RedeemScheduled,
        receipt!.blockNumber,
      );
      expect(scheduled?.args.gasDonor).to.equal(anybody.address);
      expect(scheduled?.args.sequenceNum).to.equal(0);
      expect(scheduled!.args.donatedGas).to.be.lessThan(receipt!.gasUsed);
    });

    it("keeps a ticket alive one lifetime longer, once ahead", async () => {
      const { arbRetryableTx } = await keptTicket();
      const timeout = await arbRetryableTx.getTimeout(TICKET);
      expect(await arbRetryableTx.getLifetime()).to.equal(WEEK);
      await expect(arbRetryableTx.keepalive(TICKET))
        .to.emit(arbRetryableTx, "LifetimeExtended")
        .withArgs(TICKET, timeout + BigInt(WEEK));
      await networkHelpers.time.setNextBlockTimestamp(timeout - 1n);
      await expect(arbRetryableTx.keepalive(TICKET))
        .to.be.revertedWithCustomError(arbRetryableTx, "TimeoutTooFar")
        .withArgs(timeout + BigInt(WEEK), timeout - 1n + BigInt(WEEK));
      await networkHelpers.time.setNextBlockTimestamp(timeout);
      await arbRetryableTx.keepalive(TICKET);
    });

    it("lets the beneficiary alone cancel", async () => {
      const { arbRetryableTx, anybody } = await keptTicket();
      expect(await arbRetryableTx.getBeneficiary(TICKET)).to.equal(BENEFICIARY);
      await expect(arbRetryableTx.cancel(TICKET))
        .to.be.revertedWithCustomError(arbRetryableTx, "NotBeneficiary")
        .withArgs(anybody, BENEFICIARY);
      const beneficiary = arbRetryableTx.connect(await systemSigner(BENEFICIARY));
      await expect(beneficiary.cancel(TICKET, await free()))
        .to.emit(arbRetryableTx, "Canceled")
        .withArgs(TICKET);
      expect(await ethers.provider.getBalance(BENEFICIARY)).to.equal(7n);
    });

    it("never submits a ticket for anybody", async () => {
      const { arbRetryableTx } = await tickets();
      await expect(
        arbRetryableTx.submitRetryable(ZeroHash, 0, 0, 0, 0, 0, 0, TARGET, TARGET, TARGET, "0x"),
      ).to.be.revertedWithCustomError(arbRetryableTx, "NotCallable");
    });

    it("uses up what gas `burn` is given", async () => {
      const { arbRetryableTx, anybody } = await tickets();
      const { gasPrice } = await paid();
      const before = await ethers.provider.getBalance(anybody);
      // The chain of these tests throws for a transaction that fails, and mines it nevertheless.
      const data = arbRetryableTx.interface.encodeFunctionData("burn");
      await anybody
        .sendTransaction({ to: arbRetryableTx, data, gasLimit: 123_456, gasPrice })
        .catch(() => {});
      const spent = before - (await ethers.provider.getBalance(anybody));
      expect(spent).to.equal(123_456n * gasPrice);
    });
  });

  it("lists the tickets that are there", async () => {
    const { system } = await tickets();
    const ids = ["a", "b", "c"].map(id);
    for (const [index, ticketId] of ids.entries()) {
      const kept = call({ gasLimit: 0, value: 0 });
      await system.submitTicket(message(index), kept, submission({ ticketId }), await free());
    }
    await system.connect(await systemSigner(BENEFICIARY)).cancel(ids[0]!, await free());

    const [open, timeouts] = await system.openTickets();
    expect([...open].sort()).to.deep.equal(ids.slice(1).sort());
    for (const [place, ticketId] of open.entries()) {
      expect(timeouts[place]).to.equal(await system.getTimeout(ticketId));
      const { from_, to_, value_, beneficiary_, data_ } = await system.ticket(ticketId);
      expect([from_, to_, value_, beneficiary_, data_]).to.deep.equal([
        SENDER,
        TARGET,
        0n,
        BENEFICIARY,
        "0x1234",
      ]);
    }
  });
});
