import { expect } from "chai";
import { numberToHex, padHex, parseAbi, type Address, type Hex, type LocalAccount } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";

import { payersAbi } from "../../src/abi/index.ts";
import { connectChain } from "../../src/chain/connectChain.ts";
import { readNodes } from "../../src/nodes/readNodes.ts";
import { buildPayerReport } from "../../src/reports/buildPayerReport.ts";
import { checkPayerReport } from "../../src/reports/checkPayerReport.ts";
import { createUsageLedger } from "../../src/reports/createUsageLedger.ts";
import { payerReportDigest } from "../../src/reports/payerReportDigest.ts";
import { readPayerReports } from "../../src/reports/readPayerReports.ts";
import { signPayerReport } from "../../src/reports/reportSignatures.ts";
import { settlePayerReport } from "../../src/reports/settlePayerReport.ts";
import { submitPayerReport } from "../../src/reports/submitPayerReport.ts";
import { claimProtocolFees, claimRewards } from "../../src/rewards/claimRewards.ts";
import { readReportRewards, readRewards } from "../../src/rewards/readRewards.ts";
import { settledMicrodollars, splitSettledFees } from "../../src/rewards/splitSettledFees.ts";
import { withdrawProtocolFees, withdrawRewards } from "../../src/rewards/withdrawRewards.ts";
import { addMoney, PROTOCOL_FEE_RATE, signerOf, type Money } from "../helpers/addMoney.ts";
import { caughtError } from "../helpers/caughtError.ts";
import { startFaultyProxy } from "../helpers/faultyProxy.ts";
import { chainControls, startNetwork, type TestNetwork } from "../helpers/startNetwork.ts";

const ORIGINATOR = 100;
const NODES = [100, 200, 300];
const PAYER = numberToHex(0xa11ce, { size: 20 });
/** Picodollars; 1,000.000001 microdollars, so 1,001 are charged. */
const FEE = 1_000_000_001n;
const CHARGED = 1_001n;
const ERC20 = parseAbi(["function balanceOf(address) view returns (uint256)"]);

