import { expect } from "chai";
import { MaxUint256 } from "ethers";

import { deployConfiguredNodes, type NodesFixture } from "../../../helpers/deployNodes.ts";
import { loadFixture } from "../../../helpers/network.ts";
import { addNodes, nodeKeyOf, urlOf } from "../../../helpers/nodeFacts.ts";

/** Five nodes, the second and the fourth canonical, with addresses of 1 to 70 bytes. */
async function fiveNodes(): Promise<NodesFixture> {
  const fixture = await deployConfiguredNodes();
  const { adminNodes, nodes, owner } = fixture;
  await addNodes(adminNodes, owner, 5);

  for (const [index, length] of [1, 29, 30, 61, 70].entries()) {
    await nodes.connect(owner).setHttpAddress((index + 1) * 100, urlOf(length));
  }
  await adminNodes.addToNetwork(400);
  await adminNodes.addToNetwork(200);

  return fixture;
}

const expectedNodes = [1, 29, 30, 61, 70].map((length, index) => {
  const { publicKey, signer } = nodeKeyOf(index + 1);
  return [BigInt(index + 1) * 100n, [signer, index === 1 || index === 3, publicKey, urlOf(length)]];
});

describe("Nodes: reading", () => {
  it("reads no nodes when there are none", async () => {
    const { nodes } = await loadFixture(deployConfiguredNodes);

    expect(await nodes.getAllNodes()).to.deep.equal([]);
    expect(await nodes.getCanonicalNodes()).to.deep.equal([]);
    expect(await nodes.getNodes(0, 10)).to.deep.equal([]);
    expect(await nodes.getAllNodesCount()).to.equal(0n);
  });

  it("reads every node by ascending id", async () => {
    const { nodes } = await loadFixture(fiveNodes);

    expect(await nodes.getAllNodes()).to.deep.equal(expectedNodes);
    expect(await nodes.getAllNodesCount()).to.equal(5n);
  });

  it("reads one node, its signer and whether it is canonical", async () => {
    const { nodes } = await loadFixture(fiveNodes);

    for (const [id, node] of expectedNodes as [bigint, [string, boolean, string, string]][]) {
      expect(await nodes.getNode(id)).to.deep.equal(node);
      expect(await nodes.getSigner(id)).to.equal(node[0]);
      expect(await nodes.getIsCanonicalNode(id)).to.equal(node[1]);
    }
  });

  it("reads pages that end with the list, and empty ones beyond it", async () => {
    const { nodes } = await loadFixture(fiveNodes);

    for (const [from, count] of [
      [0n, 0n],
      [0n, 1n],
      [0n, 5n],
      [0n, 6n],
      [2n, 2n],
      [4n, 1n],
      [4n, 2n],
      [5n, 1n],
      [6n, 1n],
      [0n, MaxUint256],
      [4n, MaxUint256],
      [MaxUint256, MaxUint256],
      [MaxUint256, 0n],
    ] as const) {
      const end = from + count > 5n ? 5n : from + count;

      expect(await nodes.getNodes(from, count), `${from}, ${count}`).to.deep.equal(
        expectedNodes.slice(from > 5n ? 5 : Number(from), Number(end)),
      );
    }
  });
});
