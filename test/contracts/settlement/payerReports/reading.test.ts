import { expect } from "chai";
import { MaxUint256, ZeroHash, id } from "ethers";

import type { PayerReports } from "../../../../typechain-types/index.ts";
import {
  deployNetworkOfThree,
  deploySettlement,
  type SettlementFixture,
} from "../../../helpers/deploySettlement.ts";
import { MERKLE_VECTORS } from "../../../helpers/merkleVectors.ts";
import { ethers, loadFixture, networkHelpers } from "../../../helpers/network.ts";
import {
  charged,
  digestOf,
  digestUnder,
  domainSeparatorOf,
  leafOf,
  payerFees,
  payoutWord,
  reportOf,
  rootOf,
  settlement,
  submit,
  REPORT_TYPE,
  type Report,
} from "../../../helpers/payerReportFacts.ts";

const FEES = payerFees(3);
const LEAVES = FEES.map(leafOf);
const SUM = FEES.reduce((total, { fee }) => total + charged(fee), 0n);

/**
 * Reports of originator 100: one settled and one not, with three nodes, and one without fees, with nodes 100, 300 and
 * 400. One of originator 200, partly settled.
 */
async function fourReports(): Promise<SettlementFixture> {
  const fixture = await deployNetworkOfThree();
  const { payerReports, nodes, admin } = fixture;
  await submit(payerReports, reportOf({ root: rootOf(LEAVES) }));
  await payerReports.settle(...settlement(100, 0, LEAVES, 0, 3));
  await submit(payerReports, reportOf({ start: 10n, end: 20n, minute: 29_000_001 }));
  await submit(payerReports, reportOf({ originator: 200, end: 5n, root: rootOf(LEAVES) }));
  await payerReports.settle(...settlement(200, 0, LEAVES, 0, 1));

  await nodes.connect(admin).removeFromNetwork(200);
  await nodes.connect(admin).addToNetwork(400);
  await submit(
    payerReports,
    reportOf({ start: 20n, end: 20n, nodeIds: [100, 300, 400], root: ZeroHash }),
  );

  return fixture;
}

const THREE = [100n, 200n, 300n];
const REPORTS = {
  "100, 0": [0n, 10n, 29_000_000n, SUM, 3n, true, 100n, rootOf(LEAVES), THREE],
  "100, 1": [10n, 20n, 29_000_001n, 0n, 0n, false, 100n, id("a root"), THREE],
  "100, 2": [20n, 20n, 29_000_000n, 0n, 0n, true, 100n, ZeroHash, [100n, 300n, 400n]],
  "200, 0": [
    0n,
    5n,
    29_000_000n,
    charged(FEES[0]?.fee ?? 0n),
    1n,
    false,
    100n,
    rootOf(LEAVES),
    THREE,
  ],
} as const;

