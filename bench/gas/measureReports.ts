import type { Bench } from "./createBench.ts";
import { createFeeTree } from "./createFeeTree.ts";
import { DEPOSIT_GAS, type Money } from "./deployMoney.ts";
import type { Reporter } from "./createReporter.ts";

/** Signatures and canonical nodes. */
const SUBMISSIONS = [
  [3, 3],
  [3, 5],
  [5, 5],
  [5, 9],
  [11, 11],
  [11, 20],
  [20, 20],
] as const;

const LEAVES = 1000;
/** How many leaves are settled before the call that is measured. */
const SETTLED = 7;
const MOST_LEAVES = 500;

const FEE_RANGE = [10n ** 9n, 10n ** 10n] as const;
const DEPOSIT = 10_000_000n;

/** The payer reports: each originator here submits reports of its own. */
export async function measureReports(
  bench: Bench,
  { payers }: Money,
  reporter: Reporter,
): Promise<void> {
  await measureSubmit(bench, reporter);

  const { tree, payerFees, leaves } = createFeeTree(bench.bytes, LEAVES, FEE_RANGE);

  for (const { payer } of payerFees.slice(0, SETTLED + MOST_LEAVES)) {
    await payers.deposit(payer, DEPOSIT, { gasLimit: DEPOSIT_GAS });
  }

  let originator = 3000;
  const settle = async (start: number, count: number) =>
    reporter.reports.settle(originator, 0, leaves(start, count), tree.proof(start, count));

  const measureSettle = async (nodeCount: number, count: number, suffix: string): Promise<void> => {
    originator += 100;
    await reporter.submit(originator, tree.root, majorityOf(nodeCount));
    await settle(0, SETTLED);
    await bench.record(
      `payerReportManager.settle.${count}of${LEAVES}${suffix}`,
      `PayerReports.settle, ${count} of ${LEAVES} leaves, ${nodeCount} node ids`,
      settle(SETTLED, count),
    );
  };

  await reporter.submit(originator, tree.root, majorityOf(20));
  await bench.record(
    `payerReportManager.settle.first.1of${LEAVES}`,
    `PayerReports.settle, the first of ${LEAVES} leaves, 20 node ids`,
    settle(0, 1),
  );
  for (const count of [1, 10, 100, MOST_LEAVES]) await measureSettle(20, count, "");

  await reporter.setCanonical(5);
  for (const count of [1, 100]) await measureSettle(5, count, ".nodes5");
}

async function measureSubmit(
  { bytes, record }: Bench,
  { setCanonical, submit }: Reporter,
): Promise<void> {
  let originator = 100;

  for (const [signatureCount, nodeCount] of SUBMISSIONS) {
    const call = `${signatureCount}of${nodeCount}`;
    const what = `PayerReports.submit, ${signatureCount} signatures of ${nodeCount} nodes`;

    await setCanonical(nodeCount);
    if (originator === 100) {
      await record(
        `payerReportManager.submit.first.${call}`,
        `${what}, first report of all`,
        submit(originator, bytes(32), signatureCount),
      );
    } else {
      await submit(originator, bytes(32), signatureCount);
    }
    await submit(originator, bytes(32), signatureCount);
    await record(
      `payerReportManager.submit.${call}`,
      `${what}, third report`,
      submit(originator, bytes(32), signatureCount),
    );
    originator += 100;
  }
}

function majorityOf(nodeCount: number): number {
  return Math.floor(nodeCount / 2) + 1;
}
