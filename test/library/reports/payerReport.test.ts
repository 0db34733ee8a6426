import { expect } from "chai";
import { keccak256, numberToHex, stringToHex, type Address, type Hex } from "viem";

import { buildPayerReport } from "../../../src/reports/buildPayerReport.ts";
import { checkPayerReport } from "../../../src/reports/checkPayerReport.ts";
import { createUsageLedger } from "../../../src/reports/createUsageLedger.ts";
import {
  PAYER_REPORT_TYPEHASH,
  payerReportDigest,
  payerReportDomainSeparator,
} from "../../../src/reports/payerReportDigest.ts";
import { settlementBatches } from "../../../src/reports/settlementBatches.ts";
import { verifyProof } from "../../../src/reports/verifyProof.ts";
import { settledMicrodollars } from "../../../src/rewards/splitSettledFees.ts";
import { codeOf } from "../../helpers/codeOf.ts";
import { createRandom } from "../../helpers/createRandom.ts";
import { MERKLE_VECTORS } from "../../helpers/merkleVectors.ts";

const DOMAIN = { chainId: 31_337, verifyingContract: "0x5FbDB2315678afecb367f032d93F642f64180aa3" };
const ZERO_ROOT: Hex = `0x${"00".repeat(32)}`;
const { trees, batches, settlementSets, payerReportDigests } = MERKLE_VECTORS;

const FIELDS = {
  originatorNodeId: 100,
  startSequenceId: 0n,
  endSequenceId: 12_345n,
  endMinuteSinceEpoch: 29_400_000,
  payerFees: [{ payer: `0x${"a1".repeat(20)}` as Address, feePicodollars: 1n }],
  nodeIds: [100, 200, 300],
  domain: DOMAIN,
};

function feesOf(leafCount: number) {
  const tree = trees.find((each) => each.leafCount === leafCount);
  if (tree === undefined) throw new Error(`no vector of ${leafCount} leaves`);
  return tree.leaves.map(({ payer, feePicodollars }) => ({
    payer,
    feePicodollars: BigInt(feePicodollars),
  }));
}

describe("payerReportDigest", () => {
  it("has the type of production", () => {
    expect(PAYER_REPORT_TYPEHASH).to.equal(payerReportDigests.typeHash);
  });

  for (const { name, digest, domainSeparator, ...each } of payerReportDigests.cases) {
    it(`is that of the vector: ${name}`, () => {
      const report = {
        ...each,
        startSequenceId: BigInt(each.startSequenceId),
        endSequenceId: BigInt(each.endSequenceId),
      };
      expect(payerReportDomainSeparator(each)).to.equal(domainSeparator);
      expect(payerReportDigest(report, each)).to.equal(digest);
    });
  }

  it("refuses fields that do not fit their types", () => {
    const { report } = buildPayerReport(FIELDS);
    for (const wrong of [
      { originatorNodeId: 2 ** 32 },
      { endSequenceId: 2n ** 64n },
      { endMinuteSinceEpoch: -1 },
      { payersMerkleRoot: "0x12" as Hex },
      { nodeIds: [2 ** 32] },
    ]) {
      const act = () => payerReportDigest({ ...report, ...wrong }, DOMAIN);
      expect(codeOf(act), Object.keys(wrong).join()).to.equal("INVALID_REPORT");
    }
    expect(codeOf(() => payerReportDigest(report, { ...DOMAIN, chainId: 0 }))).to.equal(
      "INVALID_OPTION",
    );
  });
});