describe("rewards", () => {
  let network: TestNetwork;
  let money: Money;
  let owner: LocalAccount;
  let stranger: LocalAccount;
  let treasury: Address;
  let snapshot: Hex;

  before(async () => {
    network = await startNetwork();
    money = await addMoney(network);
    const [, second, third, fourth] = network.accounts;
    if (!second || !third || !fourth) throw new Error("no accounts");
    [owner, stranger, treasury] = [second, third, fourth.address];
    for (const nodeId of NODES) expect(await money.addNode(owner.address)).to.equal(nodeId);
    await money.setParameters({
      "distributionManager.protocolFeesRecipient": padHex(treasury, { size: 32 }),
    });
    snapshot = await chainControls(network.settlement).snapshot();
  });
  afterEach(async () => {
    const controls = chainControls(network.settlement);
    await controls.revert({ id: snapshot });
    snapshot = await controls.snapshot();
  });
  after(() => network.stop());

  const reportsContract = () => ({
    chain: network.settlement,
    address: money.addresses.payerReports,
  });
  const contract = () => ({ chain: network.settlement, address: money.addresses.rewards });
  const asOwner = () => ({ ...contract(), account: owner });
  const asStranger = () => ({ ...contract(), account: stranger });
  const domain = () => ({
    chainId: network.settlement.chainId,
    verifyingContract: money.addresses.payerReports,
  });
  const balanceOf = (token: Address, holder: Address) =>
    network.settlement.client.readContract({
      address: token,
      abi: ERC20,
      functionName: "balanceOf",
      args: [holder],
    });
  /** Submits one report of one payer after another, and settles all but the last `open` ones. */
  const addReports = async (count: number, open = 0) => {
    const keys = [];
    for (let index = 0; index < count; index++) {
      const { report, id, tree } = buildPayerReport({
        originatorNodeId: ORIGINATOR,
        startSequenceId: BigInt(index),
        endSequenceId: BigInt(index + 1),
        endMinuteSinceEpoch: index,
        payerFees: [{ payer: PAYER, feePicodollars: FEE }],
        nodeIds: NODES,
        domain: domain(),
      });
      const signatures = await Promise.all(
        NODES.map(async (nodeId) => ({
          nodeId,
          signature: await signPayerReport(id, signerOf(nodeId)),
        })),
      );
      const { payerReportIndex } = await submitPayerReport({
        ...reportsContract(),
        account: stranger,
        nodeRegistry: network.addresses.nodes,
        report,
        signatures,
      });
      const key = { originatorNodeId: ORIGINATOR, payerReportIndex };
      keys.push(key);
      if (index < count - open) {
        await settlePayerReport({ ...reportsContract(), account: stranger, ...key, tree });
      }
    }
    return keys;
  };
  const { share, protocol } = splitSettledFees({
    feesSettled: CHARGED,
    protocolFeeRate: PROTOCOL_FEE_RATE,
    nodeCount: NODES.length,
  });

  it("waits for the block with a claim that somebody else has sent already, and claims the rest", async () => {
    const keys = await addReports(2);
    const proxy = await startFaultyProxy(network.settlement.url);
    const { settlement } = network.running;
    try {
      const chain = await connectChain({ url: proxy.url, chainId: network.settlement.chainId });
      await settlement.setBlockTime(0);
      const pending = claimProtocolFees({ ...asOwner(), reports: keys.slice(0, 1) });
      const { client } = network.settlement;
      const { address } = owner;
      const sent = await client.getTransactionCount({ address });
      while ((await client.getTransactionCount({ address, blockTag: "pending" })) === sent);

      // The node estimates on top of what is pending: it refuses the claim, though no block says why.
      proxy.setFault(({ method }) => {
        if (method.includes("eth_estimateGas")) void settlement.setBlockTime(500);
        return "pass";
      });
      const { amount, skipped } = await claimProtocolFees({
        ...asStranger(),
        chain,
        reports: keys,
      });
      expect(amount).to.equal(protocol);
      expect(skipped.map(({ payerReportIndex }) => payerReportIndex)).to.deep.equal([0]);
      expect((await pending).amount).to.equal(protocol);
    } finally {
      await settlement.setBlockTime("automine");
      await proxy.stop();
    }
  });

  it("turns usage into a report that every node checks, into settled fees, and into payments that add up", async () => {
    const alice = privateKeyToAccount(generatePrivateKey()).address;
    const bob = privateKeyToAccount(generatePrivateKey()).address;
    await money.deposit(alice, 5_000_000n);
    await money.deposit(bob, 5_000_000n);
    const rates = {
      messageFee: 1_000_000_000n,
      storageFee: 7n,
      congestionFee: 0n,
      targetRatePerMinute: 0n,
      startTime: 0n,
    };
    const ledgers = NODES.map(() => createUsageLedger({ rates: () => [rates] }));
    for (let id = 1n; id <= 40n; id++) {
      for (const ledger of ledgers) {
        ledger.add({
          payer: id % 3n === 0n ? alice : bob,
          originatorNodeId: ORIGINATOR,
          sequenceId: id,
          originatorNs: id * 10_000_000_000n,
          envelopeBytes: 100 + Number(id),
          retentionDays: 60,
        });
      }
    }

    const [ledger] = ledgers;
    const range = ledger?.nextReportRange({
      originatorNodeId: ORIGINATOR,
      startSequenceId: 0n,
      startMinute: 0,
    });
    if (ledger === undefined || range === undefined) throw new Error("no range");
    const nodes = await readNodes({ chain: network.settlement, address: network.addresses.nodes });
    const built = buildPayerReport({
      ...range,
      originatorNodeId: ORIGINATOR,
      payerFees: ledger.payerFees({
        originatorNodeId: ORIGINATOR,
        afterMinute: 0,
        throughMinute: range.endMinuteSinceEpoch,
      }),
      nodeIds: nodes.map(({ nodeId }) => nodeId),
      domain: domain(),
    });
    const previousReports = await readPayerReports({
      ...reportsContract(),
      originatorNodeId: ORIGINATOR,
    });
    const signatures = await Promise.all(
      ledgers.map(async (own, index) => {
        const { report } = built;
        expect(
          checkPayerReport({ report, previousReports, ledger: own, canonicalNodeIds: NODES }),
        ).to.deep.equal([]);
        const nodeId = NODES[index] ?? 0;
        const id = payerReportDigest(report, domain());
        return { nodeId, signature: await signPayerReport(id, signerOf(nodeId)) };
      }),
    );
    const { payerReportIndex } = await submitPayerReport({
      ...reportsContract(),
      account: stranger,
      nodeRegistry: network.addresses.nodes,
      report: built.report,
      signatures,
    });
    const key = { originatorNodeId: ORIGINATOR, payerReportIndex };
    const { feesSettled } = await settlePayerReport({
      ...reportsContract(),
      account: stranger,
      ...key,
      tree: built.tree,
      batchSize: 1,
    });

    let paid = 0n;
    for (const { payer, feePicodollars } of built.payerFees) {
      const charged = settledMicrodollars(feePicodollars);
      paid += charged;
      const balance = await network.settlement.client.readContract({
        address: money.addresses.payers,
        abi: payersAbi,
        functionName: "getBalance",
        args: [payer],
      });
      expect(balance, payer).to.equal(5_000_000n - charged);
    }
    expect(feesSettled).to.equal(paid);

    for (const nodeId of NODES) {
      await claimRewards({ ...asOwner(), nodeId, reports: [key] });
      await withdrawRewards({ ...asOwner(), nodeId, recipient: owner.address });
    }
    await claimProtocolFees({ ...asStranger(), reports: [key] });
    const toTreasury = await withdrawProtocolFees(asStranger());
    const toOwner = await balanceOf(money.addresses.feeToken, owner.address);
    expect(toOwner + toTreasury.amount).to.equal(feesSettled);
    expect(await balanceOf(money.addresses.feeToken, treasury)).to.equal(toTreasury.amount);
    expect(await balanceOf(money.addresses.feeToken, money.addresses.rewards)).to.equal(0n);
  });

  describe("claimRewards", () => {
    it("claims a share of every report, in batches, and never again", async () => {
      const reports = await addReports(5);
      const claim = () => claimRewards({ ...asOwner(), nodeId: 200, reports, batchSize: 2 });
      const { amount, claimed, skipped, changes } = await claim();
      expect(amount).to.equal(5n * share);
      expect(claimed).to.deep.equal(reports.map((key) => ({ ...key, amount: share })));
      expect(skipped).to.deep.equal([]);
      expect(changes).to.have.lengthOf(3);

      const again = await claim();
      expect(again).to.deep.include({ amount: 0n, claimed: [], changes: [] });
      expect(again.skipped.map(({ isClaimed }) => isClaimed)).to.deep.equal(
        reports.map(() => true),
      );
      const { nodes, totalOwed } = await readRewards({ ...contract(), nodeIds: [100, "200"] });
      expect(nodes).to.deep.equal([
        { nodeId: 100, owed: 0n },
        { nodeId: 200, owed: 5n * share },
      ]);
      expect(totalOwed).to.equal(5n * share);
    });

    it("skips reports that are not settled, that do not name the node, and repeated ones", async () => {
      const reports = await addReports(3, 1);
      const late = await money.addNode(owner.address);
      const [first] = reports;
      if (first === undefined) throw new Error("no report");

      const { claimed, skipped } = await claimRewards({
        ...asOwner(),
        nodeId: 100,
        reports: [...reports, first],
      });
      expect(claimed.map(({ payerReportIndex }) => payerReportIndex)).to.deep.equal([0, 1]);
      expect(skipped).to.deep.equal([
        {
          ...reports[2],
          amount: 0n,
          isSettled: false,
          isNamed: true,
          isClaimed: false,
        },
      ]);
      const none = await claimRewards({ ...asOwner(), nodeId: late, reports: [first] });
      expect(none.skipped).to.deep.equal([
        { ...first, amount: 0n, isSettled: true, isNamed: false, isClaimed: false },
      ]);
    });

    it("claims each report once when two claim at the same moment", async () => {
      const reports = await addReports(6);
      const outcomes = await Promise.all([
        claimProtocolFees({ ...asStranger(), reports, batchSize: 2 }),
        claimProtocolFees({ ...asOwner(), reports: reports.toReversed(), batchSize: 3 }),
      ]);
      const indices = outcomes.flatMap(({ claimed }) =>
        claimed.map(({ payerReportIndex }) => payerReportIndex),
      );
      expect(indices.sort()).to.deep.equal([0, 1, 2, 3, 4, 5]);
      expect(outcomes.reduce((sum, { amount }) => sum + amount, 0n)).to.equal(6n * protocol);
    });

    it("lets the contract refuse strangers, unknown nodes and unknown reports", async () => {
      const reports = await addReports(1);
      const claim = (nodeId: number, keys = reports, as = asOwner()) =>
        caughtError(claimRewards({ ...as, nodeId, reports: keys }));
      expect((await claim(100, reports, asStranger())).code).to.equal("NotNodeOwner");
      const unknown = [{ originatorNodeId: ORIGINATOR, payerReportIndex: 1 }];
      expect((await claim(100, unknown)).code).to.equal("PayerReportIndexOutOfBounds");
      expect((await claim(100, [{ originatorNodeId: 7, payerReportIndex: 0 }])).code).to.equal(
        "NoReportsForOriginator",
      );
      expect((await claim(150)).code).to.equal("INVALID_NODE_ID");
    });
  });

  describe("readReportRewards", () => {
    it("says what a node and the protocol get, and what is claimed", async () => {
      const reports = await addReports(2);
      const [first] = reports;
      if (first === undefined) throw new Error("no report");
      await claimRewards({ ...asOwner(), nodeId: 300, reports: [first] });
      const read = (nodeId?: number) =>
        readReportRewards({ ...contract(), reports, ...(nodeId !== undefined && { nodeId }) });
      const state = { isSettled: true, isNamed: true };
      expect(await read(300)).to.deep.equal([
        { ...reports[0], amount: share, ...state, isClaimed: true },
        { ...reports[1], amount: share, ...state, isClaimed: false },
      ]);
      expect(await read()).to.deep.equal([
        { ...reports[0], amount: protocol, ...state, isClaimed: false },
        { ...reports[1], amount: protocol, ...state, isClaimed: false },
      ]);
    });
  });

  describe("withdrawing", () => {
    it("pays what payers have paid, and leaves the rest owed", async () => {
      const reports = await addReports(1);
      await claimRewards({ ...asOwner(), nodeId: 100, reports });
      const withdraw = () => withdrawRewards({ ...asOwner(), nodeId: 100, recipient: treasury });
      expect((await caughtError(withdraw())).code).to.equal("ZeroAvailableBalance");

      await money.deposit(PAYER, 100n);
      expect((await withdraw()).amount).to.equal(100n);
      expect((await caughtError(withdraw())).code).to.equal("ZeroAvailableBalance");
      await money.deposit(PAYER, CHARGED);
      expect((await withdraw()).amount).to.equal(share - 100n);
      expect((await caughtError(withdraw())).code).to.equal("NoFeesOwed");
      expect(await balanceOf(money.addresses.feeToken, treasury)).to.equal(share);
    });

    it("pays the token beneath when asked to", async () => {
      const reports = await addReports(1);
      await money.deposit(PAYER, CHARGED);
      await claimRewards({ ...asOwner(), nodeId: 100, reports });
      await claimProtocolFees({ ...asStranger(), reports });
      await withdrawRewards({
        ...asOwner(),
        nodeId: 100,
        recipient: PAYER,
        intoUnderlying: true,
      });
      await withdrawProtocolFees({ ...asStranger(), intoUnderlying: true });
      expect(await balanceOf(money.addresses.underlying, PAYER)).to.equal(share);
      expect(await balanceOf(money.addresses.underlying, treasury)).to.equal(protocol);
    });

    it("lets the contract refuse strangers, and everybody while it is paused", async () => {
      const reports = await addReports(1);
      await money.deposit(PAYER, CHARGED);
      await claimRewards({ ...asOwner(), nodeId: 100, reports });
      const withdraw = (as = asOwner()) =>
        caughtError(withdrawRewards({ ...as, nodeId: 100, recipient: treasury }));
      expect((await withdraw(asStranger())).code).to.equal("NotNodeOwner");

      expect((await readRewards(contract())).isPaused).to.equal(false);
      await money.setParameters({ "distributionManager.paused": numberToHex(1, { size: 32 }) });
      expect((await readRewards(contract())).isPaused).to.equal(true);
      expect((await withdraw()).code).to.equal("Paused");
    });

    it("knows who gets the protocol's part, and that nobody is named", async () => {
      const reports = await addReports(1);
      await claimProtocolFees({ ...asStranger(), reports });
      expect(await readRewards(contract())).to.deep.include({
        protocolOwed: protocol,
        protocolRecipient: treasury,
      });
      await money.setParameters({
        "distributionManager.protocolFeesRecipient": padHex("0x", { size: 32 }),
      });
      expect((await readRewards(contract())).protocolRecipient).to.equal(undefined);
      expect((await caughtError(withdrawProtocolFees(asStranger()))).code).to.equal(
        "ZeroProtocolFeeRecipient",
      );
    });
  });
});
