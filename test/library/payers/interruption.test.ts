import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

import { expect } from "chai";

import { feeTokenAbi } from "../../../src/abi/index.ts";
import { fundPayer } from "../../../src/payers/fundPayer.ts";
import { parseDollars } from "../../../src/payers/microdollars.ts";
import { readPayer } from "../../../src/payers/readPayer.ts";
import { startFaultyProxy, type FaultyProxy } from "../../helpers/faultyProxy.ts";
import { startPayersNetwork, type PayersNetwork } from "../../helpers/payersNetwork.ts";

const AMOUNT = parseDollars("25");
const SENDING = "eth_sendRawTransaction";

describe("fundPayer, killed on its way", () => {
  let network: PayersNetwork;
  let proxy: FaultyProxy;
  before(async () => {
    network = await startPayersNetwork();
    proxy = await startFaultyProxy(network.chain.url);
  });
  afterEach(() => network.reset());
  after(async () => {
    await proxy.stop();
    await network.stop();
  });

  /** Funds in a process of its own, which is killed at a send, before or after the node has got the transaction. */
  const fundAndKill = async (send: number, moment: "before" | "after"): Promise<void> => {
    const before = await network.sentBy(network.payer);
    const child = spawn(
      process.execPath,
      [
        fileURLToPath(new URL("../../helpers/fundProcess.ts", import.meta.url)),
        proxy.url,
        network.addresses.payerRegistry,
        network.devnet.accounts[1]?.privateKey ?? "",
        String(AMOUNT),
      ],
      { stdio: ["ignore", "inherit", "inherit"] },
    );
    let sends = 0;
    proxy.setFault(({ method }) => {
      if (method !== SENDING) return "pass";
      sends += 1;
      if (sends < send) return "pass";
      child.kill("SIGKILL");
      return moment === "before" ? "drop" : "dropAnswer";
    });
    await once(child, "exit");
    expect(child.signalCode).to.equal("SIGKILL");
    // What has reached the node is mined, though the process did not live to see it.
    const sent = moment === "before" ? send - 1 : send;
    while ((await network.sentBy(network.payer)) < before + sent);
  };
  const position = async () => {
    const { payerRegistry, underlyingFeeToken } = network.addresses;
    const [{ balance }, tokens, allowance] = await Promise.all([
      readPayer({ ...network.escrow(), payer: network.payer.address }),
      network.balanceOf(underlyingFeeToken, network.payer.address),
      network.chain.client.readContract({
        address: underlyingFeeToken,
        abi: feeTokenAbi,
        functionName: "allowance",
        args: [network.payer.address, payerRegistry],
      }),
    ]);
    return { balance, tokens, allowance };
  };
  const fundAgain = async () => {
    const before = await network.sentBy(network.payer);
    await fundPayer({ ...network.escrow(), amount: AMOUNT, permit: false });
    return (await network.sentBy(network.payer)) - before;
  };

  it("starts over when nothing was sent", async () => {
    await network.mint(network.payer.address, AMOUNT);
    await fundAndKill(1, "before");
    expect(await position()).to.deep.equal({ balance: 0n, tokens: AMOUNT, allowance: 0n });
    expect(await fundAgain()).to.equal(2);
    expect(await position()).to.deep.equal({ balance: AMOUNT, tokens: 0n, allowance: 0n });
  });

  for (const [send, moment, words] of [
    [1, "after", "right after the approval"],
    [2, "before", "between the approval and the deposit"],
  ] as const) {
    it(`goes on with the approval that is there when it dies ${words}`, async () => {
      await network.mint(network.payer.address, AMOUNT);
      await fundAndKill(send, moment);
      expect(await position()).to.deep.equal({ balance: 0n, tokens: AMOUNT, allowance: AMOUNT });
      expect(await fundAgain()).to.equal(1);
      expect(await position()).to.deep.equal({ balance: AMOUNT, tokens: 0n, allowance: 0n });
    });
  }

  it("has deposited when it dies after that, and leaves nothing that could be taken", async () => {
    await network.mint(network.payer.address, AMOUNT);
    await fundAndKill(2, "after");
    expect(await position()).to.deep.equal({ balance: AMOUNT, tokens: 0n, allowance: 0n });
  });
});
