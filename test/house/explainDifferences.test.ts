import { expect } from "chai";

import { explainDifferences } from "../../hardhat/snapshots/explainDifferences.ts";

describe("explainDifferences", function () {
  it("says nothing about equal values", function () {
    expect(explainDifferences({ a: [1, { b: "x" }] }, { a: [1, { b: "x" }] })).to.deep.equal([]);
  });

  it("names what was added, removed and changed, and by how much", function () {
    const recorded = { Nodes: { runtimeBytes: 1000 }, Migrator: { runtimeBytes: 458 } };
    const current = { Nodes: { runtimeBytes: 1010 }, ProxyFactory: { runtimeBytes: 1925 } };

    expect(explainDifferences(recorded, current)).to.deep.equal([
      "changed  Nodes / runtimeBytes: 1000 -> 1010 (+1.00 %)",
      "removed  Migrator / runtimeBytes: 458",
      "added    ProxyFactory / runtimeBytes: 1925",
    ]);
  });
});
