import { expect } from "chai";
import { concat, dataSlice, toBeHex, Signature as EthersSignature, type AddressLike } from "ethers";

import { deployNetworkOfThree, deploySettlement } from "../../../helpers/deploySettlement.ts";
import { encodeCall, encodeError } from "../../../helpers/encode.ts";
import { eventsOf } from "../../../helpers/eventsOf.ts";
import { ethers, loadFixture } from "../../../helpers/network.ts";
import { nodeKeyOf } from "../../../helpers/nodeFacts.ts";
import {
  digestOf,
  reportOf,
  sign,
  signOne,
  signatureOf,
  submission,
  type Report,
  type Signature,
} from "../../../helpers/payerReportFacts.ts";
import { revertData } from "../../../helpers/revertData.ts";

/** The order of the curve. */
const N = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

/** Another encoding of a signature of 65 bytes. */
const forms: readonly [what: string, accepted: boolean, encode: (signature: string) => string][] = [
  ["65 bytes with v 27 or 28", true, (signature) => signature],
  ["64 bytes (EIP-2098)", true, (signature) => EthersSignature.from(signature).compactSerialized],
  ["the twin with the other s and the other v", true, twinOf],
  ["65 bytes with v 0 or 1", false, (signature) => withV(signature, vOf(signature) - 27)],
  ["65 bytes with v 29 or 30", false, (signature) => withV(signature, vOf(signature) + 2)],
  ["65 bytes with the other v", false, (signature) => withV(signature, 55 - vOf(signature))],
  ["65 bytes with another s", false, (signature) => withByte(signature, 40)],
  ["65 bytes with another r", false, (signature) => withByte(signature, 8)],
  ["65 bytes of zeros", false, () => `0x${"00".repeat(65)}`],
  ["65 bytes of zeros but for v", false, () => `0x${"00".repeat(64)}1b`],
  ["64 bytes of zeros", false, () => `0x${"00".repeat(64)}`],
  ["64 bytes of r and s alone, when v is 28", false, (signature) => dataSlice(signature, 0, 64)],
  ["66 bytes", false, (signature) => concat([signature, "0x00"])],
  ["63 bytes", false, (signature) => dataSlice(signature, 0, 63)],
  ["no bytes", false, () => "0x"],
  ["no bytes but 32 of them", false, (signature) => dataSlice(signature, 0, 32)],
];

