import { randomInt } from "node:crypto";

import type { LocalAccount } from "viem";

import type { Chain } from "../../src/chain/connectChain.ts";
import type { AddressBook } from "../../src/deployment/addressBook.ts";
import { fundPayer } from "../../src/payers/fundPayer.ts";
import { formatDollars, parseDollars } from "../../src/payers/microdollars.ts";
import { mintMockTokens } from "../../src/payers/mintMockTokens.ts";
import { readPayer } from "../../src/payers/readPayer.ts";
import { readRates } from "../../src/rates/readRates.ts";
import { buildPayerReport, type BuiltPayerReport } from "../../src/reports/buildPayerReport.ts";
import { requiredSignatures } from "../../src/reports/collectSignatures.ts";
import { createUsageLedger, type UsageMessage } from "../../src/reports/createUsageLedger.ts";
import { signPayerReport } from "../../src/reports/reportSignatures.ts";
import { settlePayerReport } from "../../src/reports/settlePayerReport.ts";
import { submitPayerReport } from "../../src/reports/submitPayerReport.ts";
import { claimProtocolFees, claimRewards } from "../../src/rewards/claimRewards.ts";
import { withdrawProtocolFees, withdrawRewards } from "../../src/rewards/withdrawRewards.ts";

const DEPOSIT = parseDollars("25");
/** Bytes of an envelope: those of short messages, and of small images. */
const SMALLEST = 300;
const LARGEST = 60_000;
const RETENTION_DAYS = 90;
/** Messages of each payer in each minute. */
const MESSAGES = [40, 25];
/** A report ends before the newest minute, for which messages may still come. */
const MINUTES = 3;
const NANOSECONDS_PER_MINUTE = 60_000_000_000n;

/** A node with the keys of both parties to it. */
export interface OperatedNode {
  readonly nodeId: number;
  /** Owns the node's token, and is paid. */
  readonly owner: LocalAccount;
  /** Signs for the node. */
  readonly signer: LocalAccount;
}

type NamedPayer = readonly [name: string, account: LocalAccount];

/** Who paid and who earned how much, in microdollars. */
export interface Payment {
  readonly payers: readonly {
    readonly name: string;
    readonly deposited: bigint;
    readonly charged: bigint;
    readonly balance: bigint;
  }[];
  readonly nodes: readonly { readonly nodeId: number; readonly earned: bigint }[];
  readonly protocol: bigint;
}

/**
 * The way of the money, once: two payers deposit, a node serves them, all nodes compute what that costs, a majority signs
 * the report, it is settled, and everybody is paid.
 *
 * @throws {Error} if the amounts do not add up
 */
export async function runPaymentJob({
  settlement: chain,
  addresses,
  payers,
  nodes,
  anyone,
  say,
}: {
  readonly settlement: Chain;
  readonly addresses: AddressBook;
  readonly payers: readonly NamedPayer[];
  readonly nodes: readonly OperatedNode[];
  /** Sends what everybody may send. */
  readonly anyone: LocalAccount;
  readonly say: (line: string) => void;
}): Promise<Payment> {
  const [server] = nodes;
  if (server === undefined) throw new RangeError("there is no node to serve anybody");

  await Promise.all(
    payers.map(async ([, account]) => {
      await mintMockTokens({
        chain,
        account,
        address: addresses.underlyingFeeToken,
        amount: DEPOSIT,
      });
      await fundPayer({ chain, account, address: addresses.payerRegistry, amount: DEPOSIT });
    }),
  );
  say(`${payers.length} payers deposited ${formatDollars(DEPOSIT)} dollars each, by permit`);

  const report = await reportOf({ chain, addresses, payers, nodes, server });
  const signing = nodes.slice(0, requiredSignatures(nodes.length));
  const signatures = await Promise.all(
    signing.map(async ({ nodeId, signer }) => ({
      nodeId,
      signature: await signPayerReport(report.id, signer),
    })),
  );
  say(
    `nodes ${signing.map(({ nodeId }) => nodeId).join(" and ")} of ${nodes.length} signed the same report ${report.id.slice(0, 14)}…`,
  );

  const key = { originatorNodeId: server.nodeId };
  const { payerReportIndex } = await submitPayerReport({
    chain,
    account: anyone,
    address: addresses.payerReportManager,
    nodeRegistry: addresses.nodeRegistry,
    report: report.report,
    signatures,
  });
  const { feesSettled } = await settlePayerReport({
    chain,
    account: anyone,
    address: addresses.payerReportManager,
    ...key,
    payerReportIndex,
    tree: report.tree,
  });
  say(`report submitted and settled: ${formatDollars(feesSettled)} dollars`);

  const rewards = { chain, address: addresses.distributionManager };
  const reports = [{ ...key, payerReportIndex }];
  const earned = await Promise.all(
    nodes.map(async ({ nodeId, owner }) => {
      await claimRewards({ ...rewards, account: owner, nodeId, reports });
      const { amount } = await withdrawRewards({
        ...rewards,
        account: owner,
        nodeId,
        recipient: owner.address,
        intoUnderlying: true,
      });
      return { nodeId, earned: amount };
    }),
  );
  await claimProtocolFees({ ...rewards, account: anyone, reports });
  const { amount: protocol } = await withdrawProtocolFees({ ...rewards, account: anyone });
  say(`${nodes.length} nodes and the protocol claimed and were paid`);

  const charged = await Promise.all(
    payers.map(async ([name, { address: payer }]) => {
      const { balance } = await readPayer({ chain, address: addresses.payerRegistry, payer });
      return { name, deposited: DEPOSIT, charged: DEPOSIT - balance, balance };
    }),
  );
  const payment = { payers: charged, nodes: earned, protocol };
  requireSum(payment, feesSettled);

  return payment;
}

