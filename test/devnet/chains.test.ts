import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, connect } from "node:net";
import { fileURLToPath } from "node:url";

import { expect } from "chai";
import { createPublicClient, createWalletClient, http, webSocket, type Block } from "viem";
import { privateKeyToAccount } from "viem/accounts";

import {
  APPCHAIN_CHAIN_ID,
  SETTLEMENT_CHAIN_ID,
  startChains,
  type RunningChain,
  type RunningChains,
} from "../../src/devnet/chains.ts";

const ARB_GAS_INFO = "0x000000000000000000000000000000000000006C";

describe("startChains", () => {
  let chains: RunningChains;
  before(async () => {
    chains = await startChains({ blockTime: 100 });
  });
  after(() => chains.stop());

  const each = (): [string, RunningChain][] => [
    ["settlement", chains.settlement],
    ["appchain", chains.appchain],
  ];

  it("answers over HTTP and WebSocket on one port per chain, with ids of its own", async () => {
    expect([chains.settlement.chainId, chains.appchain.chainId]).to.deep.equal([
      SETTLEMENT_CHAIN_ID,
      APPCHAIN_CHAIN_ID,
    ]);
    for (const [name, chain] of each()) {
      expect(await createPublicClient({ transport: http(chain.url) }).getChainId(), name).to.equal(
        chain.chainId,
      );
      await withWebSocket(chain.wsUrl, async (client) =>
        expect(await client.getChainId(), name).to.equal(chain.chainId),
      );
      expect(new URL(chain.url).port, name).to.equal(new URL(chain.wsUrl).port);
    }
  });

  it("has no code at 0x6c, where a gas oracle would take it for an Arbitrum chain", async () => {
    for (const [name, chain] of each()) {
      const client = createPublicClient({ transport: http(chain.url) });
      expect(await client.getCode({ address: ARB_GAS_INFO }), name).to.equal(undefined);
    }
  });

  it("mines empty blocks at the interval and announces them to newHeads subscribers", async () => {
    for (const [name, chain] of each()) {
      await withWebSocket(chain.wsUrl, async (client) => {
        const heads: bigint[] = [];
        await new Promise<void>((resolve, reject) => {
          const unwatch = client.watchBlocks({
            onBlock: (block: Block) => {
              if (block.number === null) return;
              if (heads.push(block.number) < 3) return;
              unwatch();
              resolve();
            },
            onError: reject,
          });
        });
        expect(heads[2], name).to.equal((heads[0] ?? 0n) + 2n);
      });
    }
  });

  it("keeps transactions with a nonce gap until the gap is filled", async () => {
    const [chain, key] = [chains.appchain, chains.accounts[5]?.privateKey ?? "0x"];
    const account = privateKeyToAccount(key);
    const client = createPublicClient({ transport: http(chain.url), pollingInterval: 20 });
    const wallet = createWalletClient({ account, transport: http(chain.url) });
    const send = (nonce: number) =>
      wallet.sendTransaction({
        chain: null,
        to: account.address,
        nonce,
        gas: 21_000n,
        gasPrice: 2_000_000_000n,
        type: "legacy",
      });

    const later = [await send(2), await send(1)];
    await nextBlocks(chain, 2n);
    expect(
      await client.getTransactionCount({ address: account.address }),
      "nothing mined over the gap",
    ).to.equal(0);
    const first = await send(0);
    for (const hash of [first, ...later]) {
      expect((await client.waitForTransactionReceipt({ hash })).status).to.equal("success");
    }
  });

  it("names a low nonce, a repeated and an underpriced transaction in the words of geth", async () => {
    const account = privateKeyToAccount(chains.accounts[6]?.privateKey ?? "0x");
    const client = createPublicClient({
      transport: http(chains.appchain.url),
      pollingInterval: 20,
    });
    const sign = (nonce: number, value: bigint) =>
      account.signTransaction({
        chainId: APPCHAIN_CHAIN_ID,
        to: account.address,
        nonce,
        value,
        gas: 21_000n,
        gasPrice: 2_000_000_000n,
        type: "legacy",
      });
    const send = async (serializedTransaction: `0x${string}`) =>
      client.sendRawTransaction({ serializedTransaction });

    const queued = await sign(1, 1n);
    await send(queued);
    expect(await messageOf(send(queued))).to.include("already known");
    expect(await messageOf(send(await sign(1, 2n)))).to.include(
      "replacement transaction underpriced",
    );
    await client.waitForTransactionReceipt({ hash: await send(await sign(0, 1n)) });
    expect(await messageOf(send(await sign(0, 3n)))).to.include("nonce too low");
  });

  it("gives a failing transaction a receipt with status 0 and its revert data on a call", async () => {
    const wallet = createWalletClient({
      account: privateKeyToAccount(chains.accounts[7]?.privateKey ?? "0x"),
      transport: http(chains.appchain.url),
    });
    const client = createPublicClient({
      transport: http(chains.appchain.url),
      pollingInterval: 20,
    });
    const revertingInitCode = "0x5f5ffd"; // PUSH0 PUSH0 REVERT
    const hash = await wallet.sendTransaction({
      chain: null,
      data: revertingInitCode,
      gas: 100_000n,
    });
    expect((await client.waitForTransactionReceipt({ hash })).status).to.equal("reverted");
  });

  it("switches between mining on demand and at an interval", async () => {
    const client = createPublicClient({ transport: http(chains.settlement.url), cacheTime: 0 });
    const wallet = createWalletClient({
      account: privateKeyToAccount(chains.accounts[8]?.privateKey ?? "0x"),
      transport: http(chains.settlement.url),
    });
    await chains.settlement.setBlockTime("automine");
    const hash = await wallet.sendTransaction({
      chain: null,
      to: wallet.account.address,
      gas: 21_000n,
    });
    expect(
      (await client.getTransactionReceipt({ hash })).status,
      "mined before send returned",
    ).to.equal("success");
    await chains.settlement.setBlockTime(50);
    await nextBlocks(chains.settlement, 2n);
  });

  it("runs beside a second devnet", async () => {
    const other = await startChains({ blockTime: 100 });
    const ports = [chains, other].flatMap(({ settlement, appchain }) => [
      settlement.port,
      appchain.port,
    ]);
    expect(new Set(ports).size).to.equal(4);
    await other.stop();
    await nextBlocks(chains.appchain, 1n);
  });
});

