import { expect } from "chai";

import { deployConfiguredNodes, type NodesFixture } from "../../../helpers/deployNodes.ts";
import { loadFixture } from "../../../helpers/network.ts";
import { keyOfBytes } from "../../../helpers/nodeFacts.ts";

const MAX_CANONICAL_NODES = 255;

/** 256 nodes, of which all but the last are canonical: the most that there can be. */
async function fullNetwork(): Promise<NodesFixture> {
  const fixture = await deployConfiguredNodes();
  const { nodes, adminNodes, owner, setParameters } = fixture;
  await setParameters({ maxCanonicalNodes: BigInt(MAX_CANONICAL_NODES) });
  await nodes.updateMaxCanonicalNodes();

  for (let number = 1; number <= MAX_CANONICAL_NODES + 1; number++) {
    await adminNodes.addNode(owner, keyOfBytes(65, 0x04), `https://${number}`);
    if (number <= MAX_CANONICAL_NODES) await adminNodes.addToNetwork(number * 100);
  }

  return fixture;
}

const firstIds = Array.from(
  { length: MAX_CANONICAL_NODES },
  (_, index) => BigInt(index + 1) * 100n,
);

describe("Nodes: the largest network", () => {
  it("holds 255 nodes, and refuses the 256th", async () => {
    const { nodes, adminNodes } = await loadFixture(fullNetwork);

    expect(await nodes.canonicalNodesCount()).to.equal(255n);
    expect(await nodes.getCanonicalNodes()).to.deep.equal(firstIds);
    await expect(adminNodes.addToNetwork(25_600)).to.be.revertedWithCustomError(
      nodes,
      "MaxCanonicalNodesReached",
    );
  });

  it("keeps every position when nodes on the borders of the packed words go and come", async () => {
    const { nodes, adminNodes } = await loadFixture(fullNetwork);
    // Positions are packed by 32 node numbers, ids by eight; the first, the last and the neighbours of both borders.
    const numbers = [1, 7, 8, 9, 31, 32, 33, 63, 64, 65, 224, 254, 255];
    const expected = [...firstIds];

    for (const number of numbers) {
      const id = BigInt(number) * 100n;
      const last = expected.pop();
      const index = expected.indexOf(id);
      if (last !== undefined && index >= 0) expected[index] = last;

      await adminNodes.removeFromNetwork(id);
      expect(await nodes.getCanonicalNodes(), `without ${id}`).to.deep.equal(expected);
    }

    for (const number of numbers) {
      expected.push(BigInt(number) * 100n);
      await adminNodes.addToNetwork(number * 100);
    }
    expect(await nodes.getCanonicalNodes()).to.deep.equal(expected);

    for (const { nodeId, node } of await nodes.getAllNodes()) {
      expect(node.isCanonical, String(nodeId)).to.equal(nodeId !== 25_600n);
    }
  });

  it("reads all nodes at once, and any page of them", async () => {
    const { nodes } = await loadFixture(fullNetwork);
    const all = await nodes.getAllNodes();

    expect(all.map(({ nodeId }) => nodeId)).to.deep.equal([...firstIds, 25_600n]);
    expect(await nodes.getNodes(31, 3)).to.deep.equal(all.slice(31, 34));
    expect(await nodes.getNodes(250, 100)).to.deep.equal(all.slice(250));
  });
});
