import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { appendFile, mkdtemp, open, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { expect } from "chai";
import {
  createPublicClient,
  createWalletClient,
  custom,
  http,
  numberToHex,
  type Address,
  type Hex,
} from "viem";
import { privateKeyToAccount } from "viem/accounts";

import { createRpc } from "../../src/chain/createRpc.ts";
import { devnetAccounts } from "../../src/devnet/accounts.ts";
import { createBlockProducer } from "../../src/devnet/blockProducer.ts";
import {
  startChains,
  type ChainsConfig,
  type RunningChain,
  type RunningChains,
} from "../../src/devnet/chains.ts";
import { openJournal } from "../../src/devnet/journal.ts";
import { ARBOS_ACCOUNT } from "../../src/devnet/orbit.ts";
import { resetState } from "../../src/devnet/stateFolder.ts";
import { createRandom } from "../helpers/createRandom.ts";
import type { KeptChains } from "../helpers/keptChains.ts";

const PROCESS = fileURLToPath(new URL("../helpers/keptChains.ts", import.meta.url));
const NOBODY: Address = "0x00000000000000000000000000000000000000aa";
const SYSTEM: Address = "0x0000000000000000000000000000000000000064";
/** Stores the block time in the slot of the block number: TIMESTAMP NUMBER SSTORE. */
const STORES_TIME: Hex = "0x424355";

describe("chains that are kept", () => {
  let state: string;
  let running: RunningChains | undefined;
  beforeEach(async () => {
    state = await mkdtemp(join(tmpdir(), "devnet-"));
  });
  afterEach(async () => {
    await running?.stop();
    running = undefined;
    await rm(state, { recursive: true });
  });

  const start = async (config: ChainsConfig = {}): Promise<RunningChains> =>
    (running = await startChains({ state, blockTime: "automine", ...config }));
  const restart = async (config: ChainsConfig = {}): Promise<RunningChains> => {
    await running?.stop();
    return start(config);
  };
  const journalOf = (chain: "settlement" | "appchain") => join(state, `${chain}.journal`);

  it("goes on with the same blocks, balances and code", async () => {
    const orbit = { code: { [SYSTEM]: STORES_TIME } };
    const first = await start({ orbit });
    const [ada] = first.accounts;
    if (ada === undefined) throw new Error("no account");
    await first.appchain.producer.exclusive(async ({ send }) => {
      const [from, gas] = [ARBOS_ACCOUNT, 100_000n];
      await send({ from, to: ada.address, value: 10n ** 18n, gas, free: true });
      await send({ from, to: SYSTEM, gas, free: false });
    });
    for (const type of ["legacy", "eip2930", "eip1559"] as const) {
      for (const chain of [first.settlement, first.appchain]) {
        const account = privateKeyToAccount(ada.privateKey);
        const wallet = createWalletClient({ account, transport: custom(chain.provider) });
        await wallet.sendTransaction({ chain: null, to: SYSTEM, type, gas: 100_000n });
        await sendUnlocked(chain, ada.address, type);
      }
    }
    await first.settlement.provider.request({ method: "evm_increaseTime", params: [3_600] });
    await first.settlement.producer.mine();
    const before = await historyOf(first);

    const second = await restart({ orbit });
    expect(await historyOf(second)).to.deep.equal(before);
    const client = clientOf(second.appchain);
    expect(await client.getStorageAt({ address: SYSTEM, slot: numberToHex(2) })).not.to.match(
      /^0x0*$/u,
    );

    await sendUnlocked(second.appchain, ada.address, "eip1559");
    await sendUnlocked(second.settlement, ada.address, "legacy");
    const longer = await historyOf(second);
    expect(await historyOf(await restart({ orbit }))).to.deep.equal(longer);
  });

  it("lets the clock go on at the present time, but never back", async () => {
    const first = await start();
    await first.settlement.producer.mine();
    await first.appchain.provider.request({ method: "evm_increaseTime", params: [100_000] });
    await first.appchain.producer.mine();
    const ahead = (await clientOf(first.appchain).getBlock()).timestamp;
    await first.stop();
    await pause(1_100);

    const second = await restart();
    await second.settlement.producer.mine();
    await second.appchain.producer.mine();
    const now = Date.now() / 1000;
    expect(Number((await clientOf(second.settlement).getBlock()).timestamp)).to.be.within(
      now - 2,
      now + 1,
    );
    expect(Number((await clientOf(second.appchain).getBlock()).timestamp - ahead)).to.be.within(
      0,
      3,
    );
  });

  it("keeps transactions that wait for a block, and makes it", async () => {
    const first = await start({ blockTime: 0 });
    const height = await clientOf(first.appchain).getBlockNumber();
    const [ada, bob] = first.accounts;
    const raw = await signed(first.appchain, ada?.privateKey ?? "0x", 0);
    const late = await signed(first.appchain, ada?.privateKey ?? "0x", 2);
    const hashes = [
      await request(first.appchain, "eth_sendRawTransaction", raw),
      await request(first.appchain, "eth_sendRawTransaction", late),
      await sendUnlocked(first.appchain, bob?.address ?? NOBODY, "eip1559"),
    ];
    const second = await restart();
    for (const hash of hashes)
      expect(await request(second.appchain, "eth_getTransactionByHash", hash)).not.to.equal(null);
    // Nobody sends anything. This has its turn after the block.
    await second.appchain.producer.exclusive(async () => {});
    const { transactions } = await clientOf(second.appchain).getBlock({ blockNumber: height + 1n });
    expect(transactions).to.deep.equal([hashes[0], hashes[2]]);
  });

  it("refuses what no restart could repeat, and nothing else", async () => {
    const { appchain } = await start();
    for (const method of ["hardhat_setBalance", "hardhat_mine", "evm_snapshot", "evm_revert"]) {
      const outcome = await request(appchain, method, NOBODY, "0x1").catch((error: Error) => error);
      expect(outcome, method).to.have.property("message").that.includes(`${method} is refused`);
      expect(outcome, method).to.have.property("code", -32_004);
    }
    await request(appchain, "evm_setNextBlockTimestamp", Math.floor(Date.now() / 1000) + 50);
    await request(appchain, "evm_mine");
    await request(appchain, "evm_setAutomine", true);
  });

  it("is refused to a second devnet, and free again after the first", async () => {
    const { stop } = await start();
    expect(await codeOf(startChains({ state }))).to.equal("STATE_IN_USE");
    expect(await codeOf(async () => resetState(state))).to.equal("STATE_IN_USE");
    await stop();
    await restart();
  });

  it("starts anew after a reset", async () => {
    const first = await start();
    await first.settlement.producer.mine();
    await first.stop();
    await writeFile(join(state, "notes.txt"), "mine");
    resetState(state);

    const second = await restart({ accountCount: 3 });
    expect(await clientOf(second.settlement).getBlockNumber()).to.equal(0n);
    expect(await readFile(join(state, "notes.txt"), "utf8")).to.equal("mine");
  });

  it("refuses other options than it was started with", async () => {
    await (await start()).stop();
    const others: ChainsConfig[] = [
      { accountCount: 3 },
      { appchainHardfork: "prague" },
      { orbit: { code: { [SYSTEM]: STORES_TIME } } },
    ];
    for (const other of others) {
      expect(await codeOf(startChains({ state, ...other }))).to.equal("STATE_DIFFERS");
    }
    await restart();
  });

  it("cuts off a last line that was not written to its end", async () => {
    const first = await start();
    const [ada] = first.accounts;
    for (let count = 0; count < 3; count++)
      await sendUnlocked(first.settlement, ada?.address ?? NOBODY, "eip1559");
    const before = await historyOf(first);
    await first.stop();
    const whole = await readFile(journalOf("settlement"));

    const lines = whole.toString("utf8").trimEnd().split("\n");
    const lastBlock = lines.at(-1) ?? "";
    for (const kept of [1, 20, lastBlock.length]) {
      await writeFile(journalOf("settlement"), whole.subarray(0, -1 - lastBlock.length + kept));
      const again = await restart({ blockTime: 0 });
      const { settlement, appchain } = await historyOf(again);
      expect(settlement).to.deep.equal(before.settlement.slice(0, -1));
      expect(appchain).to.deep.equal(before.appchain);
      // What was sent is known still, and gets a block.
      await again.settlement.producer.mine();
      expect((await clientOf(again.settlement).getBlock()).transactions).to.have.lengthOf(1);
      await again.stop();
    }
    await appendFile(journalOf("appchain"), "half a li");
    await restart();
  });

  it("refuses a journal with a changed byte, wherever it is", async () => {
    const first = await start();
    const [ada] = first.accounts;
    for (let count = 0; count < 5; count++)
      await sendUnlocked(first.appchain, ada?.address ?? NOBODY, "legacy");
    await first.stop();
    const { size } = await stat(journalOf("appchain"));
    const random = createRandom(7);

    for (let round = 0; round < 12; round++) {
      const position = Math.floor(random() * (size - 1)); // the last byte only says that the line is whole
      const file = await open(journalOf("appchain"), "r+");
      const { buffer } = await file.read({ buffer: Buffer.alloc(1), position, length: 1 });
      const changed = Buffer.from([(buffer[0] ?? 0) ^ 1]);
      await file.write(changed, 0, 1, position);
      expect(await codeOf(startChains({ state })), `byte ${position}`).to.equal("STATE_DIFFERS");
      await file.write(buffer, 0, 1, position);
      await file.close();
    }
    await restart();
  });

  it("stands still, and shows nothing more, once the journal cannot be written", async () => {
    const { settlement } = await startChains({ blockTime: 0 }).then((chains) => (running = chains));
    const journal = openJournal(journalOf("settlement"), {});
    const ask = async (method: string, params: readonly unknown[] = []): Promise<unknown> =>
      settlement.provider.request({ method, params: [...params] });
    const { layer, mine } = createBlockProducer({ askNode: ask, journal });
    const height = () =>
      layer({ method: "eth_blockNumber", params: [] }, ({ method }) => ask(method));

    await mine();
    expect(await height()).to.equal("0x1");
    journal.close(); // as if the disk were gone
    expect(await codeOf(mine)).to.equal("STATE_NOT_WRITTEN");
    expect(await codeOf(height)).to.equal("STATE_NOT_WRITTEN");
    expect(await codeOf(mine)).to.equal("STATE_NOT_WRITTEN");
    expect(await ask("eth_blockNumber"), "blocks, whoever sees them").to.equal("0x2");
  });

  for (const blockTime of ["automine", "20"]) {
    it(`loses nothing that was answered when it is killed, with block time ${blockTime}`, async function () {
      this.timeout(60_000);
      const random = createRandom(Number(blockTime.length));
      const answered: Record<"settlement" | "appchain", Hex[]> = { settlement: [], appchain: [] };
      const seen = new Map<string, Hex>();

      for (let round = 0; round < 4; round++) {
        const { child, urls } = await forkChains(state, blockTime);
        const clients = (["settlement", "appchain"] as const).flatMap((chain) => [
          sendRaw(urls[chain], round, (hash) => answered[chain].push(hash)),
          sendAllUnlocked(urls[chain], (hash) => answered[chain].push(hash)),
          watch(urls[chain], (number, hash) => seen.set(`${chain} ${number}`, hash)),
        ]);
        await pause(100 + random() * 400);
        child.kill("SIGKILL");
        await Promise.all([...clients, once(child, "exit")]);
      }

      const chains = await start();
      for (const chain of ["settlement", "appchain"] as const) {
        await chains[chain].producer.mine();
        const client = clientOf(chains[chain]);
        expect(answered[chain].length).to.be.above(20);
        for (const hash of answered[chain]) {
          const receipt = await client.getTransactionReceipt({ hash });
          expect(receipt.status).to.equal("success");
        }
      }
      expect(seen.size).to.be.above(20);
      for (const [block, hash] of seen) {
        const [chain = "", number = ""] = block.split(" ");
        const { hash: now } = await clientOf(
          chain === "settlement" ? chains.settlement : chains.appchain,
        ).getBlock({ blockNumber: BigInt(number) });
        expect(now, block).to.equal(hash);
      }
    });
  }
});

function clientOf({ provider }: RunningChain) {
  return createPublicClient({ transport: custom(provider), cacheTime: 0 });
}

async function request({ provider }: RunningChain, method: string, ...params: unknown[]) {
  return (await provider.request({ method, params })) as Hex;
}

async function sendUnlocked(
  chain: RunningChain,
  from: Address,
  type: "legacy" | "eip2930" | "eip1559",
): Promise<Hex> {
  const fields = {
    legacy: { gasPrice: numberToHex(3_000_000_000) },
    eip2930: { gasPrice: numberToHex(3_000_000_000), accessList: [] },
    eip1559: {},
  }[type];
  return request(chain, "eth_sendTransaction", { from, to: NOBODY, value: "0x1", ...fields });
}

function signed({ chainId }: RunningChain, privateKey: Hex, nonce: number): Promise<Hex> {
  return privateKeyToAccount(privateKey).signTransaction({
    chainId,
    to: NOBODY,
    nonce,
    gas: 21_000n,
    maxFeePerGas: 10n ** 10n,
    maxPriorityFeePerGas: 1n,
  });
}

/** Hashes of all blocks. */
async function historyOf(chains: RunningChains) {
  const hashes = async (chain: RunningChain): Promise<Hex[]> => {
    const client = clientOf(chain);
    const count = Number(await client.getBlockNumber()) + 1;
    return Promise.all(
      Array.from({ length: count }, async (_, number) => {
        const { hash } = await client.getBlock({ blockNumber: BigInt(number) });
        return hash;
      }),
    );
  };
  return { settlement: await hashes(chains.settlement), appchain: await hashes(chains.appchain) };
}

async function codeOf(work: Promise<unknown> | (() => Promise<unknown>)): Promise<unknown> {
  const error: unknown = await (typeof work === "function" ? work() : work).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return error instanceof Error && "code" in error ? error.code : error;
}

async function forkChains(
  state: string,
  blockTime: string,
): Promise<{ child: ChildProcess; urls: KeptChains }> {
  const child = fork(PROCESS, [state, blockTime]);
  const [urls] = (await Promise.race([
    once(child, "message"),
    once(child, "exit").then(([code]) => {
      throw new Error(`the devnet ended with code ${code}`);
    }),
  ])) as [KeptChains];
  return { child, urls };
}

/** Sends until the chain is gone, each round from another account. */
async function sendRaw(url: string, round: number, onAnswer: (hash: Hex) => void): Promise<void> {
  const account = privateKeyToAccount(devnetAccounts(20)[10 + round]?.privateKey ?? "0x");
  const transport = http(url, { retryCount: 0 });
  const chainId = await createPublicClient({ transport }).getChainId();
  const wallet = createWalletClient({ account, transport });
  await untilGone(async (nonce) => {
    const hash = await wallet.sendTransaction({
      chain: { id: chainId, name: "", nativeCurrency: NATIVE, rpcUrls: { default: { http: [] } } },
      to: NOBODY,
      nonce,
      gas: 21_000n,
      maxFeePerGas: 10n ** 11n,
      maxPriorityFeePerGas: 1n,
    });
    onAnswer(hash);
  });
}

const NATIVE = { name: "", symbol: "", decimals: 18 };

async function sendAllUnlocked(url: string, onAnswer: (hash: Hex) => void): Promise<void> {
  const rpc = createRpc(url, 10_000);
  const [from] = devnetAccounts(1).map(({ address }) => address);
  await untilGone(async () => {
    onAnswer((await rpc.call("eth_sendTransaction", { from, to: NOBODY, gas: "0x5208" })) as Hex);
  });
}

async function watch(url: string, onBlock: (number: bigint, hash: Hex) => void): Promise<void> {
  const client = createPublicClient({ transport: http(url, { retryCount: 0 }), cacheTime: 0 });
  await untilGone(async () => {
    const { number, hash } = await client.getBlock();
    onBlock(number, hash);
  });
}

async function untilGone(work: (count: number) => Promise<void>): Promise<void> {
  for (let count = 0; ; count++) {
    try {
      await work(count);
    } catch {
      return;
    }
  }
}
