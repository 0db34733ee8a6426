import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import { createPublicClient, http } from "viem";

import { readAddressBook } from "../../../src/deployment/addressBookFile.ts";
import type { RunningChains } from "../../../src/devnet/chains.ts";
import { bridgedChains, type BridgedChains } from "../../helpers/bridgedChains.ts";
import { runNetwork } from "../../helpers/runNetwork.ts";

describe("npm run network -- deploy, status", () => {
  let network: BridgedChains;
  let chains: RunningChains;
  let folder: string;
  let env: Record<string, string>;
  before(async () => {
    network = await bridgedChains();
    chains = network.chains;
    folder = await mkdtemp(join(tmpdir(), "network-"));
    env = {
      SETTLEMENT_RPC_URL: chains.settlement.url,
      APPCHAIN_RPC_URL: chains.appchain.url,
      XMTP_DEPLOYMENTS_DIR: folder,
    };
  });
  after(async () => {
    await network.stop();
    await rm(folder, { recursive: true });
  });

  it("previews, acts with --yes, finds nothing to do the second time, and is done", async () => {
    const book = join(folder, "devnet.json");

    const client = createPublicClient({ transport: http(chains.settlement.url) });
    const countSent = () =>
      client.getTransactionCount({ address: chains.accounts[0]?.address ?? "0x" });
    const sentBefore = await countSent();
    const [preview, before] = await Promise.all([
      runNetwork(["deploy", "--json"], { env }),
      runNetwork(["status"], { env }),
    ]);
    expect(preview.code).to.equal(0);
    const planned = JSON.parse(preview.stdout) as { preview: boolean; steps: { what: string }[] };
    expect(planned.preview).to.equal(true);
    expect(planned.steps.map(({ what }) => what)).to.include("deploy GroupMessages, proxy");
    expect(preview.stderr).to.include("test key is public");
    expect(before.code, "status, before").to.equal(1);
    expect(before.stdout).to.match(/\d+ of \d+ things are not done/u);
    expect(await countSent(), "a preview sends nothing").to.equal(sentBefore);

    const deployed = await runNetwork(["deploy", "--yes"], { env });
    expect(deployed).to.include({ code: 0 });
    expect(deployed.stderr)
      .to.include("appchain: deploy GroupMessages, proxy")
      .and.to.include(book);
    expect(deployed.stdout).to.include((await readAddressBook(book)).nodeRegistry);

    const [again, previewAgain, status] = await Promise.all([
      runNetwork(["deploy", "--yes", "--json"], { env }),
      runNetwork(["deploy"], { env }),
      runNetwork(["status", "--json"], { env }),
    ]);
    expect(again.code).to.equal(0);
    expect(JSON.parse(again.stdout)).to.include({ transactions: 0, done: true });
    expect(again.stderr).not.to.include("wrote");
    expect(previewAgain.stdout).to.match(/^nothing to do/u);
    expect(status.code).to.equal(0);
    const { done, items } = JSON.parse(status.stdout) as {
      done: boolean;
      items: { subject: string; question: string }[];
    };
    expect(done).to.equal(true);
    const ofMoney = items.map(({ subject, question }) => `${subject} ${question}`);
    expect(ofMoney).to.include.members([
      "FeeToken code",
      "Payers implementation",
      "Rewards initialized",
      "DepositSplitter code",
      "xmtp.payerRegistry.settler applied",
      "xmtp.rateRegistry.ratesInEffectAfter registered",
    ]);
  });

  it("brings an address book of an earlier version up to date, and is not held up by it", async () => {
    const book = join(folder, "devnet.json");
    const complete = await readAddressBook(book);
    const { payerRegistry: _, ...older } = complete;
    await writeFile(book, JSON.stringify(older));
    const deployed = await runNetwork(["deploy", "--yes"], { env });
    expect(deployed).to.include({ code: 0 });
    expect(deployed.stderr).to.include(`wrote ${book}`);
    expect(await readAddressBook(book)).to.deep.equal(complete);
  });

  it("refuses chains that are not those of the parameters, before anything is sent", async () => {
    const swapped = {
      ...env,
      SETTLEMENT_RPC_URL: chains.appchain.url,
      APPCHAIN_RPC_URL: chains.settlement.url,
    };
    const runs = await Promise.all([
      runNetwork(["deploy", "--yes"], { env: swapped }),
      runNetwork(["status"], { env: swapped }),
    ]);
    for (const { code, stderr } of runs) {
      expect(code).to.equal(1);
      expect(stderr).to.match(/31339/u).and.to.match(/31338/u);
    }
  });

  it("takes no public key for a network that is not the devnet", async () => {
    const { code, stderr } = await runNetwork(["deploy", "--network", "base"], { env });
    expect(code).to.equal(1);
    expect(stderr).to.include("there is no key to sign with");
  });
});
