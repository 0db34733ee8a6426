import { expect } from "chai";
import {
  createPublicClient,
  createWalletClient,
  formatEther,
  formatUnits,
  http,
  parseEther,
  webSocket,
  type Log,
} from "viem";
import { privateKeyToAccount } from "viem/accounts";

import { startDevnet, type Devnet } from "../../deploy/devnet.ts";
import type { DeployProgress } from "../../deploy/progress.ts";
import { feeTokenAbi, groupMessagesAbi, nodesAbi } from "../../src/abi/index.ts";
import { readNetworkParameters } from "../../src/deployment/networkParameters.ts";
import { DEVNET_PARAMETERS } from "../helpers/emptyChains.ts";

describe("startDevnet", () => {
  const progress: DeployProgress[] = [];
  let devnet: Devnet;
  before(async () => {
    devnet = await startDevnet({ blockTime: 50, onProgress: (event) => progress.push(event) });
  });
  after(() => devnet.stop());

  it("deploys the network with the first account as admin, and tells what it does", async () => {
    const client = createPublicClient({ transport: http(devnet.settlement.url) });
    const admin = await client.readContract({
      address: devnet.addresses.nodeRegistry,
      abi: nodesAbi,
      functionName: "admin",
    });
    expect(admin).to.equal(devnet.accounts[0]?.address);
    expect(
      progress.filter(({ kind }) => kind === "finished").map(({ chain }) => chain),
    ).to.include.members(["settlement", "appchain"]);
  });

  it("has its rollup where its parameters say, so that the same files deploy to it and to real chains", async () => {
    const { appchain } = await readNetworkParameters(DEVNET_PARAMETERS);
    const { inbox, bridge, outbox, rollup } = devnet.rollup;
    expect(appchain.bridge).to.deep.equal({ inbox, bridge, outbox, rollup });
  });

  it("gives each account gas on both chains, that on the appchain out of the bridge's escrow", async () => {
    const [settlement, appchain] = [devnet.settlement, devnet.appchain].map(({ url }) =>
      createPublicClient({ transport: http(url) }),
    );
    const escrow = await settlement?.readContract({
      address: devnet.addresses.feeToken,
      abi: feeTokenAbi,
      functionName: "balanceOf",
      args: [devnet.rollup.bridge],
    });
    let total = 0n;
    for (const { address } of devnet.accounts.slice(1)) {
      expect(await settlement?.getBalance({ address })).to.equal(parseEther("10000"));
      const balance = (await appchain?.getBalance({ address })) ?? 0n;
      expect(balance).to.equal(parseEther("10000"));
      total += balance;
    }
    expect(Number(formatUnits(escrow ?? 0n, 6))).to.be.at.least(Number(formatEther(total)));
  });

  it("goes on with the block time that was asked for", async () => {
    const client = createPublicClient({
      transport: http(devnet.appchain.url),
      cacheTime: 0,
      pollingInterval: 20,
    });
    const start = await client.getBlockNumber();
    await new Promise<void>((resolve) => {
      const unwatch = client.watchBlockNumber({
        onBlockNumber: (number) => {
          if (number < start + 3n) return;
          unwatch();
          resolve();
        },
      });
    });
  });

  it("keeps its clock with the wall clock, although the deployment took many blocks in no time", async () => {
    const client = createPublicClient({ transport: http(devnet.appchain.url) });
    const { timestamp } = await client.getBlock();
    expect(Math.abs(Number(timestamp) - Date.now() / 1000)).to.be.lessThan(3);
  });

  it("lets node software follow the logs of a contract over WebSocket", async () => {
    const account = privateKeyToAccount(devnet.accounts[2]?.privateKey ?? "0x");
    const wallet = createWalletClient({ account, transport: http(devnet.appchain.url) });
    const follower = createPublicClient({
      transport: webSocket(devnet.appchain.wsUrl, { reconnect: false }),
    });
    const address = devnet.addresses.groupMessageBroadcaster;
    const followed = new Promise<Log[]>((resolve, reject) => {
      const unwatch = follower.watchContractEvent({
        address,
        abi: groupMessagesAbi,
        eventName: "MessageSent",
        onLogs: (logs) => {
          unwatch();
          resolve(logs);
        },
        onError: reject,
      });
    });
    // Answers come in order, so the subscription stands once this one is there.
    await follower.getChainId();
    await wallet.writeContract({
      chain: null,
      address,
      abi: groupMessagesAbi,
      functionName: "addMessage",
      args: [`0x${"0a".repeat(16)}`, `0x${"ff".repeat(100)}`],
    });
    const [log] = await followed;
    expect(log?.topics[1]).to.equal(`0x${"0a".repeat(16)}${"00".repeat(16)}`);
    await follower.transport["getRpcClient"]().then((rpc: { close(): void }) => rpc.close());
  });

  it("takes a 200,000-byte payload in 6,000,000 gas, as the gateway of xmtpd sends it", async () => {
    const account = privateKeyToAccount(devnet.accounts[3]?.privateKey ?? "0x");
    const wallet = createWalletClient({ account, transport: http(devnet.appchain.url) });
    const client = createPublicClient({
      transport: http(devnet.appchain.url),
      pollingInterval: 20,
    });
    const hash = await wallet.writeContract({
      chain: null,
      type: "legacy",
      gas: 6_000_000n,
      address: devnet.addresses.groupMessageBroadcaster,
      abi: groupMessagesAbi,
      functionName: "addMessage",
      args: [`0x${"0b".repeat(16)}`, `0x${"ff".repeat(200_000)}`],
    });
    expect((await client.waitForTransactionReceipt({ hash })).status).to.equal("success");
  });
});