describe("startChains on a port that is taken", () => {
  it("refuses with PORT_TAKEN, names the port, and starts nothing", async () => {
    const blocker = createServer().listen(0, "127.0.0.1");
    await once(blocker, "listening");
    const address = blocker.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    try {
      const error = await errorOf(startChains({ appchainPort: port }));
      expect(error).to.include({ code: "PORT_TAKEN", retryable: false });
      expect(error).to.have.property("message").that.includes(String(port));
    } finally {
      blocker.close();
    }
  });
});

describe("startChains with options that make no sense", () => {
  for (const config of [
    { blockTime: -1 },
    { blockTime: 0.5 },
    { accountCount: 0 },
    { settlementPort: 70_000 },
  ]) {
    it(`refuses ${JSON.stringify(config)}`, async () => {
      expect(await errorOf(startChains(config))).to.include({ code: "INVALID_OPTION" });
    });
  }
});

describe("stop", () => {
  it("frees the ports with WebSocket clients still connected, and may be called twice", async () => {
    const chains = await startChains({ blockTime: 100 });
    const { settlement, appchain } = chains;
    const client = connect(appchain.port, "127.0.0.1");
    client.on("error", () => {});
    const socket = new WebSocket(appchain.wsUrl);
    await new Promise((resolve) => socket.addEventListener("open", resolve));
    socket.send(
      JSON.stringify({ jsonrpc: "2.0", id: 1, method: "eth_subscribe", params: ["newHeads"] }),
    );
    const closed = new Promise((resolve) => socket.addEventListener("close", resolve));
    await Promise.all([chains.stop(), chains.stop()]);
    await closed;
    await chains.stop();

    const again = await startChains({
      settlementPort: settlement.port,
      appchainPort: appchain.port,
    });
    await again.stop();
  });

  it("leaves nothing that keeps the process alive", async () => {
    const program = `
      import { startChains } from ${JSON.stringify(fileURLToPath(new URL("../../src/devnet/chains.ts", import.meta.url)))};
      const chains = await startChains({ blockTime: 100 });
      await fetch(chains.appchain.url, { method: "POST", body: '{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}' });
      await chains.stop();`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
      stdio: ["ignore", "inherit", "inherit"],
    });
    const [code] = (await once(child, "exit")) as [number | null];
    expect(code).to.equal(0);
  });
});

async function withWebSocket(
  url: string,
  use: (client: ReturnType<typeof createPublicClient>) => Promise<unknown>,
): Promise<void> {
  const client = createPublicClient({ transport: webSocket(url, { reconnect: false }) });
  try {
    await use(client);
  } finally {
    await client.transport["getRpcClient"]().then((rpc: { close(): void }) => rpc.close());
  }
}

async function nextBlocks(chain: RunningChain, count: bigint): Promise<void> {
  const client = createPublicClient({
    transport: http(chain.url),
    cacheTime: 0,
    pollingInterval: 20,
  });
  const target = (await client.getBlockNumber()) + count;
  await new Promise<void>((resolve, reject) => {
    const unwatch = client.watchBlockNumber({
      emitOnBegin: true,
      onBlockNumber: (number) => {
        if (number < target) return;
        unwatch();
        resolve();
      },
      onError: reject,
    });
  });
}

async function errorOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => expect.fail("expected an error"),
    (error: unknown) => error,
  );
}

async function messageOf(promise: Promise<unknown>): Promise<string> {
  const error = await errorOf(promise);
  return error instanceof Error ? error.message : String(error);
}
