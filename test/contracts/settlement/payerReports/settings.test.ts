import { expect } from "chai";
import { ZeroAddress } from "ethers";

import { deploySettlement } from "../../../helpers/deploySettlement.ts";
import { eventsOf } from "../../../helpers/eventsOf.ts";
import { ethers, loadFixture } from "../../../helpers/network.ts";

const RATE = "payerReportManager.protocolFeeRate";

describe("PayerReports: settings", () => {
  it("applies the protocol's part, up to all of the fees, and back to nothing", async () => {
    const { payerReports, setParameters } = await loadFixture(deploySettlement);
    expect(await payerReports.protocolFeeRate()).to.equal(100n);

    for (const rate of [10_000n, 1n, 0n]) {
      await setParameters({ [RATE]: rate });

      expect(
        await eventsOf(await payerReports.updateProtocolFeeRate(), payerReports),
      ).to.deep.equal([["ProtocolFeeRateUpdated", rate]]);
      expect(await payerReports.protocolFeeRate()).to.equal(rate);
    }
  });

  it("refuses the part that it has", async () => {
    const { payerReports } = await loadFixture(deploySettlement);

    await expect(payerReports.updateProtocolFeeRate()).to.be.revertedWithCustomError(
      payerReports,
      "NoChange",
    );
  });

  for (const [rate, error] of [
    [10_001n, "InvalidProtocolFeeRate"],
    [65_535n, "InvalidProtocolFeeRate"],
    [65_536n, "ParameterOutOfTypeBounds"],
    [2n ** 256n - 1n, "ParameterOutOfTypeBounds"],
  ] as const) {
    it(`refuses a part of ${rate}`, async () => {
      const { payerReports, setParameters } = await loadFixture(deploySettlement);
      await setParameters({ [RATE]: rate });

      for (const update of ["updateProtocolFeeRate", "updateAll"] as const) {
        await expect(payerReports[update](), update).to.be.revertedWithCustomError(
          payerReports,
          error,
        );
      }
      expect(await payerReports.protocolFeeRate()).to.equal(100n);
    });
  }

  it("applies the part with updateAll if it differs, and does nothing otherwise", async () => {
    const { payerReports, setParameters } = await loadFixture(deploySettlement);
    expect(await eventsOf(await payerReports.updateAll(), payerReports)).to.deep.equal([]);

    await setParameters({ [RATE]: 250n });
    expect(await eventsOf(await payerReports.updateAll(), payerReports)).to.deep.equal([
      ["ProtocolFeeRateUpdated", 250n],
    ]);
    expect(await payerReports.protocolFeeRate()).to.equal(250n);
  });

  it("names its parameters", async () => {
    const { payerReports } = await loadFixture(deploySettlement);

    expect(await payerReports.protocolFeeRateParameterKey()).to.equal(`xmtp.${RATE}`);
    expect(await payerReports.migratorParameterKey()).to.equal("xmtp.payerReportManager.migrator");
  });

  it("is not constructed without registry, nodes or escrow, and says the first that is missing", async () => {
    const { payerReports, registry, nodes } = await loadFixture(deploySettlement);

    for (const [args, error] of [
      [[ZeroAddress, ZeroAddress, ZeroAddress], "ZeroParameterRegistry"],
      [[await registry.getAddress(), ZeroAddress, ZeroAddress], "ZeroNodeRegistry"],
      [[await registry.getAddress(), await nodes.getAddress(), ZeroAddress], "ZeroPayerRegistry"],
    ] as const) {
      await expect(
        ethers.deployContract("PayerReports", [...args]),
        error,
      ).to.be.revertedWithCustomError(payerReports, error);
    }
  });
});
