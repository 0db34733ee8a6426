import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { expect } from "chai";
import { toHex, type Hex } from "viem";

import { inboxIdOf } from "../../../src/indexer/identity/inboxIdOf.ts";
import { IdentityUpdateSchema } from "../../../src/indexer/identity/proto/associations_pb.ts";
import {
  SignedPublicKeySchema,
  UnsignedPublicKeySchema,
} from "../../../src/indexer/identity/proto/message_contents_pb.ts";
import { RejectedUpdate } from "../../../src/indexer/identity/RejectedUpdate.ts";
import {
  addressOf,
  recoverAddress,
} from "../../../src/indexer/identity/signatures/recoverAddress.ts";
import {
  createSignedText,
  eip191Digest,
} from "../../../src/indexer/identity/signatures/signedText.ts";
import { verifyInstallationKey } from "../../../src/indexer/identity/signatures/verifyInstallationKey.ts";
import { createIdentityText } from "../../../src/indexer/identity/signatures/verifyLegacyKey.ts";
import { signatureText, timeLine } from "../../../src/indexer/identity/signatureText.ts";
import type { Identifier, IdentityAction } from "../../../src/indexer/identity/types.ts";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { createInboxLog } from "../../helpers/identity/createInboxLog.ts";
import { envelopeOf } from "../../helpers/identity/envelopeOf.ts";
import { sortMembers, toVectorState, vectors } from "../../helpers/identity/vectors.ts";

const W1 = vectors.keys.ethereum["W1"]?.address;

describe("inboxIdOf", () => {
  for (const { kind, identifier, nonce, inboxId } of vectors.inboxIds) {
    it(`hashes ${kind} ${identifier.slice(0, 12)} with nonce ${nonce}`, () => {
      expect(inboxIdOf({ kind, value: identifier }, BigInt(nonce))).to.equal(inboxId);
    });
  }

  const digits = "1234567890abcdef1234567890abcdef12345678";
  for (const value of [
    "",
    digits,
    `0x${digits}0`,
    `0x${digits.slice(1)}`,
    `0X${digits}`,
    `0x${digits}\n`,
  ]) {
    it(`refuses the Ethereum identifier ${JSON.stringify(value)}`, () => {
      expect(() => inboxIdOf({ kind: "ethereum", value }, 0n))
        .to.throw(RejectedUpdate)
        .with.property("error", "InvalidAccountAddress");
    });
  }
});

describe("timeLine", () => {
  for (const { clientTimestampNs, line } of vectors.timeLines) {
    it(`is "${line}" for ${clientTimestampNs}`, () => {
      expect(timeLine(BigInt(clientTimestampNs))).to.equal(line);
    });
  }
});

describe("signatureText", () => {
  const [all, passkeys] = vectors.signatureTexts;
  const signature = undefined;
  const address = (value: string): Identifier => ({ kind: "ethereum", value });

  it("is the text of every action on addresses and installations", () => {
    const other = address("0x4567890abcdef1234567890abcdef12345678123");
    const installation: Identifier = { kind: "installation", value: "010203" };
    const recovery = address("0x7890abcdef1234567890abcdef12345678123456");
    const owner = address("0x1234567890abcdef1234567890abcdef12345678");
    const added = { existingSignature: signature, newSignature: signature };

    expect(
      textOf([
        { kind: "createInbox", owner, nonce: 0n, signature },
        { kind: "addMember", member: other, ...added },
        { kind: "addMember", member: installation, ...added },
        { kind: "revokeMember", member: other, signature },
        { kind: "revokeMember", member: installation, signature },
        { kind: "changeRecovery", recovery, signature },
      ]),
    ).to.equal(all?.text);
  });

  it("is the text of every action on passkeys", () => {
    const value = vectors.keys.passkey["P1"]?.compressed ?? "";
    const passkey: Identifier = { kind: "passkey", value };

    expect(
      textOf([
        { kind: "createInbox", owner: passkey, nonce: 0n, signature },
        {
          kind: "addMember",
          member: passkey,
          existingSignature: signature,
          newSignature: signature,
        },
        { kind: "revokeMember", member: passkey, signature },
        { kind: "changeRecovery", recovery: passkey, signature },
      ]),
    ).to.equal(passkeys?.text);
  });

  it("has an empty line in place of actions that are not there", () => {
    expect(textOf([])).to.include("1970-01-01T00:00:00Z\n\n\n\nFor more info");
  });

  function textOf(actions: IdentityAction<undefined>[]): string {
    const [owner] = actions;
    const inboxId = owner?.kind === "createInbox" ? inboxIdOf(owner.owner, 0n) : "";
    return signatureText({ inboxId, clientTimestampNs: 12n, actions });
  }
});

