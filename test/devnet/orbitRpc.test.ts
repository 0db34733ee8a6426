import { expect } from "chai";
import { encodeFunctionData, keccak256, numberToHex, parseAbi, type Address, type Hex } from "viem";

import type { Relayer } from "../../src/devnet/relayer/createRelayer.ts";
import { SYSTEM_CONTRACTS } from "../../src/devnet/relayer/systemContracts.ts";
import {
  aliasOf,
  BASE_FEE,
  freshAddress,
  startBridge,
  type TestBridge,
} from "../helpers/startBridge.ts";

const abi = parseAbi([
  "function withdrawEth(address destination) payable returns (uint256)",
  "function redeem(bytes32 ticketId) returns (bytes32)",
  "function setOpen(bool isOpen)",
  "function estimateRetryableTicket(address sender, uint256 deposit, address to, uint256 l2CallValue, address excessFeeRefundAddress, address callValueRefundAddress, bytes data)",
]);

interface RpcBlock {
  readonly number: Hex;
  readonly hash: Hex;
  readonly baseFeePerGas: Hex;
  readonly sendCount: Hex;
  readonly sendRoot: Hex;
  readonly l1BlockNumber: Hex;
}

interface RpcReceipt {
  readonly transactionHash: Hex;
  readonly status: Hex;
  readonly l1BlockNumber: Hex;
  readonly gasUsedForL1: Hex;
  readonly logs: readonly { readonly transactionHash: Hex }[];
}

