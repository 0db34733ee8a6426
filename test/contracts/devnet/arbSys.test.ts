import { expect } from "chai";
import { keccak256, solidityPacked, toBeHex, ZeroHash } from "ethers";

import { accounts } from "../../helpers/accounts.ts";
import { ethers, loadFixture, networkHelpers } from "../../helpers/network.ts";
import { sendTree } from "../../helpers/sendTree.ts";
import { systemContracts } from "../../helpers/systemContracts.ts";

const SIZES = 20;
const DESTINATION = "0x00000000000000000000000000000000000000D5";

/** Twenty messages, and the state of the tree after each. */
async function manySends() {
  // Loaded: other tests left messages at this address.
  const { arbSys, nodeInterface } = await loadFixture(systemContracts);
  const sends: string[] = [];
  const states = [await arbSys.sendMerkleTreeState()];
  for (let index = 0; index < SIZES; ++index) {
    const data = toBeHex(index, 1 + index);
    await arbSys.sendTxToL1(DESTINATION, data, { value: BigInt(index) });
    const [event] = await arbSys.queryFilter(arbSys.filters.L2ToL1Tx, "latest");
    sends.push(toBeHex(event!.args.hash, 32));
    states.push(await arbSys.sendMerkleTreeState());
  }
  return { arbSys, nodeInterface, sends, states };
}

describe("ArbSys", () => {
  it("announces a message with the hash of all that it is, and keeps its value", async () => {
    const { arbSys } = await loadFixture(systemContracts);
    const { deployer: caller } = await accounts(["deployer"]);

    const send = arbSys.sendTxToL1(DESTINATION, "0x1234", { value: 5n });
    const { blockNumber } = await (await send).wait().then((receipt) => receipt!);
    const timestamp = (await ethers.provider.getBlock(blockNumber))!.timestamp;
    const hash = keccak256(
      solidityPacked(
        ["address", "address", "uint256", "uint256", "uint256", "uint256", "bytes"],
        [caller.address, DESTINATION, blockNumber, 0, timestamp, 5, "0x1234"],
      ),
    );

    await expect(send)
      .to.emit(arbSys, "L2ToL1Tx")
      .withArgs(caller, DESTINATION, hash, 0, blockNumber, 0, timestamp, 5, "0x1234");
    await expect(send).to.changeEtherBalances(ethers, [caller, arbSys], [-5n, 5n]);
  });

  it("numbers messages from 0, and says so to the caller", async () => {
    const { arbSys } = await loadFixture(systemContracts);

    expect(await arbSys.sendTxToL1.staticCall(DESTINATION, "0x")).to.equal(0);
    await arbSys.withdrawEth(DESTINATION, { value: 1n });
    const second = arbSys.withdrawEth(DESTINATION, { value: 1n });

    await expect(second).to.emit(arbSys, "L2ToL1Tx");
    const [event] = await arbSys.queryFilter(arbSys.filters.L2ToL1Tx, "latest");
    expect(event?.args.position).to.equal(1);
    expect(event?.args.data).to.equal("0x");
  });

  it("has the root of the tree of its definition, for every size", async () => {
    const { sends, states } = await loadFixture(manySends);

    for (const [size, state] of states.entries()) {
      expect(state.size_, `size ${size}`).to.equal(size);
      expect(state.root_, `root of ${size}`).to.equal(sendTree(sends.slice(0, size)).root);
    }
  });

  it("gives the tops of the complete subtrees, and zero where a level has none", async () => {
    const { sends, states } = await loadFixture(manySends);

    for (const [size, { partials_ }] of states.entries()) {
      const expected: string[] = [];
      for (let level = 0, left = size; size >> level > 0; ++level) {
        const width = 1 << level;
        const isThere = (size & width) !== 0;
        if (isThere) left -= width;
        expected.push(isThere ? sendTree(sends.slice(left, left + width)).root : ZeroHash);
      }
      expect([...partials_], `size ${size}`).to.deep.equal(expected);
    }
  });

  it("announces every node that a message completes, by level and last leaf", async () => {
    const { arbSys, sends } = await loadFixture(manySends);
    const updates = await arbSys.queryFilter(arbSys.filters.SendMerkleUpdate);

    const expected = sends.flatMap((_, leaf) => {
      const nodes: [bigint, string][] = [];
      for (let level = 1; (leaf + 1) % (1 << level) === 0; ++level) {
        const under = sends.slice(leaf + 1 - (1 << level), leaf + 1);
        nodes.push([(BigInt(level) << 192n) + BigInt(leaf), sendTree(under).root]);
      }
      return nodes;
    });
    expect(updates.map(({ args }) => [args.position, args.hash])).to.deep.equal(expected);
    expect(updates.every(({ args }) => args.reserved === 0n)).to.be.true;
  });

  it("answers for its chain as ArbOS does", async () => {
    const { arbSys } = await loadFixture(systemContracts);
    const number = await networkHelpers.time.latestBlock();
    const alias = "0x1111000000000000000000000000000000001110";

    expect(await arbSys.arbBlockNumber()).to.be.greaterThanOrEqual(number);
    expect(await arbSys.arbChainID()).to.equal((await ethers.provider.getNetwork()).chainId);
    expect(await arbSys.arbOSVersion()).to.equal(95);
    expect(await arbSys.getStorageGasAvailable()).to.equal(0);
    expect(
      await arbSys.mapL1SenderContractAddressToL2Alias(`0x${"ff".repeat(20)}`, DESTINATION),
    ).to.equal(alias);
  });

  it("knows the hashes of the last 256 blocks, and of no other", async () => {
    const { arbSys } = await loadFixture(systemContracts);
    await networkHelpers.mine(300);
    const latest = await networkHelpers.time.latestBlock();
    const at = { blockTag: latest };

    const known = await ethers.provider.getBlock(latest - 256);
    expect(await arbSys.arbBlockHash(latest - 256, at)).to.equal(known?.hash);
    for (const number of [latest - 257, latest]) {
      await expect(arbSys.arbBlockHash(number, at))
        .to.be.revertedWithCustomError(arbSys, "InvalidBlockNumber")
        .withArgs(number, latest);
    }
  });
});