describe("signatures of the vectors", () => {
  it("are over the EIP-191 digest of the text", () => {
    const { messageUtf8, digest, signerW1 } = vectors.erc191;
    const signed = createSignedText(messageUtf8).eip191Digest();

    expect(toHex(signed)).to.equal(digest);
    expect(Buffer.byteLength(messageUtf8)).to.equal(602);
    expect(recoverAddress(bytesOf(signerW1), signed).address).to.equal(W1);
  });

  it("are Ed25519ph over SHA-512 of the text", () => {
    const { messageUtf8, publicKey, signature, sha512OfMessage } = vectors.ed25519ph;
    const prehash = createSignedText(messageUtf8).sha512();
    const key = Buffer.from(publicKey, "hex");

    expect(Buffer.from(prehash).toString("hex")).to.equal(sha512OfMessage);
    verifyInstallationKey(Buffer.from(signature, "hex"), key, prehash);
    expect(() =>
      verifyInstallationKey(Buffer.from(signature, "hex"), key, createSignedText("x").sha512()),
    )
      .to.throw(RejectedUpdate)
      .with.property("error", "Signature");
  });

  it("let a wallet vouch for a key of the time before inboxes", () => {
    const recorded = vectors.legacySignedPublicKey;
    const { keyBytes, signature } = fromBinary(
      SignedPublicKeySchema,
      bytesOf(recorded.signedPublicKey),
    );
    const { bytes, recovery } = signature?.union.value ?? { bytes: [], recovery: 0 };
    const text = createIdentityText(keyBytes);
    const { union } = fromBinary(UnsignedPublicKeySchema, keyBytes);
    const point = union.value?.bytes ?? new Uint8Array();

    expect(Buffer.from(text).toString()).to.equal(recorded.createIdentityText);
    expect(recoverAddress(Uint8Array.of(...bytes, recovery), eip191Digest(text)).address).to.equal(
      recorded.walletAddress,
    );
    expect(Buffer.from(point).toString("hex")).to.equal(recorded.publicKey);
    expect(addressOf(secp256k1.Point.fromBytes(point))).to.match(/^0x[0-9a-f]{40}$/);
  });
});

describe("envelopes on chain", () => {
  for (const { name, eventInboxId, update, recommended } of vectors.onChainEnvelopes) {
    it(`${name}: ${recommended}`, async () => {
      const result = await createInboxLog({ inboxId: eventInboxId }).append(update);

      expect(result.outcome).to.equal(/^\w+/.exec(recommended)?.[0]);
      if (result.outcome === "accepted") {
        expect(result.flags.includes("aad-topic-differs")).to.equal(
          recommended.includes("warning"),
        );
      } else {
        expect(result).to.have.property(
          "error",
          recommended.includes("WrongInboxId") ? "WrongInboxId" : "Decode",
        );
      }
    });
  }
});

describe("updates that the network's client library made", () => {
  const { inboxId, updates, libxmtpFinal } = vectors.libxmtpProduced;

  it("lead to the state that it reported", async () => {
    const log = createInboxLog({ inboxId });
    for (const { sequenceId, identityUpdate, stateAfter } of updates) {
      const result = await log.append(envelopeOf(bytesOf(identityUpdate), inboxId));

      expect(result.outcome, `update ${sequenceId}`).to.equal("accepted");
      const { seenSignatures: _, ...state } = toVectorState(log.state(), log.seen);
      expect(state, `update ${sequenceId}`).to.deep.equal({
        ...stateAfter,
        members: sortMembers(stateAfter.members),
      });
    }

    const members = log.state()?.members ?? [];
    const ofKind = (kind: string) =>
      members
        .filter(({ identifier }) => identifier.kind === kind)
        .map(({ identifier }) => identifier.value);
    expect({
      recovery: log.state()?.recovery.value,
      identifiers: ofKind("ethereum"),
      installations: ofKind("installation"),
    }).to.deep.equal(libxmtpFinal);
  });

  it("are the same bytes when our schema writes them", () => {
    for (const { sequenceId, identityUpdate } of updates) {
      const update = fromBinary(IdentityUpdateSchema, bytesOf(identityUpdate));
      expect(toHex(toBinary(IdentityUpdateSchema, update)), `update ${sequenceId}`).to.equal(
        identityUpdate,
      );
    }
  });
});

function bytesOf(hex: Hex): Uint8Array {
  return Buffer.from(hex.slice(2), "hex");
}
