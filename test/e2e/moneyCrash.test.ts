import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { expect } from "chai";
import { numberToHex, parseAbi, parseAbiItem, type Address } from "viem";
import { privateKeyToAccount } from "viem/accounts";

import { startDevnet, type Devnet } from "../../deploy/devnet.ts";
import { connectChain, type Chain } from "../../src/chain/connectChain.ts";
import { addNode, addToNetwork } from "../../src/nodes/writeNodes.ts";
import { fundPayer } from "../../src/payers/fundPayer.ts";
import { mintMockTokens } from "../../src/payers/mintMockTokens.ts";
import { createRandom } from "../helpers/createRandom.ts";
import { remember } from "../helpers/emptyChains.ts";
import { startFaultyProxy, type FaultyProxy } from "../helpers/faultyProxy.ts";
import type { FeedMessage, ReportServiceConfig } from "../helpers/reportService.ts";

const SERVICE = fileURLToPath(new URL("../helpers/reportService.ts", import.meta.url));
const SENDING = "eth_sendRawTransaction";
/** Milliseconds. */
const BLOCK_TIME = 50;
/** `MONEY_SEED=123` repeats a run. */
const SEED = Number(process.env["MONEY_SEED"] ?? Math.floor(Math.random() * 2 ** 31));

const ORIGINATOR = 100;
const PAYERS = Array.from({ length: 9 }, (_, index) => numberToHex(0xfee00 + index, { size: 20 }));
/** Microdollars; more than anybody uses. */
const DEPOSIT = 20_000_000n;
/** Each minute has so many messages. */
const PER_MINUTE = 10;
/** With so many, there are two reports, and messages that are in none yet. */
const MESSAGES = 40;
const CHUNK = 25;
const BATCH_SIZE = 2;
/** Hundredths of a percent, as the devnet has it. */
const PROTOCOL_FEE_RATE = 100n;
const PICODOLLARS = 1_000_000n;

const TOKEN = parseAbi([
  "function balanceOf(address) view returns (uint256)",
  "function totalSupply() view returns (uint256)",
  "function getBalance(address) view returns (int104)",
]);
const EVENTS = {
  submitted: parseAbiItem(
    "event PayerReportSubmitted(uint32 indexed originatorNodeId, uint256 indexed payerReportIndex, uint64 startSequenceId, uint64 indexed endSequenceId, uint32 endMinuteSinceEpoch, bytes32 payersMerkleRoot, uint32[] nodeIds, uint32[] signingNodeIds)",
  ),
  charged: parseAbiItem(
    "event UsageSettled(bytes32 indexed payerReportId, address indexed payer, uint96 amount)",
  ),
  claimed: parseAbiItem(
    "event Claim(uint32 indexed nodeId, uint32 indexed originatorNodeId, uint256 indexed payerReportIndex, uint96 amount)",
  ),
  protocolClaimed: parseAbiItem(
    "event ProtocolFeesClaim(uint32 indexed originatorNodeId, uint256 indexed payerReportIndex, uint96 amount)",
  ),
};

/** The runs of one service of an operator. */
interface Service {
  /** Runs it until it ends, or is killed at a line for which `until` is true. Resolves with whether it has finished. */
  run(until?: (line: string) => boolean): Promise<boolean>;
  /** Starts it; `kill` ends it without warning. */
  start(until?: (line: string) => boolean): { kill(): void; readonly ended: Promise<boolean> };
}

