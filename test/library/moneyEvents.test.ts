import { expect } from "chai";
import { keccak256, stringToHex, type Hex } from "viem";

import type { Cursor, EventSource } from "../../src/events/eventSources.ts";
import { followEvents } from "../../src/events/followEvents.ts";
import { escrowChanges, usageSettlements } from "../../src/events/moneyEvents.ts";
import { readEvents } from "../../src/events/readEvents.ts";
import { XmtpError } from "../../src/errors/XmtpError.ts";
import { fundPayer } from "../../src/payers/fundPayer.ts";
import { parseDollars } from "../../src/payers/microdollars.ts";
import {
  cancelWithdrawal,
  finalizeWithdrawal,
  requestWithdrawal,
} from "../../src/payers/withdrawals.ts";
import { startPayersNetwork, type PayersNetwork } from "../helpers/payersNetwork.ts";

const DEPOSIT = parseDollars("25");
const AMOUNT = parseDollars("7");
const REPORT_ID = keccak256(stringToHex("report"));
const OTHER_REPORT_ID = keccak256(stringToHex("other report"));

describe("events of the escrow", () => {
  let network: PayersNetwork;
  before(async () => {
    network = await startPayersNetwork();
  });
  afterEach(() => network.reset());
  after(() => network.stop());

  const deposit = async (payer = network.payer.address) => {
    await network.mint(network.payer.address, DEPOSIT);
    return fundPayer({ ...network.escrow(), payer, amount: DEPOSIT });
  };
  const read = async <Event extends { readonly cursor: Required<Cursor> }>(
    source: EventSource<Event>,
  ) => {
    const events: Event[] = [];
    for await (const event of readEvents({ chain: network.chain, source })) events.push(event);
    return events;
  };
  const address = () => network.addresses.payerRegistry;

  it("reads what a payer deposited and withdrew, in order, with everything the events say", async () => {
    const { transactionHash, blockNumber } = await deposit();
    await deposit(network.other.address);
    await requestWithdrawal({ ...network.escrow(), amount: AMOUNT });
    await cancelWithdrawal(network.escrow());
    const { withdrawableAt } = await requestWithdrawal({ ...network.escrow(), amount: AMOUNT });
    await network.controls.increaseTime({ seconds: 172_800 });
    await network.controls.mine({ blocks: 1 });
    await finalizeWithdrawal(network.escrow());

    const source = escrowChanges({ address: address(), payer: network.payer.address });
    const events = await read(source);

    const payer = network.payer.address;
    expect(events.map(({ kind }) => kind)).to.deep.equal([
      "deposit",
      "withdrawalRequested",
      "withdrawalCancelled",
      "withdrawalRequested",
      "withdrawalFinalized",
    ]);
    const [first, , cancelled, again, finalized] = events;
    expect(first).to.deep.include({ kind: "deposit", payer, amount: DEPOSIT, transactionHash });
    expect(first?.cursor.blockNumber).to.equal(Number(blockNumber));
    expect(cancelled).to.include({ payer, nonce: 1 });
    expect(again).to.include({
      payer,
      amount: AMOUNT,
      nonce: 2,
      withdrawableTimestamp: withdrawableAt,
    });
    expect(finalized).to.include({ payer, nonce: 2 });

    const all = escrowChanges({ address: address() });
    expect(await read(all)).to.have.length(6);
  });

  it("reads what was charged: of all payers, of one, for one report", async () => {
    const { payer, other } = network;
    await network.settle([{ payer: payer.address, fee: 5n }], REPORT_ID);
    await network.settle(
      [
        { payer: payer.address, fee: 6n },
        { payer: other.address, fee: 7n },
      ],
      OTHER_REPORT_ID,
    );
    const amounts = async (filter: { payer?: string; payerReportId?: Hex }) => {
      const source = usageSettlements({ address: address(), ...filter });
      const events = await read(source);
      return events.map(({ amount }) => amount);
    };

    expect(await amounts({})).to.deep.equal([5n, 6n, 7n]);
    expect(await amounts({ payer: payer.address })).to.deep.equal([5n, 6n]);
    expect(await amounts({ payerReportId: OTHER_REPORT_ID })).to.deep.equal([6n, 7n]);
    expect(await amounts({ payer: other.address, payerReportId: OTHER_REPORT_ID })).to.deep.equal([
      7n,
    ]);
    const source = usageSettlements({ address: address(), payerReportId: REPORT_ID });
    const [settled] = await read(source);
    expect(settled).to.deep.include({
      kind: "usageSettled",
      payerReportId: REPORT_ID,
      payer: payer.address,
      amount: 5n,
    });
  });

  it("follows them live", async () => {
    const source = escrowChanges({ address: address() });
    const fromBlock = Number(await network.chain.client.getBlockNumber()) + 1;
    const controller = new AbortController();
    const following = (async () => {
      for await (const step of followEvents({
        chain: network.chain,
        source,
        fromBlock,
        pollIntervalMs: 20,
        signal: controller.signal,
      })) {
        if (step.type === "event") return step.event;
      }
      return undefined;
    })();
    await deposit();
    expect(await following).to.include({ kind: "deposit", amount: DEPOSIT });
    controller.abort();
  });

  it("refuses ids of reports that are none", () => {
    expect(() => usageSettlements({ address: address(), payerReportId: "0x12" }))
      .to.throw(XmtpError)
      .with.property("code", "INVALID_REPORT");
  });
});