describe("PayerReports: reading", () => {
  it("reads each report, one by one and several at a time, in the order asked for", async () => {
    const { payerReports } = await loadFixture(fourReports);

    for (const [originator, index] of [
      [100, 0],
      [100, 1],
      [100, 2],
      [200, 0],
    ] as const) {
      expect(await payerReports.getPayerReport(originator, index)).to.deep.equal(
        REPORTS[`${originator}, ${index}` as keyof typeof REPORTS],
      );
    }

    expect(await payerReports.getPayerReports([200, 100, 100, 200], [0, 2, 0, 0])).to.deep.equal([
      REPORTS["200, 0"],
      REPORTS["100, 2"],
      REPORTS["100, 0"],
      REPORTS["200, 0"],
    ]);
    expect(await payerReports.getPayerReports([], [])).to.deep.equal([]);
  });

  it("counts the reports of an originator", async () => {
    const { payerReports } = await loadFixture(fourReports);

    expect(await payerReports.getPayerReportCount(100)).to.equal(3n);
    expect(await payerReports.getPayerReportCount(200)).to.equal(1n);
    expect(await payerReports.getPayerReportCount(300)).to.equal(0n);
  });

  it("reads what reports pay out, and whether they name a node, in the order asked for", async () => {
    const { payerReports } = await loadFixture(fourReports);
    const read = (nodeId: number) =>
      payerReports.getSettlements(nodeId, [100, 100, 100, 200], [0, 1, 2, 0]);
    const expected = (...names: [boolean, boolean, boolean, boolean]) => [
      payoutWord(true, names[0], 3n, 100n, SUM),
      payoutWord(false, names[1], 3n, 100n, 0n),
      payoutWord(true, names[2], 3n, 100n, 0n),
      payoutWord(false, names[3], 3n, 100n, charged(FEES[0]?.fee ?? 0n)),
    ];

    expect(await read(0)).to.deep.equal(expected(false, false, false, false));
    expect(await read(100)).to.deep.equal(expected(true, true, true, true));
    expect(await read(200)).to.deep.equal(expected(true, true, false, true));
    expect(await read(250)).to.deep.equal(expected(false, false, false, false));
    expect(await read(300)).to.deep.equal(expected(true, true, true, true));
    expect(await read(400)).to.deep.equal(expected(false, false, true, false));
    expect(await read(500)).to.deep.equal(expected(false, false, false, false));
    expect(await payerReports.getSettlements(100, [], [])).to.deep.equal([]);
  });

  for (const count of [1, 6, 7, 8, 15, 16, 20]) {
    it(`keeps the ids of ${count} nodes, and finds each`, async () => {
      const { payerReports, addCanonicalNodes } = await loadFixture(deploySettlement);
      await addCanonicalNodes(count);
      const nodeIds = Array.from({ length: count }, (_, index) => (index + 1) * 100);
      await submit(payerReports, reportOf({ nodeIds }));

      expect((await payerReports.getPayerReport(100, 0)).nodeIds).to.deep.equal(
        nodeIds.map(BigInt),
      );
      for (const nodeId of [...nodeIds, 0, 50, 150, count * 100 + 100]) {
        expect(await payerReports.getSettlements(nodeId, [100], [0]), `${nodeId}`).to.deep.equal([
          payoutWord(false, nodeIds.includes(nodeId), BigInt(count), 100n, 0n),
        ]);
      }
    });
  }

  it("says that an originator has no reports, or not this one, for the first of several", async () => {
    const { payerReports } = await loadFixture(fourReports);

    for (const index of [0n, MaxUint256]) {
      await expect(payerReports.getPayerReport(300, index))
        .to.be.revertedWithCustomError(payerReports, "NoReportsForOriginator")
        .withArgs(300n);
    }
    for (const index of [3n, MaxUint256]) {
      await expect(payerReports.getPayerReport(100, index)).to.be.revertedWithCustomError(
        payerReports,
        "PayerReportIndexOutOfBounds",
      );
    }

    for (const read of [
      (originators: number[], indices: number[]) =>
        payerReports.getPayerReports(originators, indices),
      (originators: number[], indices: number[]) =>
        payerReports.getSettlements(0, originators, indices),
    ]) {
      await expect(read([100, 300, 100], [0, 0, 3]))
        .to.be.revertedWithCustomError(payerReports, "NoReportsForOriginator")
        .withArgs(300n);
      await expect(read([100, 100, 300], [0, 3, 0])).to.be.revertedWithCustomError(
        payerReports,
        "PayerReportIndexOutOfBounds",
      );
      for (const [originators, indices] of [
        [[300], []],
        [[], [0]],
        [
          [300, 300],
          [0, 1, 2],
        ],
      ] as const) {
        await expect(read([...originators], [...indices])).to.be.revertedWithCustomError(
          payerReports,
          "ArrayLengthMismatch",
        );
      }
    }
  });

  it("says where it stands, and what it counts in", async () => {
    const { payerReports, registry, nodes, payers } = await loadFixture(deploySettlement);

    expect(await payerReports.parameterRegistry()).to.equal(await registry.getAddress());
    expect(await payerReports.nodeRegistry()).to.equal(await nodes.getAddress());
    expect(await payerReports.payerRegistry()).to.equal(await payers.getAddress());
    expect(await payerReports.ONE_HUNDRED_PERCENT()).to.equal(10_000n);
    expect(await payerReports.PAYER_REPORT_TYPEHASH()).to.equal(id(REPORT_TYPE));
    expect(await payerReports.PAYER_REPORT_TYPEHASH()).to.equal(
      MERKLE_VECTORS.payerReportDigests.typeHash,
    );
  });

  describe("digests", () => {
    for (const vector of MERKLE_VECTORS.payerReportDigests.cases) {
      it(`are those of the production node software: ${vector.name}`, async () => {
        // The digest names the contract, so it has to be where the vector says.
        const { payerReports, payerReportsImplementation } = await loadFixture(deploySettlement);
        await networkHelpers.setCode(
          vector.verifyingContract,
          await ethers.provider.getCode(payerReportsImplementation),
        );
        const there = await ethers.getContractAt("PayerReports", vector.verifyingContract);
        expect((await ethers.provider.getNetwork()).chainId).to.equal(BigInt(vector.chainId));

        const report = {
          originator: vector.originatorNodeId,
          start: BigInt(vector.startSequenceId),
          end: BigInt(vector.endSequenceId),
          minute: vector.endMinuteSinceEpoch,
          root: vector.payersMerkleRoot,
          nodeIds: vector.nodeIds,
        };
        expect(await readDigest(there, report)).to.equal(vector.digest);
        expect(await readDigest(payerReports, report)).to.not.equal(vector.digest);
        expect(digestUnder(vector.domainSeparator, report)).to.equal(vector.digest);
      });
    }

    it("differ with every field, and with the order of the nodes", async () => {
      const { payerReports } = await loadFixture(deploySettlement);
      const report = reportOf();
      const digests = new Set<string>();

      for (const fields of [
        {},
        { originator: 101 },
        { start: 1n },
        { end: 11n },
        { minute: 1 },
        { root: ZeroHash },
        { nodeIds: [] },
        { nodeIds: [100, 200] },
        { nodeIds: [200, 100, 300] },
        { nodeIds: [100, 200, 300, 0] },
      ]) {
        const changed = { ...report, ...fields };
        const digest = await readDigest(payerReports, changed);

        expect(digest).to.equal(await digestOf(payerReports, changed));
        digests.add(digest);
      }

      expect(digests.size).to.equal(10);
    });

    it("belong to a domain that names this contract on this chain", async () => {
      const { payerReports } = await loadFixture(deploySettlement);
      const { chainId } = await ethers.provider.getNetwork();
      const address = await payerReports.getAddress();

      expect(await payerReports.DOMAIN_SEPARATOR()).to.equal(domainSeparatorOf(chainId, address));
      expect(await payerReports.eip712Domain()).to.deep.equal([
        "0x0f",
        "PayerReportManager",
        "1",
        chainId,
        address,
        ZeroHash,
        [],
      ]);
    });

    it("have no domain on an implementation, nor before a proxy is initialised", async () => {
      const { payerReports, payerReportsImplementation } = await loadFixture(deploySettlement);
      expect(await payerReportsImplementation.DOMAIN_SEPARATOR()).to.equal(ZeroHash);
      expect(await readDigest(payerReportsImplementation, reportOf())).to.equal(
        await digestOf(payerReportsImplementation, reportOf()),
      );

      // The slot in which OpenZeppelin's `Initializable` keeps its version.
      await networkHelpers.setStorageAt(
        await payerReports.getAddress(),
        "0xf0c57e16840df040f15088dc2f81fe391c3923bec73e23a9662efc9c229c6a00",
        0,
      );
      expect(await payerReports.DOMAIN_SEPARATOR()).to.equal(ZeroHash);

      await payerReports.initialize();
      expect(await payerReports.DOMAIN_SEPARATOR()).to.not.equal(ZeroHash);
    });
  });
});

async function readDigest(payerReports: PayerReports, report: Report): Promise<string> {
  const { originator, start, end, minute, root, nodeIds } = report;
  return payerReports.getPayerReportDigest(originator, start, end, minute, root, [...nodeIds]);
}