describe(`the money of a service that is killed (seed ${SEED})`, function () {
  // Many processes one after another, on a machine that may be busy.
  this.timeout(180_000);
  const random = createRandom(SEED);
  let devnet: Devnet;
  let chain: Chain;
  let proxy: FaultyProxy;
  let folder: string;
  let forget: () => Promise<void>;
  let nodes: { readonly nodeId: number; readonly owner: Address; readonly privateKey: string }[];
  let kills = 0;
  let feed: readonly FeedMessage[];

  before(async () => {
    devnet = await startDevnet({ blockTime: "automine" });
    // Each test takes the chains back to where they were, which the relayer would take for a reorganisation.
    await devnet.relayer.stop();
    const { addresses, settlement, accounts } = devnet;
    chain = await connectChain({ url: settlement.url, chainId: settlement.chainId });
    proxy = await startFaultyProxy(settlement.url);
    folder = await mkdtemp(join(tmpdir(), "money-"));
    const account = privateKeyToAccount(keyOf(0));
    const registry = { chain, account, address: addresses.nodeRegistry };
    nodes = [];
    for (const [index, owner] of accounts.slice(1, 4).entries()) {
      const { nodeId } = await addNode({
        ...registry,
        owner: owner.address,
        signingPublicKey: privateKeyToAccount(keyOf(4 + index)).publicKey,
        httpAddress: `http://node-${index}.example`,
      });
      await addToNetwork({ ...registry, nodeId });
      nodes.push({ nodeId, owner: owner.address, privateKey: owner.privateKey });
    }
    await mintMockTokens({
      chain,
      account,
      address: addresses.underlyingFeeToken,
      amount: DEPOSIT * BigInt(PAYERS.length),
    });
    for (const payer of PAYERS) {
      await fundPayer({ chain, account, address: addresses.payerRegistry, payer, amount: DEPOSIT });
    }
  });
  beforeEach(async () => {
    forget = await remember(devnet);
    await devnet.settlement.setBlockTime(BLOCK_TIME);
    proxy.setFault(() => "pass");
    kills = 0;
    feed = createFeed(random);
  });
  afterEach(async () => {
    await devnet.settlement.setBlockTime("automine");
    await forget();
  });
  after(async () => {
    await proxy.stop();
    await devnet.stop();
    await rm(folder, { recursive: true });
  });

  const keyOf = (index: number) => {
    const found = devnet.accounts[index];
    if (found === undefined) throw new Error("the devnet has too few accounts");
    return found.privateKey;
  };

  /** A service that has not run yet. */
  const createService = async (
    name: string,
    changes: Partial<ReportServiceConfig> = {},
  ): Promise<Service> => {
    const home = await mkdtemp(join(folder, name));
    const config: ReportServiceConfig = {
      url: proxy.url,
      addresses: devnet.addresses,
      originatorNodeId: ORIGINATOR,
      feed,
      chunk: CHUNK,
      batchSize: BATCH_SIZE,
      books: join(home, "books.json"),
      operatorKey: keyOf(7),
      signers: nodes.map(({ nodeId }, index) => ({ nodeId, privateKey: keyOf(4 + index) })),
      owned: nodes.map(({ nodeId, privateKey }) => ({ nodeId, privateKey })),
      ...changes,
    };
    const path = join(home, "config.json");
    await writeFile(path, JSON.stringify(config));

    const start: Service["start"] = (until = () => false) => {
      const child = spawn(process.execPath, [SERVICE, path], {
        stdio: ["ignore", "pipe", "pipe"],
        // Most of a short run is the start of the process.
        env: { ...process.env, NODE_COMPILE_CACHE: join(folder, "cache") },
      });
      let output = "";
      let isFinished = false;
      child.stderr.on("data", (chunk: Buffer) => {
        output += chunk.toString();
      });
      createInterface(child.stdout).on("line", (line) => {
        output += `${line}\n`;
        if (line === "finished") isFinished = true;
        else if (!child.killed && until(line)) child.kill("SIGKILL");
      });
      const ended = once(child, "close").then(() => {
        if (child.signalCode === "SIGKILL") kills += 1;
        else if (!isFinished) throw new Error(`the service failed:\n${output}`);
        return isFinished;
      });
      return { kill: () => void child.kill("SIGKILL"), ended };
    };
    return { start, run: (until) => start(until).ended };
  };

  /** Reads everything from the chain, and nothing through what the service uses. */
  const checkMoney = async (): Promise<void> => {
    const { addresses } = devnet;
    const { client } = chain;
    // What a killed run had sent last may be waiting still; it would be in the next blocks.
    const head = await client.getBlockNumber();
    while ((await client.getBlockNumber()) < head + 2n);

    const everything = { fromBlock: 0n, strict: true } as const;
    const reports = await client.getLogs({
      ...everything,
      address: addresses.payerReportManager,
      event: EVENTS.submitted,
    });
    expect(
      reports.map(({ args }) => args.payerReportIndex),
      "indices of reports",
    ).to.deep.equal(reports.map((_, index) => BigInt(index)));
    expect(reports.length, "reports").to.be.at.least(2);
    reports.forEach(({ args }, index) => {
      const before = reports[index - 1];
      expect(args.startSequenceId, "where a report begins").to.equal(
        before?.args.endSequenceId ?? 0n,
      );
    });

    const charges = await client.getLogs({
      ...everything,
      address: addresses.payerRegistry,
      event: EVENTS.charged,
    });
    const chargedOf = new Map<string, bigint>();
    let feesSettled = 0n;
    const expectedCharges: [payer: string, amount: bigint][] = [];
    const claims: [nodeId: number, index: bigint, amount: bigint][] = [];
    const protocolClaims: [index: bigint, amount: bigint][] = [];
    const shares = { node: 0n, protocol: 0n };
    for (const [index, { args }] of reports.entries()) {
      const sums = new Map<string, bigint>();
      for (const { sequenceId, payer, feePicodollars } of feed) {
        const isIn =
          sequenceId > Number(args.startSequenceId) && sequenceId <= Number(args.endSequenceId);
        if (isIn) sums.set(payer, (sums.get(payer) ?? 0n) + BigInt(feePicodollars));
      }
      let settled = 0n;
      for (const [payer, sum] of [...sums].sort(([a], [b]) => (a < b ? -1 : 1))) {
        const amount = sum / PICODOLLARS + (sum % PICODOLLARS === 0n ? 0n : 1n);
        expectedCharges.push([payer, amount]);
        chargedOf.set(payer, (chargedOf.get(payer) ?? 0n) + amount);
        settled += amount;
      }
      const share = (settled * (10_000n - PROTOCOL_FEE_RATE)) / 10_000n / BigInt(nodes.length);
      const protocol = settled - share * BigInt(nodes.length);
      for (const { nodeId } of nodes) claims.push([nodeId, BigInt(index), share]);
      protocolClaims.push([BigInt(index), protocol]);
      shares.node += share;
      shares.protocol += protocol;
      feesSettled += settled;
    }
    const order = (a: readonly unknown[], b: readonly unknown[]) =>
      String(a[0]) === String(b[0]) ? Number(a[1]) - Number(b[1]) : Number(a[0]) - Number(b[0]);
    expect(
      charges.map(({ args }) => [args.payer.toLowerCase(), args.amount]),
      "each leaf charged once, in order",
    ).to.deep.equal(expectedCharges);
    expect(new Set(charges.map(({ args }) => args.payerReportId)).size).to.equal(reports.length);

    const nodeClaims = await client.getLogs({
      ...everything,
      address: addresses.distributionManager,
      event: EVENTS.claimed,
    });
    expect(
      nodeClaims
        .map(({ args }) => [args.nodeId, args.payerReportIndex, args.amount])
        .toSorted(order),
      "each node claims each report once",
    ).to.deep.equal(claims.toSorted(order));
    const ofProtocol = await client.getLogs({
      ...everything,
      address: addresses.distributionManager,
      event: EVENTS.protocolClaimed,
    });
    expect(
      ofProtocol.map(({ args }) => [args.payerReportIndex, args.amount]),
      "the protocol claims each report once",
    ).to.deep.equal(protocolClaims);

    const balanceOf = (address: Address, holder: Address) =>
      client.readContract({ address, abi: TOKEN, functionName: "balanceOf", args: [holder] });
    let paid = 0n;
    for (const { nodeId, owner } of nodes) {
      const held = await balanceOf(addresses.feeToken, owner);
      expect(held, `paid to node ${nodeId}`).to.equal(shares.node);
      paid += held;
    }
    const protocolHeld = await balanceOf(addresses.feeToken, addresses.deployer);
    expect(protocolHeld, "paid to the protocol").to.equal(shares.protocol);
    paid += protocolHeld;
    expect(paid, "paid in all").to.equal(feesSettled);

    let left = 0n;
    for (const payer of PAYERS) {
      const balance = await client.readContract({
        address: addresses.payerRegistry,
        abi: TOKEN,
        functionName: "getBalance",
        args: [payer],
      });
      expect(balance, `balance of ${payer}`).to.equal(DEPOSIT - (chargedOf.get(payer) ?? 0n));
      left += balance;
    }
    const deposits = DEPOSIT * BigInt(PAYERS.length);
    expect(left + paid, "balances and payments").to.equal(deposits);
    expect(await balanceOf(addresses.feeToken, addresses.payerRegistry), "escrow").to.equal(left);
    expect(await balanceOf(addresses.feeToken, addresses.distributionManager)).to.equal(0n);
    const supply = await client.readContract({
      address: addresses.feeToken,
      abi: TOKEN,
      functionName: "totalSupply",
    });
    const bridged = await balanceOf(addresses.feeToken, devnet.rollup.bridge);
    expect(supply - bridged, "supply of the fee token, but the appchain's").to.equal(deposits);
    expect(await balanceOf(addresses.underlyingFeeToken, addresses.feeToken)).to.equal(supply);
  };

  it("adds up when it is killed at every step that it announces", async () => {
    const service = await createService("steps");
    const steps = new Set<string>();
    const isNew = (line: string): boolean => {
      // Once is enough of a step that each report, each node or each range of messages has.
      const step = line.replace(/ (?:report|from|to|node) \d+| but [1-9]\d*/gu, "");
      if (!line.startsWith("step: ") || steps.has(step)) return false;
      steps.add(step);
      return true;
    };
    while (!(await service.run(isNew)));
    expect(kills, [...steps].join("\n")).to.equal(13);
    await checkMoney();
  });

  it("adds up when it is killed as it sends, before or after the node has the transaction", async () => {
    const service = await createService("sends");
    for (let run = 0; run < 10; run++) {
      const skipped = Math.floor(random() * 2);
      const isSent = random() < 0.7;
      let sends = 0;
      const { kill, ended } = service.start();
      proxy.setFault(({ method }) => {
        if (method !== SENDING || sends++ < skipped) return "pass";
        kill();
        return isSent ? "dropAnswer" : "drop";
      });
      if (await ended) break;
    }
    proxy.setFault(() => "pass");
    await service.run();
    expect(kills).to.be.at.least(6);
    await checkMoney();
  });

  it("adds up when it is killed at random moments", async () => {
    const service = await createService("random");
    for (let run = 0; run < 5; run++) {
      const delay = 100 + random() * 500;
      const { kill, ended } = service.start((line) => {
        if (line === "step: started") setTimeout(() => kill(), delay);
        return false;
      });
      if (await ended) break;
    }
    await service.run();
    await checkMoney();
  });

  it("adds up when services of two operators race, and one of them is killed now and then", async () => {
    const [first, second, third] = nodes.map(({ nodeId, privateKey }) => ({ nodeId, privateKey }));
    if (first === undefined || second === undefined || third === undefined)
      throw new Error("there are too few nodes");
    const one = await createService("one", { owned: [first, second] });
    const other = await createService("other", {
      owned: [third],
      operatorKey: keyOf(8),
      batchSize: 3,
      chunk: 23,
    });
    const steady = one.run();
    for (let run = 0; run < 3; run++) {
      let left = 4 + Math.floor(random() * 12);
      if (await other.run(() => --left === 0)) break;
    }
    await Promise.all([steady, other.run()]);
    // What one had left open when it ended, because the other was at it, the next run finds.
    await one.run();
    await other.run();
    await checkMoney();
  });

  it("adds up when the node loses every third answer to a transaction", async () => {
    const service = await createService("answers");
    let lost = 0;
    let sends = 0;
    proxy.setFault(({ method }) => {
      if (method !== SENDING || sends++ % 3 !== 0) return "pass";
      lost += 1;
      return "dropAnswer";
    });
    await service.run();
    expect(lost).to.be.at.least(6);
    await checkMoney();
  });

  it("adds up when the chain forgets settlements that it had confirmed", async () => {
    const service = await createService("reorg");
    const { provider } = devnet.settlement;
    let left = Number.POSITIVE_INFINITY;
    const batches = (count: number) => {
      left = count;
      return (line: string) => line.startsWith("step: settled") && --left === 0;
    };
    await service.run(batches(2));
    await devnet.settlement.setBlockTime("automine");
    const fork: unknown = await provider.request({ method: "evm_snapshot" });
    await devnet.settlement.setBlockTime(BLOCK_TIME);
    await service.run(batches(2));
    expect(await chargeCount()).to.be.at.least(8);
    await provider.request({ method: "evm_revert", params: [fork] });
    expect(await chargeCount()).to.be.within(4, 6);

    await service.run();
    expect(kills).to.equal(2);
    await checkMoney();
  });

  const chargeCount = async (): Promise<number> => {
    const { payerRegistry } = devnet.addresses;
    const { client } = chain;
    const logs = await client.getLogs({
      address: payerRegistry,
      event: EVENTS.charged,
      fromBlock: 0n,
    });
    return logs.length;
  };
});

/** Messages of all payers, with fees that are hardly ever whole microdollars. */
function createFeed(random: () => number): readonly FeedMessage[] {
  return Array.from({ length: MESSAGES }, (_, index) => ({
    payer: PAYERS[index < PAYERS.length ? index : Math.floor(random() * PAYERS.length)] ?? "0x",
    sequenceId: index + 1,
    minute: 29_000_000 + Math.floor(index / PER_MINUTE),
    feePicodollars: Math.floor(random() * 4e11),
  }));
}
