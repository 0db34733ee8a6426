import { expect } from "chai";
import { createHardhatRuntimeEnvironment } from "hardhat/hre";
import {
  encodeFunctionData,
  keccak256,
  numberToHex,
  parseAbi,
  parseEther,
  zeroHash,
  type Hex,
} from "viem";

import { arbRetryableTxAbi } from "../../../src/bridge/orbitAbi.ts";
import { devnetAccounts } from "../../../src/devnet/accounts.ts";
import { appchainSettings } from "../../../src/devnet/chainSettings.ts";
import type { JournalEntry } from "../../../src/devnet/journal.ts";
import { ORBIT_BASE_FEE, placeSystem } from "../../../src/devnet/orbit.ts";
import { createAssertions } from "../../../src/devnet/relayer/assertions.ts";
import { blocksOf, decodeBatch, type BatchedBlock } from "../../../src/devnet/relayer/batches.ts";
import { readSystemCode, SYSTEM_CONTRACTS } from "../../../src/devnet/relayer/systemContracts.ts";
import { rollupAbi, sequencerInboxAbi } from "../../../src/devnet/rollup/rollupAbi.ts";
import { replay } from "../../../src/devnet/replay.ts";
import { startBridge } from "../../helpers/startBridge.ts";
import { ARTIFACTS } from "../../helpers/systemContracts.ts";

const TARGET = "0x00000000000000000000000000000000000000D5";
const arbSysAbi = parseAbi(["function withdrawEth(address destination) payable returns (uint256)"]);

describe("the batches of the devnet", () => {
  let bridge: Awaited<ReturnType<typeof startBridge>>;
  before(async () => {
    bridge = await startBridge();
  });
  after(() => bridge.chains.stop());

  it("are enough to make the appchain again, as the last assertion says it is", async () => {
    const { accounts, clients, chains, rollup } = bridge;
    const relayer = bridge.relay();
    const { run } = createAssertions({
      settlement: chains.settlement.provider,
      appchain: chains.appchain.provider,
      rollup,
    });
    const user = accounts[0]!.address;
    const withdraw = async () => {
      await bridge.send("appchain", 0, {
        to: SYSTEM_CONTRACTS.ArbSys,
        data: encodeFunctionData({ abi: arbSysAbi, functionName: "withdrawEth", args: [user] }),
        value: parseEther("1"),
      });
      await run();
    };

    // Deposits, a ticket that nobody tries until it is redeemed, and what users sign themselves.
    await bridge.createTicket(0, { to: user, value: parseEther("10"), deposit: parseEther("11") });
    const value = parseEther("3");
    const ticket = await bridge.createTicket(1, {
      to: TARGET,
      gasLimit: 0n,
      value,
      deposit: value,
    });
    await bridge.settled();
    await withdraw();
    await bridge.send("appchain", 0, {
      to: SYSTEM_CONTRACTS.ArbRetryableTx,
      data: encodeFunctionData({ abi: arbRetryableTxAbi, functionName: "redeem", args: [ticket] }),
      gas: 1_000_000n,
    });
    await bridge.settled();
    await bridge.send("appchain", 0, { data: "0x60016000526001601ff3" });
    await withdraw();
    await relayer.stop();
    expect(await bridge.balanceOf(TARGET)).to.equal(value);

    const posted = await clients.settlement.client.getContractEvents({
      address: rollup.sequencerInbox,
      abi: sequencerInboxAbi,
      eventName: "SequencerBatchData",
      fromBlock: 0n,
      strict: true,
    });
    const assertions = await clients.settlement.client.getContractEvents({
      address: rollup.rollup,
      abi: rollupAbi,
      eventName: "AssertionCreated",
      fromBlock: 0n,
      strict: true,
    });
    const [blockHash] = assertions.at(-1)!.args.assertion.afterState.globalState.bytes32Vals;
    const batches = posted.flatMap(({ args }) => decodeBatch(args.data) ?? []);
    expect(batches).to.have.length(2);
    const blocks = batches.flatMap((batch) => blocksOf([batch]));

    const { timestamp } = await clients.appchain.client.getBlock({ blockNumber: 0n });
    const again = await rebuild(blocks, Number(timestamp), blockHash);
    expect(again).to.equal(blockHash);
    const original = await clients.appchain.client.getBlock({ blockHash });
    expect(original.number).to.equal(BigInt(blocks.length));
  });
});

/** Makes the blocks on a chain that has only what every appchain of the devnet starts with. Returns the hash of the last. */
async function rebuild(
  blocks: readonly BatchedBlock[],
  genesisTime: number,
  expected: Hex,
): Promise<Hex> {
  const orbit = { code: await readSystemCode(ARTIFACTS) };
  const settings = appchainSettings({ hardfork: "cancun", accounts: devnetAccounts(20), orbit });
  const { network } = await createHardhatRuntimeEnvironment({
    networks: { appchain: { ...settings, initialDate: new Date(genesisTime * 1000) } },
  });
  const { provider, close } = await network.create("appchain");
  const askNode = async (method: string, params: readonly unknown[] = []): Promise<unknown> =>
    provider.request({ method, params: [...params] });
  await placeSystem(askNode, orbit);
  await replay({
    askNode,
    baseFee: ORBIT_BASE_FEE,
    journal: {
      genesisTime,
      entries: () => entriesOf(blocks, expected),
      append: () => {},
      close: () => {},
    },
  });
  const latest = (await askNode("eth_getBlockByNumber", ["latest", false])) as { hash: Hex };
  await close();
  return latest.hash;
}

function* entriesOf(blocks: readonly BatchedBlock[], expected: Hex): Generator<JournalEntry> {
  for (const [index, { timestamp, baseFee, transactions }] of blocks.entries()) {
    for (const transaction of transactions)
      if (typeof transaction === "string") yield { sent: keccak256(transaction), raw: transaction };
    yield {
      block: index === blocks.length - 1 ? expected : zeroHash,
      timestamp: Number(timestamp),
      ...(baseFee === 0n && { free: true }),
      transactions: transactions.map((transaction) => {
        if (typeof transaction === "string") return keccak256(transaction);
        const { from, to, value, data, gas, gasPrice } = transaction;
        return {
          from,
          ...(to !== undefined && { to }),
          value: numberToHex(value),
          data,
          gas: numberToHex(gas),
          gasPrice: numberToHex(gasPrice),
        };
      }),
    };
  }
}
