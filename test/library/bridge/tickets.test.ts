import { expect } from "chai";
import { encodeFunctionData, parseAbi, type Address, type Hex } from "viem";

import { feeTokenAbi } from "../../../src/abi/index.ts";
import { depositToAppchain } from "../../../src/bridge/depositToAppchain.ts";
import { readTickets, type Ticket } from "../../../src/bridge/readTickets.ts";
import { cancelTicket, keepTicket, redeemTicket } from "../../../src/bridge/ticketActions.ts";
import { waitForTickets } from "../../../src/bridge/waitForTickets.ts";
import { connectChain } from "../../../src/chain/connectChain.ts";
import { transact } from "../../../src/chain/transact.ts";
import { parseDollars } from "../../../src/payers/microdollars.ts";
import { startBridgeNetwork, UNIT, type BridgeNetwork } from "../../helpers/bridgeNetwork.ts";
import { caughtError } from "../../helpers/caughtError.ts";
import { startFaultyProxy } from "../../helpers/faultyProxy.ts";

const AMOUNT = parseDollars("5");
const WEEK_SECONDS = 604_800;
/** Enough to try, too little to succeed. */
const SCARCE_GAS = 25_000n;

describe("tickets", () => {
  let network: BridgeNetwork;
  before(async () => {
    network = await startBridgeNetwork();
  });
  after(() => network.stop());

  const between = () => ({ settlement: network.settlement, appchain: network.appchain });
  const onAppchain = (account = network.payer) => ({ chain: network.appchain, account });
  const deposit = async (changes: object = {}) => {
    await network.give(network.payer.address, AMOUNT);
    return depositToAppchain({ ...network.crossing(), amount: AMOUNT, ...changes });
  };
  const wait = async (transactionHash: Hex): Promise<Ticket> => {
    const [ticket] = await waitForTickets({ ...between(), transactionHash, pollIntervalMs: 20 });
    if (ticket === undefined) throw new Error("no ticket");
    return ticket;
  };
  const read = async (transactionHash: Hex): Promise<Ticket> => {
    const [ticket] = await readTickets({ ...between(), transactionHash });
    if (ticket === undefined) throw new Error("no ticket");
    return ticket;
  };
  /** A ticket whose first attempt fails. */
  const failing = async (changes: object = {}) => {
    const { transactionHash, value } = await deposit({ gasLimit: SCARCE_GAS, ...changes });
    return { transactionHash, value, ticket: await wait(transactionHash) };
  };

  it("says that a failed call can be redeemed, and redeems it", async () => {
    const recipient = network.newcomer().address;
    const { transactionHash, value, ticket } = await failing({ recipient });
    const { timestamp } = await network.appchain.client.getBlock();
    expect(ticket).to.include({ status: "funded", isRetrying: false, beneficiary: recipient });
    expect(ticket.retryHash).to.match(/^0x[0-9a-f]{64}$/u);
    expect(Number(ticket.expiresAt) - Number(timestamp)).to.be.within(
      WEEK_SECONDS - 60,
      WEEK_SECONDS,
    );
    const before = await network.balanceOn(recipient);

    const { retryHash } = await redeemTicket({ ...onAppchain(), ticket });

    expect(await network.balanceOn(recipient)).to.equal(before + value);
    expect(await read(transactionHash)).to.include({
      status: "redeemed",
      retryHash,
      expiresAt: undefined,
    });
    const again = await caughtError(redeemTicket({ ...onAppchain(), ticket }));
    expect(again.code).to.equal("NoTicketWithID");
  });

  it("refuses to redeem what would fail, or says that it failed again; the ticket stays", async () => {
    const recipient = network.addresses.appChainParameterRegistry; // takes no native currency
    const { transactionHash, ticket } = await failing({ recipient });
    const before = await network.appchain.client.getTransactionCount(network.payer);

    const refused = await caughtError(redeemTicket({ ...onAppchain(), ticket }));
    expect(refused.code).to.equal("TransferFailed");
    expect(await network.appchain.client.getTransactionCount(network.payer)).to.equal(before);

    const failed = await caughtError(redeemTicket({ ...onAppchain(), ticket, gasLimit: 200_000n }));
    expect(failed).to.include({ code: "TICKET_FAILED", retryable: true });
    expect(await read(transactionHash)).to.include({ status: "funded" });
  });

  it("waits for nothing where no attempt is made by itself", async () => {
    const { transactionHash } = await deposit({ gasLimit: 0n, maxFeePerGas: 0n });
    const ticket = await wait(transactionHash);
    expect(ticket).to.include({ status: "funded", retryHash: undefined, isRetrying: false });
    await redeemTicket({ ...onAppchain(), ticket });
    expect(await read(transactionHash)).to.include({ status: "redeemed" });
  });

  it("lets the beneficiary alone give a ticket up", async () => {
    const { transactionHash, value, ticket } = await failing({ recipient: network.other.address });
    const { ticketId } = ticket;
    const refused = await caughtError(cancelTicket({ ...onAppchain(), ticketId }));
    expect(refused.code).to.equal("NOT_BENEFICIARY");

    const before = await network.balanceOn(network.other.address);
    const cancelled = await cancelTicket({ ...onAppchain(network.other), ticketId });

    expect(cancelled.beneficiary).to.equal(network.other.address);
    const { gasUsed, effectiveGasPrice } = await network.appchain.client.getTransactionReceipt({
      hash: cancelled.transactionHash,
    });
    expect(await network.balanceOn(network.other.address)).to.equal(
      before + value - gasUsed * effectiveGasPrice,
    );
    expect(await read(transactionHash)).to.include({ status: "cancelled", expiresAt: undefined });
    const errors = await Promise.all([
      caughtError(cancelTicket({ ...onAppchain(network.other), ticketId })),
      caughtError(keepTicket({ ...onAppchain(), ticketId })),
    ]);
    expect(errors.map(({ code }) => code)).to.deep.equal(["NoTicketWithID", "NoTicketWithID"]);
  });

  it("keeps a ticket for another week, once", async () => {
    const { transactionHash, ticket } = await failing();
    const { ticketId } = ticket;
    const { expiresAt } = await keepTicket({ ...onAppchain(), ticketId });
    expect(expiresAt).to.equal(Number(ticket.expiresAt) + WEEK_SECONDS);
    expect(await read(transactionHash)).to.include({ status: "funded", expiresAt });
    expect((await caughtError(keepTicket({ ...onAppchain(), ticketId }))).code).to.equal(
      "REVERTED",
    );
  });

  it("says that the appchain made no ticket of a message that nobody pays for", async () => {
    const { payer, settlement, addresses } = network;
    const inbox = addresses.appChainInbox;
    if (inbox === undefined) throw new Error("no inbox");
    await network.give(payer.address, AMOUNT);
    const send = (to: Address, data: Hex) =>
      transact({ chain: settlement, account: payer, to, data });
    await send(
      addresses.feeToken,
      encodeFunctionData({ abi: feeTokenAbi, functionName: "approve", args: [inbox, AMOUNT] }),
    );
    const { transactionHash } = await send(
      inbox,
      encodeFunctionData({
        abi: parseAbi([
          "function unsafeCreateRetryableTicket(address to, uint256 l2CallValue, uint256 maxSubmissionCost, address excessFeeRefundAddress, address callValueRefundAddress, uint256 gasLimit, uint256 maxFeePerGas, uint256 tokenTotalFeeAmount, bytes data) returns (uint256)",
        ]),
        args: [
          payer.address,
          2n * AMOUNT * UNIT,
          0n,
          payer.address,
          payer.address,
          0n,
          0n,
          AMOUNT,
          "0x",
        ],
      }),
    );
    const ticket = await wait(transactionHash);
    expect(ticket).to.include({ status: "refused", retryHash: undefined, expiresAt: undefined });
    expect(await network.balanceOn(ticket.from)).to.equal(AMOUNT * UNIT);
  });

  it("says that a message is awaited, and for how many it has waited in vain", async () => {
    const proxy = await startFaultyProxy(network.appchain.url);
    const appchain = await connectChain({ url: proxy.url, chainId: network.appchain.chainId });
    const { settlement } = network;
    try {
      const { transactionHash, ticketId, messageNumber } = await deposit();
      await wait(transactionHash);
      proxy.setFault(({ body }) => (body.includes(ticketId) ? { rewrite: withoutResult } : "pass"));
      const [ticket] = await readTickets({ settlement, appchain, transactionHash });
      expect(ticket).to.include({ status: "awaited", retryHash: undefined });
      const error = await caughtError(
        waitForTickets({
          settlement,
          appchain,
          transactionHash,
          timeoutMs: 100,
          pollIntervalMs: 20,
        }),
      );
      expect(error).to.include({ code: "MESSAGE_AWAITED", retryable: true });
      expect(error.message).to.include(`${messageNumber} is awaited`);

      let failures = 3;
      proxy.setFault(() => (failures-- > 0 ? "drop" : "pass"));
      const [arrived] = await waitForTickets({
        settlement,
        appchain,
        transactionHash,
        pollIntervalMs: 20,
      });
      expect(arrived).to.include({ status: "redeemed" });
    } finally {
      await proxy.stop();
    }
  });

  it("finds nothing in transactions that are none, and in those without a message", async () => {
    const transactionHash = `0x${"12".repeat(32)}` as const;
    const unknown = await caughtError(readTickets({ ...between(), transactionHash }));
    expect(unknown).to.include({ code: "TRANSACTION_NOT_FOUND", retryable: true });
    const awaited = await caughtError(
      waitForTickets({ ...between(), transactionHash, timeoutMs: 50, pollIntervalMs: 20 }),
    );
    expect(awaited.code).to.equal("MESSAGE_AWAITED");

    const { transactionHash: other } = await network.mint(network.payer.address, AMOUNT);
    expect(await readTickets({ ...between(), transactionHash: other })).to.deep.equal([]);
    const none = await caughtError(waitForTickets({ ...between(), transactionHash: other }));
    expect(none.code).to.equal("UNEXPECTED_RECEIPT");
  });

  it("leaves out the messages to other chains", async () => {
    const { transactionHash } = await deposit();
    const { settlement } = network;
    const tickets = await readTickets({ settlement, appchain: settlement, transactionHash });
    expect(tickets).to.deep.equal([]);
  });

  it("says that a ticket has expired, whose value its beneficiary has then", async () => {
    const recipient = network.newcomer().address;
    const { transactionHash } = await failing({ recipient });
    await network.appchainControls.increaseTime({ seconds: WEEK_SECONDS + 1 });
    await network.appchainControls.mine({ blocks: 1 });

    expect(await read(transactionHash)).to.include({ status: "expired", expiresAt: undefined });
    const paid = async () => (await network.balanceOn(recipient)) > (AMOUNT - 10n) * UNIT;
    for (let looks = 0; !(await paid()); looks++) {
      if (looks === 100) throw new Error("nobody paid the beneficiary");
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  });
});

/** An answer, or a batch of them, that knows of nothing. */
function withoutResult(answer: string): string {
  const parsed = JSON.parse(answer) as { result: unknown } | { result: unknown }[];

  return JSON.stringify(
    Array.isArray(parsed)
      ? parsed.map((one) => ({ ...one, result: null }))
      : { ...parsed, result: null },
  );
}
