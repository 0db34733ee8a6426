import { expect } from "chai";
import { hexToBytes, keccak256, numberToHex, stringToHex, type Hex } from "viem";
import { privateKeyToAccount, toAccount } from "viem/accounts";

import { collectSignatures, requiredSignatures } from "../../../src/reports/collectSignatures.ts";
import {
  normaliseSignature,
  recoverReportSigner,
  signPayerReport,
} from "../../../src/reports/reportSignatures.ts";
import { caughtError } from "../../helpers/caughtError.ts";
import { codeOf } from "../../helpers/codeOf.ts";
import { MERKLE_VECTORS } from "../../helpers/merkleVectors.ts";

const ID = keccak256(stringToHex("a report"));
const CURVE_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const { signatures: vectors } = MERKLE_VECTORS.payerReportDigests;

describe("report signatures", () => {
  for (const { privateKey, signer, digest, onChain65, xmtpdWire65, compact64 } of vectors) {
    it(`of ${signer} are those of the vector, in every form`, async () => {
      expect(await signPayerReport(digest, privateKeyToAccount(privateKey))).to.equal(onChain65);
      for (const form of [onChain65, xmtpdWire65, compact64]) {
        expect(normaliseSignature(form), form).to.equal(onChain65);
        expect(normaliseSignature(hexToBytes(form)), form).to.equal(onChain65);
        expect(await recoverReportSigner(digest, form), form).to.equal(signer);
      }
    });
  }

  it("are recovered with a high s too, as contracts do", async () => {
    const account = accountOf(1);
    const signature = await signPayerReport(ID, account);
    const s = BigInt(`0x${signature.slice(66, 130)}`);
    const v = signature.endsWith("1b") ? "1c" : "1b";
    const twin: Hex = `0x${signature.slice(2, 66)}${numberToHex(CURVE_ORDER - s, { size: 32 }).slice(2)}${v}`;
    expect(await recoverReportSigner(ID, twin)).to.equal(account.address);
  });

  it("are refused when they are malformed", () => {
    const valid = vectors[0]?.onChain65 ?? "0x";
    const malformed = [
      "0x",
      "",
      valid.slice(2),
      valid.slice(0, -4),
      `${valid}00`,
      `${valid.slice(0, -2)}02`,
      `${valid.slice(0, -2)}1d`,
      `${valid.slice(0, -2)}ff`,
    ];
    for (const signature of malformed) {
      const act = () => normaliseSignature(signature as Hex);
      expect(codeOf(act), signature).to.equal("INVALID_SIGNATURE");
    }
  });

  it("are refused when no key makes them", async () => {
    const none: Hex = `0x${"ff".repeat(64)}1b`;
    expect((await caughtError(recoverReportSigner(ID, none))).code).to.equal("INVALID_SIGNATURE");
  });

  it("take an account that signs locally", async () => {
    const { address, signMessage, signTransaction, signTypedData } = accountOf(1);
    const other = toAccount({ address, signMessage, signTransaction, signTypedData });
    expect((await caughtError(signPayerReport(ID, other))).code).to.equal("INVALID_OPTION");
  });
});

describe("collectSignatures", () => {
  const node = (nodeId: number, isCanonical = true) => ({
    nodeId,
    signer: accountOf(nodeId).address,
    isCanonical,
  });
  const nodes = [node(300), node(100), node(200), node(400, false)];
  const signed = async (nodeId: number, by = nodeId, id = ID) => ({
    nodeId,
    signature: await signPayerReport(id, accountOf(by)),
  });

  it("sorts the valid ones and brings them into the form of the contract", async () => {
    const [third, first] = await Promise.all([signed(300), signed(100)]);
    const wire: Hex = `0x${third.signature.slice(2, -2)}${third.signature.endsWith("1b") ? "00" : "01"}`;
    const collected = await collectSignatures({
      id: ID,
      nodes,
      signatures: [{ ...third, signature: wire }, first],
    });
    expect(collected).to.deep.equal({
      signatures: [first, third],
      rejected: [],
      required: 2,
      hasMajority: true,
    });
  });

  it("names the reason of each that will not count", async () => {
    const good = await signed(100);
    const bad = [
      { ...(await signed(500)), reason: "UNKNOWN_NODE" },
      { ...(await signed(400)), reason: "NOT_CANONICAL" },
      { ...(await signed(200, 300)), reason: "WRONG_SIGNER" },
      { ...(await signed(200, 200, keccak256(ID))), reason: "WRONG_SIGNER" },
      { nodeId: 200, signature: "0x12" as Hex, reason: "MALFORMED" },
      { nodeId: 200, signature: `0x${"ff".repeat(64)}1b` as Hex, reason: "MALFORMED" },
      { ...good, reason: "DUPLICATE" },
    ];
    const collected = await collectSignatures({ id: ID, nodes, signatures: [good, ...bad] });
    expect(collected.signatures).to.deep.equal([good]);
    expect(collected.rejected.map(({ nodeId, reason }) => ({ nodeId, reason }))).to.deep.equal(
      bad.map(({ nodeId, reason }) => ({ nodeId, reason })),
    );
    expect(collected.hasMajority).to.equal(false);
  });

  it("lets nobody spoil the signature of another node by sending a bad one first", async () => {
    const good = await signed(200);
    const forged = await signed(200, 100);
    const { signatures } = await collectSignatures({ id: ID, nodes, signatures: [forged, good] });
    expect(signatures).to.deep.equal([good]);
  });

  it("takes more than half", async () => {
    expect([1, 2, 3, 4, 5, 6, 7].map(requiredSignatures)).to.deep.equal([1, 2, 2, 3, 3, 4, 4]);
    const four = [node(100), node(200), node(300), node(500)];
    const signatures = await Promise.all([signed(100), signed(200)]);
    const two = await collectSignatures({ id: ID, nodes: four, signatures });
    expect(two.hasMajority).to.equal(false);
    const three = await collectSignatures({
      id: ID,
      nodes: four,
      signatures: [...signatures, await signed(500)],
    });
    expect(three.hasMajority).to.equal(true);
  });

  it("has no majority without canonical nodes", async () => {
    const collected = await collectSignatures({
      id: ID,
      nodes: [node(400, false)],
      signatures: [],
    });
    expect(collected).to.deep.include({ required: 1, hasMajority: false });
  });
});

/** An account whose key is this number. */
function accountOf(key: number) {
  return privateKeyToAccount(numberToHex(key, { size: 32 }));
}
