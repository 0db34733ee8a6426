import { expect } from "chai";
import { encodeFunctionData, numberToHex, type Address, type Hex, type LocalAccount } from "viem";

import { payerReportsAbi, payersAbi } from "../../../src/abi/index.ts";
import { connectChain } from "../../../src/chain/connectChain.ts";
import { transact } from "../../../src/chain/transact.ts";
import { buildPayerReport, type BuiltPayerReport } from "../../../src/reports/buildPayerReport.ts";
import type { NodeSignature } from "../../../src/reports/collectSignatures.ts";
import { findPayerReport } from "../../../src/reports/findPayerReport.ts";
import { readPayerReport, readPayerReports } from "../../../src/reports/readPayerReports.ts";
import { signPayerReport } from "../../../src/reports/reportSignatures.ts";
import {
  settlePayerReport,
  type SettlePayerReportParameters,
} from "../../../src/reports/settlePayerReport.ts";
import { settlementBatches } from "../../../src/reports/settlementBatches.ts";
import { submitPayerReport } from "../../../src/reports/submitPayerReport.ts";
import { settledMicrodollars } from "../../../src/rewards/splitSettledFees.ts";
import { caughtError } from "../../helpers/caughtError.ts";
import { addMoney, PROTOCOL_FEE_RATE, signerOf, type Money } from "../../helpers/addMoney.ts";
import { startFaultyProxy } from "../../helpers/faultyProxy.ts";
import { chainControls, startNetwork, type TestNetwork } from "../../helpers/startNetwork.ts";

const ORIGINATOR = 100;
const NODES = [100, 200, 300];

