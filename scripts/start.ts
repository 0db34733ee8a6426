/** `npm start`: a whole network on this machine, its main job done once, then everything that happens on it, live. */
import { fileURLToPath } from "node:url";

import { Command, InvalidArgumentError } from "commander";
import { privateKeyToAccount } from "viem/accounts";

import { startDevnet, type Devnet } from "../deploy/devnet.ts";
import { describeProgress } from "../deploy/progress.ts";
import { connectChain, type Chain } from "../src/chain/connectChain.ts";
import { writeAddressBook } from "../src/deployment/addressBookFile.ts";
import { DEFAULT_APPCHAIN_PORT, DEFAULT_SETTLEMENT_PORT } from "../src/devnet/defaultPorts.ts";
import { DevnetError } from "../src/devnet/DevnetError.ts";
import { XmtpError } from "../src/errors/XmtpError.ts";
import { groupMessages, identityUpdates } from "../src/events/eventSources.ts";
import { followEvents } from "../src/events/followEvents.ts";
import { reportError } from "./network/reportError.ts";
import { runMainJob, type MainJob } from "./start/mainJob.ts";
import { runPaymentJob, type Payment } from "./start/paymentJob.ts";

const ADDRESS_BOOK = "deployments/devnet.json";
const NODE_COUNT = 3;
/** Characters of an amount in a table. */
const AMOUNT_WIDTH = 12;

const options = new Command("npm start --")
  .description("Runs a settlement chain and an appchain with the whole network on them.")
  .option(
    "--settlement-port <port>",
    `TCP port, 0 for any (default ${DEFAULT_SETTLEMENT_PORT}, else any)`,
    port,
  )
  .option(
    "--appchain-port <port>",
    `TCP port, 0 for any (default ${DEFAULT_APPCHAIN_PORT}, else any)`,
    port,
  )
  .option("--block-time <ms>", "milliseconds between two blocks", milliseconds, 500)
  .option("--once", "stop when the main job is done", false)
  .parse()
  .opts<{
    settlementPort?: number;
    appchainPort?: number;
    blockTime: number;
    once: boolean;
  }>();

const began = performance.now();
const stopping = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => stopping.abort());
}

try {
  await main();
} catch (error) {
  if (!(error instanceof XmtpError)) throw error;
  process.exitCode = await reportError(error);
}

async function main(): Promise<void> {
  say("starting the settlement chain and the appchain, and deploying the contracts");
  const devnet = await start();
  const { addresses } = devnet;

  try {
    await writeAddressBook(
      fileURLToPath(new URL(`../${ADDRESS_BOOK}`, import.meta.url)),
      addresses,
    );
    if (stopping.signal.aborted) return;
    const [admin, ada, bob, ...owners] = devnet.accounts
      .slice(0, 3 + NODE_COUNT)
      .map(({ privateKey }) => privateKeyToAccount(privateKey));
    if (admin === undefined || ada === undefined || bob === undefined) return;

    const settlement = await connectChain({
      url: devnet.settlement.url,
      webSocketUrl: devnet.settlement.wsUrl,
      chainId: devnet.settlement.chainId,
    });
    const appchain = await connectChain({
      url: devnet.appchain.url,
      webSocketUrl: devnet.appchain.wsUrl,
      chainId: devnet.appchain.chainId,
    });

    const job = await runMainJob({
      settlement,
      appchain,
      addresses,
      admin,
      owners,
      payer: ada,
      say,
    });
    const payment = await runPaymentJob({
      settlement,
      addresses,
      payers: [
        ["Ada", ada],
        ["Bob", bob],
      ],
      nodes: job.operated,
      anyone: admin,
      say,
    });
    printTables(devnet, job, payment);

    const expected = job.identityUpdates.length + job.groupMessages.length;
    try {
      await follow(appchain, devnet, expected);
    } finally {
      job.nodes.stop();
    }
  } finally {
    await devnet.stop();
    say("stopped");
  }
}

/** On the ports asked for; on the usual ones, or on any where those are taken, if none were. */
async function start(): Promise<Devnet> {
  const startOn = (settlementPort: number, appchainPort: number): Promise<Devnet> =>
    startDevnet({
      settlementPort,
      appchainPort,
      blockTime: options.blockTime,
      onProgress: (progress) => {
        if (progress.kind !== "sent") say(describeProgress(progress));
      },
    });

  const { settlementPort, appchainPort } = options;
  try {
    return await startOn(
      settlementPort ?? DEFAULT_SETTLEMENT_PORT,
      appchainPort ?? DEFAULT_APPCHAIN_PORT,
    );
  } catch (error) {
    const isDefault = settlementPort === undefined || appchainPort === undefined;
    if (!(error instanceof DevnetError) || error.code !== "PORT_TAKEN" || !isDefault) throw error;
    say(`${error.message}; taking free ports instead`);
    return await startOn(settlementPort ?? 0, appchainPort ?? 0);
  }
}

