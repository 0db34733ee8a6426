// What an operator of a node runs for the money, in a process of its own that tests kill: `reportService.ts <config>`.
// It bills the messages of a feed, and has the reports submitted, settled, claimed and paid out. It keeps nothing but its
// books, in a file, and asks the chain for everything else; so it may be killed anywhere, and others may do the same.
import { open, readFile, rename } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";

import {
  buildPayerReport,
  checkPayerReport,
  claimProtocolFees,
  claimRewards,
  connectChain,
  createUsageLedger,
  parsePrivateKey,
  readNodes,
  readPayerReports,
  readRewards,
  settlePayerReport,
  signPayerReport,
  submitPayerReport,
  withdrawProtocolFees,
  withdrawRewards,
  XmtpError,
  type AddressBook,
  type BuiltPayerReport,
  type SubmittedPayerReport,
  type UsageLedger,
} from "../../src/index.ts";

export interface FeedMessage {
  readonly payer: string;
  readonly sequenceId: number;
  readonly minute: number;
  readonly feePicodollars: number;
}

export interface ReportServiceConfig {
  readonly url: string;
  readonly addresses: AddressBook;
  readonly originatorNodeId: number;
  readonly feed: readonly FeedMessage[];
  /** Messages that are billed before the books are written and a report is tried. */
  readonly chunk: number;
  /** Leaves per settlement. */
  readonly batchSize: number;
  /** The file with the books. */
  readonly books: string;
  /** Who sends reports and settlements. */
  readonly operatorKey: string;
  /** The nodes that sign. */
  readonly signers: readonly { readonly nodeId: number; readonly privateKey: string }[];
  /** The nodes that this operator owns. */
  readonly owned: readonly { readonly nodeId: number; readonly privateKey: string }[];
}

/** Attempts in a row of which each failed. */
const MAX_FAILURES = 100;

