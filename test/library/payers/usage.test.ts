import { expect } from "chai";

import { fundPayer } from "../../../src/payers/fundPayer.ts";
import { parseDollars } from "../../../src/payers/microdollars.ts";
import { readPayer } from "../../../src/payers/readPayer.ts";
import { readPayerUsage } from "../../../src/payers/readPayerUsage.ts";
import { caughtError } from "../../helpers/caughtError.ts";
import { startPayersNetwork, type PayersNetwork } from "../../helpers/payersNetwork.ts";

const DEPOSIT = parseDollars("100");
const HOUR_SECONDS = 3_600;
const DAY_SECONDS = 24 * HOUR_SECONDS;

describe("readPayer, readPayerUsage", () => {
  let network: PayersNetwork;
  before(async () => {
    network = await startPayersNetwork();
  });
  afterEach(() => network.reset());
  after(() => network.stop());

  const usage = (windowDays: number) =>
    readPayerUsage({ ...network.escrow(), payer: network.payer.address, windowDays });
  const charge = (fee: bigint) =>
    network.settle([
      { payer: network.other.address, fee: 3n * fee },
      { payer: network.payer.address, fee },
    ]);
  const pass = async (seconds: number) => {
    await network.controls.increaseTime({ seconds });
    await network.controls.mine({ blocks: 1 });
  };

  it("reads a payer that was never heard of", async () => {
    const { payer, devnet } = network;
    const { blockNumber, blockTimestamp, ...status } = await readPayer({
      ...network.escrow(),
      payer: payer.address,
    });
    expect(status).to.deep.equal({
      payer: payer.address,
      balance: 0n,
      debt: 0n,
      pendingWithdrawal: undefined,
      withdrawalNonce: 0,
      minimumDeposit: parseDollars("10"),
      withdrawLockSeconds: 172_800,
      isPaused: false,
    });
    expect(blockNumber).to.equal(await network.chain.client.getBlockNumber());
    expect(blockTimestamp).to.equal((await network.chain.client.getBlock()).timestamp);
    expect(devnet.settlement.chainId).to.equal(network.chain.chainId);
  });

  it("never ends where nothing is charged", async () => {
    expect(await usage(7))
      .to.include({ settled: 0n, settlements: 0, settledPerDay: 0n })
      .and.to.include({ daysLeft: null });
  });

  it("sums the payer's own charges within the window, and divides the balance by them", async () => {
    await network.mint(network.payer.address, DEPOSIT);
    await fundPayer({ ...network.escrow(), amount: DEPOSIT });
    await charge(parseDollars("40"));
    await pass(2 * DAY_SECONDS);
    for (let count = 0; count < 5; count += 1) {
      await charge(parseDollars("2"));
      await pass(23 * HOUR_SECONDS);
    }

    const recent = await usage(5);
    expect(recent).to.include({
      settled: parseDollars("10"),
      settlements: 5,
      balance: parseDollars("50"),
    });
    // Its first block is the one after the two days; each transaction has moved the clock on a little.
    expect(recent.windowSeconds).to.be.within(115 * HOUR_SECONDS, 116 * HOUR_SECONDS);
    const perDayDown = (recent.settled * BigInt(DAY_SECONDS)) / BigInt(recent.windowSeconds);
    expect(recent.settledPerDay - perDayDown).to.be.within(0n, 1n);
    expect(recent.daysLeft).to.equal(
      Math.floor((10 * Number(recent.balance)) / Number(recent.settledPerDay)) / 10,
    );
    expect(recent.daysLeft).to.be.within(23.9, 24.2);

    const all = await usage(365);
    expect(all).to.include({ settled: parseDollars("50"), settlements: 6 });
    expect(all.windowSeconds, "the chain is not older").to.be.below(8 * DAY_SECONDS);
  });

  it("has no days left in debt", async () => {
    await charge(parseDollars("1"));
    expect(await usage(7)).to.include({ balance: -parseDollars("1"), daysLeft: 0 });
  });

  it("refuses windows that are none", async () => {
    expect((await caughtError(usage(0))).code).to.equal("INVALID_OPTION");
  });
});
