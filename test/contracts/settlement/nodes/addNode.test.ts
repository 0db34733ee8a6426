import { expect } from "chai";
import { ZeroAddress } from "ethers";

import { deployConfiguredNodes, deployNodes } from "../../../helpers/deployNodes.ts";
import { eventsOf } from "../../../helpers/eventsOf.ts";
import { ethers, loadFixture } from "../../../helpers/network.ts";
import { keyOfBytes, nodeKeyOf, signerOf } from "../../../helpers/nodeFacts.ts";
import { setNodesState } from "../../../helpers/nodesStorage.ts";

const URL = "https://node.example.org";
const MAX_NODES = 42_949_672n;

describe("Nodes.addNode", () => {
  it("registers a node that is not canonical, mints its token first, and announces both", async () => {
    const { nodes, adminNodes, owner } = await loadFixture(deployConfiguredNodes);
    const { publicKey, signer } = nodeKeyOf(1);

    expect(await adminNodes.addNode.staticCall(owner, publicKey, URL)).to.deep.equal([
      100n,
      signer,
    ]);
    expect(await eventsOf(await adminNodes.addNode(owner, publicKey, URL), nodes)).to.deep.equal([
      ["Transfer", ZeroAddress, owner.address, 100n],
      ["NodeAdded", 100n, owner.address, signer, publicKey, URL],
    ]);
    expect(await nodes.getNode(100)).to.deep.equal([signer, false, publicKey, URL]);
    expect(await nodes.ownerOf(100)).to.equal(owner.address);
    expect(await nodes.getAllNodesCount()).to.equal(1n);
    expect(await nodes.canonicalNodesCount()).to.equal(0n);
  });

  it("numbers nodes by hundreds", async () => {
    const { nodes, adminNodes, owner } = await loadFixture(deployConfiguredNodes);

    expect(await nodes.NODE_INCREMENT()).to.equal(100n);
    for (const expected of [100n, 200n, 300n]) {
      const { publicKey } = nodeKeyOf(Number(expected));
      const [id] = await adminNodes.addNode.staticCall(owner, publicKey, URL);
      await adminNodes.addNode(owner, publicKey, URL);
      expect(id).to.equal(expected);
    }
    expect(await nodes.balanceOf(owner)).to.equal(3n);
  });

  it("takes the same key, address and owner again, for another node", async () => {
    const { nodes, adminNodes, owner } = await loadFixture(deployConfiguredNodes);
    const { publicKey, signer } = nodeKeyOf(1);

    await adminNodes.addNode(owner, publicKey, URL);
    await adminNodes.addNode(owner, publicKey, URL);

    expect(await nodes.getSigner(100)).to.equal(signer);
    expect(await nodes.getSigner(200)).to.equal(signer);
  });

  it("takes a key that lies on no curve", async () => {
    const { nodes, adminNodes, owner } = await loadFixture(deployConfiguredNodes);
    const key = keyOfBytes(65, 0x04);

    await adminNodes.addNode(owner, key, URL);

    expect(await nodes.getSigner(100)).to.equal(signerOf(key));
  });

  it("gives a token to a contract without asking it", async () => {
    const { nodes, adminNodes } = await loadFixture(deployConfiguredNodes);
    const receiver = await ethers.deployContract("RefusingReceiver");

    await adminNodes.addNode(receiver, nodeKeyOf(1).publicKey, URL);

    expect(await nodes.ownerOf(100)).to.equal(await receiver.getAddress());
  });

  it("gives out the last id that fits into 32 bits, and none after it", async () => {
    const { nodes, adminNodes, owner } = await loadFixture(deployConfiguredNodes);
    await setNodesState(nodes, { nodeCount: MAX_NODES - 1n });

    expect(await eventsOf(await adminNodes.addNode(owner, nodeKeyOf(1).publicKey, URL), nodes))
      .to.have.nested.property("[1][1]")
      .that.equals(4_294_967_200n);
    expect(await nodes.getAllNodesCount()).to.equal(MAX_NODES);
    expect(await nodes.getNodes(MAX_NODES - 1n, 5)).to.have.lengthOf(1);

    await expect(
      adminNodes.addNode(owner, nodeKeyOf(2).publicKey, URL),
    ).to.be.revertedWithCustomError(nodes, "MaxNodesReached");
  });

  describe("refuses, in this order,", () => {
    it("everybody but the admin", async () => {
      const { nodes } = await loadFixture(deployConfiguredNodes);

      await expect(nodes.addNode(ZeroAddress, "0x", "")).to.be.revertedWithCustomError(
        nodes,
        "NotAdmin",
      );
    });

    it("everybody as long as no admin is applied", async () => {
      const { nodes, adminNodes, owner } = await loadFixture(deployNodes);

      await expect(
        adminNodes.addNode(owner, nodeKeyOf(1).publicKey, URL),
      ).to.be.revertedWithCustomError(nodes, "NotAdmin");
    });

    it("a zero owner", async () => {
      const { nodes, adminNodes } = await loadFixture(deployConfiguredNodes);

      await expect(adminNodes.addNode(ZeroAddress, "0x", "")).to.be.revertedWithCustomError(
        nodes,
        "InvalidOwner",
      );
    });

    it("an empty address", async () => {
      const { nodes, adminNodes, owner } = await loadFixture(deployConfiguredNodes);
      await setNodesState(nodes, { nodeCount: MAX_NODES });

      await expect(adminNodes.addNode(owner, "0x", "")).to.be.revertedWithCustomError(
        nodes,
        "InvalidHttpAddress",
      );
    });

    it("a node too many", async () => {
      const { nodes, adminNodes, owner } = await loadFixture(deployConfiguredNodes);
      await setNodesState(nodes, { nodeCount: MAX_NODES });

      await expect(adminNodes.addNode(owner, "0x", URL)).to.be.revertedWithCustomError(
        nodes,
        "MaxNodesReached",
      );
    });

    it("a key of a wrong length, or that begins otherwise than an uncompressed one", async () => {
      const { nodes, adminNodes, owner } = await loadFixture(deployConfiguredNodes);

      for (const [length, prefix] of [
        [0, 0],
        [1, 0x04],
        [64, 0x04],
        [66, 0x04],
        [33, 0x02],
        [65, 0x00],
        [65, 0x03],
        [65, 0x05],
        [65, 0x40],
      ] as const) {
        await expect(
          adminNodes.addNode(owner, keyOfBytes(length, prefix), URL),
          `${length} bytes from ${prefix}`,
        ).to.be.revertedWithCustomError(nodes, "InvalidSigningPublicKey");
      }
      expect(await nodes.getAllNodesCount()).to.equal(0n);
    });
  });
});
