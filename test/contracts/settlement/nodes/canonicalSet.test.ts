import { expect } from "chai";
import { ZeroAddress } from "ethers";

import { deployConfiguredNodes, type NodesFixture } from "../../../helpers/deployNodes.ts";
import { loadFixture } from "../../../helpers/network.ts";
import { addNodes, nodeKeyOf } from "../../../helpers/nodeFacts.ts";

/** Forty nodes; 100, 3100 to 3300 and 4000 are canonical, so there are some in either of two words. */
async function fortyNodes(): Promise<NodesFixture> {
  const fixture = await deployConfiguredNodes();
  await addNodes(fixture.adminNodes, fixture.owner, 40);
  for (const id of [4000, 3200, 100, 3300, 3100]) await fixture.adminNodes.addToNetwork(id);

  return fixture;
}

describe("Nodes: the canonical set", () => {
  for (const [what, ids, expected] of [
    ["all canonical nodes by ascending id", [100, 3100, 3200, 3300, 4000], true],
    ["in another order", [100, 3200, 3100, 3300, 4000], false],
    ["without one of them", [100, 3100, 3200, 3300], false],
    ["none at all", [], false],
    ["and one more", [100, 3100, 3200, 3300, 3400, 4000], false],
    ["with another in the place of one", [100, 3100, 3200, 3300, 3900], false],
    ["with one twice in the place of another", [100, 3100, 3100, 3300, 4000], false],
    ["with an id between two nodes", [100, 3100, 3200, 3250, 4000], false],
    ["with an id that nobody has", [100, 3100, 3200, 3300, 4100], false],
    ["with the id 0", [0, 3100, 3200, 3300, 4000], false],
    ["with the greatest ids", [100, 3100, 3200, 4_294_967_200, 4_294_967_295], false],
  ] as const) {
    it(`${expected ? "is" : "is not"} ${what}`, async () => {
      const { nodes } = await loadFixture(fortyNodes);
      expect(await nodes.isCanonicalSet([...ids])).to.equal(expected);
    });
  }

  it("is empty at first, and follows every change", async () => {
    const { nodes } = await loadFixture(deployConfiguredNodes);
    expect(await nodes.isCanonicalSet([])).to.equal(true);
    expect(await nodes.isCanonicalSet([0])).to.equal(false);

    const { nodes: filled, adminNodes } = await loadFixture(fortyNodes);
    await adminNodes.removeFromNetwork(3200);
    expect(await filled.isCanonicalSet([100, 3100, 3300, 4000])).to.equal(true);
    expect(await filled.isCanonicalSet([100, 3100, 3200, 3300, 4000])).to.equal(false);
    await adminNodes.addToNetwork(3400);
    expect(await filled.isCanonicalSet([100, 3100, 3300, 3400, 4000])).to.equal(true);
  });

  it("has signers; other nodes have none", async () => {
    const { nodes } = await loadFixture(fortyNodes);
    const ids = [4000, 100, 200, 3100, 100, 3000, 3300];

    expect(await nodes.getCanonicalSigners(ids)).to.deep.equal(
      ids.map((id) =>
        [100, 3100, 3300, 4000].includes(id) ? nodeKeyOf(id / 100).signer : ZeroAddress,
      ),
    );
    expect(await nodes.getCanonicalSigners([])).to.deep.equal([]);
  });

  for (const [ids, unknown] of [
    [[0], 0n],
    [[50], 50n],
    [[150], 150n],
    [[3150], 3150n],
    [[4100], 4100n],
    [[4_294_967_295], 4_294_967_295n],
    [[100, 200, 4100, 150], 4100n],
  ] as const) {
    it(`does not know who signs for ${ids.join()}`, async () => {
      const { nodes } = await loadFixture(fortyNodes);

      await expect(nodes.getCanonicalSigners([...ids]))
        .to.be.revertedWithCustomError(nodes, "ERC721NonexistentToken")
        .withArgs(unknown);
    });
  }
});
