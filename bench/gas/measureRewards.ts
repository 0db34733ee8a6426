import { Rewards__factory } from "../../typechain-types/index.js";
import type { Bench } from "./createBench.ts";
import { createFeeTree } from "./createFeeTree.ts";
import type { Reporter } from "./createReporter.ts";
import { DEPOSIT_GAS, type Money } from "./deployMoney.ts";
import { word } from "./word.ts";

const REPORTS = 12;
const LEAVES = 5;
const FEE_RANGE = [3n * 10n ** 12n, 31n * 10n ** 11n] as const;
/** Microdollars; more than all the reports charge a payer. */
const DEPOSIT = 100_000_000n;
/** Microdollars that stay behind, so that no balance becomes zero. */
const REST = 1_000n;

/** Nodes and originators with ids of one byte. */
const NODE = 100;
const OTHER_NODE = 200;
const ORIGINATOR = 101;
const ORIGINATOR_OF_FIVE = 102;

/** The rewards of nodes and of the protocol, for two originators: reports of one name 20 nodes, of the other 5. */
export async function measureRewards(
  bench: Bench,
  { feeToken, parameters, payers }: Money,
  reporter: Reporter,
): Promise<void> {
  const { bytes, deployer, owner, record } = bench;
  const { nodes, reports } = reporter;

  const address = await bench.deployProxied(
    "DistributionManager",
    new Rewards__factory(deployer).deploy(parameters, nodes, reports, payers, feeToken),
  );
  const rewards = Rewards__factory.connect(address, deployer);
  await parameters["set(string,bytes32)"](
    "xmtp.distributionManager.protocolFeesRecipient",
    word(owner.address),
  );
  await rewards.updateAll();

  const { leaves, payerFees, tree } = createFeeTree(bytes, LEAVES, FEE_RANGE);
  for (const { payer } of payerFees)
    await payers.deposit(payer, DEPOSIT, { gasLimit: DEPOSIT_GAS });

  const settleReports = async (originator: number, nodeCount: number): Promise<void> => {
    await reporter.setCanonical(nodeCount);
    for (let index = 0; index < REPORTS; index++) {
      await reporter.submit(originator, tree.root, nodeCount);
      await reports.settle(originator, index, leaves(0, LEAVES), tree.proof(0, LEAVES));
    }
  };
  await settleReports(ORIGINATOR, 20);
  await settleReports(ORIGINATOR_OF_FIVE, 5);

  // Claims: the first report, which is not measured, then the second, then the ten others.

  const claim = (originator: number, [first, count]: readonly [number, number], node = NODE) =>
    rewards
      .connect(node === NODE ? deployer : owner)
      .claim(node, ...reportsOf(originator, first, count));
  const claimProtocolFees = (first: number, count: number) =>
    rewards.claimProtocolFees(...reportsOf(ORIGINATOR, first, count));

  await claim(ORIGINATOR, [0, 1]);
  await record(
    "distributionManager.claim.1",
    "Rewards.claim, 1 report, 20 node ids",
    claim(ORIGINATOR, [1, 1]),
  );
  await record(
    "distributionManager.claim.10",
    "Rewards.claim, 10 reports, 20 node ids",
    claim(ORIGINATOR, [2, 10]),
  );
  await claimProtocolFees(0, 1);
  await record(
    "distributionManager.claimProtocolFees.1",
    "Rewards.claimProtocolFees, 1 report, 20 node ids",
    claimProtocolFees(1, 1),
  );
  await record(
    "distributionManager.claimProtocolFees.10",
    "Rewards.claimProtocolFees, 10 reports, 20 node ids",
    claimProtocolFees(2, 10),
  );
  await record(
    "distributionManager.claim.1.newWord",
    "Rewards.claim, 1 report, first of the originator: a new word for claims, as every 256th needs",
    claim(ORIGINATOR_OF_FIVE, [0, 1]),
  );
  await record(
    "distributionManager.claim.1.nodes5",
    "Rewards.claim, 1 report, 5 node ids",
    claim(ORIGINATOR_OF_FIVE, [1, 1]),
  );
  await record(
    "distributionManager.claim.10.nodes5",
    "Rewards.claim, 10 reports, 5 node ids",
    claim(ORIGINATOR_OF_FIVE, [2, 10]),
  );

  // Withdrawals: the excess so far goes elsewhere, so that each call finds exactly what it is to find.

  await payers.sendExcessToFeeDistributor();
  await parameters["set(string,bytes32)"]("xmtp.payerRegistry.feeDistributor", word(address));
  await payers.updateAll();
  await feeToken.transfer(rewards, REST);
  await feeToken.transfer(owner, REST);

  await feeToken.transfer(payers, await rewards.getOwedFees(NODE));
  await record(
    "distributionManager.withdraw.pull",
    "Rewards.withdraw, excess pulled from the escrow",
    rewards.withdraw(NODE, owner),
  );

  const own = rewards.connect(owner);
  await claim(ORIGINATOR, [0, REPORTS], OTHER_NODE);
  await feeToken.transfer(payers, await rewards.getOwedFees(OTHER_NODE));
  await record(
    "distributionManager.withdrawIntoUnderlying.pull",
    "Rewards.withdrawIntoUnderlying, excess pulled from the escrow",
    own.withdrawIntoUnderlying(OTHER_NODE, deployer),
  );

  await claim(ORIGINATOR_OF_FIVE, [0, REPORTS], OTHER_NODE);
  await feeToken.transfer(rewards, await rewards.getOwedFees(OTHER_NODE));
  await record(
    "distributionManager.withdraw",
    "Rewards.withdraw, enough tokens there",
    own.withdraw(OTHER_NODE, deployer),
  );

  await feeToken.transfer(rewards, await rewards.owedProtocolFees());
  await record(
    "distributionManager.withdrawProtocolFees",
    "Rewards.withdrawProtocolFees, enough tokens there",
    rewards.withdrawProtocolFees(),
  );
}

/** Consecutive reports of an originator, as claims name them. */
function reportsOf(
  originator: number,
  first: number,
  count: number,
): [originators: number[], indices: number[]] {
  return [
    Array.from({ length: count }, () => originator),
    Array.from({ length: count }, (_, index) => first + index),
  ];
}