describe("payer reports on chain", () => {
  let network: TestNetwork;
  let money: Money;
  let account: LocalAccount;
  let other: LocalAccount;
  let snapshot: Hex;

  before(async () => {
    network = await startNetwork();
    money = await addMoney(network);
    for (const nodeId of NODES) expect(await money.addNode()).to.equal(nodeId);
    snapshot = await chainControls(network.settlement).snapshot();
    const [, second, third] = network.accounts;
    if (second === undefined || third === undefined) throw new Error("no accounts");
    [account, other] = [second, third];
  });
  afterEach(async () => {
    const controls = chainControls(network.settlement);
    await controls.revert({ id: snapshot });
    snapshot = await controls.snapshot();
  });
  after(() => network.stop());

  const contract = () => ({
    chain: network.settlement,
    address: money.addresses.payerReports,
  });
  const domain = () => ({
    chainId: network.settlement.chainId,
    verifyingContract: money.addresses.payerReports,
  });
  const payerFees = (count: number) =>
    Array.from({ length: count }, (_, index) => ({
      payer: numberToHex(index + 1, { size: 20 }),
      feePicodollars: BigInt(index) * 1_000_001n,
    }));
  const build = (fields: Partial<Parameters<typeof buildPayerReport>[0]> = {}) =>
    buildPayerReport({
      originatorNodeId: ORIGINATOR,
      startSequenceId: 0n,
      endSequenceId: 10n,
      endMinuteSinceEpoch: 7,
      payerFees: payerFees(5),
      nodeIds: NODES,
      domain: domain(),
      ...fields,
    });
  const sign = (id: Hex, nodeIds: readonly number[] = [300, 100]): Promise<NodeSignature[]> =>
    Promise.all(
      nodeIds.map(async (nodeId) => ({
        nodeId,
        signature: await signPayerReport(id, signerOf(nodeId)),
      })),
    );
  const submit = async ({ report, id }: BuiltPayerReport, signatures?: readonly NodeSignature[]) =>
    submitPayerReport({
      ...contract(),
      account,
      nodeRegistry: network.addresses.nodes,
      report,
      signatures: signatures ?? (await sign(id)),
    });
  const settle = ({ tree }: BuiltPayerReport, options: Partial<SettlePayerReportParameters> = {}) =>
    settlePayerReport({
      ...contract(),
      account,
      originatorNodeId: ORIGINATOR,
      payerReportIndex: 0,
      tree,
      ...options,
    });
  const settleBatch = (
    { tree }: BuiltPayerReport,
    { offset, batchSize }: { offset: number; batchSize: number },
  ) => {
    const [batch] = settlementBatches({ tree, offset, batchSize });
    if (batch === undefined) throw new Error("no batch");
    return transact({
      chain: network.settlement,
      account: other,
      to: money.addresses.payerReports,
      data: encodeFunctionData({
        abi: payerReportsAbi,
        functionName: "settle",
        args: [ORIGINATOR, 0n, batch.leaves, batch.proofElements],
      }),
    });
  };
  const balanceOf = (payer: Address) =>
    network.settlement.client.readContract({
      address: money.addresses.payers,
      abi: payersAbi,
      functionName: "getBalance",
      args: [payer],
    });
  const sumOf = ({ payerFees: fees }: BuiltPayerReport) =>
    fees.reduce((sum, { feePicodollars }) => sum + settledMicrodollars(feePicodollars), 0n);

  it("has the digest that the contract computes", async () => {
    const { report, id } = build();
    const digest = await network.settlement.client.readContract({
      address: money.addresses.payerReports,
      abi: payerReportsAbi,
      functionName: "getPayerReportDigest",
      args: [
        report.originatorNodeId,
        report.startSequenceId,
        report.endSequenceId,
        report.endMinuteSinceEpoch,
        report.payersMerkleRoot,
        report.nodeIds,
      ],
    });
    expect(digest).to.equal(id);
  });

  describe("submitPayerReport", () => {
    it("submits what a majority signed, and the contract has it as it was built", async () => {
      const built = build();
      const { payerReportIndex, change } = await submit(built);
      expect(payerReportIndex).to.equal(0);
      expect(change?.transactionHash).to.match(/^0x/u);

      const submitted = await readPayerReport({
        ...contract(),
        originatorNodeId: ORIGINATOR,
        payerReportIndex,
      });
      expect(submitted).to.deep.equal({
        ...built.report,
        payerReportIndex: 0,
        feesSettled: 0n,
        offset: 0,
        isSettled: false,
        protocolFeeRate: PROTOCOL_FEE_RATE,
      });
    });

    it("sends the valid signatures alone, in any form, sorted", async () => {
      const built = build();
      const [first, second] = await sign(built.id, [100, 200]);
      if (first === undefined || second === undefined) throw new Error("no signatures");
      const wire: Hex = `0x${first.signature.slice(2, -2)}${first.signature.endsWith("1b") ? "00" : "01"}`;
      const { change } = await submit(built, [
        { nodeId: 900, signature: first.signature },
        { nodeId: 300, signature: "0x" },
        second,
        { nodeId: 100, signature: second.signature },
        { nodeId: 100, signature: wire },
      ]);
      expect(change).not.to.equal(undefined);
    });

    it("takes the same report for done, by whomever and however often it is submitted", async () => {
      const built = build();
      await submit(built);
      expect(await submit(built)).to.deep.equal({ payerReportIndex: 0, change: undefined });

      // Also when others follow on it, and when there are no signatures any more.
      for (let end = 11n; end < 25n; end += 1n) {
        await submit(build({ startSequenceId: end - 1n, endSequenceId: end, payerFees: [] }));
      }
      expect(await submit(built, [])).to.deep.equal({ payerReportIndex: 0, change: undefined });
      const key = { ...contract(), report: { ...built.report, endMinuteSinceEpoch: 8 } };
      expect(await findPayerReport(key)).to.equal(undefined);
    });

    it("submits a report once when two do at the same moment", async () => {
      const built = build();
      const outcomes = await Promise.all([
        submit(built),
        submitPayerReport({
          ...contract(),
          account: other,
          nodeRegistry: network.addresses.nodes,
          report: built.report,
          signatures: await sign(built.id),
        }),
      ]);
      expect(outcomes.map(({ payerReportIndex }) => payerReportIndex)).to.deep.equal([0, 0]);
      const reports = await readPayerReports({ ...contract(), originatorNodeId: ORIGINATOR });
      expect(reports).to.have.lengthOf(1);
    });

    it("waits for the block with the same report that somebody else has sent already", async () => {
      const built = build();
      const proxy = await startFaultyProxy(network.settlement.url);
      const { settlement } = network.running;
      try {
        const chain = await connectChain({ url: proxy.url, chainId: network.settlement.chainId });
        await settlement.setBlockTime(0);
        const submission = {
          ...contract(),
          nodeRegistry: network.addresses.nodes,
          report: built.report,
          signatures: await sign(built.id),
        };
        const pending = submitPayerReport({ ...submission, account: other });
        const { client } = network.settlement;
        const { address } = other;
        const sent = await client.getTransactionCount({ address });
        while ((await client.getTransactionCount({ address, blockTag: "pending" })) === sent);

        proxy.setFault(({ method }) => {
          if (method.includes("eth_estimateGas")) void settlement.setBlockTime(500);
          return "pass";
        });
        expect(await submitPayerReport({ ...submission, chain, account })).to.deep.equal({
          payerReportIndex: 0,
          change: undefined,
        });
        expect((await pending).payerReportIndex).to.equal(0);
      } finally {
        await settlement.setBlockTime("automine");
        await proxy.stop();
      }
    });

    it("refuses without a majority, and says which signatures do not count", async () => {
      const built = build();
      const [signature] = await sign(built.id, [100]);
      if (signature === undefined) throw new Error("no signature");
      const error = await caughtError(
        submit(built, [signature, { nodeId: 200, signature: "0x12" }]),
      );
      expect(error.code).to.equal("NO_MAJORITY");
      expect(error.message).to.include("1 of 2").and.include("200: MALFORMED");
      expect(error.retryable).to.equal(true);
    });

    it("lets the contract refuse another report of the range, and other nodes", async () => {
      await submit(build());
      const rival = build({ endSequenceId: 12n });
      expect((await caughtError(submit(rival))).code).to.equal("InvalidStartSequenceId");
      const stale = build({ startSequenceId: 10n, endSequenceId: 12n, nodeIds: [100, 200] });
      expect((await caughtError(submit(stale))).code).to.equal("NodeIdsLengthMismatch");
    });

    it("refuses fields that cannot be right", async () => {
      const built = build();
      const wrong = { ...built, report: { ...built.report, nodeIds: [200, 100] } };
      expect((await caughtError(submit(wrong))).code).to.equal("INVALID_REPORT");
    });
  });

  describe("readPayerReports", () => {
    it("reads all, from one on, and the last ones, across pages", async () => {
      const ends = [10n, 20n, 30n, 40n, 50n];
      for (const endSequenceId of ends) {
        await submit(build({ startSequenceId: endSequenceId - 10n, endSequenceId }));
      }
      const read = async (options: { fromIndex?: number; pageSize?: number }) =>
        (await readPayerReports({ ...contract(), originatorNodeId: ORIGINATOR, ...options })).map(
          ({ payerReportIndex, endSequenceId }) => [payerReportIndex, endSequenceId],
        );
      const all = ends.map((end, index) => [index, end]);

      expect(await read({})).to.deep.equal(all);
      for (const pageSize of [1, 2, 4, 5]) {
        expect(await read({ pageSize }), `pages of ${pageSize}`).to.deep.equal(all);
      }
      expect(await read({ fromIndex: 3 })).to.deep.equal(all.slice(3));
      expect(await read({ fromIndex: -2 })).to.deep.equal(all.slice(-2));
      expect(await read({ fromIndex: -9 })).to.deep.equal(all);
      expect(await read({ fromIndex: 5 })).to.deep.equal([]);
    });

    it("finds none of an originator without reports, where one of them is an error", async () => {
      expect(await readPayerReports({ ...contract(), originatorNodeId: 10 })).to.deep.equal([]);
      const key = { originatorNodeId: 10, payerReportIndex: 0 };
      const error = await caughtError(readPayerReport({ ...contract(), ...key }));
      expect(error.code).to.equal("NoReportsForOriginator");
    });
  });

  describe("settlePayerReport", () => {
    it("settles every leaf once, in batches, and charges what was computed", async () => {
      const built = build({ payerFees: payerFees(25) });
      await submit(built);
      const [, , third] = built.payerFees;
      if (third === undefined) throw new Error("no payer");
      await money.deposit(third.payer, 1_000n);

      const { feesSettled, batches } = await settle(built, { batchSize: 10 });
      expect(feesSettled).to.equal(sumOf(built));
      expect(batches.map(({ count, remaining }) => [count, remaining])).to.deep.equal([
        [10, 15],
        [10, 5],
        [5, 0],
      ]);
      expect(await balanceOf(third.payer)).to.equal(1_000n - 3n);
      const report = await readPayerReport({
        ...contract(),
        originatorNodeId: ORIGINATOR,
        payerReportIndex: 0,
      });
      expect(report).to.deep.include({ isSettled: true, offset: 25, feesSettled });
    });

    it("does nothing about a report that is settled", async () => {
      const built = build();
      await submit(built);
      await settle(built);
      expect(await settle(built)).to.deep.equal({ feesSettled: sumOf(built), batches: [] });

      const empty = build({ startSequenceId: 10n, payerFees: [] });
      const { payerReportIndex } = await submit(empty);
      expect(await settle(empty, { payerReportIndex })).to.deep.equal({
        feesSettled: 0n,
        batches: [],
      });
    });

    it("goes on where it was stopped", async () => {
      const built = build({ payerFees: payerFees(12) });
      await submit(built);
      const stop = new AbortController();
      const stopped = await caughtError(
        settle(built, { batchSize: 5, signal: stop.signal, onBatch: () => stop.abort() }),
      );
      expect(stopped.code).to.equal("ABORTED");

      const { feesSettled, batches } = await settle(built, { batchSize: 4 });
      expect(batches.map(({ count, remaining }) => [count, remaining])).to.deep.equal([
        [4, 3],
        [3, 0],
      ]);
      expect(feesSettled).to.equal(sumOf(built));
    });

    it("goes on when the answer to a transaction is lost", async () => {
      const built = build({ payerFees: payerFees(9) });
      await submit(built);
      const proxy = await startFaultyProxy(network.settlement.url);
      try {
        const chain = await connectChain({ url: proxy.url, chainId: network.settlement.chainId });
        let lost = 0;
        proxy.setFault(({ method }) => {
          if (method !== "eth_sendRawTransaction" || lost > 0) return "pass";
          lost += 1;
          return "dropAnswer";
        });
        const { feesSettled } = await settle(built, { chain, batchSize: 3 });
        expect(lost).to.equal(1);
        expect(feesSettled).to.equal(sumOf(built));
        for (const { payer, feePicodollars } of built.payerFees) {
          expect(await balanceOf(payer), payer).to.equal(-settledMicrodollars(feePicodollars));
        }
      } finally {
        await proxy.stop();
      }
    });

    it("goes on behind what somebody else has settled since", async () => {
      const built = build({ payerFees: payerFees(9) });
      await submit(built);
      await settleBatch(built, { offset: 0, batchSize: 4 });
      const { batches, feesSettled } = await settle(built, { batchSize: 3 });
      expect(batches.map(({ count }) => count)).to.deep.equal([3, 2]);
      expect(feesSettled).to.equal(sumOf(built));
    });

    it("settles together with others at the same moment, and nobody is charged twice", async () => {
      const built = build({ payerFees: payerFees(30) });
      await submit(built);
      const [one, two] = await Promise.all([
        settle(built, { batchSize: 3 }),
        settle(built, { batchSize: 4, account: other }),
      ]);
      const settled = [...one.batches, ...two.batches].reduce((sum, { count }) => sum + count, 0);
      expect(settled).to.equal(30);
      expect([one.feesSettled, two.feesSettled]).to.deep.equal([sumOf(built), sumOf(built)]);
      for (const { payer, feePicodollars } of built.payerFees) {
        expect(await balanceOf(payer), payer).to.equal(-settledMicrodollars(feePicodollars));
      }
    });

    it("waits for the block with what somebody else has sent already, and goes on behind it", async () => {
      const built = build({ payerFees: payerFees(9) });
      await submit(built);
      const proxy = await startFaultyProxy(network.settlement.url);
      const { settlement } = network.running;
      try {
        const chain = await connectChain({ url: proxy.url, chainId: network.settlement.chainId });
        await settlement.setBlockTime(0);
        const pending = settleBatch(built, { offset: 0, batchSize: 4 });
        const { client } = network.settlement;
        const { address } = other;
        const sent = await client.getTransactionCount({ address });
        while ((await client.getTransactionCount({ address, blockTag: "pending" })) === sent);

        // The node estimates on top of what is pending: it refuses the batch, though no block says why.
        proxy.setFault(({ method }) => {
          if (!method.includes("eth_estimateGas")) return "pass";
          void settlement.setBlockTime(500);
          return "pass";
        });
        const { batches, feesSettled } = await settle(built, { chain, batchSize: 3 });
        await pending;
        expect(batches.map(({ count }) => count)).to.deep.equal([3, 2]);
        expect(feesSettled).to.equal(sumOf(built));
      } finally {
        await settlement.setBlockTime("automine");
        await proxy.stop();
      }
    });

    it("goes back to where the chain is when it has dropped a settlement", async () => {
      const built = build({ payerFees: payerFees(9) });
      await submit(built);
      const controls = chainControls(network.settlement);
      const proxy = await startFaultyProxy(network.settlement.url);
      try {
        const chain = await connectChain({ url: proxy.url, chainId: network.settlement.chainId });
        const fork = await controls.snapshot();
        let dropped: Promise<void> | undefined;
        const { feesSettled, batches } = await settle(built, {
          chain,
          batchSize: 3,
          onBatch: () => {
            dropped ??= controls.revert({ id: fork });
            proxy.setFault(() => Promise.resolve(dropped).then(() => "pass"));
          },
        });
        expect(batches).to.have.lengthOf(4);
        expect(feesSettled).to.equal(sumOf(built));
        for (const { payer, feePicodollars } of built.payerFees) {
          expect(await balanceOf(payer), payer).to.equal(-settledMicrodollars(feePicodollars));
        }
      } finally {
        await proxy.stop();
      }
    });

    it("refuses the tree of another report", async () => {
      await submit(build());
      const error = await caughtError(settle(build({ payerFees: payerFees(6) })));
      expect(error.code).to.equal("INVALID_REPORT");
    });

    it("passes on what the contract refuses", async () => {
      const built = build();
      await submit(built);
      await money.setParameters({ "payerRegistry.paused": numberToHex(1, { size: 32 }) });
      expect((await caughtError(settle(built))).code).to.equal("Paused");
      const missing = await caughtError(settle(built, { payerReportIndex: 1 }));
      expect(missing.code).to.equal("PayerReportIndexOutOfBounds");
    });
  });
});
