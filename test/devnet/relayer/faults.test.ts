import { expect } from "chai";
import { encodeFunctionData, type Address, type Hex } from "viem";

import type { RelayStep } from "../../../src/devnet/relayer/executeMessages.ts";
import { SYSTEM_CONTRACTS } from "../../../src/devnet/relayer/systemContracts.ts";
import type { Provider } from "../../../src/devnet/rollup/sendSigned.ts";
import { createRandom } from "../../helpers/createRandom.ts";
import { expectConserved } from "../../helpers/expectConserved.ts";
import {
  aliasOf,
  BASE_FEE,
  freshAddress,
  inboxAbi,
  SCALE,
  startBridge,
  ticketsAbi,
  type TestBridge,
  type TestRelayer,
} from "../../helpers/startBridge.ts";

/** More transactions than the appchain needs for one round of messages. */
const MAX_STEPS = 30;

describe("a relayer", () => {
  let bridge: TestBridge;
  /** Refuses everything. */
  let target: Address;
  const named: Address[] = [];

  before(async () => {
    bridge = await startBridge();
    target = await bridge.place(fresh());
    const relayer = bridge.relay();
    await bridge.createTicket(0, {
      ...{ to: bridge.accounts[2]!.address, value: 10n ** 18n, deposit: 2n * 10n ** 18n },
    });
    await bridge.settled();
    await relayer.stop();
  });
  after(() => bridge.chains.stop());
  afterEach(() => expectConserved(bridge, named));

  function fresh(): Address {
    const address = freshAddress();
    named.push(address);
    return address;
  }

  function deposit(units: bigint): Promise<unknown> {
    const data = encodeFunctionData({ abi: inboxAbi, functionName: "depositERC20", args: [units] });
    return bridge.send("settlement", 1, { to: bridge.rollup.inbox, data });
  }

  it("goes on where another was stopped, between any two transactions, and does nothing twice", async () => {
    const stoppedAt: RelayStep[] = [];
    for (let stopAt = 0; stopAt < MAX_STEPS; ++stopAt) {
      const [paid, feeRefund] = [fresh(), fresh()];
      const before = await bridge.balanceOf(bridge.accounts[1]!.address);
      await bridge.createTicket(1, { to: paid, value: 5n, feeRefund });
      const failing = await bridge.createTicket(1, { to: target, value: 7n, feeRefund });
      await deposit(2n);
      const data = encodeFunctionData({
        ...{ abi: inboxAbi, functionName: "sendContractTransaction" },
        args: [21_000n, BASE_FEE, paid, 11n, "0x"],
      } as const);
      await bridge.send("settlement", 1, { to: bridge.rollup.inbox, data });

      const isStopped = await relayUntil(stopAt, stoppedAt);
      const second = bridge.relay();
      await bridge.settled();
      const redeem = encodeFunctionData({
        ...{ abi: ticketsAbi, functionName: "redeem", args: [failing] },
      } as const);
      await bridge.send("appchain", 2, {
        ...{ to: SYSTEM_CONTRACTS.ArbRetryableTx, data: redeem, gas: 1_000_000n },
      });
      await bridge.settled();
      await second.stop();

      const label = `stopped before transaction ${stopAt}`;
      expect(second.errors, label).to.deep.equal([]);
      expect(await bridge.balanceOf(paid), label).to.equal(16n);
      const after = await bridge.balanceOf(bridge.accounts[1]!.address);
      expect(after - before, label).to.equal(2n * SCALE);
      const gas = (await gasOf(failing)) + 21_000n;
      expect(await bridge.balanceOf(feeRefund), label).to.equal(
        2n * 100_000n * 2n * BASE_FEE - gas * BASE_FEE,
      );
      expect((await bridge.attemptsOf(failing)).length, label).to.equal(2);
      if (!isStopped) break;
    }
    expect(new Set(stoppedAt)).to.deep.equal(
      new Set(["submit", "call", "finish", "deposit", "begin"]),
    );
  });

  /** Relays until the given transaction would be next; false if it needed fewer. */
  async function relayUntil(stopAt: number, stoppedAt: RelayStep[]): Promise<boolean> {
    let count = 0;
    let isStopped = false;
    const relayer: TestRelayer = bridge.relay({
      beforeStep: (step) => {
        if (count++ < stopAt) return;
        isStopped = true;
        stoppedAt.push(step);
        void relayer.stop();
        throw new Error("stopped");
      },
    });
    const settled = new AbortController();
    await Promise.race([bridge.settled(settled.signal), relayer.ended]);
    settled.abort();
    await relayer.stop();
    return isStopped;
  }

  async function gasOf(ticketId: Hex): Promise<bigint> {
    const [attempt] = await bridge.attemptsOf(ticketId);
    return (await bridge.attemptOf(attempt!.retryTxHash)).gasUsed;
  }

  it("goes on with a redeem that was interrupted", async () => {
    const ticketId = await bridge.createTicket(1, { to: target, value: 3n, feeRefund: fresh() });
    const first = bridge.relay();
    await bridge.settled();
    await first.stop();
    const redeem = encodeFunctionData({
      ...{ abi: ticketsAbi, functionName: "redeem", args: [ticketId] },
    } as const);
    await bridge.send("appchain", 2, {
      ...{ to: SYSTEM_CONTRACTS.ArbRetryableTx, data: redeem, gas: 1_000_000n },
    });
    for (let stopAt = 0; stopAt < 3; ++stopAt) {
      // Each one does a transaction of the redeem.
      expect(await relayUntil(stopAt === 0 ? 0 : 1, [])).to.be.true;
    }
    const last = bridge.relay();
    await bridge.settled();
    await last.stop();

    const [, attempt] = await bridge.attemptsOf(ticketId);
    expect((await bridge.attemptOf(attempt!.retryTxHash)).status).to.equal("reverted");
    expect((await bridge.money(named)).ticketBalance >= 3n).to.be.true;
  });

  it("relays each message once when the node repeats, mixes up and keeps back events", async () => {
    const random = createRandom(4);
    const faulty = answering("eth_getLogs", async (answer) => {
      const logs = (await answer()) as readonly unknown[];
      return [...logs, ...logs]
        .filter(() => random() < 0.8)
        .map((log) => ({ log, place: random() }))
        .sort((a, b) => a.place - b.place)
        .map(({ log }) => log);
    });
    const receivers = Array.from({ length: 20 }, fresh);
    const relayer = bridge.relay({ settlement: faulty, pollIntervalMs: 5 });
    for (const to of receivers) await bridge.createTicket(1, { to, value: 5n, beneficiary: to });
    await bridge.settled();
    await relayer.stop();

    expect(relayer.errors).to.deep.equal([]);
    for (const to of receivers) {
      expect(await bridge.balanceOf(to)).to.equal(5n + (2n * 100_000n - 21_000n) * BASE_FEE);
    }
  });

  it("takes no events of another bridge, and no data that the bridge did not take", async () => {
    const to = fresh();
    const other = fresh();
    let forged = 0;
    const forging = answering("eth_getLogs", async (answer) => {
      const logs = (await answer()) as readonly { readonly address: Address; readonly data: Hex }[];
      forged += logs.length;
      const elsewhere = logs.map((log) => ({ ...log, address: other }));
      const changed = logs.map((log) => ({ ...log, data: log.data.replace(/.$/u, "1") as Hex }));
      return [...elsewhere, ...changed, ...logs];
    });
    const relayer = bridge.relay({ settlement: forging });
    await bridge.createTicket(1, { to, value: 5n });
    await bridge.settled();
    await relayer.stop();
    expect(forged).to.be.greaterThan(0);
    expect(relayer.errors).to.deep.equal([]);
    expect(await bridge.balanceOf(to)).to.equal(5n + (2n * 100_000n - 21_000n) * BASE_FEE);
  });

  it("tells of a node that fails, and tries again until it answers", async () => {
    const to = fresh();
    let failures = 3;
    const failing = answering("eth_getLogs", async (answer) => {
      if (failures-- > 0) throw new Error("no answer");
      return answer();
    });
    const relayer = bridge.relay({ settlement: failing });
    await bridge.createTicket(1, { to, value: 5n });
    await bridge.settled();
    await relayer.stop();
    expect(relayer.errors.length).to.equal(3);
    expect(await bridge.balanceOf(to)).to.equal(5n + (2n * 100_000n - 21_000n) * BASE_FEE);
  });

  it("relays nothing that is taken back before it is confirmed, and what comes instead", async () => {
    const [gone, instead] = [fresh(), fresh()];
    const { provider, producer } = bridge.chains.settlement;
    const relayer = bridge.relay({ confirmations: 2 });
    const snapshot: unknown = await provider.request({ method: "evm_snapshot" });
    await bridge.createTicket(1, { to: gone, value: 5n });
    await producer.mine();
    await provider.request({ method: "evm_revert", params: [snapshot] });

    await bridge.createTicket(1, { to: instead, value: 7n, feeRefund: fresh() });
    await producer.mine();
    await producer.mine();
    await bridge.settled();
    await relayer.stop();
    expect(relayer.errors).to.deep.equal([]);
    expect(await bridge.balanceOf(gone)).to.equal(0n);
    expect(await bridge.balanceOf(instead)).to.equal(7n);
  });

  function answering(
    method: string,
    answer: (ask: () => Promise<unknown>) => Promise<unknown>,
  ): Provider {
    const { provider } = bridge.chains.settlement;
    return {
      request: (request) =>
        request.method === method
          ? answer(() => provider.request(request))
          : provider.request(request),
    };
  }
});

