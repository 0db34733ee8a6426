import { writeFile } from "node:fs/promises";

import { Command } from "commander";
import { z } from "zod";

import { libraryError } from "../../src/errors/libraryErrors.ts";
import type { UsageLedger, UsageMessage } from "../../src/reports/createUsageLedger.ts";
import type { ReportRange } from "../../src/reports/nextReportRange.ts";
import type { PayerReport } from "../../src/reports/payerReportDigest.ts";
import type { SubmittedPayerReport } from "../../src/reports/readPayerReports.ts";
import { readAccount } from "./account.ts";
import { createCommand, groupCommands } from "./command.ts";
import { parseOriginator, showDollars, showTime } from "./moneyOptions.ts";
import { optionHelp } from "./options.ts";
import { renderTable, toJson } from "./output.ts";
import { SETTINGS } from "./settings.ts";
import { openSettlement, READ, WRITE, writeSettlement, type Place } from "./writeChain.ts";

const SECONDS_PER_MINUTE = 60;

export function reportsCommand(): Command {
  const group = new Command("reports").description(
    "what payers owe for the messages of a node: build, sign, submit, settle",
  );

  return groupCommands(group, [show(), build(), sign(), submit(), settle()]);
}

function show(): Command {
  return createCommand({
    usage: "show <originator>",
    description: "show the reports of a node, or of another originator",
    shape: READ,
    run: async ({ options, args: [originator = ""], output }) => {
      const originatorNodeId = parseOriginator(originator);
      const { readPayerReports } = await import("../../src/reports/readPayerReports.ts");
      const { chain, addresses } = await openSettlement(options);
      const address = addresses.payerReportManager;
      const reports = await readPayerReports({ chain, address, originatorNodeId });
      output.result(reports, reports.length === 0 ? "no reports" : showReports(reports));
    },
  });
}

function build(): Command {
  return createCommand({
    usage: "build <originator>",
    description: "build the next report of a node from the usage of its messages, as a file",
    help: `Each line of the usage is one message, in the order of the sequence ids:
  {"payer": "0x...", "originatorNodeId": 100, "sequenceId": 1, "originatorNs": "1790000000000000000",
   "envelopeBytes": 200, "retentionDays": 60}
with feePicodollars in place of the last two where the fee is known. The range begins where the last report ended, and
ends with the last minute but one, as messages may still come for the last. Sends nothing.`,
    shape: {
      ...READ,
      usage: file("the usage of the messages, as lines of JSON"),
      out: file("where to write the report"),
      closed: z.boolean().default(false).register(optionHelp, {
        help: "take the last minute, too: no more messages will come for it",
      }),
    },
    run: async ({ options, args: [originator = ""], output }) => {
      const originatorNodeId = parseOriginator(originator);
      const { readUsageFile, reportFileOf } = await import("./reportFiles.ts");
      const [{ readPayerReports }, { buildPayerReport }, { readNodes }] = await Promise.all([
        import("../../src/reports/readPayerReports.ts"),
        import("../../src/reports/buildPayerReport.ts"),
        import("../../src/nodes/readNodes.ts"),
      ]);
      const messages = await readUsageFile(options.usage);
      const place = await openSettlement(options);
      const { chain, addresses } = place;
      const [ledger, nodes, [last]] = await Promise.all([
        bookUsage(place, messages),
        readNodes({ chain, address: addresses.nodeRegistry, canonicalOnly: true }),
        readPayerReports({
          chain,
          address: addresses.payerReportManager,
          originatorNodeId,
          fromIndex: -1,
        }),
      ]);
      const start = {
        originatorNodeId,
        startSequenceId: last?.endSequenceId ?? 0n,
        startMinute: last?.endMinuteSinceEpoch ?? 0,
      };
      const range = options.closed ? wholeRange(ledger, start) : ledger.nextReportRange(start);
      if (range === undefined) {
        throw libraryError("INVALID_USAGE", `there is no usage to report of node ${originator}`, {
          hint: `there must be messages of two minutes after minute ${start.startMinute}; with --closed, of one`,
        });
      }
      const built = buildPayerReport({
        ...range,
        originatorNodeId,
        payerFees: ledger.payerFees({
          originatorNodeId,
          afterMinute: start.startMinute,
          throughMinute: range.endMinuteSinceEpoch,
        }),
        nodeIds: nodes.map(({ nodeId }) => nodeId),
        domain: domainOf(place),
      });
      await writeFile(options.out, `${toJson(reportFileOf(built))}\n`);
      const { id, report, payerFees } = built;
      output.result(
        { id, report, payers: payerFees.length, file: options.out },
        `${id}\nmessages ${report.startSequenceId} to ${report.endSequenceId} of ${originator}, ${payerFees.length} payers, nodes ${report.nodeIds.join(", ")}: wrote ${options.out}`,
      );
    },
  });
}