/** What all nodes make of the messages that one of them served, each in books of its own. */
async function reportOf({
  chain,
  addresses,
  payers,
  nodes,
  server,
}: {
  readonly chain: Chain;
  readonly addresses: AddressBook;
  readonly payers: readonly NamedPayer[];
  readonly nodes: readonly OperatedNode[];
  readonly server: OperatedNode;
}): Promise<BuiltPayerReport> {
  const rates = await readRates({ chain, address: addresses.rateRegistry });
  const originatorNodeId = server.nodeId;
  const messages = serve(originatorNodeId, payers, rates.at(-1)?.startTime ?? 0n);

  const reports = nodes.map(() => {
    const ledger = createUsageLedger({ rates: () => rates });
    for (const message of messages) ledger.add(message);

    const range = ledger.nextReportRange({ originatorNodeId, startSequenceId: 0n, startMinute: 0 });
    if (range === undefined) throw new Error(`${MINUTES} minutes are too few for a report`);

    return buildPayerReport({
      ...range,
      originatorNodeId,
      payerFees: ledger.payerFees({
        originatorNodeId,
        afterMinute: 0,
        throughMinute: range.endMinuteSinceEpoch,
      }),
      nodeIds: nodes.map(({ nodeId }) => nodeId),
      domain: { chainId: chain.chainId, verifyingContract: addresses.payerReportManager },
    });
  });

  const [report, ...others] = reports;
  if (report === undefined || others.some(({ id }) => id !== report.id)) {
    throw new Error("nodes that know the same usage built different reports");
  }
  return report;
}

/**
 * Messages of all payers, as a node books them. Nobody wants to wait for some minutes, so the node's clock runs ahead,
 * from the minute in which the rates begin.
 */
function serve(
  originatorNodeId: number,
  payers: readonly NamedPayer[],
  startTime: bigint,
): UsageMessage[] {
  let sequenceId = 0n;
  const startNs = startTime * 1_000_000_000n;

  return Array.from({ length: MINUTES }, (_, minute) =>
    payers.flatMap(([, { address: payer }], index) =>
      Array.from({ length: MESSAGES[index % MESSAGES.length] ?? 0 }, () => {
        sequenceId += 1n;
        return {
          payer,
          originatorNodeId,
          sequenceId,
          originatorNs: startNs + BigInt(minute) * NANOSECONDS_PER_MINUTE,
          envelopeBytes: randomInt(SMALLEST, LARGEST),
          retentionDays: RETENTION_DAYS,
        };
      }),
    ),
  ).flat();
}

/** Every microdollar that was deposited is in a balance, or was paid to a node or to the protocol. */
function requireSum({ payers, nodes, protocol }: Payment, feesSettled: bigint): void {
  const sum = (amounts: readonly bigint[]): bigint =>
    amounts.reduce((total, one) => total + one, 0n);
  const charged = sum(payers.map((payer) => payer.charged));
  const paid = sum(nodes.map(({ earned }) => earned)) + protocol;

  if (charged !== feesSettled || paid !== feesSettled) {
    throw new Error(`${charged} was charged and ${paid} paid of ${feesSettled} settled`);
  }
}
