import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import { numberToHex } from "viem";
import { privateKeyToAccount } from "viem/accounts";

import { startDevnet, type Devnet } from "../../../deploy/devnet.ts";
import { connectChain } from "../../../src/chain/connectChain.ts";
import { writeAddressBook } from "../../../src/deployment/addressBookFile.ts";
import { addNode, addToNetwork } from "../../../src/nodes/writeNodes.ts";
import { fundPayer } from "../../../src/payers/fundPayer.ts";
import { mintMockTokens } from "../../../src/payers/mintMockTokens.ts";
import { runNetwork, type NetworkRun } from "../../helpers/runNetwork.ts";

const USD = 1_000_000;
const MINUTE = 29_833_333;
const NS_PER_MINUTE = 60_000_000_000n;

/** The key that a node signs reports with. */
const keyOf = (nodeId: number) => numberToHex(nodeId, { size: 32 });

describe("npm run network, with money on a devnet", () => {
  let devnet: Devnet;
  let folder: string;
  let env: Record<string, string>;
  before(async () => {
    devnet = await startDevnet({ blockTime: "automine" });
    folder = await mkdtemp(join(tmpdir(), "network-"));
    await writeAddressBook(join(folder, "devnet.json"), devnet.addresses);
    env = {
      SETTLEMENT_RPC_URL: devnet.settlement.url,
      APPCHAIN_RPC_URL: devnet.appchain.url,
      XMTP_DEPLOYMENTS_DIR: folder,
    };
  });
  after(async () => {
    await devnet.stop();
    await rm(folder, { recursive: true });
  });

  const account = (index: number) => {
    const found = devnet.accounts[index];
    if (found === undefined) throw new Error(`there is no account ${index}`);
    return found;
  };
  const as = (privateKey: string) => ({ ...env, PRIVATE_KEY: privateKey });
  /** Runs a command that is to succeed, as an account of the devnet. */
  const run = async (
    args: readonly string[],
    privateKey = account(1).privateKey,
  ): Promise<NetworkRun> => {
    const done = await runNetwork(args, { env: as(privateKey) });
    expect(done.code, `${args.join(" ")}: ${done.stderr}`).to.equal(0);
    return done;
  };
  const runJson = async (
    args: readonly string[],
    privateKey?: `0x${string}`,
  ): Promise<Record<string, unknown>> => {
    const { stdout } = await run([...args, "--json"], privateKey);
    return JSON.parse(stdout) as Record<string, unknown>;
  };
  const refuse = async (args: readonly string[], words: RegExp, exitCode = 1): Promise<void> => {
    const { code, stdout, stderr } = await runNetwork(args, { env: as(account(1).privateKey) });
    expect({ code, stdout }, args.join(" ")).to.deep.equal({ code: exitCode, stdout: "" });
    expect(stderr)
      .to.match(words)
      .and.to.match(/\nhint: /u);
  };

  it("mints, wraps, funds, and shows what a payer has", async () => {
    const payer = account(1).address;
    const mint = ["tokens", "mint", "100.50"];
    const preview = await runJson(mint);
    expect(preview).to.have.nested.property(
      "transactions[0].to",
      devnet.addresses.underlyingFeeToken,
    );
    expect(await runJson(["tokens", "balance"]), "a preview sends nothing").to.deep.equal({
      account: payer,
      feeTokens: "0",
      underlyingTokens: "0",
    });

    await run([...mint, "--yes"]);
    await run(["tokens", "wrap", "30", "--yes"]);
    await run(["tokens", "unwrap", "4.5", "--yes"]);
    expect(await runJson(["tokens", "balance", payer])).to.deep.equal({
      account: payer,
      feeTokens: String(25.5 * USD),
      underlyingTokens: String(75 * USD),
    });

    const fund = ["payers", "fund", "25"];
    const withPermit = await run([...fund, "--source", "underlying"]);
    expect(withPermit.stdout).to.include("deposit 25.00 dollars").and.to.include("with a permit");
    expect((await run(fund)).stdout).to.match(/up to \d+ gas/u);
    expect(await runJson([...fund, "--yes"])).to.include({
      payer,
      deposited: String(25 * USD),
      balance: String(25 * USD),
      source: "feeToken",
    });
    const approving = [...fund, "--source", "underlying", "--approve", "--yes"];
    expect(await runJson(approving)).to.have.property("approvalHash");
    const funded = await run([...fund, "--payer", account(2).address, "--yes"]);
    expect(funded.stdout).to.include(`deposited 25.00 dollars for ${account(2).address}`);

    const status = await runJson(["payers", "status"]);
    expect(status).to.deep.include({ payer, balance: String(50 * USD), debt: "0" });
    expect(status).to.have.nested.property("usage.daysLeft", null);
    expect((await run(["payers", "status", account(2).address])).stdout)
      .to.match(/balance\s+25\.00 dollars/u)
      .and.to.match(/days left\s+nothing is charged/u);
    const followed = await run(["follow", "escrow", payer, "--from", "0", "--count", "2"]);
    expect(
      followed.stdout.match(/^deposit {2}payer=0x\w{40} {2}amount=25000000/gmu),
    ).to.have.length(2);
  });

  it("splits a deposit, and refuses an appchain's part that does not pay for its delivery", async () => {
    await run(["tokens", "mint", "40", "--recipient", account(3).address, "--yes"]);
    const { privateKey } = account(3);
    const split = await runJson(["payers", "split", "--escrow", "12", "--yes"], privateKey);
    expect(split).to.include({ escrowAmount: String(12 * USD), appchainAmount: "0" });
    const tooLittle = ["payers", "split", "--appchain", "0.000001", "--yes"];
    await refuse(tooLittle, /do not pay for the message to the appchain/u);
    await refuse(["payers", "split"], /sum of --escrow and --appchain is 0/u);
  });

  it("requests and cancels a withdrawal, and says until when it is locked", async () => {
    const requested = await runJson(["payers", "withdraw", "request", "7.25", "--yes"]);
    expect(requested).to.include({ amount: String(7.25 * USD), nonce: 1 });
    expect((await run(["payers", "status"])).stdout).to.match(
      /7\.25 dollars, locked until 20\d\d/u,
    );
    const finalizing = ["payers", "withdraw", "finalize", "--yes"];
    await refuse(finalizing, /locked until .+, for \d+ more seconds\nhint/u, 75);
    expect(await runJson(["payers", "withdraw", "cancel", "--yes"])).to.include({ nonce: 1 });

    await run(["payers", "withdraw", "request", "7.25", "--yes"]);
    await devnet.settlement.provider.request({ method: "evm_increaseTime", params: [172_800] });
    await devnet.settlement.provider.request({ method: "evm_mine", params: [] });
    const finalize = ["payers", "withdraw", "finalize", "--into", "fee-token", "--yes"];
    expect(await runJson(finalize)).to.include({ amount: String(7.25 * USD), into: "feeToken" });
  });

  it("refuses amounts and addresses that are none, before any chain is asked", async () => {
    const nobody = { ...as(account(1).privateKey), SETTLEMENT_RPC_URL: "http://127.0.0.1:1" };
    const calls: readonly (readonly [readonly string[], RegExp])[] = [
      [["payers", "fund", "1,5"], /"1,5" is not an amount of dollars/u],
      [["payers", "fund", "10", "--payer", "0x12"], /"0x12" is not an address/u],
      [["payers", "fund", "10", "--source", "usdc"], /--source/u],
      [["payers", "split", "--escrow", "x"], /--escrow: expected dollars/u],
      [["payers", "status", "0x12"], /not an address/u],
      [["payers", "withdraw", "request", "-"], /not an amount/u],
      [["tokens", "mint", "0"], /amount is 0/u],
      [["reports", "show", "x"], /not the id of an originator/u],
      [["reports", "build", "100", "--usage", "/nowhere", "--out", "x"], /cannot be read/u],
      [["reports", "sign", "x"], /one of --usage and --unchecked/u],
      [["rewards", "claim", "7"], /"7" is not a node id/u],
      [["rewards", "withdraw", "protocol", "--recipient", account(1).address], /--recipient/u],
    ];
    const queue = [...calls];
    const worker = async (): Promise<void> => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        const [args, words] = next;
        const { code, stdout, stderr } = await runNetwork(args, { env: nobody });
        expect({ code, stdout }, args.join(" ")).to.deep.equal({ code: 1, stdout: "" });
        expect(stderr).to.match(words);
      }
    };
    await Promise.all([worker(), worker()]);
  });

  describe("a report", () => {
    const path = (name: string) => join(folder, name);
    const NODES = [100, 200, 300];
    const PAYERS = [4, 5];
    /** Of node 100; the rates take 200 picodollars a byte and day, and 100 a message. */
    const FEE = 100n + 200n * 1_000n * 60n;

    before(async () => {
      const { nodeRegistry, payerRegistry, underlyingFeeToken } = devnet.addresses;
      const { url, chainId } = devnet.settlement;
      const chain = await connectChain({ url, chainId });
      const admin = privateKeyToAccount(account(0).privateKey);
      for (const nodeId of NODES) {
        const registry = { chain, account: admin, address: nodeRegistry };
        await addNode({
          ...registry,
          owner: account(6).address,
          signingPublicKey: privateKeyToAccount(keyOf(nodeId)).publicKey,
          httpAddress: "http://node.example",
        });
        await addToNetwork({ ...registry, nodeId });
      }
      for (const payer of PAYERS) {
        const signer = privateKeyToAccount(account(payer).privateKey);
        const money = { chain, account: signer, amount: BigInt(10 * USD) };
        await mintMockTokens({ ...money, address: underlyingFeeToken });
        await fundPayer({ ...money, address: payerRegistry });
      }
      // A rate holds from the time of the deployment on, so the messages come after it.
      const [{ startTime }] = JSON.parse((await run(["rates", "list", "--json"])).stdout) as [
        { startTime: string },
      ];
      const minute = Math.max(MINUTE, Math.ceil(Number(startTime) / 60));
      const messages = Array.from({ length: 30 }, (_, index) => ({
        payer: account(index % 3 === 0 ? 4 : 5).address,
        originatorNodeId: 100,
        sequenceId: index + 1,
        originatorNs: String(BigInt(minute + Math.floor(index / 10)) * NS_PER_MINUTE),
        envelopeBytes: 1_000,
        retentionDays: 60,
      }));
      const lines = messages.map((message) => JSON.stringify(message));
      await writeFile(path("usage.jsonl"), lines.join("\n"));
      await writeFile(path("short.jsonl"), lines.slice(0, 29).join("\n"));
      await writeFile(path("wrong.jsonl"), lines.toSpliced(24, 1).join("\n"));
    });

    const build = (usage: string, out: string, ...flags: string[]) => [
      ...["reports", "build", "100", "--usage", path(usage), "--out", path(out)],
      ...flags,
    ];
    const sign = (usage: string) => [
      "reports",
      "sign",
      path("report.json"),
      "--usage",
      path(usage),
    ];

    it("is built, signed by a majority, submitted, settled and paid out; everything adds up", async () => {
      const built = await runJson(build("usage.jsonl", "report.json"));
      expect(built).to.include({ payers: 2 });
      expect(built["report"]).to.include({ startSequenceId: "0", endSequenceId: "20" });
      const { payerFees } = JSON.parse(await readFile(path("report.json"), "utf8")) as {
        payerFees: { payer: string; feePicodollars: string }[];
      };
      const fees = new Map(payerFees.map((fee) => [fee.payer, BigInt(fee.feePicodollars)]));
      expect(fees.get(account(4).address.toLowerCase())).to.equal(7n * FEE);
      expect(fees.get(account(5).address.toLowerCase())).to.equal(13n * FEE);

      const signatures: string[] = [];
      const submit = [
        ...["reports", "submit", path("report.json"), "--signatures", path("signatures.jsonl")],
        "--yes",
      ];
      for (const nodeId of [300, 100]) {
        await writeFile(path("signatures.jsonl"), signatures.join("\n"));
        await refuse(submit, new RegExp(`${signatures.length} of 2 signatures`, "u"), 75);
        const { stdout } = await run(sign("usage.jsonl"), keyOf(nodeId));
        expect(JSON.parse(stdout)).to.include({ nodeId });
        signatures.push(stdout.trim());
      }
      await writeFile(path("signatures.jsonl"), signatures.join("\n"));
      await refuse(["reports", "settle", path("report.json"), "--yes"], /is not submitted/u);
      expect(await runJson(submit)).to.include({ originatorNodeId: 100, payerReportIndex: 0 });
      expect((await run(submit)).stdout).to.include("was submitted already, as report 0 of 100");

      const settle = ["reports", "settle", path("report.json"), "--batch-size", "1"];
      expect((await run(settle)).stdout, "a preview").to.include("would send to");
      const settled = await runJson([...settle, "--yes"]);
      const charged = [7n, 13n].map((count) => (count * FEE + 999_999n) / 1_000_000n);
      const [one = 0n, other = 0n] = charged;
      expect(settled).to.include({ feesSettled: String(one + other) });
      expect(settled["batches"]).to.have.length(2);
      const [again, [report], ofOne, ofOther] = await Promise.all([
        run([...settle, "--yes"]),
        runJson(["reports", "show", "100"]) as unknown as Promise<[object]>,
        runJson(["payers", "status", account(4).address]),
        runJson(["payers", "status", account(5).address]),
      ]);
      expect(again.stdout).to.include("was settled already");
      expect(report).to.include({ isSettled: true, feesSettled: String(one + other) });
      expect(ofOne).to.include({ balance: String(BigInt(10 * USD) - one) });
      expect(ofOther).to.have.nested.property("usage.settled", String(other));

      let paid = 0n;
      for (const nodeId of NODES) {
        const owner = account(6).privateKey;
        const claimed = await runJson(["rewards", "claim", String(nodeId), "--yes"], owner);
        expect(claimed["claimed"]).to.have.length(1);
        paid += BigInt(String(claimed["amount"]));
      }
      const ofProtocol = await runJson(["rewards", "claim", "protocol", "--yes"]);
      paid += BigInt(String(ofProtocol["amount"]));
      expect(paid, "shares and protocol").to.equal(one + other);
      const [owed, nothing] = await Promise.all([
        runJson(["rewards", "show"]),
        run(["rewards", "claim", "100"], account(6).privateKey),
      ]);
      expect(owed).to.include({ protocolOwed: ofProtocol["amount"] });
      expect(nothing.stdout).to.include("nothing to send");

      for (const nodeId of NODES) {
        const withdraw = ["rewards", "withdraw", String(nodeId), "--yes"];
        const { amount } = await runJson(withdraw, account(6).privateKey);
        paid -= BigInt(String(amount));
      }
      const last = await runJson(["rewards", "withdraw", "protocol", "--yes"]);
      expect(paid - BigInt(String(last["amount"])), "what was claimed and not paid").to.equal(0n);
      const { underlyingTokens } = await runJson(["tokens", "balance", account(6).address]);
      expect(BigInt(String(underlyingTokens))).to.equal(
        one + other - BigInt(String(ofProtocol["amount"])),
      );

      const kinds = async (source: string, count: number) => {
        const { stdout } = await run(["follow", source, "--from", "0", "--count", String(count)]);
        return stdout
          .trim()
          .split("\n")
          .map((line) => line.split(" ")[0]);
      };
      const [usage, reports, rates, rewards] = await Promise.all([
        kinds("usage", 2),
        kinds("reports", 3),
        kinds("rates", 1),
        kinds("rewards", 8),
      ]);
      expect(usage).to.deep.equal(["usageSettled", "usageSettled"]);
      expect(reports).to.deep.equal([
        "payerReportSubmitted",
        "payerReportSubsetSettled",
        "payerReportSubsetSettled",
      ]);
      expect(rates).to.deep.equal(["ratesUpdated"]);
      expect(new Set(rewards)).to.deep.equal(
        new Set([
          "rewardClaimed",
          "protocolFeesClaimed",
          "rewardWithdrawn",
          "protocolFeesWithdrawn",
        ]),
      );

      await refuse(build("usage.jsonl", "next.json"), /no usage to report of node 100/u);
      const next = await runJson(build("usage.jsonl", "next.json", "--closed"));
      expect(next["report"]).to.include({ startSequenceId: "20", endSequenceId: "30" });
    });

    it("is not signed by who knows other usage, by no node, or unchecked without a word", async () => {
      await run(build("usage.jsonl", "report.json", "--closed"));
      const asNode = { env: as(keyOf(200)) };
      const wrong = await runNetwork(sign("short.jsonl"), asNode);
      expect(wrong).to.include({ code: 1, stdout: "" });
      expect(wrong.stderr).to.match(/ends at 30 .+ last message is 29/u);
      const unordered = await runNetwork(sign("wrong.jsonl"), asNode);
      expect(unordered.stderr).to.match(/its root is 0x\w{64}; the usage known here gives/u);
      await refuse(sign("usage.jsonl"), /no canonical node signs as/u);
      const unchecked = ["reports", "sign", path("report.json"), "--unchecked"];
      expect((await run(unchecked, keyOf(200))).stderr).to.include("not compared with any usage");
    });

    it("is refused when somebody changed the file", async () => {
      await run(build("usage.jsonl", "report.json", "--closed"));
      const text = await readFile(path("report.json"), "utf8");
      for (const [from, to, words] of [
        [/"feePicodollars":"\d/u, '"feePicodollars":"9', /its fees do not give its root/u],
        [/"endSequenceId":"30"/u, '"endSequenceId":"31"', /do not give its id/u],
        [/"nodeIds"/u, '"nodes"', /report\.nodeIds/u],
      ] as const) {
        await writeFile(path("changed.json"), text.replace(from, to));
        const settle = ["reports", "settle", path("changed.json"), "--yes"];
        await refuse(settle, words);
      }
    });
  });
});