describe("buildPayerReport", () => {
  it("builds the report of the vector, whatever the order of payers and nodes", () => {
    const vector = payerReportDigests.cases.find(({ name }) => name === "thirteen payers");
    const payerFees = feesOf(13);
    for (const order of [payerFees, payerFees.toReversed()]) {
      const built = buildPayerReport({ ...FIELDS, payerFees: order, nodeIds: [300, 100, "200"] });
      expect(built.id).to.equal(vector?.digest);
      expect(built.report).to.deep.equal({
        originatorNodeId: 100,
        startSequenceId: 0n,
        endSequenceId: 12_345n,
        endMinuteSinceEpoch: 29_400_000,
        payersMerkleRoot: vector?.payersMerkleRoot,
        nodeIds: [100, 200, 300],
      });
      expect(built.payerFees).to.deep.equal(
        payerFees.map(({ payer, feePicodollars }) => ({
          payer: payer.toLowerCase(),
          feePicodollars,
        })),
      );
    }
  });

  for (const { leafCount, leaves, root } of trees) {
    it(`makes the leaves and the root of the vector of ${leafCount} payers`, () => {
      const { tree, report } = buildPayerReport({ ...FIELDS, payerFees: feesOf(leafCount) });
      expect(report.payersMerkleRoot).to.equal(root);
      expect(leaves.map((_, index) => tree.leaf(index))).to.deep.equal(
        leaves.map(({ leaf }) => leaf),
      );
    });
  }

  for (const { name, leaves, root } of settlementSets) {
    it(`has the root of ${name}, and settles what it says`, () => {
      const payerFees = leaves.map(({ payer, feePicodollars }) => ({
        payer,
        feePicodollars: BigInt(feePicodollars),
      }));
      expect(buildPayerReport({ ...FIELDS, payerFees }).report.payersMerkleRoot).to.equal(root);
      for (const { feePicodollars, feeMicrodollarsSettled } of leaves) {
        expect(String(settledMicrodollars(BigInt(feePicodollars)))).to.equal(
          feeMicrodollarsSettled,
        );
      }
    });
  }

  it("sorts payers by their bytes, the zero address first", () => {
    const payers = [
      "0x" + "ff".repeat(20),
      "0x" + "0A".repeat(20),
      "0x" + "00".repeat(20),
      "0x" + "09".repeat(20),
    ];
    const { payerFees } = buildPayerReport({
      ...FIELDS,
      payerFees: payers.map((payer) => ({ payer, feePicodollars: 0n })),
    });
    expect(payerFees.map(({ payer }) => payer.slice(0, 4))).to.deep.equal([
      "0x00",
      "0x09",
      "0x0a",
      "0xff",
    ]);
  });

  it("refuses what no contract takes", () => {
    const [fee] = FIELDS.payerFees;
    const refused: readonly (readonly [string, Partial<Parameters<typeof buildPayerReport>[0]>])[] =
      [
        ["INVALID_REPORT", { originatorNodeId: 0 }],
        ["INVALID_REPORT", { originatorNodeId: 2 ** 32 }],
        ["INVALID_REPORT", { startSequenceId: 12_346n }],
        ["INVALID_REPORT", { startSequenceId: -1n }],
        ["INVALID_REPORT", { endSequenceId: 2n ** 64n }],
        ["INVALID_REPORT", { endMinuteSinceEpoch: 2 ** 32 }],
        ["INVALID_REPORT", { endMinuteSinceEpoch: 0.5 }],
        ["INVALID_REPORT", { nodeIds: [] }],
        ["INVALID_REPORT", { nodeIds: [100, 200, 100] }],
        ["INVALID_NODE_ID", { nodeIds: [101] }],
        [
          "INVALID_REPORT",
          { payerFees: fee === undefined ? [] : [fee, { ...fee, payer: `0x${"A1".repeat(20)}` }] },
        ],
        ["INVALID_ADDRESS", { payerFees: [{ payer: "0x", feePicodollars: 1n }] }],
        ["INVALID_FEE", { payerFees: [{ payer: fee?.payer ?? "", feePicodollars: 2n ** 63n }] }],
        ["INVALID_FEE", { payerFees: [{ payer: fee?.payer ?? "", feePicodollars: -1n }] }],
        ["INVALID_ADDRESS", { domain: { ...DOMAIN, verifyingContract: "0x12" } }],
      ];
    refused.forEach(([code, wrong], index) => {
      const act = () => buildPayerReport({ ...FIELDS, ...wrong });
      expect(codeOf(act), `${index}: ${Object.keys(wrong).join()}`).to.equal(code);
    });
  });

  it("takes the empty range, and sources below 100", () => {
    const built = buildPayerReport({
      ...FIELDS,
      originatorNodeId: 10,
      startSequenceId: 12_345n,
      payerFees: [],
    });
    expect(built.report.payersMerkleRoot).to.equal(ZERO_ROOT);
    expect([...settlementBatches({ tree: built.tree })]).to.deep.equal([]);
  });
});

