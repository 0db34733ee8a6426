import { expect } from "chai";

import { deployConfiguredNodes, type NodesFixture } from "../../../helpers/deployNodes.ts";
import { eventsOf } from "../../../helpers/eventsOf.ts";
import { loadFixture } from "../../../helpers/network.ts";
import { addNodes } from "../../../helpers/nodeFacts.ts";

/** Five nodes, none canonical. */
async function fiveNodes(): Promise<NodesFixture> {
  const fixture = await deployConfiguredNodes();
  await addNodes(fixture.adminNodes, fixture.owner, 5);
  return fixture;
}

/** Five nodes, all canonical, in the order 100 to 500. */
async function fiveCanonicalNodes(): Promise<NodesFixture> {
  const fixture = await fiveNodes();
  for (const id of [100, 200, 300, 400, 500]) await fixture.adminNodes.addToNetwork(id);
  return fixture;
}

/** What exists: below, between, beyond the ids of five nodes, and the highest number there is. */
const UNKNOWN_IDS = [0n, 1n, 99n, 101n, 150n, 199n, 600n, 3_300n, 4_294_967_200n, 4_294_967_295n];

describe("Nodes: the network", () => {
  describe("addToNetwork", () => {
    it("appends a node to the network and announces it", async () => {
      const { nodes, adminNodes } = await loadFixture(fiveNodes);

      expect(await eventsOf(await adminNodes.addToNetwork(300), nodes)).to.deep.equal([
        ["NodeAddedToCanonicalNetwork", 300n],
      ]);
      await adminNodes.addToNetwork(100);

      expect(await nodes.getCanonicalNodes()).to.deep.equal([300n, 100n]);
      expect(await nodes.canonicalNodesCount()).to.equal(2n);
      expect(await nodes.getIsCanonicalNode(300)).to.equal(true);
      expect((await nodes.getNode(300)).isCanonical).to.equal(true);
      expect(await nodes.getIsCanonicalNode(200)).to.equal(false);
      expect((await nodes.getNode(200)).isCanonical).to.equal(false);
    });

    it("does nothing, silently, for a node that is in it, also when it is full", async () => {
      const { nodes, adminNodes, setParameters } = await loadFixture(fiveCanonicalNodes);
      await setParameters({ maxCanonicalNodes: 5n });
      await nodes.updateMaxCanonicalNodes();

      expect(await eventsOf(await adminNodes.addToNetwork(300), nodes)).to.deep.equal([]);
      expect(await nodes.getCanonicalNodes()).to.deep.equal([100n, 200n, 300n, 400n, 500n]);
    });

    it("fills the network to its size, and refuses one more", async () => {
      const { nodes, adminNodes, setParameters } = await loadFixture(fiveNodes);
      await setParameters({ maxCanonicalNodes: 2n });
      await nodes.updateMaxCanonicalNodes();

      await adminNodes.addToNetwork(100);
      await adminNodes.addToNetwork(200);
      await expect(adminNodes.addToNetwork(300)).to.be.revertedWithCustomError(
        nodes,
        "MaxCanonicalNodesReached",
      );

      await adminNodes.removeFromNetwork(100);
      await adminNodes.addToNetwork(300);
      expect(await nodes.getCanonicalNodes()).to.deep.equal([200n, 300n]);
    });

    it("refuses unknown ids, and tells so before that the network is full", async () => {
      const { nodes, adminNodes, setParameters } = await loadFixture(fiveNodes);
      await setParameters({ maxCanonicalNodes: 0n });
      await nodes.updateMaxCanonicalNodes();

      for (const id of UNKNOWN_IDS) {
        await expect(adminNodes.addToNetwork(id), String(id))
          .to.be.revertedWithCustomError(nodes, "ERC721NonexistentToken")
          .withArgs(id);
      }
    });

    it("refuses everybody but the admin, and tells so before that the id is unknown", async () => {
      const { nodes, owner } = await loadFixture(fiveNodes);

      for (const id of [100n, 0n]) {
        await expect(nodes.connect(owner).addToNetwork(id)).to.be.revertedWithCustomError(
          nodes,
          "NotAdmin",
        );
      }
    });
  });

  describe("removeFromNetwork", () => {
    it("lets the last node take the place of the one that goes, and announces it", async () => {
      const { nodes, adminNodes } = await loadFixture(fiveCanonicalNodes);

      expect(await eventsOf(await adminNodes.removeFromNetwork(200), nodes)).to.deep.equal([
        ["NodeRemovedFromCanonicalNetwork", 200n],
      ]);

      expect(await nodes.getCanonicalNodes()).to.deep.equal([100n, 500n, 300n, 400n]);
      expect(await nodes.canonicalNodesCount()).to.equal(4n);
      expect(await nodes.getIsCanonicalNode(200)).to.equal(false);
      expect((await nodes.getNode(200)).isCanonical).to.equal(false);
    });

    it("keeps the order of the production network over a longer history", async () => {
      const { nodes, adminNodes } = await loadFixture(fiveCanonicalNodes);

      // The list as an array with swap-with-last, by hand.
      for (const [action, id, expected] of [
        ["remove", 500, [100n, 200n, 300n, 400n]],
        ["remove", 100, [400n, 200n, 300n]],
        ["add", 500, [400n, 200n, 300n, 500n]],
        ["remove", 400, [500n, 200n, 300n]],
        ["add", 100, [500n, 200n, 300n, 100n]],
        ["remove", 500, [100n, 200n, 300n]],
        ["remove", 300, [100n, 200n]],
        ["remove", 100, [200n]],
        ["remove", 200, []],
        ["add", 300, [300n]],
      ] as const) {
        if (action === "add") await adminNodes.addToNetwork(id);
        else await adminNodes.removeFromNetwork(id);

        expect(await nodes.getCanonicalNodes(), `${action} ${id}`).to.deep.equal(expected);
      }
    });

    it("does nothing, silently, for a node that is not in it", async () => {
      const { nodes, adminNodes } = await loadFixture(fiveNodes);
      await adminNodes.addToNetwork(100);

      expect(await eventsOf(await adminNodes.removeFromNetwork(200), nodes)).to.deep.equal([]);
      expect(await nodes.getCanonicalNodes()).to.deep.equal([100n]);
    });

    it("refuses unknown ids", async () => {
      const { nodes, adminNodes } = await loadFixture(fiveCanonicalNodes);

      for (const id of UNKNOWN_IDS) {
        await expect(adminNodes.removeFromNetwork(id), String(id))
          .to.be.revertedWithCustomError(nodes, "ERC721NonexistentToken")
          .withArgs(id);
      }
    });

    it("refuses everybody but the admin, and tells so before that the id is unknown", async () => {
      const { nodes, owner } = await loadFixture(fiveCanonicalNodes);

      for (const id of [100n, 0n]) {
        await expect(nodes.connect(owner).removeFromNetwork(id)).to.be.revertedWithCustomError(
          nodes,
          "NotAdmin",
        );
      }
    });
  });

  it("refuses to read unknown ids, also while all known ones are canonical", async () => {
    const { nodes } = await loadFixture(fiveCanonicalNodes);

    for (const id of UNKNOWN_IDS) {
      for (const read of [nodes.getNode, nodes.getIsCanonicalNode, nodes.getSigner]) {
        await expect(read(id), `${read.name} ${id}`)
          .to.be.revertedWithCustomError(nodes, "ERC721NonexistentToken")
          .withArgs(id);
      }
    }
  });
});