function printTables(
  { settlement, appchain, addresses, accounts }: Devnet,
  job: MainJob,
  { payers, nodes, protocol }: Payment,
): void {
  console.log();
  table([
    ["settlement chain", `${settlement.url}  ${settlement.wsUrl}  id ${settlement.chainId}`],
    ["  Nodes", addresses.nodeRegistry],
    ["  Payers", addresses.payerRegistry],
    ["  PayerReports", addresses.payerReportManager],
    ["  Rewards", addresses.distributionManager],
    ["  FeeToken", addresses.feeToken],
    ["  SettlementParameters", addresses.settlementChainParameterRegistry],
    ["appchain", `${appchain.url}  ${appchain.wsUrl}  id ${appchain.chainId}`],
    ["  IdentityUpdates", addresses.identityUpdateBroadcaster],
    ["  GroupMessages", addresses.groupMessageBroadcaster],
    ["  AppchainParameters", addresses.appChainParameterRegistry],
    ["admin of everything", `${accounts[0]?.address}  (public test key)`],
    ["all addresses", ADDRESS_BOOK],
  ]);
  console.log();
  table([
    ["canonical node", "answers at"],
    ...job.nodes.nodes().map(({ nodeId, httpAddress }) => [String(nodeId), httpAddress]),
  ]);
  console.log();
  const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((total, one) => total + one);
  amountTable([
    ["microdollars", "deposited", "charged", "balance"],
    ...payers.map((payer) => [payer.name, payer.deposited, payer.charged, payer.balance] as const),
    [
      "together",
      sum(payers.map(({ deposited }) => deposited)),
      sum(payers.map(({ charged }) => charged)),
      sum(payers.map(({ balance }) => balance)),
    ],
  ]);
  console.log();
  amountTable([
    ["microdollars", "paid out"],
    ...nodes.map(({ nodeId, earned }) => [`node ${nodeId}`, earned] as const),
    ["protocol", protocol],
    ["together", sum(nodes.map(({ earned }) => earned)) + protocol],
  ]);
  console.log();
}

/** Prints every payload in the order of its log: first those of the main job, then whatever anybody publishes. */
async function follow(chain: Chain, { addresses }: Devnet, expected: number): Promise<void> {
  let seen = 0;
  const print = async (
    source: ReturnType<typeof groupMessages> | ReturnType<typeof identityUpdates>,
  ): Promise<void> => {
    for await (const followed of followEvents<Printable>({
      chain,
      source,
      fromBlock: addresses.appChainDeploymentBlock,
      signal: stopping.signal,
    })) {
      if (followed.type === "reorg") {
        console.log(`blocks from ${followed.fromBlock} on were undone`);
        continue;
      }
      console.log(describe(followed.event));
      seen += 1;
      if (seen !== expected) continue;
      if (options.once) return stopping.abort();
      console.log(`\nReady after ${seconds()} s. Following both logs; stop with Ctrl-C.\n`);
    }
  };

  console.log("The logs, as a node reads them:");
  await Promise.all([
    print(identityUpdates({ address: addresses.identityUpdateBroadcaster })),
    print(groupMessages({ address: addresses.groupMessageBroadcaster })),
  ]);
}

type Printable =
  | ReturnType<ReturnType<typeof groupMessages>["decode"]>
  | ReturnType<ReturnType<typeof identityUpdates>["decode"]>;

function describe(event: Printable): string {
  const [what, id] =
    event.kind === "groupMessage"
      ? ["message to group", event.groupId]
      : ["update of inbox", event.inboxId];
  const bytes = event.payload.length / 2 - 1;

  return `  (${event.originator}, ${event.sequenceId})  block ${event.cursor.blockNumber}  ${what} ${id.slice(0, 14)}…  ${bytes} bytes`;
}

function table(rows: readonly (readonly string[])[]): void {
  const width = Math.max(...rows.map(([first = ""]) => first.length));
  for (const [first = "", ...rest] of rows)
    console.log(`${first.padEnd(width)}  ${rest.join("  ")}`);
}

/** Amounts are microdollars, and stand under each other. */
function amountTable(rows: readonly (readonly [string, ...(string | bigint)[]])[]): void {
  table(
    rows.map(([first, ...rest]) => [
      first,
      ...rest.map((cell) =>
        (typeof cell === "bigint" ? cell.toLocaleString("en-US") : cell).padStart(AMOUNT_WIDTH),
      ),
    ]),
  );
}

function say(line: string): void {
  console.log(`[${seconds().padStart(5)} s] ${line}`);
}

function seconds(): string {
  return ((performance.now() - began) / 1000).toFixed(1);
}

function port(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > 65_535) throw new InvalidArgumentError("Use 0 to 65535.");
  return value;
}

function milliseconds(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 50) throw new InvalidArgumentError("Use a number from 50.");
  return value;
}