describe("settlementBatches", () => {
  for (const { leafCount, batchSize, steps, root } of batches) {
    it(`settles ${leafCount} leaves by ${batchSize} as the vector does, also from the middle on`, () => {
      const payerFees = feesOf(leafCount);
      const { tree } = buildPayerReport({ ...FIELDS, payerFees });
      expect(tree.root).to.equal(root);

      const all = [...settlementBatches({ tree, batchSize })];
      expect(
        all.map(({ offset, leaves, proofElements }) => ({
          offset,
          count: leaves.length,
          proofElements,
        })),
      ).to.deep.equal(
        steps.map(({ offsetBefore, count, proofElements }) => ({
          offset: offsetBefore,
          count,
          proofElements,
        })),
      );
      for (const { offsetBefore, offsetAfter, feesSettledMicrodollars } of steps) {
        const settled = payerFees
          .slice(offsetBefore, offsetAfter)
          .reduce((sum, { feePicodollars }) => sum + settledMicrodollars(feePicodollars), 0n);
        expect(String(settled)).to.equal(feesSettledMicrodollars);
        expect([...settlementBatches({ tree, batchSize, offset: offsetAfter })]).to.deep.equal(
          all.filter(({ offset }) => offset >= offsetAfter),
        );
      }
    });
  }

  it("gives batches of a hundred that verify one after the other and cover every leaf once", () => {
    const random = createRandom(5);
    const payerFees = Array.from({ length: 1_234 }, (_, index) => ({
      payer: `0x${keccak256(numberToHex(index)).slice(2, 42)}`,
      feePicodollars: BigInt(Math.floor(random() * 1e10)),
    }));
    const { tree, report } = buildPayerReport({ ...FIELDS, payerFees });

    let settled = 0;
    for (const { offset, leaves, proofElements } of settlementBatches({ tree })) {
      expect(offset).to.equal(settled);
      expect(leaves.length).to.equal(Math.min(100, 1_234 - settled));
      expect(
        verifyProof({ root: report.payersMerkleRoot, start: offset, leaves, proofElements }),
        `from ${offset}`,
      ).to.equal(true);
      settled += leaves.length;
    }
    expect(settled).to.equal(1_234);
  });

  it("refuses an offset beyond the leaves, and batches of nothing", () => {
    const { tree } = buildPayerReport(FIELDS);
    for (const wrong of [{ offset: 2 }, { offset: -1 }, { batchSize: 0 }]) {
      expect(codeOf(() => [...settlementBatches({ tree, ...wrong })])).to.equal("INVALID_OPTION");
    }
    expect([...settlementBatches({ tree, offset: 1 })]).to.deep.equal([]);
  });
});

