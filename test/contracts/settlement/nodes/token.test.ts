import { expect } from "chai";
import { ZeroAddress } from "ethers";

import { deployConfiguredNodes, type NodesFixture } from "../../../helpers/deployNodes.ts";
import { encodeError } from "../../../helpers/encode.ts";
import { eventsOf } from "../../../helpers/eventsOf.ts";
import { ethers, loadFixture } from "../../../helpers/network.ts";
import { addNodes } from "../../../helpers/nodeFacts.ts";
import { revertData } from "../../../helpers/revertData.ts";

const ON_ERC721_RECEIVED = "0x150b7a02";

/** Two nodes of the owner, the first canonical. */
async function twoNodes(): Promise<NodesFixture & { ownerNodes: NodesFixture["nodes"] }> {
  const fixture = await deployConfiguredNodes();
  await addNodes(fixture.adminNodes, fixture.owner, 2);
  await fixture.adminNodes.addToNetwork(100);
  return { ...fixture, ownerNodes: fixture.nodes.connect(fixture.owner) };
}

describe("Nodes: the token", () => {
  it("has the name and the symbol of the production network", async () => {
    const { nodes } = await loadFixture(deployConfiguredNodes);

    expect(await nodes.name()).to.equal("XMTP Nodes");
    expect(await nodes.symbol()).to.equal("nXMTP");
  });

  it("says which interfaces it supports", async () => {
    const { nodes } = await loadFixture(deployConfiguredNodes);

    for (const [interfaceId, expected] of [
      ["0x01ffc9a7", true],
      ["0x80ac58cd", true],
      ["0x5b5e139f", true],
      ["0x780e9d63", false],
      ["0xffffffff", false],
    ] as const) {
      expect(await nodes.supportsInterface(interfaceId), interfaceId).to.equal(expected);
    }
  });

  it("counts the tokens of an owner, and refuses to count those of nobody", async () => {
    const { nodes, owner, stranger } = await loadFixture(twoNodes);

    expect(await nodes.balanceOf(owner)).to.equal(2n);
    expect(await nodes.balanceOf(stranger)).to.equal(0n);
    await expect(nodes.balanceOf(ZeroAddress))
      .to.be.revertedWithCustomError(nodes, "ERC721InvalidOwner")
      .withArgs(ZeroAddress);
  });

  it("knows no owner and no approval of a token that does not exist", async () => {
    const { nodes } = await loadFixture(twoNodes);

    for (const id of [0n, 101n, 300n, 2n ** 32n + 100n]) {
      for (const read of [nodes.ownerOf, nodes.getApproved, nodes.tokenURI]) {
        await expect(read(id), `${read.name} ${id}`)
          .to.be.revertedWithCustomError(nodes, "ERC721NonexistentToken")
          .withArgs(id);
      }
    }
  });

  describe("setBaseURI", () => {
    it("sets what stands before the id, and announces it, also twice the same", async () => {
      const { nodes, adminNodes } = await loadFixture(twoNodes);
      expect(await nodes.tokenURI(100)).to.equal("");

      for (const uri of [
        "https://nodes.example.org/meta/",
        "https://nodes.example.org/meta/",
        "/",
      ]) {
        expect(await eventsOf(await adminNodes.setBaseURI(uri), nodes)).to.deep.equal([
          ["BaseURIUpdated", uri],
        ]);
        expect(await nodes.tokenURI(200)).to.equal(`${uri}200`);
      }
    });

    it("refuses everybody but the admin, and tells so before an empty value", async () => {
      const { nodes } = await loadFixture(twoNodes);

      for (const uri of ["x/", ""]) {
        await expect(nodes.setBaseURI(uri)).to.be.revertedWithCustomError(nodes, "NotAdmin");
      }
    });

    it("refuses what is empty, or does not end in a slash", async () => {
      const { nodes, adminNodes } = await loadFixture(twoNodes);

      for (const uri of ["", "x", "/x", "https://nodes.example.org"]) {
        await expect(adminNodes.setBaseURI(uri), uri).to.be.revertedWithCustomError(
          nodes,
          "InvalidURI",
        );
      }
    });
  });

  describe("transferFrom", () => {
    it("moves the token and nothing of the node, and clears the approval without an event", async () => {
      const { nodes, ownerNodes, owner, stranger } = await loadFixture(twoNodes);
      const before = await nodes.getNode(100);
      await ownerNodes.approve(stranger, 100);

      expect(
        await eventsOf(await ownerNodes.transferFrom(owner, stranger, 100), nodes),
      ).to.deep.equal([["Transfer", owner.address, stranger.address, 100n]]);

      expect(await nodes.ownerOf(100)).to.equal(stranger.address);
      expect(await nodes.getApproved(100)).to.equal(ZeroAddress);
      expect(await nodes.getNode(100)).to.deep.equal(before);
      expect(await nodes.getCanonicalNodes()).to.deep.equal([100n]);
    });

    it("lets approved accounts and operators move the token", async () => {
      const { nodes, ownerNodes, owner, stranger, admin } = await loadFixture(twoNodes);

      await ownerNodes.approve(stranger, 100);
      await nodes.transferFrom(owner, admin, 100);
      expect(await nodes.ownerOf(100)).to.equal(admin.address);

      await ownerNodes.setApprovalForAll(stranger, true);
      await nodes.transferFrom(owner, admin, 200);
      expect(await nodes.ownerOf(200)).to.equal(admin.address);
    });

    it("refuses, in this order, nobody as receiver, a missing token, a wrong caller, a wrong sender", async () => {
      const { nodes, ownerNodes, owner, stranger, admin } = await loadFixture(twoNodes);

      await expect(nodes.transferFrom(admin, ZeroAddress, 300))
        .to.be.revertedWithCustomError(nodes, "ERC721InvalidReceiver")
        .withArgs(ZeroAddress);
      await expect(nodes.transferFrom(admin, stranger, 300))
        .to.be.revertedWithCustomError(nodes, "ERC721NonexistentToken")
        .withArgs(300n);
      await expect(nodes.transferFrom(admin, stranger, 100))
        .to.be.revertedWithCustomError(nodes, "ERC721InsufficientApproval")
        .withArgs(stranger.address, 100n);
      await expect(ownerNodes.transferFrom(admin, stranger, 100))
        .to.be.revertedWithCustomError(nodes, "ERC721IncorrectOwner")
        .withArgs(admin.address, 100n, owner.address);
    });

    it("does not let the admin move what it does not own", async () => {
      const { nodes, adminNodes, owner, admin } = await loadFixture(twoNodes);

      await expect(adminNodes.transferFrom(owner, admin, 100)).to.be.revertedWithCustomError(
        nodes,
        "ERC721InsufficientApproval",
      );
    });
  });

  describe("safeTransferFrom", () => {
    const safeTransfer = "safeTransferFrom(address,address,uint256)";
    const safeTransferWithData = "safeTransferFrom(address,address,uint256,bytes)";

    it("asks a contract that receives, and tells it the data", async () => {
      const { nodes, ownerNodes, owner } = await loadFixture(twoNodes);
      const receiver = await ethers.deployContract("AnsweringReceiver", [ON_ERC721_RECEIVED]);

      for (const [id, transaction, data] of [
        [100n, await ownerNodes[safeTransfer](owner, receiver, 100), "0x"],
        [200n, await ownerNodes[safeTransferWithData](owner, receiver, 200, "0x1234"), "0x1234"],
      ] as const) {
        const logs = (await transaction.wait())?.logs ?? [];
        const asked = logs[1] && receiver.interface.parseLog(logs[1]);

        expect(asked?.args.toArray()).to.deep.equal([owner.address, owner.address, id, data]);
        expect(await nodes.ownerOf(id)).to.equal(await receiver.getAddress());
      }
    });

    it("needs nobody's consent when an account receives", async () => {
      const { nodes, ownerNodes, owner, stranger } = await loadFixture(twoNodes);

      await ownerNodes[safeTransfer](owner, stranger, 100);

      expect(await nodes.ownerOf(100)).to.equal(stranger.address);
    });

    it("refuses a receiver that gives a wrong answer, or none", async () => {
      const { nodes, ownerNodes, owner } = await loadFixture(twoNodes);
      const wrong = await ethers.deployContract("AnsweringReceiver", ["0x12345678"]);
      const silent = await ethers.deployContract("AnsweringImplementation");

      for (const receiver of [wrong, silent]) {
        await expect(ownerNodes[safeTransfer](owner, receiver, 100))
          .to.be.revertedWithCustomError(nodes, "ERC721InvalidReceiver")
          .withArgs(await receiver.getAddress());
      }
    });

    it("passes on what a receiver reverts with", async () => {
      const { nodes, owner } = await loadFixture(twoNodes);
      const receiver = await ethers.deployContract("RefusingReceiver");

      expect(
        await revertData({
          from: owner,
          to: nodes,
          data: nodes.interface.encodeFunctionData(safeTransfer, [
            owner.address,
            await receiver.getAddress(),
            100n,
          ]),
        }),
      ).to.equal(encodeError(receiver, "Refused", [42]));
    });
  });

  describe("approve", () => {
    it("approves and takes back, and announces both", async () => {
      const { nodes, ownerNodes, owner, stranger } = await loadFixture(twoNodes);

      for (const approved of [stranger.address, ZeroAddress]) {
        expect(await eventsOf(await ownerNodes.approve(approved, 100), nodes)).to.deep.equal([
          ["Approval", owner.address, approved, 100n],
        ]);
        expect(await nodes.getApproved(100)).to.equal(approved);
      }
    });

    it("refuses a missing token, then a caller that is neither owner nor operator", async () => {
      const { nodes, ownerNodes, stranger } = await loadFixture(twoNodes);

      await expect(nodes.approve(stranger, 300))
        .to.be.revertedWithCustomError(nodes, "ERC721NonexistentToken")
        .withArgs(300n);

      // Approved for the token is not enough to approve others.
      await ownerNodes.approve(stranger, 100);
      await expect(nodes.approve(stranger, 100))
        .to.be.revertedWithCustomError(nodes, "ERC721InvalidApprover")
        .withArgs(stranger.address);

      await ownerNodes.setApprovalForAll(stranger, true);
      await nodes.approve(stranger, 200);
      expect(await nodes.getApproved(200)).to.equal(stranger.address);
    });
  });

  describe("setApprovalForAll", () => {
    it("makes an operator and unmakes it, and announces both", async () => {
      const { nodes, ownerNodes, owner, stranger } = await loadFixture(twoNodes);

      for (const approved of [true, false]) {
        expect(
          await eventsOf(await ownerNodes.setApprovalForAll(stranger, approved), nodes),
        ).to.deep.equal([["ApprovalForAll", owner.address, stranger.address, approved]]);
        expect(await nodes.isApprovedForAll(owner, stranger)).to.equal(approved);
      }
    });

    it("refuses nobody as an operator", async () => {
      const { nodes, ownerNodes } = await loadFixture(twoNodes);

      await expect(ownerNodes.setApprovalForAll(ZeroAddress, true))
        .to.be.revertedWithCustomError(nodes, "ERC721InvalidOperator")
        .withArgs(ZeroAddress);
    });
  });
});
