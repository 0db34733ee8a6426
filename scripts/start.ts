/** `npm start`: a whole network on this machine, its main job done once, then everything that happens on it, live. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { Command, InvalidArgumentError } from "commander";
import type { Address } from "viem";
import { privateKeyToAccount } from "viem/accounts";

import { startDevnet, type Devnet } from "../deploy/devnet.ts";
import { describeProgress } from "../deploy/progress.ts";
import { connectChain, type Chain } from "../src/chain/connectChain.ts";
import { writeAddressBook } from "../src/deployment/addressBookFile.ts";
import { DEFAULT_APPCHAIN_PORT, DEFAULT_SETTLEMENT_PORT } from "../src/devnet/defaultPorts.ts";
import { requireFreePort } from "../src/devnet/requireFreePort.ts";
import { DevnetError } from "../src/devnet/DevnetError.ts";
import { resetState } from "../src/devnet/stateFolder.ts";
import { XmtpError } from "../src/errors/XmtpError.ts";
import { groupMessages, identityUpdates } from "../src/events/eventSources.ts";
import { followEvents } from "../src/events/followEvents.ts";
import { resetIndex } from "../src/indexer/resetIndex.ts";
import { readNodes } from "../src/nodes/readNodes.ts";
import { reportError } from "./network/reportError.ts";
import { runBridgeJob, type Crossing } from "./start/bridgeJob.ts";
import { startIndexJob, type IndexJob } from "./start/indexJob.ts";
import { runMainJob } from "./start/mainJob.ts";
import { runPaymentJob, type Payment } from "./start/paymentJob.ts";

const ADDRESS_BOOK = "deployments/devnet.json";
/** Where the chains are kept, for the next start to go on with. */
const STATE_FOLDER = fileURLToPath(new URL("../.devnet", import.meta.url));
const ANY_PORTS = { settlement: 0, appchain: 0 };
const DEFAULT_API_PORT = 8600;
const NODE_COUNT = 3;
/** Characters of an amount in a table: of microdollars, and of wei. */
const AMOUNT_WIDTH = 12;
const WEI_WIDTH = 25;

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
  .option(
    "--api-port <port>",
    `of the index, 0 for any (default ${DEFAULT_API_PORT}, else any)`,
    port,
  )
  .option("--block-time <ms>", "milliseconds between two blocks", milliseconds, 500)
  .option(
    "--once",
    "stop when the main job is done, and keep nothing unless --state says where",
    false,
  )
  .option(
    "--database <url>",
    "PostgreSQL for the index, postgres://… (default: one inside this process)",
  )
  .option("--state <folder>", "where to keep the chains, and to go on from (default .devnet)")
  .option("--reset", "forget what is kept there, and start anew", false)
  .parse()
  .opts<{
    settlementPort?: number;
    appchainPort?: number;
    apiPort?: number;
    database?: string;
    blockTime: number;
    once: boolean;
    state?: string;
    reset: boolean;
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
  const { devnet, folder } = await start();
  const { addresses } = devnet;
  let index: IndexJob | undefined;

  try {
    await writeAddressBook(
      fileURLToPath(new URL(`../${ADDRESS_BOOK}`, import.meta.url)),
      addresses,
    );
    if (stopping.signal.aborted) return;
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

    const registered = await readNodes({ chain: settlement, address: addresses.nodeRegistry });
    index = await serveIndex(devnet, folder);
    if (registered.length === 0) return await doAndFollow(devnet, settlement, appchain, index);
    say(`everything of the last run is there: ${registered.length} nodes, both logs, all balances`);
    printPlaces(devnet, index);
    printNodes(registered);
    console.log(`\n${readiness()}\n`);
    if (!options.once) await follow(appchain, devnet);
  } finally {
    await index?.stop();
    await devnet.stop();
    say("stopped");
  }
}

