import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import type { Hex } from "viem";
import { privateKeyToAccount } from "viem/accounts";

import { startDevnet, type Devnet } from "../../../deploy/devnet.ts";
import { connectChain, type Chain } from "../../../src/chain/connectChain.ts";
import { writeAddressBook } from "../../../src/deployment/addressBookFile.ts";
import { mintMockTokens } from "../../../src/payers/mintMockTokens.ts";
import { runNetwork, type NetworkRun } from "../../helpers/runNetwork.ts";

const USD = 1_000_000;
const WEI_PER_USD = 10n ** 18n;
const STRANGER = "0x00000000000000000000000000000000000a11ce";
const SIZE_KEY = "xmtp.groupMessageBroadcaster.maxPayloadSize";
/** What nobody who has money is to wait for longer, in seconds. */
const WAIT = ["--wait", "40"];

describe("npm run network -- bridge, on a devnet", () => {
  let devnet: Devnet;
  let appchain: Chain;
  let folder: string;
  let env: Record<string, string>;
  before(async () => {
    devnet = await startDevnet({ blockTime: "automine" });
    folder = await mkdtemp(join(tmpdir(), "bridge-"));
    await writeAddressBook(join(folder, "devnet.json"), devnet.addresses);
    const [, payer] = devnet.accounts;
    if (payer === undefined) throw new Error("the devnet has no second account");
    env = {
      SETTLEMENT_RPC_URL: devnet.settlement.url,
      APPCHAIN_RPC_URL: devnet.appchain.url,
      XMTP_DEPLOYMENTS_DIR: folder,
      PRIVATE_KEY: payer.privateKey,
    };
    appchain = await connectChain(devnet.appchain);
    await mintMockTokens({
      chain: await connectChain(devnet.settlement),
      account: privateKeyToAccount(payer.privateKey),
      address: devnet.addresses.underlyingFeeToken,
      amount: BigInt(100 * USD),
    });
  });
  after(async () => {
    await devnet.stop();
    await rm(folder, { recursive: true });
  });

  const run = async (args: readonly string[], code = 0): Promise<NetworkRun> => {
    const done = await runNetwork(args, { env });
    expect(done.code, `${args.join(" ")}: ${done.stdout}${done.stderr}`).to.equal(code);
    return done;
  };
  const runJson = async <Result = Record<string, unknown>>(
    args: readonly string[],
    code = 0,
  ): Promise<Result> => JSON.parse((await run([...args, "--json"], code)).stdout) as Result;
  /** Sends something, and returns the hash of its transaction. */
  const send = async (...args: readonly string[]): Promise<string> => {
    const { transactionHash } = await runJson<{ transactionHash: string }>([...args, "--yes"]);
    return transactionHash;
  };
  const gasMoney = (address: Hex): Promise<bigint> => appchain.client.getBalance({ address });

  it("quotes and makes a deposit, and says when it is there", async () => {
    const quote = await runJson(["bridge", "quote", "--recipient", STRANGER]);
    expect(Number(quote["maxFee"])).to.be.within(1, USD / 100);
    const deposit = ["bridge", "deposit", "5", "--recipient", STRANGER];
    const { stdout: preview } = await run(deposit);
    expect(preview)
      .to.include("deposit 5.00 dollars as gas money")
      .and.to.include("Nothing was sent");

    const { stdout } = await run([...deposit, "--yes"]);
    const [, hash = ""] = /bridge status (0x\w{64})/u.exec(stdout) ?? [];
    const [ticket] = await runJson<Record<string, unknown>[]>(["bridge", "status", hash, ...WAIT]);
    expect(ticket).to.include({ status: "redeemed", deposit: String(5n * WEI_PER_USD) });
    const balance = await gasMoney(STRANGER);
    expect(balance < 5n * WEI_PER_USD && balance >= BigInt(String(ticket?.["value"]))).to.equal(
      true,
      `the recipient has ${balance} wei`,
    );
    expect((await run(["bridge", "status", hash])).stdout).to.match(
      /^message \d+ +redeemed +4\.9\d* dollars to 0x\w{40} +0x\w{64}$/mu,
    );
  });

  it("splits a deposit between escrow and appchain", async () => {
    const split = ["payers", "split", "--escrow", "12", "--appchain", "2"];
    const { stdout } = await run([...split, "--appchain-recipient", STRANGER, "--yes"]);
    const [, hash = ""] = /bridge status (0x\w{64})/u.exec(stdout) ?? [];
    const before = await gasMoney(STRANGER);
    const [ticket] = await runJson<Record<string, unknown>[]>(["bridge", "status", hash, ...WAIT]);
    expect(ticket).to.include({ status: "redeemed", deposit: String(2n * WEI_PER_USD) });
    expect(await gasMoney(STRANGER)).to.satisfy((after: bigint) => after >= before);
  });

  it("pushes the parameters that differ, after saying where they are set", async () => {
    const set = ["parameters", "set", `${SIZE_KEY}=1000`, "--yes"];
    const { PRIVATE_KEY: _, ...asAdmin } = env;
    const direct = await runNetwork(set, { env: asAdmin });
    expect(direct).to.include({ code: 1, stdout: "" });
    expect(direct.stderr)
      .to.include("from the settlement chain, through the bridge")
      .and.to.include(`bridge push ${SIZE_KEY}`);
    const there = await runNetwork([...set, "--chain", "settlement"], { env: asAdmin });
    expect(there.code, there.stderr).to.equal(0);
    expect((await run(["parameters", "get", SIZE_KEY])).stdout).to.match(
      /262144 +1000 on the settlement chain/u,
    );

    const pushed = await runJson(["bridge", "push", "--yes"]);
    expect(pushed["keys"]).to.deep.equal([SIZE_KEY]);
    await run(["bridge", "status", String(pushed["transactionHash"]), ...WAIT]);
    await run(["parameters", "apply", "GroupMessages", "--yes"]);
    const publish = ["publish", "group-message", "00112233445566778899aabbccddeeff"];
    const { stderr } = await run([...publish, "--hex", `0x${"5a".repeat(1001)}`], 1);
    expect(stderr).to.include("78 to 1000");
    expect((await run(["bridge", "push", "--yes"])).stdout).to.include("every parameter already");
  });

  it("withdraws, and claims once that is confirmed", async () => {
    const hash = await send("bridge", "withdraw", "3", "--into", "fee-token");
    const found = await runJson<Record<string, unknown>[]>([
      ...["bridge", "withdrawals", hash],
      ...WAIT,
    ]);
    expect(found).to.have.length(1);
    expect(found[0]).to.include({ status: "confirmed", amount: String(3 * USD), into: "feeToken" });
    expect((await run(["bridge", "claim", hash])).stdout).to.match(
      /on chain 31338: claim 3\.00 dollars for 0x/u,
    );
    expect((await run(["bridge", "claim", hash, "--yes"])).stdout).to.include("paid 3.00 dollars");
    expect((await run(["bridge", "claim", hash, "--yes"])).stdout).to.match(/claimed +3\.00/u);
    expect(await runJson(["tokens", "balance"])).to.include({ feeTokens: String(3 * USD) });
  });

  it("redeems, keeps and cancels what failed", async () => {
    // Not enough for the call.
    const deposit = ["bridge", "deposit", "1", "--gas-limit", "30000", "--max-fee-per-gas"];
    const [redeemed, cancelled] = [
      await send(...deposit, "200000000"),
      await send(...deposit, "200000000"),
    ];
    const failed = await run(["bridge", "status", redeemed, ...WAIT], 1);
    expect(failed.stdout).to.match(/^message \d+ +funded until 20\d\d-/mu);

    await run(["bridge", "keep", redeemed, "--yes"]);
    await run(["bridge", "redeem", redeemed, "--yes"]);
    expect((await run(["bridge", "status", redeemed])).stdout).to.include("redeemed");
    await run(["bridge", "cancel", cancelled, "--yes"]);
    expect((await run(["bridge", "status", cancelled], 1)).stdout).to.include("cancelled");
    expect((await run(["bridge", "cancel", cancelled])).stdout).to.include("nothing to send");
  });
});