async function run(config: ReportServiceConfig): Promise<void> {
  const { addresses, originatorNodeId, feed, batchSize } = config;
  const chain = await connectChain({ url: config.url, chainId: addresses.settlementChainId });
  const operator = { chain, account: parsePrivateKey(config.operatorKey) };
  const reports = { ...operator, address: addresses.payerReportManager };
  const rewards = { ...operator, address: addresses.distributionManager };
  const domain = { chainId: chain.chainId, verifyingContract: addresses.payerReportManager };
  const ledger = await readBooks(config.books);
  announce("started");

  const readReports = () => readPayerReports({ ...reports, originatorNodeId });
  const canonicalNodeIds = async () =>
    (await readNodes({ chain, address: addresses.nodeRegistry, canonicalOnly: true })).map(
      ({ nodeId }) => nodeId,
    );

  /** Bills the next messages, and some of the last again: the feed repeats itself after a restart. */
  const bill = async (): Promise<void> => {
    const done = Number(ledger.lastSequenceId(originatorNodeId));
    for (const message of feed.slice(Math.max(0, done - 3), done + config.chunk)) {
      ledger.add({
        originatorNodeId,
        payer: message.payer,
        sequenceId: BigInt(message.sequenceId),
        minute: message.minute,
        feePicodollars: BigInt(message.feePicodollars),
      });
    }
    announce(`billed to ${ledger.lastSequenceId(originatorNodeId)}`);
    await writeBooks(config.books, ledger);
  };

  const rebuild = (
    report: SubmittedPayerReport,
    before: SubmittedPayerReport | undefined,
  ): BuiltPayerReport =>
    buildPayerReport({
      ...report,
      payerFees: ledger.payerFees({
        originatorNodeId,
        afterMinute: before?.endMinuteSinceEpoch ?? 0,
        throughMinute: report.endMinuteSinceEpoch,
      }),
      domain,
    });

  const settle = async (known: readonly SubmittedPayerReport[]): Promise<void> => {
    for (const [index, report] of known.entries()) {
      if (report.isSettled) continue;
      while (ledger.lastSequenceId(originatorNodeId) <= report.endSequenceId) await bill();
      const { tree } = rebuild(report, known[index - 1]);
      await settlePayerReport({
        ...reports,
        ...report,
        tree,
        batchSize,
        onBatch: ({ remaining }) => announce(`settled report ${index} but ${remaining}`),
      });
    }
    // Should the chain forget a settlement, the usage of the last report is there still.
    const settled = known.at(-2);
    if (settled === undefined) return;
    ledger.forget({ originatorNodeId, throughMinute: settled.endMinuteSinceEpoch });
    await writeBooks(config.books, ledger);
  };

  /** Whether there was a range to report. */
  const report = async (known: readonly SubmittedPayerReport[]): Promise<boolean> => {
    const last = known.at(-1);
    const range = ledger.nextReportRange({
      originatorNodeId,
      startSequenceId: last?.endSequenceId ?? 0n,
      startMinute: last?.endMinuteSinceEpoch ?? 0,
    });
    if (range === undefined) return false;

    const nodeIds = await canonicalNodeIds();
    const built = buildPayerReport({
      ...range,
      originatorNodeId,
      payerFees: ledger.payerFees({
        originatorNodeId,
        afterMinute: last?.endMinuteSinceEpoch ?? 0,
        throughMinute: range.endMinuteSinceEpoch,
      }),
      nodeIds,
      domain,
    });
    announce(`built report ${known.length}`);
    const signatures = await Promise.all(
      config.signers.map(async ({ nodeId, privateKey }) => {
        const faults = checkPayerReport({
          report: built.report,
          previousReports: known,
          ledger,
          canonicalNodeIds: nodeIds,
        });
        if (faults.length > 0) throw new Error(JSON.stringify(faults));
        return { nodeId, signature: await signPayerReport(built.id, parsePrivateKey(privateKey)) };
      }),
    );
    announce(`signed report ${known.length}`);
    const { nodeRegistry } = addresses;
    await submitPayerReport({ ...reports, nodeRegistry, report: built.report, signatures });
    announce(`submitted report ${known.length}`);
    return true;
  };

  const collect = async (known: readonly SubmittedPayerReport[]): Promise<void> => {
    const owed = () =>
      readRewards({ ...rewards, nodeIds: config.owned.map(({ nodeId }) => nodeId) });
    for (const { nodeId, privateKey } of config.owned) {
      const owner = { ...rewards, account: parsePrivateKey(privateKey), nodeId };
      await claimRewards({ ...owner, reports: known });
      announce(`claimed for node ${nodeId} from ${known.length}`);
      const isOwed = (await owed()).nodes.some((node) => node.nodeId === nodeId && node.owed > 0n);
      if (isOwed) await withdrawRewards({ ...owner, recipient: owner.account.address });
      announce(`withdrawn for node ${nodeId} from ${known.length}`);
    }
    await claimProtocolFees({ ...rewards, reports: known });
    announce(`claimed for the protocol from ${known.length}`);
    if ((await owed()).protocolOwed > 0n) await withdrawProtocolFees(rewards);
    announce(`withdrawn for the protocol from ${known.length}`);
  };

  let failures = 0;
  for (;;) {
    try {
      await settle(await readReports());
      const known = await readReports();
      if (known.length > 0) await collect(known);
      const isReported = await report(known);
      const isBilled = ledger.lastSequenceId(originatorNodeId) >= BigInt(feed.length);
      if (!isReported && isBilled) break;
      if (!isReported) await bill();
      failures = 0;
    } catch (error) {
      // Another service was faster, an earlier run's transaction came in between, or an answer was lost.
      failures += 1;
      if (!(error instanceof XmtpError) || failures > MAX_FAILURES) throw error;
      console.log(`failed: ${error.code}`);
      await pause(20);
    }
  }
  console.log("finished");
}

/** Says where it is. Tests kill it there. */
function announce(step: string): void {
  console.log(`step: ${step}`);
}

async function readBooks(path: string): Promise<UsageLedger> {
  const text = await readFile(path, "utf8").catch(() => undefined);
  return createUsageLedger(text === undefined ? {} : { snapshot: JSON.parse(text) });
}

/** Whoever reads the file finds all of the old books or all of the new ones. */
async function writeBooks(path: string, ledger: UsageLedger): Promise<void> {
  const draft = `${path}.draft`;
  const file = await open(draft, "w");
  await file.writeFile(JSON.stringify(ledger.snapshot()));
  await file.sync();
  await file.close();
  announce("drafted books");
  await rename(draft, path);
  announce("kept books");
}

// Test runners import every file below `test`; only a process of its own has arguments.
if (process.argv[1] === import.meta.filename) {
  const [path = ""] = process.argv.slice(2);
  await run(JSON.parse(await readFile(path, "utf8")) as ReportServiceConfig); // the test wrote it
}
