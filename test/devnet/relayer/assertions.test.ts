import { randomBytes } from "node:crypto";

import { expect } from "chai";
import { bytesToHex, encodeFunctionData, keccak256, parseAbi, type Hex } from "viem";

import {
  arbSysAbi,
  nodeInterfaceAbi,
  orbitErrorsAbi,
  outboxAbi,
} from "../../../src/bridge/orbitAbi.ts";
import {
  createAssertions,
  type AssertionsParameters,
} from "../../../src/devnet/relayer/assertions.ts";
import { blocksOf, decodeBatch, type Batch } from "../../../src/devnet/relayer/batches.ts";
import { SYSTEM_CONTRACTS } from "../../../src/devnet/relayer/systemContracts.ts";
import { bridgeAbi, rollupAbi, sequencerInboxAbi } from "../../../src/devnet/rollup/rollupAbi.ts";
import { rollupAccounts } from "../../../src/devnet/rollup/rollupAccounts.ts";
import type { Provider } from "../../../src/devnet/rollup/sendSigned.ts";
import { remember } from "../../helpers/emptyChains.ts";
import { rollupChains, type RollupChains } from "../../helpers/rollupChains.ts";

/** Wei that one unit of the fee token is on the appchain. */
const UNIT = 10n ** 12n;
const RECEIVER = "0x00000000000000000000000000000000000000d5";
const OTHER = "0x00000000000000000000000000000000000000D6";