describe("a relayer on a chain that takes back what it relayed", () => {
  it("stops for good, and says what was taken back", async () => {
    const bridge = await startBridge();
    const relayer = bridge.relay();
    const { provider } = bridge.chains.settlement;
    await bridge.settled();
    const snapshot: unknown = await provider.request({ method: "evm_snapshot" });
    const to = freshAddress();
    await bridge.createTicket(1, { to, value: 5n });
    await bridge.settled();

    await provider.request({ method: "evm_revert", params: [snapshot] });
    await bridge.createTicket(1, { to: freshAddress(), value: 6n });
    await relayer.ended;
    expect(relayer.errors).to.have.length(1);
    expect(relayer.errors[0]).to.include({ code: "SETTLEMENT_REORGANISED", retryable: false });

    const balance = await bridge.balanceOf(aliasOf(bridge.accounts[1]!.address));
    await bridge.createTicket(1, { to, value: 6n });
    await bridge.chains.settlement.producer.mine();
    expect(await bridge.balanceOf(to)).to.equal(5n + (2n * 100_000n - 21_000n) * BASE_FEE);
    expect(await bridge.balanceOf(aliasOf(bridge.accounts[1]!.address))).to.equal(balance);
    await relayer.stop();
    await bridge.chains.stop();
  });
});
