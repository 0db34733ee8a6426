import { expect } from "chai";
import { network } from "hardhat";
import { createPublicClient, http, numberToHex, webSocket, type Block, type Hex } from "viem";

import { hashHeader, headerFields, type HeaderFields } from "../../bench/indexer/chain/header.ts";
import { logsBloom } from "../../bench/indexer/chain/logsBloom.ts";
import { startChain, type ReplayedChain } from "../../bench/indexer/startChain.ts";
import { groupMessagesAbi } from "../../src/abi/index.ts";

const ADDRESS = "0x57541c0c1a76380Ed08cf6004FCe9EC11d522391";
const CHAIN_ID = 31339;
const EVENTS = 2_500;

describe("The chain that the indexer is measured on", () => {
  let chain: ReplayedChain;
  before(async () => {
    chain = await startChain(`growth:${EVENTS}`, { address: ADDRESS, chainId: CHAIN_ID });
  });
  after(() => chain.stop());

  const client = () => createPublicClient({ transport: http(chain.url) });
  const messages = { address: ADDRESS, abi: groupMessagesAbi, eventName: "MessageSent" } as const;

  it("hashes a header as the development node does", async () => {
    const { provider, close } = await network.create({ override: { hardfork: "cancun" } });
    try {
      const [sender] = (await provider.request({ method: "eth_accounts" })) as Hex[];
      await provider.request({
        method: "eth_sendTransaction",
        params: [{ from: sender, to: sender, value: "0x1" }],
      });
      const block = (await provider.request({
        method: "eth_getBlockByNumber",
        params: ["latest", false],
      })) as HeaderFields & { readonly hash: Hex };

      expect(block.number).to.equal("0x1");
      expect(hashHeader(block)).to.equal(block.hash);
    } finally {
      await close();
    }
  });

  it("links blocks by the hashes of their headers", async () => {
    let parent: Block | undefined;
    for (let number = 0n; number <= 5n; number++) {
      const block = await client().getBlock({ blockNumber: number });
      const fields = headerFields({
        number: Number(number),
        parentHash: parent?.hash ?? `0x${"00".repeat(32)}`,
        timestamp: Number(block.timestamp),
        logsBloom: block.logsBloom ?? "0x",
        gasUsed: Number(block.gasUsed),
      });
      expect(block.hash, `block ${number}`).to.equal(hashHeader(fields));
      expect((await client().getBlock({ blockHash: block.hash })).number).to.equal(number);
      parent = block;
    }
  });

  it("has the events of the set, in order, with payloads of many sizes", async () => {
    const events = await client().getContractEvents({ ...messages, fromBlock: 0n, strict: true });

    expect(events.map(({ args }) => Number(args.sequenceId))).to.deep.equal(
      Array.from({ length: EVENTS }, (_, index) => index + 1),
    );
    const sizes = new Set(events.map(({ args }) => args.message.length / 2 - 1));
    expect(sizes.size).to.be.greaterThan(300);
    expect([Math.min(...sizes), Math.max(...sizes)]).to.satisfy(
      ([least = 0, most = 0]) => least >= 100 && most <= 500,
    );
  });

  it("gives the same answer twice, and by hash or number of a block", async () => {
    const { hash } = await client().getBlock({ blockNumber: 2n });
    const byNumber = await client().getLogs({ fromBlock: 2n, toBlock: 2n });

    expect(byNumber).to.have.length(1_000);
    expect(await client().getLogs({ fromBlock: 2n, toBlock: 2n })).to.deep.equal(byNumber);
    expect(await client().getLogs({ blockHash: hash })).to.deep.equal(byNumber);
  });

  it("filters by address and topics", async () => {
    const [first] = await client().getContractEvents({ ...messages, fromBlock: 0n, strict: true });
    const groupId = first?.args.groupId ?? "0x";
    const all = await client().getContractEvents({ ...messages, fromBlock: 0n, strict: true });

    const ofGroup = await client().getContractEvents({
      ...messages,
      args: { groupId },
      fromBlock: 0n,
    });
    expect(ofGroup).to.deep.equal(all.filter(({ args }) => args.groupId === groupId));
    expect(ofGroup).not.to.be.empty;
    expect(await client().getLogs({ address: `0x${"11".repeat(20)}`, fromBlock: 0n })).to.be.empty;
  });

  it("gives the transactions of a block, by hash or in full", async () => {
    const { transactions: hashes } = await client().getBlock({ blockNumber: 1n });
    const { transactions } = await client().getBlock({
      blockNumber: 1n,
      includeTransactions: true,
    });
    const logs = await client().getLogs({ fromBlock: 1n, toBlock: 1n });

    expect(transactions.map(({ hash }) => hash)).to.deep.equal(hashes);
    expect([...new Set(logs.map(({ transactionHash }) => transactionHash))]).to.deep.equal(hashes);
  });

  it("answers a batch in order, and says which method it does not have", async () => {
    const response = await fetch(chain.url, {
      method: "POST",
      body: JSON.stringify([
        { jsonrpc: "2.0", id: 7, method: "eth_chainId" },
        { jsonrpc: "2.0", id: "x", method: "eth_mine" },
      ]),
    });
    const [first, second] = (await response.json()) as { id: unknown; error?: { code: number } }[];

    expect(first).to.deep.equal({ jsonrpc: "2.0", id: 7, result: numberToHex(CHAIN_ID) });
    expect(second?.id).to.equal("x");
    expect(second?.error?.code).to.equal(-32601);
  });

  it("announces what it mines, and counts what it was asked", async () => {
    const live = createPublicClient({ transport: webSocket(chain.webSocketUrl) });
    const heads: (Hex | null)[] = [];
    const announced = new Promise<void>((resolve, reject) => {
      const unwatch = live.watchBlocks({
        onBlock: ({ hash }) => {
          if (heads.push(hash) < 3) return;
          unwatch();
          resolve();
        },
        onError: reject,
      });
    });
    await live.getChainId();
    await chain.takeStatistics();

    const mined = await chain.mine({ blocks: 3, events: 5, intervalMs: 30 });
    await announced;
    const logs = await client().getContractEvents({
      ...messages,
      fromBlock: BigInt(mined[0]?.number ?? 0),
      toBlock: "latest",
      strict: true,
    });

    expect(mined.map(({ firstSequenceId }) => firstSequenceId)).to.deep.equal([
      EVENTS + 1,
      EVENTS + 6,
      EVENTS + 11,
    ]);
    expect(logs).to.have.length(15);
    expect([...new Set(logs.map(({ blockHash }) => blockHash))]).to.deep.equal(heads);
    const { ranges } = await chain.takeStatistics();
    expect(ranges).to.deep.include({
      fromBlock: mined[0]?.number,
      toBlock: mined[2]?.number,
    });
    await live.transport.getRpcClient().then((socket) => socket.close());
  });

  it("computes the filter of a header", () => {
    // Of a header's filter with one value: three bits of 2,048, those that its hash begins with.
    expect(logsBloom([])).to.equal(`0x${"00".repeat(256)}`);
    const bits = [...logsBloom([ADDRESS]).slice(2)].map((digit) =>
      Number.parseInt(digit, 16).toString(2).replaceAll("0", ""),
    );
    expect(bits.join("").length).to.be.within(1, 3);
  });
});