describe("checkPayerReport", () => {
  const ledger = createUsageLedger();
  for (const [sequenceId, minute, payer] of [
    [1n, 5, "a1"],
    [2n, 5, "b0"],
    [3n, 7, "a1"],
    [4n, 9, "a1"],
    [5n, 9, "c2"],
    [6n, 12, "c2"],
  ] as const) {
    ledger.add({
      originatorNodeId: 100,
      sequenceId,
      minute,
      payer: `0x${payer.repeat(20)}`,
      feePicodollars: sequenceId * 1_000n,
    });
  }
  const previous = { endSequenceId: 2n, endMinuteSinceEpoch: 5 };
  const build = (
    startMinute: number,
    range: { startSequenceId: bigint; endSequenceId: bigint; endMinuteSinceEpoch: number },
  ) =>
    buildPayerReport({
      ...FIELDS,
      ...range,
      payerFees: ledger.payerFees({
        originatorNodeId: 100,
        afterMinute: startMinute,
        throughMinute: range.endMinuteSinceEpoch,
      }),
    }).report;
  const first = build(0, { startSequenceId: 0n, endSequenceId: 2n, endMinuteSinceEpoch: 5 });
  const second = build(5, { startSequenceId: 2n, endSequenceId: 5n, endMinuteSinceEpoch: 9 });
  const faults = (
    report: typeof first,
    previousReports = [previous],
    canonicalNodeIds?: readonly number[],
  ) =>
    checkPayerReport({
      report,
      previousReports,
      ledger,
      ...(canonicalNodeIds && { canonicalNodeIds }),
    }).map(({ code }) => code);

  it("finds nothing wrong with reports of the same usage", () => {
    expect(faults(first, [])).to.deep.equal([]);
    expect(faults(second)).to.deep.equal([]);
    expect(faults(second, [previous], [300, 100, 200])).to.deep.equal([]);
    const range = ledger.nextReportRange({
      originatorNodeId: 100,
      startSequenceId: 2n,
      startMinute: 5,
    });
    expect(range?.endSequenceId).to.equal(second.endSequenceId);
  });

  it("accepts an empty range without looking at the root", () => {
    const empty = { ...second, endSequenceId: 2n, payersMerkleRoot: keccak256(stringToHex("any")) };
    expect(faults(empty)).to.deep.equal([]);
    expect(faults({ ...empty, startSequenceId: 0n, endSequenceId: 0n }, [])).to.deep.equal([]);
  });

  it("finds another root", () => {
    expect(faults({ ...second, payersMerkleRoot: first.payersMerkleRoot })).to.deep.equal([
      "WRONG_ROOT",
    ]);
    const other = { ...previous, endMinuteSinceEpoch: 4 };
    expect(faults(second, [other]), "the start is in another minute").to.deep.equal(["WRONG_ROOT"]);
  });

  it("wants exactly one report to end at the start", () => {
    expect(faults(second, [])).to.deep.equal(["WRONG_START"]);
    expect(faults(second, [previous, previous])).to.deep.equal(["WRONG_START"]);
    expect(faults(second, [{ ...previous, endSequenceId: 1n }])).to.deep.equal(["WRONG_START"]);
  });

  it("wants the end to be the last message of its minute", () => {
    expect(faults({ ...second, endSequenceId: 4n })).to.deep.equal(["WRONG_END"]);
    expect(faults({ ...second, endSequenceId: 7n })).to.deep.equal(["WRONG_END"]);
    expect(faults({ ...second, endMinuteSinceEpoch: 8 })).to.deep.equal(["WRONG_END"]);
    expect(faults(second, [{ ...previous, endMinuteSinceEpoch: 10 }])).to.deep.equal(["WRONG_END"]);
  });

  it("finds fields that cannot be right", () => {
    for (const wrong of [
      { originatorNodeId: 0 },
      { nodeIds: [] },
      { nodeIds: [200, 100] },
      { endSequenceId: 1n },
    ]) {
      expect(faults({ ...second, ...wrong }), Object.keys(wrong).join()).to.deep.equal([
        "INVALID_FIELDS",
      ]);
    }
  });

  it("compares the nodes when it is told the canonical ones, beside the rest", () => {
    expect(faults(second, [previous], [100, 200])).to.deep.equal(["WRONG_NODES"]);
    expect(faults(second, [], [])).to.deep.equal(["WRONG_NODES", "WRONG_START"]);
    const [fault] = checkPayerReport({
      report: second,
      previousReports: [previous],
      ledger,
      canonicalNodeIds: [100],
    });
    expect(fault?.message).to.equal("it names the nodes 100, 200, 300; canonical are 100");
  });
});
