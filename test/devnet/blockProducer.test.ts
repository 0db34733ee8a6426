import { expect } from "chai";
import {
  createPublicClient,
  createWalletClient,
  custom,
  numberToHex,
  type Address,
  type Hex,
} from "viem";
import { privateKeyToAccount } from "viem/accounts";

import { startChains, type RunningChain, type RunningChains } from "../../src/devnet/chains.ts";
import {
  ARBOS_ACCOUNT,
  ARBOS_BALANCE,
  ORBIT_BASE_FEE,
  SEQUENCER_ACCOUNT,
} from "../../src/devnet/orbit.ts";
import { rollupAccounts } from "../../src/devnet/rollup/rollupAccounts.ts";

const SYSTEM: Address = "0x0000000000000000000000000000000000000064";
/** Where a reverting contract is placed. */
const REFUSES: Address = "0x0000000000000000000000000000000000000065";
const NOBODY: Address = "0x00000000000000000000000000000000000000aa";
/** An address that nobody has a key of. */
const ALIAS: Address = "0x1111000000000000000000000000000000001234";
/** Logs the caller, as the first topic, and stores nothing: CALLER PUSH0 PUSH0 LOG1. */
const LOGS_CALLER: Hex = "0x335f5fa1";

describe("the block producer", () => {
  let chains: RunningChains;
  let chain: RunningChain;
  before(async () => {
    chains = await startChains({
      blockTime: "automine",
      orbit: { code: { [SYSTEM]: LOGS_CALLER, [REFUSES]: "0x5f5ffd" } },
    });
    chain = chains.appchain;
  });
  after(() => chains.stop());

  const client = () =>
    createPublicClient({ transport: custom(chain.provider), cacheTime: 0, pollingInterval: 5 });
  const walletOf = (index: number) =>
    createWalletClient({
      account: privateKeyToAccount(chains.accounts[index]?.privateKey ?? "0x"),
      transport: custom(chain.provider),
    });
  const fund = (index: number, value = 10n ** 18n) =>
    chain.producer.exclusive(({ send }) =>
      send({
        from: ARBOS_ACCOUNT,
        to: walletOf(index).account.address,
        value,
        gas: 21_000n,
        free: true,
      }),
    );

  it("starts an Orbit chain with system code, and no gas tokens but those of the system", async () => {
    const [deployer] = chains.accounts;
    expect(await client().getCode({ address: SYSTEM })).to.equal(LOGS_CALLER);
    expect(await client().getBalance({ address: deployer?.address ?? NOBODY })).to.equal(0n);
    expect(await client().getBalance({ address: ARBOS_ACCOUNT })).to.equal(ARBOS_BALANCE);
    const settlement = createPublicClient({ transport: custom(chains.settlement.provider) });
    for (const { address } of Object.values({ ...rollupAccounts() })) {
      expect(await settlement.getBalance({ address })).to.equal(10_000n * 10n ** 18n);
    }
  });

  it("mines a free transaction at base fee 0, and shows the constant base fee afterwards", async () => {
    const before = await client().getBalance({ address: ARBOS_ACCOUNT });
    const receipt = await fund(1, 5n);

    expect(receipt).to.include({ status: "success", gasUsed: 21_000n, effectiveGasPrice: 0n });
    const block = await client().getBlock({ blockNumber: receipt.blockNumber });
    expect(block.baseFeePerGas).to.equal(0n);
    expect(await client().getBalance({ address: ARBOS_ACCOUNT })).to.equal(before - 5n);
    for (const blockTag of ["latest", "pending"] as const) {
      const { baseFeePerGas } = await client().getBlock({ blockTag });
      expect(baseFeePerGas, blockTag).to.equal(ORBIT_BASE_FEE);
    }
  });

  it("mines a transaction of an account without a key, at the constant base fee", async () => {
    const receipts = await chain.producer.exclusive(async ({ send }) => [
      await send({ from: ARBOS_ACCOUNT, to: ALIAS, value: 10n ** 16n, gas: 21_000n, free: true }),
      await send({ from: ALIAS, to: SYSTEM, gas: 100_000n, free: false }),
      await send({ from: ALIAS, to: REFUSES, gas: 100_000n, free: false }),
    ]);

    const [, called, refused] = receipts;
    expect(called).to.include({ status: "success", effectiveGasPrice: ORBIT_BASE_FEE });
    expect(called?.logs).to.deep.equal([
      { address: SYSTEM, topics: [`0x${ALIAS.slice(2).padStart(64, "0")}`], data: "0x" },
    ]);
    expect(refused?.status).to.equal("reverted");
    const spent = ((called?.gasUsed ?? 0n) + (refused?.gasUsed ?? 0n)) * ORBIT_BASE_FEE;
    expect(await client().getBalance({ address: ALIAS })).to.equal(10n ** 16n - spent);
  });

  it("leaves no account unlocked that it sent from", async () => {
    await fund(1);
    const request = { from: ARBOS_ACCOUNT, to: NOBODY, gas: "0x5208" };
    const error = await errorOf(
      chain.provider.request({ method: "eth_sendTransaction", params: [request] }),
    );
    expect(error)
      .to.have.property("message")
      .that.matches(/unknown account/iu);
  });

  it("keeps what is sent meanwhile out of exclusive work, and mines it after", async () => {
    await fund(2);
    const order: string[] = [];
    let sent: Promise<Hex> | undefined;
    const end = await chain.producer.exclusive(async ({ send }) => {
      sent = walletOf(2).sendTransaction({ chain: null, to: NOBODY, gas: 21_000n });
      void sent.then(() => order.push("sent"));
      await new Promise((resolve) => setTimeout(resolve, 50));
      const receipt = await send({ from: ARBOS_ACCOUNT, to: NOBODY, gas: 21_000n, free: true });
      order.push("done");
      return receipt.blockNumber;
    });
    const hash = (await sent) ?? "0x";
    const { blockNumber } = await client().getTransactionReceipt({ hash });

    expect(order).to.deep.equal(["done", "sent"]);
    expect(blockNumber > end).to.equal(true);
    const system = await client().getBlock({ blockNumber: end });
    expect(system.transactions).to.have.lengthOf(1);
  });

  it("gives what waits its block before exclusive work", async () => {
    await fund(3);
    await chain.setBlockTime(0);
    const hash = await walletOf(3).sendTransaction({ chain: null, to: NOBODY, gas: 21_000n });
    expect((await client().getBlock()).transactions).not.to.include(hash);
    const { blockNumber } = await fund(3);
    await chain.setBlockTime("automine");

    const receipt = await client().getTransactionReceipt({ hash });
    expect(receipt.blockNumber).to.equal(blockNumber - 1n);
  });

  it("goes on after work and transactions that fail", async () => {
    const failure = new Error("of the work");
    expect(await errorOf(chain.producer.exclusive(() => Promise.reject(failure)))).to.equal(
      failure,
    );
    const tooDear = chain.producer.exclusive(({ send }) =>
      send({ from: ALIAS, to: NOBODY, value: ARBOS_BALANCE, gas: 21_000n, free: true }),
    );
    expect(await errorOf(tooDear))
      .to.have.property("message")
      .that.includes("enough funds");

    await fund(4);
    const hash = await walletOf(4).sendTransaction({ chain: null, to: NOBODY, gas: 21_000n });
    expect((await client().getTransactionReceipt({ hash })).status).to.equal("success");
  });

  it("refuses a fee below the constant base fee, as a sequencer does", async () => {
    await fund(5);
    const { account } = walletOf(5);
    const below = ORBIT_BASE_FEE - 1n;
    const common = { chainId: chain.chainId, to: NOBODY, nonce: 0, gas: 21_000n } as const;
    const signed = [
      await account.signTransaction({ ...common, type: "legacy", gasPrice: below }),
      await account.signTransaction({ ...common, type: "eip2930", gasPrice: below }),
      await account.signTransaction({
        ...common,
        type: "eip1559",
        maxFeePerGas: below,
        maxPriorityFeePerGas: 0n,
        // Long enough that the head of the list takes more than a byte.
        data: `0x${"ab".repeat(70_000)}`,
      }),
    ];
    const unlocked = { from: account.address, to: NOBODY, gas: "0x5208" };
    const requests = [
      ...signed.map((raw) => ({ method: "eth_sendRawTransaction", params: [raw] })),
      ...["gasPrice", "maxFeePerGas"].map((name) => ({
        method: "eth_sendTransaction",
        params: [{ ...unlocked, [name]: numberToHex(below) }],
      })),
    ];
    for (const request of requests) {
      const error = await errorOf(chain.provider.request(request));
      expect(error)
        .to.have.property("message")
        .that.includes("max fee per gas less than block base fee");
    }
    const hash = await walletOf(5).sendTransaction({
      ...common,
      chain: null,
      maxFeePerGas: ORBIT_BASE_FEE,
      maxPriorityFeePerGas: 0n,
    });
    expect((await client().getTransactionReceipt({ hash })).status).to.equal("success");
  });

  it("tells listeners of every block, once its number can be asked for", async () => {
    const heard: bigint[] = [];
    const unlisten = chain.producer.onBlock((number) => heard.push(number));
    const before = await client().getBlockNumber();
    await chain.producer.mine();
    await fund(6);
    await chain.provider.request({ method: "evm_mine" });
    unlisten();
    await chain.producer.mine();

    // The transaction, and the block that shows the base fee again.
    expect(heard).to.deep.equal([before + 1n, before + 2n, before + 3n, before + 4n]);
  });

  it("mines one block per transaction on demand, even if many send at once", async () => {
    const senders = [7, 8, 9, 10, 11];
    for (const sender of senders) await fund(sender);
    const hashes = await Promise.all(
      senders.map((sender) =>
        walletOf(sender).sendTransaction({ chain: null, to: NOBODY, gas: 21_000n }),
      ),
    );
    const blocks = await Promise.all(
      hashes.map(async (hash) => (await client().getTransactionReceipt({ hash })).blockNumber),
    );
    expect(new Set(blocks).size).to.equal(senders.length);
  });

  it("refuses free transactions on a chain with a base fee of its own", async () => {
    const sent = chains.settlement.producer.exclusive(({ send }) =>
      send({ from: SEQUENCER_ACCOUNT, to: NOBODY, gas: 21_000n, free: true }),
    );
    expect(await errorOf(sent))
      .to.have.property("message")
      .that.includes("orbit");
  });
});

async function errorOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => expect.fail("expected an error"),
    (error: unknown) => error,
  );
}
