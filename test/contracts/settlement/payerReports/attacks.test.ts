import { expect } from "chai";

import { deployNetworkOfThree } from "../../../helpers/deploySettlement.ts";
import { encodeCall } from "../../../helpers/encode.ts";
import { ethers, loadFixture } from "../../../helpers/network.ts";
import {
  charged,
  leafOf,
  payerFees,
  reportOf,
  rootOf,
  settlement,
  submission,
  sign,
  submit,
} from "../../../helpers/payerReportFacts.ts";

const FEES = payerFees(7);
const LEAVES = FEES.map(leafOf);

/** Payer reports with an escrow that calls back, and a report of seven payers. */
async function reenteringEscrow() {
  const { registry, nodes } = await deployNetworkOfThree();
  const escrow = await ethers.deployContract("ReenteringEscrow");
  const payerReports = await ethers.deployContract("PayerReports", [registry, nodes, escrow]);
  await submit(payerReports, reportOf({ root: rootOf(LEAVES) }));

  const callBack = async (method: string, args: unknown[]) => {
    await escrow.getFunction("callBack")(payerReports, encodeCall(payerReports, method, args));
  };
  return { payerReports, escrow, callBack };
}

function sumOf(start: number, end: number): bigint {
  return FEES.slice(start, end).reduce((total, { fee }) => total + charged(fee), 0n);
}

describe("PayerReports: attacks", () => {
  it("reentrancy: leaves that are being settled cannot be settled again from within", async () => {
    const { payerReports, escrow, callBack } = await loadFixture(reenteringEscrow);
    const whole = settlement(100, 0, LEAVES, 0, 7);
    await callBack("settle", whole);

    await expect(payerReports.settle(...whole))
      .to.emit(escrow, "CalledBack")
      .withArgs(false);

    const report = await payerReports.getPayerReport(100, 0);
    expect(report.feesSettled).to.equal(sumOf(0, 7));
    expect(report.offset).to.equal(7n);
  });

  it("reentrancy: what is settled from within counts, and so does what is settled around it", async () => {
    const { payerReports, escrow, callBack } = await loadFixture(reenteringEscrow);
    await callBack("settle", settlement(100, 0, LEAVES, 3, 7));

    await expect(payerReports.settle(...settlement(100, 0, LEAVES, 0, 3)))
      .to.emit(escrow, "CalledBack")
      .withArgs(true);

    const report = await payerReports.getPayerReport(100, 0);
    expect(report.feesSettled).to.equal(sumOf(0, 7));
    expect(report.offset).to.equal(7n);
    expect(report.isSettled).to.equal(true);
  });

  it("reentrancy: a report that is submitted from within does not touch the one being settled", async () => {
    const { payerReports, escrow, callBack } = await loadFixture(reenteringEscrow);
    const next = reportOf({ start: 10n, end: 20n });
    await callBack("submit", submission(next, await sign(payerReports, next)));

    await expect(payerReports.settle(...settlement(100, 0, LEAVES, 0, 3)))
      .to.emit(escrow, "CalledBack")
      .withArgs(true);

    expect((await payerReports.getPayerReport(100, 0)).feesSettled).to.equal(sumOf(0, 3));
    expect(await payerReports.getPayerReportCount(100)).to.equal(2n);
  });

  it("front-running: whoever submits or settles first changes nothing about what is submitted or settled", async () => {
    const { payerReports, payers, admin } = await loadFixture(deployNetworkOfThree);
    const report = reportOf({ root: rootOf(LEAVES) });
    const signatures = await sign(payerReports, report);

    // Somebody else sends the same with the fewest signatures.
    await payerReports.connect(admin).submit(...submission(report, signatures.slice(0, 2)));
    await expect(
      payerReports.submit(...submission(report, signatures)),
    ).to.be.revertedWithCustomError(payerReports, "PayerReportAlreadySubmitted");

    // Somebody else settles the first leaf of a batch: the batch is refused as a whole, and nobody pays twice.
    await payerReports.connect(admin).settle(...settlement(100, 0, LEAVES, 0, 1));
    await expect(
      payerReports.settle(...settlement(100, 0, LEAVES, 0, 7)),
    ).to.be.revertedWithCustomError(payerReports, "InvalidProof");
    await payerReports.settle(...settlement(100, 0, LEAVES, 1, 7));

    expect(await payers.getBalances(FEES.map(({ payer }) => payer))).to.deep.equal(
      FEES.map(({ fee }) => -charged(fee)),
    );
  });
});