describe("NodeInterface", () => {
  it("proves every message under every root that it was under, with the shortest proof", async () => {
    const { nodeInterface, sends } = await loadFixture(manySends);

    for (let size = 1; size <= SIZES; ++size) {
      const tree = sendTree(sends.slice(0, size));
      for (let leaf = 0; leaf < size; ++leaf) {
        const { send_, root_, proof_ } = await nodeInterface.constructOutboxProof(size, leaf);
        const label = `leaf ${leaf} of ${size}`;
        expect(send_, label).to.equal(sends[leaf]);
        expect(root_, label).to.equal(tree.root);
        expect([...proof_], label).to.deep.equal(tree.proof(leaf));
        expect(proof_.length, label).to.equal(Math.ceil(Math.log2(size)));
      }
    }
  });

  it("refuses a tree that is not there yet, and a message that is not in it", async () => {
    const { arbSys, nodeInterface } = await loadFixture(manySends);

    await expect(nodeInterface.constructOutboxProof(SIZES + 1, 0))
      .to.be.revertedWithCustomError(arbSys, "SizeOutOfRange")
      .withArgs(SIZES + 1, SIZES);
    await expect(nodeInterface.constructOutboxProof(5, 5))
      .to.be.revertedWithCustomError(arbSys, "LeafOutOfRange")
      .withArgs(5, 5);
  });

  it("starts with block 0", async () => {
    const { nodeInterface } = await loadFixture(systemContracts);
    expect(await nodeInterface.nitroGenesisBlock()).to.equal(0);
  });
});
