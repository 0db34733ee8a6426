import { expect } from "chai";

import { fundPayer } from "../../../src/payers/fundPayer.ts";
import { parseDollars } from "../../../src/payers/microdollars.ts";
import { readPayer } from "../../../src/payers/readPayer.ts";
import {
  cancelWithdrawal,
  finalizeWithdrawal,
  requestWithdrawal,
} from "../../../src/payers/withdrawals.ts";
import { caughtError } from "../../helpers/caughtError.ts";
import { startPayersNetwork, type PayersNetwork } from "../../helpers/payersNetwork.ts";

const DEPOSIT = parseDollars("25");
const AMOUNT = parseDollars("7");
const LOCK_SECONDS = 172_800;

describe("withdrawals", () => {
  let network: PayersNetwork;
  before(async () => {
    network = await startPayersNetwork();
  });
  beforeEach(async () => {
    await network.mint(network.payer.address, DEPOSIT);
    await fundPayer({ ...network.escrow(), amount: DEPOSIT });
  });
  afterEach(() => network.reset());
  after(() => network.stop());

  const status = () => readPayer({ ...network.escrow(), payer: network.payer.address });
  const request = (amount = AMOUNT) => requestWithdrawal({ ...network.escrow(), amount });
  const waitForLock = async (seconds = LOCK_SECONDS) => {
    await network.controls.increaseTime({ seconds });
    await network.controls.mine({ blocks: 1 });
  };

  it("requests, says when it is ready, and pays underlying tokens", async () => {
    const requested = await request();
    const { timestamp } = await network.chain.client.getBlock({
      blockNumber: requested.blockNumber,
    });
    expect(requested).to.include({
      payer: network.payer.address,
      amount: AMOUNT,
      withdrawableAt: Number(timestamp) + LOCK_SECONDS,
      nonce: 1,
    });
    expect(await status()).to.deep.include({
      balance: DEPOSIT - AMOUNT,
      pendingWithdrawal: {
        amount: AMOUNT,
        withdrawableAt: requested.withdrawableAt,
        isReady: false,
      },
      withdrawalNonce: 1,
    });

    await waitForLock();
    expect((await status()).pendingWithdrawal).to.include({ isReady: true });

    const paid = await finalizeWithdrawal({
      ...network.escrow(),
      recipient: network.other.address,
    });
    expect(paid).to.include({
      payer: network.payer.address,
      recipient: network.other.address,
      amount: AMOUNT,
      into: "underlying",
      nonce: 1,
    });
    const { underlyingFeeToken } = network.addresses;
    expect(await network.balanceOf(underlyingFeeToken, network.other.address)).to.equal(AMOUNT);
    expect((await status()).pendingWithdrawal).to.equal(undefined);
  });

  it("pays fee tokens to the account itself", async () => {
    await request();
    await waitForLock();
    const paid = await finalizeWithdrawal({ ...network.escrow(), into: "feeToken" });
    expect(paid).to.include({ recipient: network.payer.address, amount: AMOUNT, into: "feeToken" });
    const { feeToken } = network.addresses;
    expect(await network.balanceOf(feeToken, network.payer.address)).to.equal(AMOUNT);
  });

  it("cancels at any time, and counts requests on", async () => {
    await request();
    const cancelled = await cancelWithdrawal(network.escrow());
    expect(cancelled).to.include({ payer: network.payer.address, nonce: 1 });
    expect(await status()).to.include({ balance: DEPOSIT, pendingWithdrawal: undefined });
    expect((await request()).nonce).to.equal(2);
  });

  it("names the time until which the lock holds, and sends nothing", async () => {
    const { withdrawableAt } = await request();
    await waitForLock(LOCK_SECONDS - 600);
    const before = await network.sentBy(network.payer);

    const error = await caughtError(finalizeWithdrawal(network.escrow()));

    expect(error).to.include({ code: "WithdrawalNotReady", retryable: true });
    const time = new Date(withdrawableAt * 1_000).toISOString();
    expect(error.message)
      .to.match(/locked until .+, for \d+ more seconds/u)
      .and.include(time);
    expect(await network.sentBy(network.payer)).to.equal(before);
  });

  it("says what the balance is when more is to be withdrawn", async () => {
    const error = await caughtError(request(DEPOSIT + 1n));
    expect(error.code).to.equal("InsufficientBalance");
    expect(error.message).to.include("the balance is 25.00 dollars, 25.000001 cannot");
    expect((await request(DEPOSIT)).amount).to.equal(DEPOSIT);
  });

  it("keeps a withdrawal back while there is a debt, and cancelling repays it", async () => {
    await request(DEPOSIT);
    await network.settle([{ payer: network.payer.address, fee: AMOUNT }]);
    await waitForLock();
    expect(await status()).to.deep.include({
      balance: -AMOUNT,
      debt: AMOUNT,
      pendingWithdrawal: {
        amount: DEPOSIT,
        withdrawableAt: (await status()).pendingWithdrawal?.withdrawableAt,
        isReady: false,
      },
    });
    expect((await caughtError(finalizeWithdrawal(network.escrow()))).code).to.equal("PayerInDebt");

    await cancelWithdrawal(network.escrow());
    expect(await status()).to.include({ balance: DEPOSIT - AMOUNT, debt: 0n });
  });

  it("refuses a second request, nothing to cancel or to pay, and all of it while paused", async () => {
    const nothing = await Promise.all(
      [cancelWithdrawal(network.escrow()), finalizeWithdrawal(network.escrow())].map(caughtError),
    );
    expect(nothing.map(({ code }) => code)).to.deep.equal([
      "NoPendingWithdrawal",
      "NoPendingWithdrawal",
    ]);
    await request();
    expect((await caughtError(request())).code).to.equal("PendingWithdrawalExists");

    await network.setEscrow({ paused: true });
    await waitForLock();
    expect(await status()).to.include({ isPaused: true });
    expect((await status()).pendingWithdrawal).to.include({ isReady: false });
    const paused = await Promise.all(
      [request(), cancelWithdrawal(network.escrow()), finalizeWithdrawal(network.escrow())].map(
        caughtError,
      ),
    );
    expect(paused.map(({ code }) => code)).to.deep.equal(["Paused", "Paused", "Paused"]);
  });

  it("refuses a zero recipient and amounts that are none, before the chain is asked", async () => {
    const zero = `0x${"0".repeat(40)}`;
    const errors = await Promise.all(
      [finalizeWithdrawal({ ...network.escrow(), recipient: zero }), request(0n)].map(caughtError),
    );
    expect(errors.map(({ code }) => code)).to.deep.equal(["INVALID_ADDRESS", "INVALID_AMOUNT"]);
  });
});