/** Does all jobs, and follows what comes of them and afterwards. */
async function doAndFollow(
  devnet: Devnet,
  settlement: Chain,
  appchain: Chain,
  index: IndexJob,
): Promise<void> {
  const { addresses } = devnet;
  const [admin, ada, bob, ...owners] = devnet.accounts
    .slice(0, 3 + NODE_COUNT)
    .map(({ privateKey }) => privateKeyToAccount(privateKey));
  if (admin === undefined || ada === undefined || bob === undefined) return;
  const chains = { settlement, appchain, addresses };

  const job = await runMainJob({ ...chains, admin, owners, payer: ada, say });
  try {
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
    const crossing = await runBridgeJob({ ...chains, admin, anyone: bob, say });
    printPlaces(devnet, index);
    printNodes(job.nodes.nodes());
    printPayment(payment);
    printCrossing(crossing);
    await printIndex(index, { owners, payers: [ada, bob] });

    await follow(appchain, devnet, [
      ...job.identityUpdates,
      ...job.groupMessages,
      crossing.published,
    ]);
  } finally {
    job.nodes.stop();
  }
}

/** As asked for. What was not, and is taken, is done without: the usual ports, and the folder of the last run. */
async function start(): Promise<{ devnet: Devnet; folder: string | undefined }> {
  const { settlementPort, appchainPort } = options;
  let ports = { settlement: DEFAULT_SETTLEMENT_PORT, appchain: DEFAULT_APPCHAIN_PORT };
  let folder = options.state ?? (options.once ? undefined : STATE_FOLDER);

  for (;;) {
    try {
      if (options.reset && folder !== undefined) {
        resetState(folder);
        rmSync(indexFolder(folder), { recursive: true, force: true });
        if (options.database !== undefined) await resetIndex({ url: options.database });
      }
      const devnet = await startDevnet({
        settlementPort: settlementPort ?? ports.settlement,
        appchainPort: appchainPort ?? ports.appchain,
        blockTime: options.blockTime,
        ...(folder !== undefined && { state: folder }),
        onProgress: (progress) => {
          // The rollup is made in between, so nothing has to be done for the bridge.
          if (progress.kind === "sent" || progress.kind === "awaitsBridge") return;
          say(describeProgress(progress));
        },
      });
      return { devnet, folder };
    } catch (error) {
      if (!(error instanceof DevnetError)) throw error;
      const isUsualPort = settlementPort === undefined || appchainPort === undefined;
      if (error.code === "PORT_TAKEN" && isUsualPort && ports !== ANY_PORTS) {
        say(`${error.message}; taking free ports instead`);
        ports = ANY_PORTS;
      } else if (error.code === "STATE_IN_USE" && folder !== options.state) {
        say(`${error.message}; this network is not kept`);
        folder = undefined;
      } else throw error;
    }
  }
}

/** On the usual port, or on a free one where that is taken. */
async function serveIndex(devnet: Devnet, state: string | undefined): Promise<IndexJob> {
  const folder = state === undefined ? "temporary" : indexFolder(state);
  const database = options.database === undefined ? { folder } : { url: options.database };
  const onFailure = (error: unknown): void => void reportError(error);
  const serve = (port: number) => startIndexJob({ devnet, database, port, onFailure });
  if (options.apiPort !== undefined) return await serve(options.apiPort);
  const isFree = await requireFreePort("127.0.0.1", DEFAULT_API_PORT).then(
    () => true,
    () => false,
  );
  if (!isFree) say(`port ${DEFAULT_API_PORT} is taken; the index takes a free one instead`);

  return await serve(isFree ? DEFAULT_API_PORT : 0);
}

function indexFolder(state: string): string {
  return join(state, "index");
}