describe("PayerReports.submit: signatures", () => {
  for (const [what, accepted, encode] of forms) {
    it(`${accepted ? "counts" : "ignores"} ${what}`, async () => {
      const { payerReports } = await loadFixture(deployNetworkOfThree);
      // Of the two that are needed, the first is as it should be.
      const report = await reportSignedWithV28(payerReports);
      const first = await signOne(payerReports, report, 100);
      const second = await signOne(payerReports, report, 200);
      const third = await signOne(payerReports, report, 300);
      const changed = { ...second, signature: encode(second.signature) };

      const submitted = payerReports.submit(...submission(report, [first, changed]));
      if (accepted) {
        expect((await eventsOf(await submitted, payerReports))[0]?.at(-1)).to.deep.equal([
          100n,
          200n,
        ]);
      } else {
        await expect(submitted)
          .to.be.revertedWithCustomError(payerReports, "InsufficientSignatures")
          .withArgs(1n, 2n);
        // It stands in nobody's way either.
        const transaction = await payerReports.submit(
          ...submission(report, [first, changed, third]),
        );
        expect((await eventsOf(transaction, payerReports))[0]?.at(-1)).to.deep.equal([100n, 300n]);
      }
    });
  }

  it("ignores a node that is not canonical, whoever signed for it", async () => {
    const { payerReports } = await loadFixture(deployNetworkOfThree);
    const report = reportOf();

    await expect(
      payerReports.submit(...submission(report, await sign(payerReports, report, [100, 400]))),
    )
      .to.be.revertedWithCustomError(payerReports, "InsufficientSignatures")
      .withArgs(1n, 2n);

    const transaction = await payerReports.submit(
      ...submission(report, await sign(payerReports, report, [100, 200, 400])),
    );
    expect((await eventsOf(transaction, payerReports))[0]?.at(-1)).to.deep.equal([100n, 200n]);
  });

  it("ignores a signature by a node that is not canonical even if nobody could have made it", async () => {
    const { payerReports } = await loadFixture(deployNetworkOfThree);
    const report = reportOf();
    // Recovers to nobody, and nobody signs for node 400: nothing and nothing are not the same.
    const nothing = { nodeId: 400, signature: "0x" };
    const first = await signOne(payerReports, report, 100);

    await expect(payerReports.submit(...submission(report, [first, nothing])))
      .to.be.revertedWithCustomError(payerReports, "InsufficientSignatures")
      .withArgs(1n, 2n);
  });

  it("ignores a signature under another node's name, and of another digest", async () => {
    const { payerReports } = await loadFixture(deployNetworkOfThree);
    const report = reportOf();
    const first = await signOne(payerReports, report, 100);
    const second = await signOne(payerReports, report, 200);
    const other = await sign(payerReports, { ...report, minute: 1 }, [200]);

    for (const wrong of [{ ...first, nodeId: 200 }, { ...second, nodeId: 300 }, ...other]) {
      await expect(payerReports.submit(...submission(report, [first, wrong])))
        .to.be.revertedWithCustomError(payerReports, "InsufficientSignatures")
        .withArgs(1n, 2n);
    }
  });

  it("ignores the signature of a typed-data signer, who hashes the ids without their offset and length", async () => {
    const { payerReports } = await loadFixture(deployNetworkOfThree);
    const { chainId } = await ethers.provider.getNetwork();
    const report = reportOf();
    const domain = {
      name: "PayerReportManager",
      version: "1",
      chainId,
      verifyingContract: await payerReports.getAddress(),
    };
    const types = {
      PayerReport: [
        { name: "originatorNodeId", type: "uint32" },
        { name: "startSequenceId", type: "uint64" },
        { name: "endSequenceId", type: "uint64" },
        { name: "endMinuteSinceEpoch", type: "uint32" },
        { name: "payersMerkleRoot", type: "bytes32" },
        { name: "nodeIds", type: "uint32[]" },
      ],
    };
    const digest = ethers.TypedDataEncoder.hash(domain, types, {
      originatorNodeId: report.originator,
      startSequenceId: report.start,
      endSequenceId: report.end,
      endMinuteSinceEpoch: report.minute,
      payersMerkleRoot: report.root,
      nodeIds: report.nodeIds,
    });

    await expect(
      payerReports.submit(
        ...submission(
          report,
          report.nodeIds.map((nodeId) => signatureOf(nodeId, digest)),
        ),
      ),
    )
      .to.be.revertedWithCustomError(payerReports, "InsufficientSignatures")
      .withArgs(0n, 2n);
  });

  describe("order", () => {
    for (const [what, nodeIds, error, args] of [
      ["a signature twice", [100, 100], "UnorderedNodeIds", []],
      ["a step back", [100, 300, 200], "UnorderedNodeIds", []],
      ["a step back behind enough signatures", [100, 200, 300, 200], "UnorderedNodeIds", []],
      ["an id that nobody has", [100, 200, 500], "ERC721NonexistentToken", [500n]],
      ["the id 0", [0, 100, 200], "ERC721NonexistentToken", [0n]],
      ["an id between two nodes", [100, 150, 200], "ERC721NonexistentToken", [150n]],
      ["the greatest id", [100, 4_294_967_295], "ERC721NonexistentToken", [4_294_967_295n]],
      [
        "an id that nobody has before a step back",
        [100, 500, 200],
        "ERC721NonexistentToken",
        [500n],
      ],
      ["a step back before an id that nobody has", [200, 100, 500], "UnorderedNodeIds", []],
      ["a step back to an id that nobody has", [200, 150], "UnorderedNodeIds", []],
      ["the first of two ids that nobody has", [100, 250, 500], "ERC721NonexistentToken", [250n]],
    ] as const) {
      it(`refuses ${what}`, async () => {
        const { payerReports, nodes } = await loadFixture(deployNetworkOfThree);
        const report = reportOf();
        const digest = await digestOf(payerReports, report);
        const signatures = nodeIds.map((nodeId) => ({
          ...signatureOf(100, digest),
          nodeId,
        }));

        expect(
          await revertData({
            to: await payerReports.getAddress(),
            data: encodeCall(payerReports, "submit", submission(report, signatures)),
          }),
        ).to.equal(
          error === "UnorderedNodeIds"
            ? encodeError(payerReports, error)
            : encodeError(nodes, error, [...args]),
        );
      });
    }
  });

  it("counts one signature for each canonical node that has its key: a double key is a double vote", async () => {
    const { payerReports, nodes, admin, owner, addCanonicalNodes } =
      await loadFixture(deploySettlement);
    await addCanonicalNodes(2);
    const adminNodes = nodes.connect(admin);
    await adminNodes.addNode(owner, nodeKeyOf(1).publicKey, "https://twin.example.org");
    await adminNodes.addToNetwork(300);
    const report = reportOf();
    const first = await signOne(payerReports, report, 100);

    const transaction = await payerReports.submit(
      ...submission(report, [first, { ...first, nodeId: 300 }]),
    );

    expect((await eventsOf(transaction, payerReports))[0]?.at(-1)).to.deep.equal([100n, 300n]);
  });

  it("a minority of malicious nodes cannot submit, however often and in whatever form they sign", async () => {
    const { payerReports, addCanonicalNodes } = await loadFixture(deploySettlement);
    await addCanonicalNodes(5);
    const report = reportOf({ nodeIds: [100, 200, 300, 400, 500] });
    const first = await signOne(payerReports, report, 100);
    const second = await signOne(payerReports, report, 200);
    const under = (nodeId: number, { signature }: Signature, change = (s: string) => s) => ({
      nodeId,
      signature: change(signature),
    });

    await expect(
      payerReports.submit(
        ...submission(report, [
          first,
          second,
          under(300, first),
          under(400, second, twinOf),
          under(500, first, twinOf),
        ]),
      ),
    )
      .to.be.revertedWithCustomError(payerReports, "InsufficientSignatures")
      .withArgs(2n, 3n);
  });
});

/** A report for which the signature of node 200 has the v 28. */
async function reportSignedWithV28(contract: AddressLike): Promise<Report> {
  for (let minute = 1; ; minute++) {
    const report = reportOf({ minute });
    if (vOf((await signOne(contract, report, 200)).signature) === 28) return report;
  }
}

function vOf(signature: string): number {
  return Number(dataSlice(signature, 64, 65));
}

function withV(signature: string, v: number): string {
  return concat([dataSlice(signature, 0, 64), toBeHex(v, 1)]);
}

function withByte(signature: string, index: number): string {
  const byte = Number(dataSlice(signature, index, index + 1)) ^ 1;
  return concat([
    dataSlice(signature, 0, index),
    toBeHex(byte, 1),
    dataSlice(signature, index + 1),
  ]);
}

/** The other signature that recovers to the same signer, which whoever sees one can make. */
function twinOf(signature: string): string {
  const s = N - BigInt(dataSlice(signature, 32, 64));
  return concat([dataSlice(signature, 0, 32), toBeHex(s, 32), toBeHex(55 - vOf(signature), 1)]);
}