function sign(): Command {
  return createCommand({
    usage: "sign <report-file>",
    description: "sign a report with the key of a node, after comparing it with own usage",
    help: "Prints the signature as one line of JSON, for the file that `reports submit` takes. Sends nothing.",
    shape: {
      ...READ,
      privateKey: SETTINGS.privateKey,
      usage: optionalFile("what this node knows of the messages, as lines of JSON"),
      unchecked: z
        .boolean()
        .default(false)
        .register(optionHelp, { help: "sign what was not compared with any usage" }),
    },
    run: async ({ options, args: [path = ""], output }) => {
      if ((options.usage === undefined) !== options.unchecked) {
        throw libraryError("INVALID_OPTION", "it takes one of --usage and --unchecked", {
          hint: "pass --usage <file>: a signature says that the fees are right",
        });
      }
      const { readReportFile, readUsageFile } = await import("./reportFiles.ts");
      const [{ readNodes }, { signPayerReport }] = await Promise.all([
        import("../../src/nodes/readNodes.ts"),
        import("../../src/reports/reportSignatures.ts"),
      ]);
      const messages = options.usage === undefined ? undefined : await readUsageFile(options.usage);
      const place = await openSettlement(options);
      const { chain, addresses } = place;
      const { id, report } = await readReportFile(path, domainOf(place));
      const { account } = await readAccount({ ...options, chainIds: [chain.chainId], output });
      const nodes = await readNodes({
        chain,
        address: addresses.nodeRegistry,
        canonicalOnly: true,
      });
      const node = nodes.find(({ signer }) => signer === account.address);
      if (node === undefined) {
        throw libraryError("INVALID_SIGNATURE", `no canonical node signs as ${account.address}`, {
          hint: "set PRIVATE_KEY to the signing key of a node: npm run network -- nodes list",
        });
      }
      if (messages === undefined) output.note("not compared with any usage");
      else
        await requireRight(
          place,
          messages,
          report,
          nodes.map(({ nodeId }) => nodeId),
        );

      const signature = { nodeId: node.nodeId, signature: await signPayerReport(id, account) };
      output.result(signature, toJson(signature));
    },
  });
}

function submit(): Command {
  return createCommand({
    usage: "submit <report-file>",
    description: "submit a report with the signatures of a majority; anyone may",
    help: "A report that is there already counts as submitted.",
    shape: { ...WRITE, signatures: file("the signatures, a line each") },
    run: async ({ options, args: [path = ""], output }) => {
      const { readReportFile, readSignatureFile } = await import("./reportFiles.ts");
      const { submitPayerReport } = await import("../../src/reports/submitPayerReport.ts");
      const signatures = await readSignatureFile(options.signatures);
      await writeSettlement({
        options,
        output,
        what: `submit the report of ${path}`,
        act: async (place) => {
          const { chain, account, addresses } = place;
          const { report } = await readReportFile(path, domainOf(place));
          const submitted = await submitPayerReport({
            chain,
            account,
            address: addresses.payerReportManager,
            nodeRegistry: addresses.nodeRegistry,
            report,
            signatures,
          });
          const name = `report ${submitted.payerReportIndex} of ${report.originatorNodeId}`;
          const { change } = submitted;
          return {
            value: { originatorNodeId: report.originatorNodeId, ...submitted },
            text:
              change === undefined
                ? `it was submitted already, as ${name}`
                : `submitted ${name}: ${change.transactionHash}`,
          };
        },
      });
    },
  });
}

