import { expect } from "chai";

import { deployConfiguredNodes, type NodesFixture } from "../../../helpers/deployNodes.ts";
import { eventsOf } from "../../../helpers/eventsOf.ts";
import { ethers, loadFixture } from "../../../helpers/network.ts";
import { addNodes, urlOf } from "../../../helpers/nodeFacts.ts";

/** One node, called by its owner unless a test says otherwise. */
async function oneNode(): Promise<NodesFixture & { ownerNodes: NodesFixture["nodes"] }> {
  const fixture = await deployConfiguredNodes();
  await addNodes(fixture.adminNodes, fixture.owner, 1);
  return { ...fixture, ownerNodes: fixture.nodes.connect(fixture.owner) };
}

// `test/solidity/PackedString.t.sol` tries addresses of every length against each other.
describe("Nodes.setHttpAddress", () => {
  it("changes the address and announces it", async () => {
    const { nodes, ownerNodes } = await loadFixture(oneNode);
    const url = "https://elsewhere.example.org:8443/node";

    expect(await eventsOf(await ownerNodes.setHttpAddress(100, url), nodes)).to.deep.equal([
      ["HttpAddressUpdated", 100n, url],
    ]);
    expect((await nodes.getNode(100)).httpAddress).to.equal(url);
  });

  it("takes addresses of any length and any bytes, one after another", async () => {
    const { nodes, ownerNodes } = await loadFixture(oneNode);

    for (const url of [
      ...[1, 28, 29, 30, 60, 61, 62, 500, 93, 94, 29, 2, 200].map((length) => urlOf(length)),
      "no address at all",
      "日本語のアドレス, the length of which in bytes is another than in characters",
    ]) {
      await ownerNodes.setHttpAddress(100, url);
      expect((await nodes.getNode(100)).httpAddress, url).to.equal(url);
    }
  });

  it("tells addresses apart that differ in the last byte only, or in length only", async () => {
    const { nodes, ownerNodes } = await loadFixture(oneNode);

    for (const url of [urlOf(40), `${urlOf(39)}b`, urlOf(39), `${urlOf(39)}\0`]) {
      await ownerNodes.setHttpAddress(100, url);
      expect((await nodes.getNode(100)).httpAddress).to.equal(url);
    }
  });

  it("changes nothing else of the node", async () => {
    const { nodes, ownerNodes } = await loadFixture(oneNode);
    const before = await nodes.getNode(100);

    await ownerNodes.setHttpAddress(100, urlOf(90));

    const after = await nodes.getNode(100);
    expect([after.signer, after.isCanonical, after.signingPublicKey]).to.deep.equal([
      before.signer,
      before.isCanonical,
      before.signingPublicKey,
    ]);
  });

  it("refuses an unknown node, before anything else", async () => {
    const { nodes } = await loadFixture(oneNode);

    for (const id of [0n, 101n, 200n]) {
      await expect(nodes.setHttpAddress(id, ""))
        .to.be.revertedWithCustomError(nodes, "ERC721NonexistentToken")
        .withArgs(id);
    }
  });

  it("refuses everybody but the owner: admin, approved accounts and operators too", async () => {
    const { nodes, ownerNodes, adminNodes, stranger } = await loadFixture(oneNode);
    await ownerNodes.approve(stranger, 100);
    await expect(nodes.setHttpAddress(100, urlOf(9))).to.be.revertedWithCustomError(
      nodes,
      "NotNodeOwner",
    );

    await ownerNodes.setApprovalForAll(stranger, true);
    await expect(nodes.setHttpAddress(100, urlOf(9))).to.be.revertedWithCustomError(
      nodes,
      "NotNodeOwner",
    );

    // The address is empty too.
    await expect(adminNodes.setHttpAddress(100, "")).to.be.revertedWithCustomError(
      nodes,
      "NotNodeOwner",
    );
  });

  it("refuses an empty address", async () => {
    const { nodes, ownerNodes } = await loadFixture(oneNode);

    await expect(ownerNodes.setHttpAddress(100, "")).to.be.revertedWithCustomError(
      nodes,
      "InvalidHttpAddress",
    );
  });

  it("refuses the address that the node has", async () => {
    const { nodes, ownerNodes } = await loadFixture(oneNode);

    for (const length of [28, 29, 30, 61, 62, 100]) {
      await ownerNodes.setHttpAddress(100, urlOf(length));
      await expect(
        ownerNodes.setHttpAddress(100, urlOf(length)),
        String(length),
      ).to.be.revertedWithCustomError(nodes, "NoChange");
    }
  });

  it("follows the token: the buyer may change the address, the seller not any more", async () => {
    const { nodes, ownerNodes, owner, stranger } = await loadFixture(oneNode);
    await ownerNodes.transferFrom(owner, stranger, 100);

    await nodes.connect(stranger).setHttpAddress(100, urlOf(20));
    await expect(ownerNodes.setHttpAddress(100, urlOf(21))).to.be.revertedWithCustomError(
      nodes,
      "NotNodeOwner",
    );
    expect(ethers.toUtf8Bytes((await nodes.getNode(100)).httpAddress)).to.have.lengthOf(20);
  });
});
