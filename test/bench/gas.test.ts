import { readFile } from "node:fs/promises";

import { expect } from "chai";

import { gasSnapshot, HARDFORKS, measureGasTable } from "../../bench/measureGasTable.ts";
import { geometricMean, type GasTable } from "../../bench/gasTable.ts";

/** Ours / production, under the rules that production's figures were taken by. */
const TARGETS: Readonly<Record<string, number>> = {
  "groupMessageBroadcaster.addMessage.1": 0.99,
  "groupMessageBroadcaster.addMessage.200": 0.99,
  "identityUpdateBroadcaster.addIdentityUpdate.1": 0.99,
  "identityUpdateBroadcaster.addIdentityUpdate.200": 0.99,
  "groupMessageBroadcaster.addMessages.100x200": 0.27,
  "groupMessageBroadcaster.addMessages.100x1000": 0.75,
  "identityUpdateBroadcaster.addIdentityUpdates.100x200": 0.27,
  "identityUpdateBroadcaster.addIdentityUpdates.100x1000": 0.75,
  "nodeRegistry.addNode": 0.8,
  "nodeRegistry.addToNetwork": 0.6,
  "nodeRegistry.removeFromNetwork": 0.85,
  "nodeRegistry.getAllNodes.100": 0.7,
  "parameterRegistry.set.string.1": 0.8,
  "payerRegistry.deposit.later": 0.95,
  "payerRegistry.depositWithPermit": 0.9,
  "payerRegistry.depositFromUnderlying": 0.85,
  "payerRegistry.requestWithdrawal": 0.95,
  "payerRegistry.cancelWithdrawal": 0.95,
  "payerRegistry.finalizeWithdrawal": 0.95,
  "payerRegistry.settleUsage.100": 0.86,
  "payerReportManager.submit.11of20": 0.6,
  "payerReportManager.submit.20of20": 0.6,
  "payerReportManager.settle.100of1000": 0.75,
  "payerReportManager.settle.500of1000": 0.75,
  "distributionManager.claim.1": 0.8,
  "distributionManager.claim.10": 0.5,
  "rateRegistry.updateRates": 0.85,
  "depositSplitter.depositFromUnderlying.payerOnly": 0.8,
};

/** The same over all calls of production that we have, as a geometric mean. */
const MEAN_TARGET = 0.75;

describe("gas", () => {
  for (const hardfork of HARDFORKS) {
    it(`is what snapshots/gas.${hardfork}.json says (npm run snapshot writes it)`, async () => {
      const snapshot = JSON.parse(await readFile(gasSnapshot(hardfork), "utf8")) as GasTable;

      expect(await measureGasTable(hardfork)).to.deep.equal(snapshot);
    });
  }

  it("meets every target, and no call costs more than production's", async () => {
    const snapshot = JSON.parse(await readFile(gasSnapshot("osaka"), "utf8")) as GasTable;

    const misses = Object.entries(TARGETS)
      .filter(([key, target]) => (snapshot[key]?.ratio ?? Infinity) > target)
      .map(([key, target]) => `${key}: ${snapshot[key]?.ratio}, target ${target}`);
    const dearer = Object.entries(snapshot)
      .filter(([key, { ratio = 0 }]) => !key.endsWith(".implementation") && ratio > 1)
      .map(([key, { ratio }]) => `${key}: ${ratio}`);

    expect([...misses, ...dearer]).to.deep.equal([]);
    expect(geometricMean(snapshot), "geometric mean").to.be.at.most(MEAN_TARGET);
  });
});
