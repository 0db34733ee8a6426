import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { startDevnet, type Devnet } from "../../../deploy/devnet.ts";
import { writeAddressBook } from "../../../src/deployment/addressBookFile.ts";
import { runNetwork, startNetwork, type NetworkRun } from "../../helpers/runNetwork.ts";

const GROUP_ID = "0x00112233445566778899aabbccddeeff";
const INBOX_ID = `0x${"ab".repeat(32)}`;
const PAYLOAD = `0x${"5a".repeat(100)}`;
const SIGNING_KEY = "0x02ba5734d8f7091719471e7f7ed6b9df170dc70cc661ca05e688601ad984f068b0";

describe("npm run network, on a devnet", () => {
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
      APPCHAIN_WS_URL: devnet.appchain.wsUrl,
      XMTP_DEPLOYMENTS_DIR: folder,
    };
  });
  after(async () => {
    await devnet.stop();
    await rm(folder, { recursive: true });
  });

  /** Runs a command that is to succeed. */
  const run = async (args: readonly string[], input?: string): Promise<NetworkRun> => {
    const done = await runNetwork(args, { env, ...(input !== undefined && { input }) });
    expect(done.code, `${args.join(" ")}: ${done.stderr}`).to.equal(0);
    return done;
  };
  const runJson = async (args: readonly string[], input?: string): Promise<unknown[]> => {
    const { stdout } = await run([...args, "--json"], input);
    return stdout
      .trim()
      .split("\n")
      .map((line): unknown => JSON.parse(line));
  };

  it("registers, admits, moves and removes a node", async () => {
    const [, owner] = devnet.accounts;
    const add = [
      "nodes",
      "add",
      ...["--owner", owner?.address ?? "", "--signing-public-key", SIGNING_KEY],
      ...["--http-address", "http://localhost:5050"],
    ];
    const [preview] = await runJson(add);
    expect(preview).to.have.nested.property("transactions[0].to", devnet.addresses.nodeRegistry);
    expect(await runJson(["nodes", "list"]), "a preview sends nothing").to.deep.equal([[]]);

    const [added] = await runJson([...add, "--yes"]);
    expect(added).to.include({ nodeId: 100, owner: owner?.address });
    const [admitted] = await runJson(["nodes", "admit", "100", "--yes"]);
    expect(admitted).to.include({ isChanged: true });
    const moved = ["nodes", "set-http-address", "100", "http://localhost:5051", "--yes"];
    const [asAdmin, asOwner] = await Promise.all([
      runNetwork(moved, { env }),
      runNetwork(moved, { env: { ...env, PRIVATE_KEY: owner?.privateKey ?? "" } }),
    ]);
    expect(asAdmin).to.include({ code: 1, stdout: "" });
    expect(asAdmin.stderr).to.match(
      /^PRIVATE_KEY is not set.+\nerror: .*NotNodeOwner\(\)\nhint: /u,
    );
    expect(asOwner).to.include({ code: 0, stderr: "" });

    const [[node], listed] = await Promise.all([
      runJson(["nodes", "get", "100"]),
      run(["nodes", "list", "--canonical"]),
    ]);
    expect(node).to.include({ isCanonical: true, httpAddress: "http://localhost:5051" });
    expect(listed.stdout).to.match(/100\s+canonical\s+0x\w{40}\s+http:\/\/localhost:5051/u);

    const [removed] = await runJson(["nodes", "remove", "100", "--yes"]);
    expect(removed).to.include({ isChanged: true });
    const events = await runJson(["follow", "nodes", "--from", "0", "--count", "4"]);
    expect(events.map((event) => (event as { kind: string }).kind)).to.deep.equal([
      "nodeAdded",
      "nodeAddedToNetwork",
      "nodeHttpAddressUpdated",
      "nodeRemovedFromNetwork",
    ]);
  });

  it("sets parameters and lets the contracts apply them", async () => {
    const key = "xmtp.nodeRegistry.maxCanonicalNodes";
    const ofMoney = [
      "xmtp.payerRegistry.minimumDeposit=5000000",
      "xmtp.payerReportManager.protocolFeeRate=250",
      "xmtp.distributionManager.paused=true",
    ];
    const set = ["parameters", "set", `${key}=20`, ...ofMoney];

    const { stdout: preview } = await run(set);
    expect(preview).to.include("chain 31338").and.to.include(`set ${key} to 20`);
    const before = await run(["parameters", "list"]);
    expect(before.stdout, "a preview sends nothing").to.match(/maxCanonicalNodes\s+uint8\s+100/u);

    const [changed] = await runJson([...set, "--yes"]);
    expect(changed).to.have.length(1);
    const [[values], [applied]] = [
      await runJson(["parameters", "get", key]),
      await runJson(["parameters", "apply", "--yes"]),
    ];
    expect((values as { value: unknown }[]).map(({ value }) => value)).to.deep.equal([20]);
    const names = (applied as { contract: string; updates: { eventName: string }[] }[]).map(
      ({ contract, updates }) => [contract, ...updates.map(({ eventName }) => eventName)],
    );
    expect(names).to.deep.equal([
      ["Nodes", "MaxCanonicalNodesUpdated"],
      ["Payers", "MinimumDepositUpdated"],
      ["PayerReports", "ProtocolFeeRateUpdated"],
      ["Rewards", "PauseStatusUpdated"],
      ["GroupMessages"],
      ["IdentityUpdates"],
    ]);
  });

  it("changes the rates as a whole, and lists them", async () => {
    const set = ["rates", "set", "--message-fee", "150"];
    const { stdout: preview } = await run(set);
    expect(preview).to.include("messageFee 150, storageFee 200, congestionFee 300");
    const [before] = await runJson(["rates", "list"]);
    expect(before, "a preview sends nothing").to.have.length(1);

    const [appended] = await runJson([...set, "--yes"]);
    expect(appended).to.have.nested.include({
      "rates.messageFee": "150",
      "rates.storageFee": "200",
    });
    const [after] = await runJson(["rates", "list"]);
    expect(after).to.have.length(2);
    const { stdout } = await run(["rates", "list"]);
    expect(stdout).to.match(/\d{4}-\d\d-\d\dT\S+Z\s+150\s+200\s+300\s+6000/u);

    const [again, partly, applied] = await Promise.all([
      runNetwork([...set, "--yes"], { env }),
      runNetwork(["parameters", "set", "xmtp.rateRegistry.messageFee=1", "--yes"], { env }),
      runNetwork(["rates", "apply", "--yes"], { env }),
    ]);
    expect(again).to.include({ code: 1, stdout: "" });
    expect(again.stderr).to.include("has these prices already");
    expect(partly).to.include({ code: 1, stdout: "" });
    expect(partly.stderr).to.include("xmtp.rateRegistry.ratesInEffectAfter is missing");
    expect(applied).to.include({ code: 1, stdout: "" });
    expect(applied.stderr).to.include("NoChange()");
  });

  it("refuses all parameters when one of them is refused", async () => {
    const notAdmin = { ...env, PRIVATE_KEY: devnet.accounts[2]?.privateKey ?? "" };
    const args = ["parameters", "set", "xmtp.nodeRegistry.maxCanonicalNodes=20", "--yes"];
    const [tooLarge, refused] = await Promise.all([
      runNetwork([...args, "xmtp.groupMessageBroadcaster.paused=2"], { env }),
      runNetwork(args, { env: notAdmin }),
    ]);
    expect(tooLarge).to.include({ code: 1, stdout: "" });
    expect(refused).to.include({ code: 1, stdout: "" });
    expect(refused.stderr).to.include("NotAdmin()");
  });

  it("publishes from --hex, --file and lines, and prints sequence ids", async () => {
    const [single] = await runJson(["publish", "group-message", GROUP_ID, "--hex", PAYLOAD]);
    const [fromFile] = await runJson(["publish", "group-message", GROUP_ID, "--file", "LICENSE"]);
    expect(BigInt(idOf(fromFile))).to.equal(BigInt(idOf(single)) + 1n);
    const lines = Array.from({ length: 3 }, () => `${INBOX_ID} ${PAYLOAD}`).join("\n");
    const batch = await runJson(["publish", "identity-update"], lines);
    expect(batch.map(idOf)).to.deep.equal(["1", "2", "3"]);
    expect(
      new Set(batch.map((line) => (line as { transactionHash: string }).transactionHash)).size,
    ).to.equal(1);
  });

  it("refuses a batch with a payload of a wrong size whole, and names it", async () => {
    const input = `${PAYLOAD}\n0x12\n${PAYLOAD}\n`;
    const { code, stdout, stderr } = await runNetwork(["publish", "group-message", GROUP_ID], {
      env,
      input,
    });
    expect({ code, stdout }).to.deep.equal({ code: 1, stdout: "" });
    expect(stderr).to.include("payload 2 of 3").and.to.include("78 to 262144");
  });

  it("follows live, ends well on Ctrl-C, and resumes from a cursor", async () => {
    const group = "0xffeeddccbbaa99887766554433221100";
    const following = startNetwork(["follow", "group-messages", group, "--json"], { env });
    await following.prints(/following 0x/u);
    await run(["publish", "group-message", group], `${PAYLOAD}\n${PAYLOAD}`);
    await following.prints(/"type":"event"[^\n]*\n[^\n]*"type":"event"/u);
    following.interrupt();
    const { code, stdout } = await following.ended;
    expect(code).to.equal(0);

    const seen = stdout.trim().split("\n");
    expect(seen).to.have.length(2);
    const { cursor } = JSON.parse(seen[0] ?? "") as { cursor: string };
    const rest = ["follow", "group-messages", group, "--from", cursor, "--count", "1", "--json"];
    expect((await run(rest)).stdout.trim()).to.equal(seen[1]);
  });

  it("says that a contract is missing where another chain answers", async () => {
    const swapped = { ...env, SETTLEMENT_RPC_URL: devnet.appchain.url };
    const { code, stderr } = await runNetwork(["nodes", "list"], { env: swapped });
    expect(code).to.equal(1);
    expect(stderr).to.include("serves chain 31339, not 31338");
  });
});

function idOf(line: unknown): string {
  return (line as { sequenceId: string }).sequenceId;
}