describe("the RPC of an Orbit chain", () => {
  let bridge: TestBridge;
  let relayer: Relayer;
  let target: Address;

  before(async () => {
    bridge = await startBridge();
    relayer = bridge.relay();
    target = await bridge.place(freshAddress());
    await bridge.createTicket(0, {
      ...{ to: bridge.accounts[2]!.address, value: 10n ** 18n, deposit: 2n * 10n ** 18n },
    });
    await bridge.settled();
  });
  after(async () => {
    await relayer.stop();
    await bridge.chains.stop();
  });

  const ask = <Answer>(method: string, ...params: unknown[]): Promise<Answer> =>
    bridge.chains.appchain.provider.request({ method, params }) as Promise<Answer>;

  async function setOpen(isOpen: boolean): Promise<void> {
    const data = encodeFunctionData({ abi, functionName: "setOpen", args: [isOpen] });
    await bridge.send("appchain", 2, { to: target, data });
  }

  it("finds a ticket and its attempt by the hashes of an Arbitrum chain", async () => {
    const ticketId = await bridge.createTicket(1, { to: target, value: 5n });
    await bridge.settled();
    const [attempt] = await bridge.attemptsOf(ticketId);

    for (const hash of [ticketId, attempt!.retryTxHash]) {
      const receipt = await ask<RpcReceipt>("eth_getTransactionReceipt", hash);
      const transaction = await ask<{ hash: Hex }>("eth_getTransactionByHash", hash);
      expect(receipt.transactionHash).to.equal(hash);
      expect(transaction.hash).to.equal(hash);
      expect(receipt.logs.every(({ transactionHash }) => transactionHash === hash)).to.be.true;
    }
    const of = (hash: Hex) => ask<RpcReceipt>("eth_getTransactionReceipt", hash);
    expect((await of(ticketId)).status, "the ticket").to.equal("0x1");
    expect((await of(attempt!.retryTxHash)).status, "the attempt").to.equal("0x0");
  });

  it("shows a submission that failed as failed", async () => {
    const ticketId = await bridge.createTicket(3, {
      ...{ to: target, value: 10n ** 30n, isUnsafe: true },
    });
    await bridge.settled();
    const receipt = await ask<RpcReceipt>("eth_getTransactionReceipt", ticketId);
    expect(receipt.status).to.equal("0x0");
  });

  it("knows no transaction that is not there", async () => {
    const hash = keccak256("0x1234");
    expect(await ask("eth_getTransactionReceipt", hash)).to.equal(null);
    expect(await ask("eth_getTransactionByHash", hash)).to.equal(null);
  });

  it("says in each block how many messages there are, and which parent block is known", async () => {
    const before = await ask<RpcBlock>("eth_getBlockByNumber", "latest", false);
    const data = encodeFunctionData({ abi, functionName: "withdrawEth", args: [target] });
    const { blockNumber } = await bridge.send("appchain", 2, {
      ...{ to: SYSTEM_CONTRACTS.ArbSys, data, value: 5n },
    });

    const after = await ask<RpcBlock>("eth_getBlockByNumber", numberToHex(blockNumber), false);
    const again = await ask<RpcBlock>("eth_getBlockByNumber", before.number, false);
    expect(BigInt(after.sendCount) - BigInt(before.sendCount)).to.equal(1n);
    expect(after.sendRoot).to.not.equal(before.sendRoot);
    expect(BigInt(after.l1BlockNumber)).to.equal((await bridge.progress()).parentBlock);
    expect(again).to.deep.equal(before);
    expect(await ask("eth_getBlockByHash", after.hash, false)).to.deep.equal(after);
  });

  it("says in each receipt what the parent chain had to do with it", async () => {
    const { transactionHash } = await bridge.send("appchain", 2, {
      to: target,
      value: 0n,
      gas: 100_000n,
    });
    const receipt = await ask<RpcReceipt>("eth_getTransactionReceipt", transactionHash);
    const block = await ask<RpcBlock>("eth_getBlockByNumber", "latest", false);
    expect(receipt.gasUsedForL1).to.equal("0x0");
    expect(receipt.l1BlockNumber).to.equal(block.l1BlockNumber);
  });

  it("asks for the base fee and no tip, even after a transaction of the chain itself", async () => {
    const { producer } = bridge.chains.appchain;
    await producer.exclusive(async (system) => {
      await system.send({
        ...{ from: aliasOf(target), to: target, gas: 100_000n, free: true },
      });
      const latest = await ask<RpcBlock>("eth_getBlockByNumber", "latest", false);
      expect(latest.baseFeePerGas).to.equal(numberToHex(BASE_FEE));
      expect(await ask("eth_gasPrice")).to.equal(numberToHex(BASE_FEE));
    });
    expect(await ask("eth_maxPriorityFeePerGas")).to.equal("0x0");
    const { baseFeePerGas, reward } = await ask<{ baseFeePerGas: Hex[]; reward: Hex[][] }>(
      ...(["eth_feeHistory", "0x3", "latest", [50]] as const),
    );
    expect(new Set(baseFeePerGas)).to.deep.equal(new Set([numberToHex(BASE_FEE)]));
    expect(reward).to.deep.equal([["0x0"], ["0x0"], ["0x0"]]);
  });

  it("estimates a redeem with the gas that the ticket's call takes", async () => {
    await setOpen(false);
    const data: Hex = `0x${"01".repeat(20)}`; // a write for each byte
    const ticketId = await bridge.createTicket(1, { to: target, value: 5n, data });
    await bridge.settled();
    await setOpen(true);

    const { gasUsed } = await bridge.send("appchain", 2, {
      to: SYSTEM_CONTRACTS.ArbRetryableTx,
      data: encodeFunctionData({ abi, functionName: "redeem", args: [ticketId] }),
    });
    await bridge.settled();
    const [, attempt] = await bridge.attemptsOf(ticketId);
    const receipt = await bridge.attemptOf(attempt!.retryTxHash);
    expect(receipt.status).to.equal("success");
    expect(receipt.gasUsed > 400_000n && gasUsed < 2n * receipt.gasUsed, `${gasUsed}`).to.be.true;
  });

  it("estimates the call of a ticket that is not there yet", async () => {
    await setOpen(true);
    const sender = bridge.accounts[4]!.address;
    const data = encodeFunctionData({
      abi,
      functionName: "estimateRetryableTicket",
      args: [sender, 10n ** 18n, target, 7n, sender, sender, "0x0102"],
    });
    const estimate = BigInt(
      await ask<Hex>("eth_estimateGas", { to: SYSTEM_CONTRACTS.NodeInterface, data }),
    );
    const ticketId = await bridge.createTicket(4, {
      to: target,
      value: 7n,
      data: "0x0102",
      gasLimit: estimate,
    });
    await bridge.settled();
    const [attempt] = await bridge.attemptsOf(ticketId);
    const { status, gasUsed } = await bridge.attemptOf(attempt!.retryTxHash);
    expect(status).to.equal("success");
    expect(estimate - gasUsed < estimate / 5n, `${estimate} for ${gasUsed}`).to.be.true;
  });

  it("fails an estimate of a ticket whose call fails", async () => {
    await setOpen(false);
    const sender = bridge.accounts[4]!.address;
    const data = encodeFunctionData({
      abi,
      functionName: "estimateRetryableTicket",
      args: [sender, 10n ** 18n, target, 7n, sender, sender, "0x"],
    });
    const outcome = await ask("eth_estimateGas", { to: SYSTEM_CONTRACTS.NodeInterface, data }).then(
      () => "an estimate",
      (error: Error) => error.message,
    );
    expect(outcome).to.include("revert");
  });

  it("estimates with balances that are assumed", async () => {
    const from = freshAddress();
    const call = { from, to: freshAddress(), value: numberToHex(10n ** 18n) };
    const assumed = { [from]: { balance: numberToHex(10n ** 19n) } };
    const estimate = BigInt(await ask<Hex>("eth_estimateGas", call, "latest", assumed));
    expect(estimate >= 21_000n && estimate < 21_500n, `${estimate}`).to.be.true;
  });
});
