import { randomBytes } from "node:crypto";

import { expect } from "chai";
import {
  bytesToHex,
  createPublicClient,
  createWalletClient,
  http,
  keccak256,
  size,
  type Hex,
  type RpcTransaction,
} from "viem";
import { privateKeyToAccount } from "viem/accounts";

import { startChains, type RunningChains } from "../../../src/devnet/chains.ts";
import {
  batchedTransaction,
  batchesOf,
  blocksOf,
  decodeBatch,
  encodeBatch,
  type BatchedBlock,
} from "../../../src/devnet/relayer/batches.ts";

const SYSTEM = "0x00000000000000000000000000000000000A4B05";

describe("batches of the devnet", () => {
  let chains: RunningChains;
  before(async () => {
    chains = await startChains({ blockTime: "automine" });
  });
  after(() => chains.stop());

  const client = () => createPublicClient({ transport: http(chains.appchain.url) });
  const transactionOf = (hash: Hex) =>
    client().request({
      method: "eth_getTransactionByHash",
      params: [hash],
    }) as Promise<RpcTransaction>;

  it("hold what was signed, bit for bit", async () => {
    const [account, other] = chains.accounts.map(({ privateKey }) =>
      privateKeyToAccount(privateKey),
    );
    const wallet = createWalletClient({ account: account!, transport: http(chains.appchain.url) });
    const to = other!.address;
    const hashes = [
      await wallet.sendTransaction({ chain: null, to, value: 1n }),
      await wallet.sendTransaction({ chain: null, to, data: "0x00ff", gasPrice: 10n ** 10n }),
      await wallet.sendTransaction({
        chain: null,
        to,
        type: "eip2930",
        gasPrice: 10n ** 10n,
        accessList: [{ address: to, storageKeys: [`0x${"11".repeat(32)}`] }],
      }),
      await wallet.sendTransaction({ chain: null, data: "0x60016000526001601ff3" }),
    ];

    for (const hash of hashes) {
      const batched = batchedTransaction(await transactionOf(hash));
      expect(batched).to.be.a("string");
      expect(keccak256(batched as Hex)).to.equal(hash);
    }
  });

  it("hold what nobody signed as a description of it", async () => {
    const { provider } = chains.appchain;
    const request = (method: string, ...params: unknown[]) => provider.request({ method, params });
    await request("hardhat_setBalance", SYSTEM, "0xde0b6b3a7640000");
    await request("hardhat_impersonateAccount", SYSTEM);
    const to = chains.accounts[1]!.address;
    const hash = (await request("eth_sendTransaction", {
      from: SYSTEM,
      to,
      value: "0x3",
      data: "0x0102",
      gas: "0x10000",
      gasPrice: "0x77359400",
    })) as Hex;

    expect(batchedTransaction(await transactionOf(hash))).to.deep.equal({
      from: SYSTEM.toLowerCase(),
      to: to.toLowerCase(),
      nonce: 0,
      value: 3n,
      data: "0x0102",
      gas: 65_536n,
      gasPrice: 2_000_000_000n,
    });
  });

  const blocks: readonly BatchedBlock[] = [
    { timestamp: 1_800_000_000n, baseFee: 0n, transactions: [] },
    {
      timestamp: 1_800_000_000n,
      baseFee: 100_000_000n,
      transactions: [
        bytesToHex(randomBytes(300)),
        {
          from: "0x00000000000000000000000000000000000a4b05",
          to: "0x000000000000000000000000000000000000006e",
          nonce: 255,
          value: 10n ** 30n,
          data: "0x",
          gas: 15n,
          gasPrice: 0n,
        },
        {
          from: "0x00000000000000000000000000000000000a4b05",
          nonce: 256,
          value: 0n,
          data: "0x00",
          gas: 21_000n,
          gasPrice: 1n,
        },
      ],
    },
  ];

  it("give back the blocks that went in", () => {
    const [batch, ...others] = batchesOf(7n, blocks, 104_817);
    expect(others).to.deep.equal([]);
    const decoded = decodeBatch(encodeBatch(batch!));
    expect(decoded).to.deep.equal(batch);
    expect([decoded?.first, decoded?.last]).to.deep.equal([7n, 8n]);
    expect(blocksOf([decoded!])).to.deep.equal(blocks);
  });

  it("are as many as it takes, each no longer than allowed", () => {
    const batches = batchesOf(7n, blocks, 100).map(encodeBatch);
    expect(batches.length).to.be.greaterThan(3);
    for (const batch of batches) expect(size(batch)).to.be.at.most(100);
    expect(blocksOf(batches.map((batch) => decodeBatch(batch)!))).to.deep.equal(blocks);
  });

  it("are nothing where the rollup posts one itself", () => {
    expect(decodeBatch("0x")).to.equal(undefined);
  });
});
