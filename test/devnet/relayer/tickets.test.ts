import { expect } from "chai";
import { encodeFunctionData, parseAbi, parseEventLogs, type Address, type Hex } from "viem";

import { SYSTEM_CONTRACTS, systemTicketsAbi } from "../../../src/devnet/relayer/systemContracts.ts";
import { createRandom } from "../../helpers/createRandom.ts";
import { expectConserved } from "../../helpers/expectConserved.ts";
import {
  aliasOf,
  BASE_FEE,
  freshAddress,
  SCALE,
  startBridge,
  ticketsAbi,
  type TestBridge,
  type TestRelayer,
} from "../../helpers/startBridge.ts";
import { modelTicket, type Balances } from "../../helpers/ticketModel.ts";

const WEEK = 7n * 24n * 3_600n;
/** Tickets with random amounts. */
const RANDOM_TICKETS = 60;

const targetAbi = parseAbi([
  "event Called(address sender, address origin, uint256 value, uint256 gasPrice, uint256 baseFee, address redeemer, bytes data)",
  "function setOpen(bool isOpen)",
  "function mark(bytes32 ticketId)",
  "function redeemMarked()",
]);
describe("relayed tickets", () => {
  let bridge: TestBridge;
  let relayer: TestRelayer;
  /** Refuses until it is opened. */
  let target: Address;
  const named: Address[] = [];

  before(async () => {
    bridge = await startBridge();
    relayer = bridge.relay();
    target = await bridge.place(fresh());
    await fund(2);
  });
  after(async () => {
    await relayer.stop();
    await bridge.chains.stop();
  });
  afterEach(async () => {
    await bridge.settled();
    expect(relayer.errors).to.deep.equal([]);
    await expectConserved(bridge, named);
  });

  function fresh(): Address {
    const address = freshAddress();
    named.push(address);
    return address;
  }

  async function fund(index: number): Promise<void> {
    const { address } = bridge.accounts[index]!;
    await bridge.createTicket(0, { to: address, value: 10n ** 18n, deposit: 2n * 10n ** 18n });
    await bridge.settled();
  }

  async function setOpen(isOpen: boolean): Promise<void> {
    const data = encodeFunctionData({ abi: targetAbi, functionName: "setOpen", args: [isOpen] });
    await bridge.send("appchain", 2, { to: target, data });
  }

  function call(
    functionName: "redeem" | "cancel" | "keepalive",
    ticketId: Hex,
    from: number,
    gas = 1_000_000n,
  ) {
    const data = encodeFunctionData({ abi: ticketsAbi, functionName, args: [ticketId] });
    return bridge.send("appchain", from, { to: SYSTEM_CONTRACTS.ArbRetryableTx, data, gas });
  }

  async function isOpen(ticketId: Hex): Promise<boolean> {
    const [from] = await bridge.clients.appchain.client.readContract({
      ...{ abi: systemTicketsAbi, address: SYSTEM_CONTRACTS.ArbRetryableTx },
      functionName: "ticket",
      args: [ticketId],
    });
    return BigInt(from) !== 0n;
  }

  const read = (functionName: "getTimeout" | "getBeneficiary", ticketId: Hex) =>
    bridge.clients.appchain.client.readContract({
      ...{ abi: ticketsAbi, address: SYSTEM_CONTRACTS.ArbRetryableTx, functionName },
      args: [ticketId],
    });

  it("calls the target as the sender's alias, with the value, at the base fee", async () => {
    await setOpen(true);
    const sender = aliasOf(bridge.accounts[1]!.address);
    const feeRefund = fresh();
    const ticketId = await bridge.createTicket(1, {
      ...{ to: target, value: 7n, feeRefund, data: "0x1234", gasLimit: 300_000n },
    });
    await bridge.settled();

    const [attempt] = await bridge.attemptsOf(ticketId);
    const receipt = await bridge.attemptOf(attempt!.retryTxHash);
    const [called] = parseEventLogs({ abi: targetAbi, logs: receipt.logs });
    expect(receipt.status).to.equal("success");
    expect(called?.args).to.deep.equal({
      ...{ sender, origin: sender, value: 7n, data: "0x1234" },
      ...{ gasPrice: BASE_FEE, baseFee: BASE_FEE, redeemer: feeRefund },
    });
    expect(await isOpen(ticketId)).to.be.false;
  });

  it("keeps a ticket whose call fails, with its value, until it is redeemed", async () => {
    await setOpen(false);
    const ticketId = await bridge.createTicket(1, { to: target, value: 9n });
    await bridge.settled();
    const [first] = await bridge.attemptsOf(ticketId);
    expect((await bridge.attemptOf(first!.retryTxHash)).status).to.equal("reverted");
    expect(await isOpen(ticketId)).to.be.true;

    await setOpen(true);
    const before = await bridge.balanceOf(target);
    await call("redeem", ticketId, 2);
    await bridge.settled();

    const [, second] = await bridge.attemptsOf(ticketId);
    const receipt = await bridge.attemptOf(second!.retryTxHash);
    const [called] = parseEventLogs({ abi: targetAbi, logs: receipt.logs });
    expect(called?.args.redeemer).to.equal(bridge.accounts[2]!.address);
    expect((await bridge.balanceOf(target)) - before).to.equal(9n);
    expect(await isOpen(ticketId)).to.be.false;
  });

  it("gives a redeemer back what the attempt leaves of the donated gas", async () => {
    await setOpen(false);
    const ticketId = await bridge.createTicket(1, { to: target, value: 9n });
    await bridge.settled();
    const sender = aliasOf(bridge.accounts[1]!.address);
    const redeemer = bridge.accounts[2]!.address;
    const before = [await bridge.balanceOf(redeemer), await bridge.balanceOf(sender)] as const;

    const { gasUsed, effectiveGasPrice } = await call("redeem", ticketId, 2, 3_000_000n);
    await bridge.settled();

    const [, attempt] = await bridge.attemptsOf(ticketId);
    const retry = await bridge.attemptOf(attempt!.retryTxHash);
    const { donatedGas } = attempt!;
    expect(retry.status).to.equal("reverted");
    expect(donatedGas > 2_500_000n && donatedGas < gasUsed, `${donatedGas} of ${gasUsed}`).to.be
      .true;
    expect(await bridge.balanceOf(redeemer), "redeemer").to.equal(
      before[0] - gasUsed * effectiveGasPrice + (donatedGas - retry.gasUsed) * BASE_FEE,
    );
    expect(await bridge.balanceOf(sender), "sender").to.equal(before[1]);
    expect(await isOpen(ticketId)).to.be.true;
  });

  it("runs redeems of one ticket in the order of asking, and drops those that come too late", async () => {
    await setOpen(false);
    const ticketId = await bridge.createTicket(1, { to: target });
    await bridge.settled();
    await setOpen(true);
    await bridge.chains.appchain.setBlockTime(0);
    const data = encodeFunctionData({ abi: ticketsAbi, functionName: "redeem", args: [ticketId] });
    for (let index = 0; index < 3; ++index) {
      await bridge.clients.appchain.wallet.sendTransaction({
        ...{ account: bridge.accounts[2]!, chain: null, data, gas: 1_000_000n },
        to: SYSTEM_CONTRACTS.ArbRetryableTx,
      });
    }
    await bridge.chains.appchain.producer.mine();
    await bridge.chains.appchain.setBlockTime("automine");
    await bridge.settled();

    const [, ...redeems] = await bridge.attemptsOf(ticketId);
    expect(redeems.map(({ sequenceNum }) => sequenceNum)).to.deep.equal([1n, 2n, 3n]);
    expect((await bridge.attemptOf(redeems[0]!.retryTxHash)).status).to.equal("success");
    for (const { retryTxHash } of redeems.slice(1)) {
      const outcome = await bridge.attemptOf(retryTxHash).catch(() => "none");
      expect(outcome).to.equal("none");
    }
  });

  it("pays the value of a cancelled ticket to its beneficiary, who alone may cancel", async () => {
    await setOpen(false);
    const beneficiary = bridge.accounts[2]!.address;
    const ticketId = await bridge.createTicket(1, { to: target, value: 11n, beneficiary });
    await bridge.settled();
    await fund(3);

    expect((await call("cancel", ticketId, 3)).status).to.equal("reverted");
    expect(await read("getBeneficiary", ticketId)).to.equal(beneficiary);
    const before = await bridge.balanceOf(beneficiary);
    const { gasUsed, effectiveGasPrice, status } = await call("cancel", ticketId, 2);

    expect(status).to.equal("success");
    expect(await bridge.balanceOf(beneficiary)).to.equal(
      before - gasUsed * effectiveGasPrice + 11n,
    );
    expect(await isOpen(ticketId)).to.be.false;
  });

  it("lets a ticket be kept alive once ahead, and pays it to its beneficiary when it expires", async () => {
    await setOpen(false);
    const beneficiary = fresh();
    const ticketId = await bridge.createTicket(1, { to: target, value: 13n, beneficiary });
    await bridge.settled();
    const timeout = (await read("getTimeout", ticketId)) as bigint;
    expect((await call("keepalive", ticketId, 2)).status).to.equal("success");
    expect(await read("getTimeout", ticketId)).to.equal(timeout + WEEK);
    expect((await call("keepalive", ticketId, 2)).status, "a second time").to.equal("reverted");

    await travelTo(timeout + WEEK);
    await bridge.settled();
    expect(await isOpen(ticketId), "at its timeout").to.be.true;

    await travelTo(timeout + WEEK + 1n);
    while (await isOpen(ticketId)) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await bridge.balanceOf(beneficiary)).to.equal(13n);
    expect((await call("redeem", ticketId, 2)).status).to.equal("reverted");
  });

  async function travelTo(timestamp: bigint): Promise<void> {
    const { provider, producer } = bridge.chains.appchain;
    await provider.request({
      method: "evm_setNextBlockTimestamp",
      params: [`0x${timestamp.toString(16)}`],
    });
    await producer.mine();
  }

  it("does not let the call of a ticket redeem that ticket", async () => {
    const data = encodeFunctionData({ abi: targetAbi, functionName: "redeemMarked" });
    const ticketId = await bridge.createTicket(1, { to: target, data, gasLimit: 0n });
    await bridge.settled();
    const mark = encodeFunctionData({ abi: targetAbi, functionName: "mark", args: [ticketId] });
    await bridge.send("appchain", 2, { to: target, data: mark });
    await call("redeem", ticketId, 2, 3_000_000n);
    await bridge.settled();

    // As nobody's call it does redeem it: the attempt failed for being the ticket's own.
    const [first, ...more] = await bridge.attemptsOf(ticketId);
    expect((await bridge.attemptOf(first!.retryTxHash)).status).to.equal("reverted");
    expect(more).to.deep.equal([]);
    await bridge.send("appchain", 2, { to: target, data, gas: 3_000_000n });
    await bridge.settled();
    expect(await bridge.attemptsOf(ticketId)).to.have.length(2);
  });

  it("makes no attempt without gas, below the base fee, or with less gas than the data costs", async () => {
    await setOpen(true);
    for (const [gasLimit, maxFeePerGas, data] of [
      [0n, 0n, "0x"],
      [100_000n, BASE_FEE - 1n, "0x"],
      [20_999n, BASE_FEE, "0x"],
      [21_015n, BASE_FEE, "0x01"],
    ] as const) {
      const feeRefund = fresh();
      const ticketId = await bridge.createTicket(1, {
        ...{ to: target, value: 3n, gasLimit, maxFeePerGas, data, feeRefund },
      });
      await bridge.settled();
      const label = `${gasLimit} gas at ${maxFeePerGas}`;
      expect(await bridge.attemptsOf(ticketId), label).to.deep.equal([]);
      expect(await bridge.balanceOf(feeRefund), label).to.equal(gasLimit * maxFeePerGas);
      expect(await isOpen(ticketId), label).to.be.true;
    }
  });

  it("creates a contract for a ticket without a target", async () => {
    const returnsOneByte = "0x600160005360016000f3";
    const ticketId = await bridge.createTicket(1, {
      ...{ to: "0x0000000000000000000000000000000000000000", data: returnsOneByte },
      ...{ feeRefund: fresh(), beneficiary: fresh() },
    });
    await bridge.settled();
    const [attempt] = await bridge.attemptsOf(ticketId);
    const { contractAddress } = await bridge.attemptOf(attempt!.retryTxHash);
    expect(await bridge.clients.appchain.client.getCode({ address: contractAddress! })).to.equal(
      "0x01",
    );
  });

  it("takes call data as long as the inbox does", async () => {
    await setOpen(false);
    const data: Hex = `0x${"ab".repeat(100_000)}`;
    const ticketId = await bridge.createTicket(1, {
      ...{ to: target, data, gasLimit: 5_000_000n, deposit: 10_000n * SCALE },
    });
    await bridge.settled();
    const [, , , , kept] = await bridge.clients.appchain.client.readContract({
      ...{ abi: systemTicketsAbi, address: SYSTEM_CONTRACTS.ArbRetryableTx },
      functionName: "ticket",
      args: [ticketId],
    });
    expect(kept).to.equal(data);
    const { status } = await call("redeem", ticketId, 2, 10_000_000n);
    expect(status).to.equal("success");
    await bridge.settled();
    const [, redeem] = await bridge.attemptsOf(ticketId);
    expect((await bridge.attemptOf(redeem!.retryTxHash)).status).to.equal("reverted");
  });

  it("moves every wei as ArbOS does, whatever the amounts", async () => {
    const random = createRandom(9);
    const pick = <Value>(values: readonly Value[]): Value =>
      values[Math.floor(random() * values.length)]!;
    const refused = await bridge.place(fresh());
    const outcomes = new Map<string, number>();

    for (let round = 0; round < RANDOM_TICKETS; ++round) {
      const from = pick([1, 4]);
      const sender = aliasOf(bridge.accounts[from]!.address);
      const ticket = {
        ...{ to: pick([fresh(), refused]), data: "0x" as const },
        value: pick([0n, 1n, 5n * SCALE + 1n, 30n * SCALE]),
        maxSubmissionFee: pick([0n, 0n, 3n * SCALE + 7n, 20n * SCALE]),
        ...{ feeRefund: pick([fresh(), sender]), beneficiary: fresh() },
        gasLimit: pick([0n, 20_999n, 21_000n, 50_000n, 90_000n]),
        maxFeePerGas: pick([0n, BASE_FEE, BASE_FEE + 1n, 3n * BASE_FEE]),
        deposit: pick([0n, SCALE, 10n * SCALE, 40n * SCALE, 90n * SCALE]),
      };
      const accounts = new Set([sender, ticket.to, ticket.feeRefund]);
      const balances: Balances = new Map();
      for (const account of accounts) balances.set(account, await bridge.balanceOf(account));

      const ticketId = await bridge.createTicket(from, { ...ticket, isUnsafe: true });
      await bridge.settled();

      const [attempt] = await bridge.attemptsOf(ticketId);
      const receipt = attempt && (await bridge.attemptOf(attempt.retryTxHash));
      const { isCreated, hasAttempt, escrow } = modelTicket({
        ...{ balances, sender, ticket, baseFee: BASE_FEE },
        attempt: {
          isSuccess: ticket.to !== refused,
          gasUsed: receipt?.gasUsed ?? 0n,
        },
      });
      const label = `round ${round}`;
      expect(attempt !== undefined, label).to.equal(hasAttempt);
      if (receipt) expect(receipt.status === "success", label).to.equal(ticket.to !== refused);
      expect(await isOpen(ticketId), label).to.equal(
        isCreated && (!hasAttempt || ticket.to === refused),
      );
      for (const account of accounts) {
        expect(await bridge.balanceOf(account), `${label}, ${account}`).to.equal(
          balances.get(account),
        );
      }
      const outcome = `${isCreated ? "created" : "failed"} ${hasAttempt ? "tried" : "kept"} ${escrow > ticket.deposit ? "own money" : ""}`;
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
    expect([...outcomes.keys()]).to.include.members([
      "created tried ",
      "created kept ",
      "created kept own money",
      "failed kept ",
    ]);
  });
});
