import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import { bytesToHex } from "viem";
import { privateKeyToAccount } from "viem/accounts";

import { startDevnet, type Devnet } from "../../deploy/devnet.ts";
import { createInboxUpdate } from "../../scripts/start/createInboxUpdate.ts";
import { connectChain } from "../../src/chain/connectChain.ts";
import { openDatabase } from "../../src/indexer/database/database.ts";
import { createPublisher } from "../../src/publisher/createPublisher.ts";
import {
  runNetwork,
  startNetwork,
  type NetworkRun,
  type RunningNetwork,
} from "../helpers/runNetwork.ts";

const script = "scripts/indexer.ts";

describe("npm run indexer", function () {
  this.timeout(120_000);
  let devnet: Devnet;
  let home: string;
  let folder: string;
  let chains: string[];
  const wallet = privateKeyToAccount(`0x${"42".repeat(32)}`);

  before(async () => {
    devnet = await startDevnet({ blockTime: "automine" });
    const { url, chainId } = devnet.appchain;
    const chain = await connectChain({ url, chainId });
    const account = privateKeyToAccount(devnet.accounts[1]!.privateKey);
    const publisher = await createPublisher({ chain, account, addresses: devnet.addresses });
    await publisher.publishIdentityUpdate(await createInboxUpdate(wallet));
    const payload = bytesToHex(new Uint8Array(200));
    await publisher.publishGroupMessage({ groupId: `0x${"07".repeat(16)}`, payload });
    await publisher.close();

    home = await mkdtemp(join(tmpdir(), "indexer-script-"));
    folder = join(home, "index");
    await writeFile(join(home, "devnet.json"), JSON.stringify(devnet.addresses));
    chains = [
      ...["--deployments-dir", home, "--database", folder],
      ...["--settlement-rpc", devnet.settlement.url, "--appchain-rpc", url],
      ...["--settlement-ws", devnet.settlement.wsUrl, "--appchain-ws", devnet.appchain.wsUrl],
    ];
  });
  after(async () => {
    await devnet.stop();
    await rm(home, { recursive: true });
  });

  const run = (...args: string[]): Promise<NetworkRun> => runNetwork(args, { script });
  const start = (...args: string[]): RunningNetwork => startNetwork(args, { script });

  it("indexes what there is, and ends", async () => {
    const { code, stderr } = await run("index", ...chains, "--once", "--index-only");

    expect(code, stderr).to.equal(0);
    expect(stderr).to.include('"chain":"appchain"').and.to.include("reached the head");
  });

  it("goes on where it ended, and serves", async () => {
    const running = start("index", ...chains, "--port", "0", "--json");
    const [, url = ""] = await running.prints(/"url":"(http[^"]+)"/u);

    const answer = await fetch(`${url}/v1/addresses/${wallet.address.toLowerCase()}/inbox`);
    const { inboxId } = (await answer.json()) as { inboxId: string };
    expect(inboxId).to.equal((await createInboxUpdate(wallet)).inboxId);

    const other = await run("index", ...chains, "--once", "--index-only");
    expect(other.code).to.equal(1);
    expect(other.stderr).to.include("another process has the embedded database");

    running.interrupt();
    expect((await running.ended).code).to.equal(0);
  });

  it("verifies, and says what somebody has changed", async () => {
    const right = await run("verify", ...chains, "--every-header");
    expect(right.code, right.stderr).to.equal(0);
    expect(right.stdout).to.match(/^group_messages +1 +0 +0$/mu);
    expect(right.stdout).to.match(/^inbox_members +1 +0 +0$/mu);

    const database = await openDatabase({ folder });
    await database.query("update group_messages set message = '\\x00'");
    await database.close();
    const wrong = await run("verify", ...chains);

    expect(wrong.code).to.equal(1);
    expect(wrong.stdout).to.match(/^group_messages +1 +1 +1$/mu);
    expect(wrong.stdout).to.include("unexpected in group_messages");
    expect(wrong.stderr).to.include("the database differs from the chains");
  });

  it("forgets everything, but only when told twice", async () => {
    const asked = await run("reset", "--database", folder);
    expect(asked.code).to.equal(1);
    expect(asked.stderr).to.include("pass --yes");

    expect((await run("reset", "--database", folder, "--yes")).code).to.equal(0);
    const { code, stderr } = await run("verify", ...chains);
    expect(code).to.equal(75);
    expect(stderr).to.include("the database holds nothing of the settlement yet");
  });

  for (const [what, args, said] of [
    [
      "a database that is neither",
      ["--database", "mysql://host/db"],
      "must begin with postgres://",
    ],
    ["a node's URL of another scheme", ["--appchain-rpc", "ftp://host"], "http:// or https://"],
    [
      "a chain of wallets without a URL",
      ["--contract-wallet-rpc", "eip155:1"],
      "eip155:<chain id>",
    ],
    ["a port that is none", ["--port", "70000"], "--port"],
    ["a chain that is none", ["--only", "mainnet"], "--only"],
  ] as const) {
    it(`refuses ${what} before anything is opened`, async () => {
      const { code, stderr } = await run("index", ...chains, ...args);

      expect(code).to.equal(1);
      expect(stderr).to.include(said).and.to.include("hint: ");
    });
  }
});