describe("assertions", () => {
  let chains: RollupChains;
  let forget: () => Promise<void>;
  before(async () => {
    chains = await rollupChains();
    forget = await remember(chains.chains);
  });
  beforeEach(async () => {
    await forget();
    forget = await remember(chains.chains);
  });
  after(() => chains.chains.stop());

  const assertions = (changes: Partial<AssertionsParameters> = {}) =>
    createAssertions({
      settlement: chains.chains.settlement.provider,
      appchain: chains.chains.appchain.provider,
      rollup: chains.contracts,
      ...changes,
    });
  const batchCount = () =>
    chains.settlement.readContract({
      address: chains.contracts.bridge,
      abi: bridgeAbi,
      functionName: "sequencerMessageCount",
    });
  const confirmed = () =>
    chains.settlement.readContract({
      address: chains.contracts.rollup,
      abi: rollupAbi,
      functionName: "latestConfirmed",
    });
  const isSpent = (index: bigint) =>
    chains.settlement.readContract({
      address: chains.contracts.outbox,
      abi: outboxAbi,
      functionName: "isSpent",
      args: [index],
    });
  const readBatches = async (): Promise<Batch[]> => {
    const posted = await chains.settlement.getContractEvents({
      address: chains.contracts.sequencerInbox,
      abi: sequencerInboxAbi,
      eventName: "SequencerBatchData",
      fromBlock: 0n,
      strict: true,
    });
    return posted.flatMap(({ args }) => decodeBatch(args.data) ?? []);
  };

  /** The call that pays out a message, as anybody makes it: with the proof for the size that was confirmed. */
  const claim = async (index: bigint, size: bigint): Promise<void> => {
    const [sent] = await chains.appchain.getContractEvents({
      address: SYSTEM_CONTRACTS.ArbSys,
      abi: arbSysAbi,
      eventName: "L2ToL1Tx",
      args: { position: index },
      fromBlock: 0n,
      strict: true,
    });
    const { caller, destination, arbBlockNum, ethBlockNum, timestamp, callvalue, data } =
      sent!.args;
    const [, , proof] = await chains.appchain.readContract({
      address: SYSTEM_CONTRACTS.NodeInterface,
      abi: nodeInterfaceAbi,
      functionName: "constructOutboxProof",
      args: [size, index],
    });
    const { request } = await chains.settlement.simulateContract({
      account: chains.deployer,
      address: chains.contracts.outbox,
      abi: [...outboxAbi, ...orbitErrorsAbi],
      functionName: "executeTransaction",
      args: [
        proof,
        index,
        caller,
        destination,
        arbBlockNum,
        ethBlockNum,
        timestamp,
        callvalue,
        data,
      ],
    });
    await chains.onSettlement({ to: chains.contracts.outbox, data: encodeFunctionData(request) });
  };

  it("make withdrawals claimable at the real outbox, once", async () => {
    const { run } = assertions();
    await chains.withdraw(RECEIVER, 5n * UNIT);
    await chains.withdraw(OTHER, 7n * UNIT + 1n);
    await run();
    await chains.withdraw(OTHER, 100n * UNIT);

    await claim(0n, 2n);
    await claim(1n, 2n);
    expect(await chains.balanceOf(RECEIVER)).to.equal(5n);
    expect(await chains.balanceOf(OTHER)).to.equal(7n);
    await refusal(claim(1n, 2n), "AlreadySpent");
    await refusal(claim(2n, 3n), "UnknownRoot");

    await run();
    await claim(2n, 3n);
    expect(await chains.balanceOf(OTHER)).to.equal(107n);
  });

  it("do nothing while nobody withdraws", async () => {
    const { run } = assertions();
    await chains.onAppchain({ to: OTHER, value: 1n });
    const before = await confirmed();

    await run();
    expect(await confirmed()).to.equal(before);
    expect(await batchCount()).to.equal(1n);

    await chains.withdraw(RECEIVER, UNIT);
    await run();
    const after = await confirmed();
    expect(after).not.to.equal(before);
    await chains.onAppchain({ to: OTHER, value: 1n });
    await run();
    expect(await confirmed()).to.equal(after);
  });

  it("cover the latest block when somebody asks for it", async () => {
    const { assertNow } = assertions();
    await chains.onAppchain({ to: OTHER, value: 1n });
    await assertNow();

    const { hash } = await chains.appchain.getBlock();
    const [created] = await chains.settlement.getContractEvents({
      address: chains.contracts.rollup,
      abi: rollupAbi,
      eventName: "AssertionCreated",
      args: { assertionHash: await confirmed() },
      fromBlock: 0n,
      strict: true,
    });
    expect(created?.args.assertion.afterState.globalState.bytes32Vals[0]).to.equal(hash);
    const stands = await confirmed();
    await assertNow();
    expect(await confirmed()).to.equal(stands);
  });

  it("leave everything on the settlement chain that the appchain was made of", async () => {
    const { run } = assertions();
    await chains.withdraw(RECEIVER, UNIT);
    await run();
    await chains.onAppchain({ to: OTHER, data: "0x1234" });
    await chains.withdraw(RECEIVER, UNIT);
    await run();

    const batches = await readBatches();
    expect(batches.map(({ first }) => first)).to.deep.equal([
      1n,
      ...batches.slice(0, -1).map(({ last }) => last + 1n),
    ]);
    const blocks = batches.flatMap((batch) => blocksOf([batch]));
    const last = await chains.appchain.getBlockNumber();
    expect(blocks).to.have.length(Number(last));
    for (const [index, block] of blocks.entries()) {
      const { timestamp, baseFeePerGas, transactions } = await chains.appchain.getBlock({
        blockNumber: BigInt(index + 1),
      });
      expect(block.timestamp).to.equal(timestamp);
      expect(block.baseFee).to.equal(baseFeePerGas);
      expect(block.transactions.map((raw) => keccak256(raw as Hex))).to.deep.equal(transactions);
    }
  });

  it("take several batches for a block that is longer than one, wherever they are interrupted", async () => {
    // Random bytes do not get shorter.
    for (let payload = 0; payload < 2; ++payload)
      await chains.onAppchain({ to: OTHER, data: bytesToHex(randomBytes(120_000)) });
    await chains.withdraw(RECEIVER, 3n * UNIT);

    for (let transactions = 0; ; ++transactions) {
      // Each run gets a single transaction through and is killed before the next.
      const outcome = await assertions({
        settlement: dyingAfter(chains.chains.settlement.provider, 1),
      })
        .run()
        .then(
          () => "done",
          () => "killed",
        );
      if (outcome === "done") break;
      expect(transactions).to.be.lessThan(20);
    }

    const batches = await readBatches();
    expect(batches.map(({ part, parts }) => [part, parts])).to.deep.equal([
      [0, 3],
      [1, 3],
      [2, 3],
    ]);
    expect(blocksOf(batches)).to.have.length(Number(await chains.appchain.getBlockNumber()));
    await claim(0n, 1n);
    expect(await chains.balanceOf(RECEIVER)).to.equal(3n);
  });

  it("go on after a kill between batch and assertion, and do nothing twice", async () => {
    for (let round = 1n; round <= 3n; ++round) {
      await chains.withdraw(RECEIVER, UNIT);
      for (const sent of [0, 1]) {
        const killed = assertions({
          settlement: dyingAfter(chains.chains.settlement.provider, sent),
        });
        await refusal(killed.run(), "killed");
        // More happens on the appchain before the next run; the batch that was posted does not hold it.
        await chains.onAppchain({ to: OTHER, value: 1n });
      }
      await assertions().run();
      await claim(round - 1n, round);
    }

    expect(await chains.balanceOf(RECEIVER)).to.equal(3n);
    const blocks = (await readBatches()).flatMap((batch) => blocksOf([batch]));
    expect(blocks.length).to.be.at.most(Number(await chains.appchain.getBlockNumber()));
  });

  it("take a transaction that was sent, but not mined, for sent", async () => {
    await chains.withdraw(RECEIVER, UNIT);
    await assertions().assertNow();
    await chains.withdraw(RECEIVER, UNIT);
    await chains.chains.settlement.setBlockTime(0);
    const stop = new AbortController();
    const { provider } = chains.chains.settlement as { provider: Provider };
    const waiting = assertions({
      signal: stop.signal,
      settlement: {
        request: (request) => {
          if (request.method === "eth_getTransactionReceipt") stop.abort();
          return provider.request(request);
        },
      },
    }).run();
    await refusal(waiting, "aborted");

    await chains.chains.settlement.setBlockTime(20);
    await assertions().run();
    await chains.chains.settlement.setBlockTime("automine");
    await claim(1n, 2n);
    expect(await batchCount()).to.equal(3n);
  });

  it("pay out every withdrawal where that is wished, and leave what is refused", async () => {
    const { run } = assertions({ autoClaim: true });
    await chains.withdraw(RECEIVER, 2n * UNIT);
    // The token may not be called by the bridge, so this one stays.
    await chains.withdraw(chains.feeToken, UNIT, "0x12345678");
    await chains.withdraw(OTHER, 3n * UNIT);
    await run();

    expect(await chains.balanceOf(RECEIVER)).to.equal(2n);
    expect(await chains.balanceOf(OTHER)).to.equal(3n);
    expect(await Promise.all([0n, 1n, 2n].map(isSpent))).to.deep.equal([true, false, true]);

    // Another process knows what was paid.
    await chains.withdraw(RECEIVER, UNIT);
    await assertions({ autoClaim: true }).run();
    expect(await chains.balanceOf(RECEIVER)).to.equal(3n);
  });

  it("wait for the confirmation period where nobody is trusted", async () => {
    const { validator } = rollupAccounts();
    await chains.onSettlement({
      to: chains.underlyingFeeToken,
      data: encodeFunctionData({
        abi: parseAbi(["function approve(address, uint256)"]),
        functionName: "approve",
        args: [chains.feeToken, 1n],
      }),
    });
    await chains.onSettlement({
      to: chains.feeToken,
      data: encodeFunctionData({
        abi: parseAbi(["function depositFor(address, uint256)"]),
        functionName: "depositFor",
        args: [validator.address, 1n],
      }),
    });
    const { run } = assertions({ confirm: "slow" });
    await chains.withdraw(RECEIVER, 4n * UNIT);

    await run();
    expect(await chains.balanceOf(chains.contracts.rollup)).to.equal(1n);
    await refusal(claim(0n, 1n), "UnknownRoot");
    // The first assertion covers the batch of the creation, the second the withdrawal; each has its period.
    for (let assertion = 0; assertion < 2; ++assertion) {
      for (let block = 0; block < 18; ++block)
        await chains.chains.settlement.provider.request({ method: "evm_mine" });
      const before = await confirmed();
      await run();
      expect(await confirmed()).to.equal(before);
      await chains.chains.settlement.provider.request({ method: "evm_mine" });
      await run();
      expect(await confirmed()).not.to.equal(before);
    }
    await claim(0n, 1n);
    expect(await chains.balanceOf(RECEIVER)).to.equal(4n);
  });
});

/** Refuses everything once it has passed on so many transactions, as if the process had been killed. */
function dyingAfter(provider: Provider, transactions: number): Provider {
  let left = transactions;
  return {
    request: async (request) => {
      if (left < 0) throw new Error("the process was killed");
      if (request.method === "eth_sendRawTransaction" && --left < 0)
        throw new Error("the process was killed");
      return provider.request(request);
    },
  };
}

async function refusal(work: Promise<unknown>, reason: string): Promise<void> {
  const outcome = await work.then(
    () => "done",
    (error: unknown) => String(error instanceof Error ? error.message : error),
  );
  expect(outcome).to.include(reason);
}
