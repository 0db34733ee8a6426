import { expect } from "chai";
import { MaxUint256, ZeroAddress } from "ethers";

import {
  deployConfiguredNodes,
  deployNodes,
  type NodesFixture,
  type NodesParameters,
} from "../../../helpers/deployNodes.ts";
import { eventsOf } from "../../../helpers/eventsOf.ts";
import { loadFixture } from "../../../helpers/network.ts";
import { addNodes } from "../../../helpers/nodeFacts.ts";
import { setNodesState } from "../../../helpers/nodesStorage.ts";

/** Two canonical nodes. */
async function twoCanonicalNodes(): Promise<NodesFixture> {
  const fixture = await deployConfiguredNodes();
  for (const id of await addNodes(fixture.adminNodes, fixture.owner, 2)) {
    await fixture.adminNodes.addToNetwork(id);
  }
  return fixture;
}

describe("Nodes: settings", () => {
  it("starts without an admin, without room in the network and without a base URI", async () => {
    const { nodes } = await loadFixture(deployNodes);

    expect(await nodes.admin()).to.equal(ZeroAddress);
    expect(await nodes.maxCanonicalNodes()).to.equal(0n);
  });

  it("reads the keys of the production network", async () => {
    const { nodes } = await loadFixture(deployNodes);

    expect(await nodes.adminParameterKey()).to.equal("xmtp.nodeRegistry.admin");
    expect(await nodes.maxCanonicalNodesParameterKey()).to.equal(
      "xmtp.nodeRegistry.maxCanonicalNodes",
    );
    expect(await nodes.migratorParameterKey()).to.equal("xmtp.nodeRegistry.migrator");
  });

  describe("updateAdmin", () => {
    it("applies the admin and announces it, on anybody's call", async () => {
      const { nodes, setParameters, stranger, adminNodes } =
        await loadFixture(deployConfiguredNodes);
      await setParameters({ admin: stranger.address });

      expect(await eventsOf(await nodes.updateAdmin(), nodes)).to.deep.equal([
        ["AdminUpdated", stranger.address],
      ]);
      expect(await nodes.admin()).to.equal(stranger.address);
      await expect(adminNodes.setBaseURI("x/")).to.be.revertedWithCustomError(nodes, "NotAdmin");
    });

    it("refuses what is no address, and tells so before that it is a zero one", async () => {
      const { nodes, setParameters } = await loadFixture(deployConfiguredNodes);

      for (const admin of [2n ** 160n, MaxUint256]) {
        await setParameters({ admin });
        await expect(nodes.updateAdmin()).to.be.revertedWithCustomError(
          nodes,
          "ParameterOutOfTypeBounds",
        );
      }
    });

    it("refuses a zero address, and tells so before that it is unchanged", async () => {
      const fresh = await loadFixture(deployNodes);
      await expect(fresh.nodes.updateAdmin()).to.be.revertedWithCustomError(
        fresh.nodes,
        "ZeroAdmin",
      );

      const { nodes, setParameters } = await loadFixture(deployConfiguredNodes);
      await setParameters({ admin: 0n });
      await expect(nodes.updateAdmin()).to.be.revertedWithCustomError(nodes, "ZeroAdmin");
    });

    it("refuses a value that is applied already", async () => {
      const { nodes } = await loadFixture(deployConfiguredNodes);

      await expect(nodes.updateAdmin()).to.be.revertedWithCustomError(nodes, "NoChange");
    });
  });

  describe("updateMaxCanonicalNodes", () => {
    it("applies the size of the network and announces it, on anybody's call", async () => {
      const { nodes, setParameters } = await loadFixture(deployConfiguredNodes);

      for (const maxCanonicalNodes of [255n, 0n, 1n]) {
        await setParameters({ maxCanonicalNodes });
        expect(await eventsOf(await nodes.updateMaxCanonicalNodes(), nodes)).to.deep.equal([
          ["MaxCanonicalNodesUpdated", maxCanonicalNodes],
        ]);
        expect(await nodes.maxCanonicalNodes()).to.equal(maxCanonicalNodes);
      }
    });

    it("refuses what does not fit into a byte, also when its low byte is the applied value", async () => {
      const { nodes, setParameters } = await loadFixture(deployConfiguredNodes);

      for (const maxCanonicalNodes of [256n, 256n + 20n, MaxUint256]) {
        await setParameters({ maxCanonicalNodes });
        await expect(nodes.updateMaxCanonicalNodes()).to.be.revertedWithCustomError(
          nodes,
          "ParameterOutOfTypeBounds",
        );
      }
    });

    it("refuses a value that is applied already", async () => {
      const { nodes } = await loadFixture(deployConfiguredNodes);

      await expect(nodes.updateMaxCanonicalNodes()).to.be.revertedWithCustomError(
        nodes,
        "NoChange",
      );
    });

    it("tells an unchanged value before one below the number of canonical nodes", async () => {
      // Only a migrator could bring such a value into the storage.
      const { nodes, setParameters } = await loadFixture(twoCanonicalNodes);
      await setNodesState(nodes, { maxCanonicalNodes: 1n });
      await setParameters({ maxCanonicalNodes: 1n });

      await expect(nodes.updateMaxCanonicalNodes()).to.be.revertedWithCustomError(
        nodes,
        "NoChange",
      );
    });

    it("accepts the number of canonical nodes, and refuses one less", async () => {
      const { nodes, setParameters } = await loadFixture(twoCanonicalNodes);

      await setParameters({ maxCanonicalNodes: 1n });
      await expect(nodes.updateMaxCanonicalNodes()).to.be.revertedWithCustomError(
        nodes,
        "MaxCanonicalNodesBelowCurrentCount",
      );

      await setParameters({ maxCanonicalNodes: 2n });
      await nodes.updateMaxCanonicalNodes();
      expect(await nodes.maxCanonicalNodes()).to.equal(2n);
    });
  });

  describe("updateAll", () => {
    it("does nothing when no parameter is set, or when all are applied", async () => {
      for (const fixture of [deployNodes, deployConfiguredNodes]) {
        const { nodes } = await loadFixture(fixture);
        expect(await eventsOf(await nodes.updateAll(), nodes), fixture.name).to.deep.equal([]);
      }
    });

    it("applies every combination of changes, and emits exactly those", async () => {
      const { stranger } = await loadFixture(deployConfiguredNodes);
      const changes = [
        { parameter: "admin", value: stranger.address, event: ["AdminUpdated", stranger.address] },
        { parameter: "maxCanonicalNodes", value: 7n, event: ["MaxCanonicalNodesUpdated", 7n] },
      ] as const;

      for (let combination = 0; combination < 2 ** changes.length; combination++) {
        const chosen = changes.filter((_, index) => (combination >> index) & 1);
        const values = Object.fromEntries(chosen.map(({ parameter, value }) => [parameter, value]));
        const label = chosen.map(({ parameter }) => parameter).join() || "none";
        const { nodes, admin, setParameters } = await loadFixture(deployConfiguredNodes);
        // The migrator is there because the registry refuses to set nothing.
        await setParameters({ migrator: 0n, ...values });

        expect(await eventsOf(await nodes.updateAll(), nodes), label).to.deep.equal(
          chosen.map(({ event }) => event),
        );
        expect(await nodes.admin(), label).to.equal(values["admin"] ?? admin.address);
        expect(await nodes.maxCanonicalNodes(), label).to.equal(values["maxCanonicalNodes"] ?? 20n);
      }
    });

    it("applies the size alone while no admin was ever set", async () => {
      const { nodes, setParameters } = await loadFixture(deployNodes);
      await setParameters({ maxCanonicalNodes: 3n });

      expect(await eventsOf(await nodes.updateAll(), nodes)).to.deep.equal([
        ["MaxCanonicalNodesUpdated", 3n],
      ]);
    });

    // Each case breaks also what comes after it, so the order of the errors is tested along the way.
    const cases: readonly [string, NodesParameters, string][] = [
      ["the admin is no address", { admin: 2n ** 160n }, "ParameterOutOfTypeBounds"],
      ["the admin is taken back", { admin: 0n, maxCanonicalNodes: 256n }, "ZeroAdmin"],
      [
        "the size does not fit into a byte",
        { maxCanonicalNodes: 256n },
        "ParameterOutOfTypeBounds",
      ],
      [
        "the size is below the number of canonical nodes",
        { maxCanonicalNodes: 1n },
        "MaxCanonicalNodesBelowCurrentCount",
      ],
    ];

    for (const [condition, parameters, error] of cases) {
      it(`refuses the whole, and applies nothing of it, when ${condition}`, async () => {
        const { nodes, admin, stranger, setParameters } = await loadFixture(twoCanonicalNodes);
        await setParameters({ admin: stranger.address, ...parameters });

        await expect(nodes.updateAll()).to.be.revertedWithCustomError(nodes, error);

        expect(await nodes.admin()).to.equal(admin.address);
        expect(await nodes.maxCanonicalNodes()).to.equal(20n);
      });
    }
  });
});
