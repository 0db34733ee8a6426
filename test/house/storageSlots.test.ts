import path from "node:path";

import { expect } from "chai";

import { findArtifacts, readBuiltContract } from "../../hardhat/buildOutput.ts";
import { PUBLIC_CONTRACTS } from "../../hardhat/publicContracts.ts";
import { findNamespaces, slotOfNamespace } from "../../hardhat/snapshots/storageNamespaces.ts";

const root = path.resolve(import.meta.dirname, "..", "..");

describe("namespaced storage", function () {
  it("computes the slot of the example in ERC-7201", function () {
    expect(slotOfNamespace("example.main")).to.equal(
      "0x183a6125c38840424c4a85fa12bab2ab606c4b6d0e7cc73c0c06ba5300eab500",
    );
  });

  it("is where the constants of the contracts say", async function () {
    const files = await findArtifacts(root, PUBLIC_CONTRACTS);
    const contracts = await Promise.all(files.map((file) => readBuiltContract(root, file)));
    const namespaces = findNamespaces(contracts.flatMap(({ asts }) => [...asts.values()]));

    expect(namespaces.map(({ id }) => id)).to.include.members([
      "xmtp.storage.NodeRegistry",
      "xmtp.storage.ParameterRegistry",
      "xmtp.storage.PayerRegistry",
      "xmtp.storage.PayloadBroadcaster",
    ]);
    for (const { id, struct, constants } of namespaces) {
      expect(constants, struct).to.include(slotOfNamespace(id));
    }
  });
});