function printPlaces({ settlement, appchain, addresses, accounts }: Devnet, index: IndexJob): void {
  console.log();
  table([
    ["settlement chain", `${settlement.url}  ${settlement.wsUrl}  id ${settlement.chainId}`],
    ["  Nodes", addresses.nodeRegistry],
    ["  Payers", addresses.payerRegistry],
    ["  PayerReports", addresses.payerReportManager],
    ["  Rewards", addresses.distributionManager],
    ["  FeeToken", addresses.feeToken],
    ["  SettlementParameters", addresses.settlementChainParameterRegistry],
    ["  SettlementGateway", addresses.settlementChainGateway],
    ["rollup of the appchain", addresses.appChainRollup ?? "none"],
    ["  inbox", addresses.appChainInbox ?? "none"],
    ["  bridge", addresses.appChainBridge ?? "none"],
    ["  outbox", addresses.appChainOutbox ?? "none"],
    ["appchain", `${appchain.url}  ${appchain.wsUrl}  id ${appchain.chainId}`],
    ["  IdentityUpdates", addresses.identityUpdateBroadcaster],
    ["  GroupMessages", addresses.groupMessageBroadcaster],
    ["  AppchainParameters", addresses.appChainParameterRegistry],
    ["  AppchainGateway", addresses.appChainGateway],
    ["index of both chains", `${index.url}/v1/status  all of it: /openapi.json`],
    ["admin of everything", `${accounts[0]?.address}  (public test key)`],
    ["all addresses", ADDRESS_BOOK],
  ]);
}

function printNodes(
  nodes: readonly { readonly nodeId: number; readonly httpAddress: string }[],
): void {
  console.log();
  table([
    ["canonical node", "answers at"],
    ...nodes.map(({ nodeId, httpAddress }) => [String(nodeId), httpAddress]),
  ]);
}

function printPayment({ payers, nodes, protocol }: Payment): void {
  const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((total, one) => total + one);
  console.log();
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
}

function printCrossing({ name, microdollars, wei }: Crossing): void {
  console.log();
  amountTable([
    ["microdollars", "escrow", "gas money", "claimed"],
    [name, microdollars.escrow, microdollars.gasMoney, microdollars.claimed],
  ]);
  console.log();
  amountTable(
    [
      ["wei of the appchain", name],
      ["gas of the delivery", wei.delivery],
      ["gas of a message", wei.publishing],
      ["gas of the withdrawal", wei.withdrawing],
      ["withdrawn", wei.withdrawn],
      ["left", wei.left],
      ["gas money", Object.values(wei).reduce((total, one) => total + one)],
    ],
    WEI_WIDTH,
  );
  console.log();
}

/** What services ask the index for. */
async function printIndex(
  index: IndexJob,
  { owners, payers }: { readonly owners: readonly Account[]; readonly payers: readonly Account[] },
): Promise<void> {
  const { inboxes, accounts, status } = await index.ask({
    wallets: owners.map(({ address }) => address),
    payers: payers.map(({ address }) => address),
  });
  const blocks = status.chains.map(({ chain, nextBlock }) => `${chain} to block ${nextBlock - 1}`);
  console.log(`The index has ${blocks.join(", ")}, and says:`);
  table([
    ["  wallet", "its inbox, by a verified signature"],
    ...inboxes.map(({ address, inboxId }) => [`  ${address}`, inboxId ?? "none"]),
  ]);
  console.log();
  table([
    ["  payer", "microdollars"],
    ...accounts.map(({ payer, balance }) => [`  ${payer}`, balance.toLocaleString("en-US")]),
  ]);
  console.log();
}

/** Prints every payload in the order of its log: those of the jobs first, then whatever anybody publishes. */
async function follow(
  chain: Chain,
  { addresses }: Devnet,
  expected: readonly unknown[] = [],
): Promise<void> {
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
      if (seen !== expected.length) continue;
      if (options.once) return stopping.abort();
      console.log(`\n${readiness()}\n`);
    }
  };

  console.log("The logs, as a node reads them:");
  await Promise.all([
    print(identityUpdates({ address: addresses.identityUpdateBroadcaster })),
    print(groupMessages({ address: addresses.groupMessageBroadcaster })),
  ]);
}

function readiness(): string {
  return `Ready after ${seconds()} s. Following both logs; stop with Ctrl-C.`;
}

interface Account {
  readonly address: Address;
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

/** Amounts stand under each other. */
function amountTable(
  rows: readonly (readonly [string, ...(string | bigint)[]])[],
  width = AMOUNT_WIDTH,
): void {
  table(
    rows.map(([first, ...rest]) => [
      first,
      ...rest.map((cell) =>
        (typeof cell === "bigint" ? cell.toLocaleString("en-US") : cell).padStart(width),
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