function settle(): Command {
  return createCommand({
    usage: "settle <report-file>",
    description: "charge the payers of a report that is submitted; anyone may",
    help: "Goes on where the last settlement ended, whoever made it.",
    shape: {
      ...WRITE,
      batchSize: z.coerce
        .number({ error: "expected a whole number from 1" })
        .int()
        .min(1)
        .default(100)
        .register(optionHelp, { argument: "<payers>", help: "payers per transaction" }),
    },
    run: async ({ options, args: [path = ""], output }) => {
      const { readReportFile } = await import("./reportFiles.ts");
      const [{ findPayerReport }, { settlePayerReport }] = await Promise.all([
        import("../../src/reports/findPayerReport.ts"),
        import("../../src/reports/settlePayerReport.ts"),
      ]);
      await writeSettlement({
        options,
        output,
        what: `settle the report of ${path}`,
        act: async (place) => {
          const { chain, account, addresses } = place;
          const { report, tree } = await readReportFile(path, domainOf(place));
          const { originatorNodeId } = report;
          const contract = { chain, address: addresses.payerReportManager };
          const payerReportIndex = await findPayerReport({ ...contract, report });
          if (payerReportIndex === undefined) {
            throw libraryError("INVALID_REPORT", `the report of ${path} is not submitted`, {
              hint: "submit it first: npm run network -- reports submit",
            });
          }
          const key = { originatorNodeId, payerReportIndex };
          const settled = await settlePayerReport({
            ...contract,
            ...key,
            account,
            tree,
            batchSize: options.batchSize,
            onBatch: ({ count, remaining }) =>
              output.note(`settled ${count} payers, ${remaining} are left`),
          });
          const hashes = settled.batches.map(({ transactionHash }) => transactionHash);
          return {
            value: { ...key, ...settled },
            text: [
              `report ${payerReportIndex} of ${originatorNodeId} is settled, for ${showDollars(settled.feesSettled)}`,
              ...(hashes.length === 0 ? ["it was settled already"] : hashes),
            ].join("\n"),
          };
        },
      });
    },
  });
}

async function bookUsage(
  { chain, addresses }: Place,
  messages: readonly UsageMessage[],
): Promise<UsageLedger> {
  const [{ createUsageLedger }, { readRates }] = await Promise.all([
    import("../../src/reports/createUsageLedger.ts"),
    import("../../src/rates/readRates.ts"),
  ]);
  const rates = await readRates({ chain, address: addresses.rateRegistry });
  const ledger = createUsageLedger({ rates: () => rates });
  for (const message of messages) {
    const isBooked = ledger.add(message) !== undefined;
    if (isBooked) continue;
    const { originatorNodeId, sequenceId } = message;
    throw libraryError(
      "INVALID_USAGE",
      `message ${sequenceId} of ${originatorNodeId} does not follow on ${ledger.lastSequenceId(originatorNodeId)}`,
      { hint: "sort the lines of each originator by sequence id, each message once" },
    );
  }

  return ledger;
}

/** From the end of the last report to the newest minute of all. */
function wholeRange(
  ledger: UsageLedger,
  {
    originatorNodeId,
    startSequenceId,
    startMinute,
  }: {
    readonly originatorNodeId: number;
    readonly startSequenceId: bigint;
    readonly startMinute: number;
  },
): ReportRange | undefined {
  const newest = ledger.minutes(originatorNodeId).at(-1);
  if (newest === undefined || newest.minute <= startMinute) return undefined;

  return {
    startSequenceId,
    endSequenceId: newest.lastSequenceId,
    endMinuteSinceEpoch: newest.minute,
  };
}

/** @throws {XmtpError} `INVALID_REPORT`, with everything that is wrong by the usage that is known here */
async function requireRight(
  place: Place,
  messages: readonly UsageMessage[],
  report: PayerReport,
  canonicalNodeIds: readonly number[],
): Promise<void> {
  const [{ checkPayerReport }, { readPayerReports }] = await Promise.all([
    import("../../src/reports/checkPayerReport.ts"),
    import("../../src/reports/readPayerReports.ts"),
  ]);
  const { chain, addresses } = place;
  const { originatorNodeId } = report;
  const address = addresses.payerReportManager;
  const faults = checkPayerReport({
    report,
    previousReports: await readPayerReports({ chain, address, originatorNodeId }),
    ledger: await bookUsage(place, messages),
    canonicalNodeIds,
  });
  if (faults.length === 0) return;
  throw libraryError("INVALID_REPORT", faults.map(({ message }) => message).join("; "), {
    hint: "compare the usage with that of the node that built it; sign nothing else",
  });
}

function domainOf({ chain, addresses }: Place) {
  return { chainId: chain.chainId, verifyingContract: addresses.payerReportManager };
}

function file(help: string) {
  return z
    .string({ error: "is missing" })
    .min(1)
    .register(optionHelp, { argument: "<file>", help });
}

function optionalFile(help: string) {
  return z.string().min(1).optional().register(optionHelp, { argument: "<file>", help });
}

function showReports(reports: readonly SubmittedPayerReport[]): string {
  return renderTable([
    ["report", "messages", "until", "nodes", "leaves settled", "charged", "state"],
    ...reports.map((report) => [
      String(report.payerReportIndex),
      `${report.startSequenceId} to ${report.endSequenceId}`,
      showTime(report.endMinuteSinceEpoch * SECONDS_PER_MINUTE),
      report.nodeIds.join(" "),
      String(report.offset),
      showDollars(report.feesSettled),
      report.isSettled ? "settled" : "open",
    ]),
  ]);
}
