import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { expect } from "chai";
import type { Hex } from "viem";

import { evaluateUpdate } from "../../../src/indexer/identity/evaluateUpdate.ts";
import { ethereum, passkey } from "../../../src/indexer/identity/identifiers.ts";
import { inboxIdOf } from "../../../src/indexer/identity/inboxIdOf.ts";
import { IdentityUpdateSchema } from "../../../src/indexer/identity/proto/associations_pb.ts";
import type { ContractWalletVerifier } from "../../../src/indexer/identity/signatures/contractWallet.ts";
import type { IdentityFlag } from "../../../src/indexer/identity/types.ts";
import {
  createContractWallet,
  createInstallation,
  createWallet,
  writeSignature,
} from "../../helpers/identity/actors.ts";
import { buildUpdate, type Plan } from "../../helpers/identity/buildUpdate.ts";
import { createInboxLog, type InboxLog } from "../../helpers/identity/createInboxLog.ts";
import { envelopeOf } from "../../helpers/identity/envelopeOf.ts";
import { rewriteSignatures } from "../../helpers/identity/rewriteSignatures.ts";

const KEY: Hex = `0x${"11".repeat(32)}`;
const victim = createWallet(KEY);
const friend = createWallet(`0x${"22".repeat(32)}`);
const stranger = createWallet(`0x${"33".repeat(32)}`);
const phone = createInstallation(new Uint8Array(32).fill(1));
const laptop = createInstallation(new Uint8Array(32).fill(2));
const inboxId = inboxIdOf(victim.identifier, 1n);
const strangersInboxId = inboxIdOf(stranger.identifier, 1n);
/** Every update has a time of its own, so that no two have the same text. */
let clientTimestampNs = 0n;

const creation = updateOf([
  { create: victim.identifier, by: victim, nonce: 1n },
  { add: phone.identifier, newBy: phone, by: victim },
]);

describe("attacks on inboxes", () => {
  it("a stranger who reposts a victim's first update under another inbox id gets no rows", async () => {
    for (const other of [strangersInboxId, "ab".repeat(32)]) {
      const log = createInboxLog({ inboxId: other });

      const asItWas = await log.append(envelopeOf(creation, inboxId));
      const rewrapped = await log.append(envelopeOf(creation, other));

      expect(asItWas).to.include({ outcome: "rejected", error: "WrongInboxId" });
      expect(rewrapped).to.include({ outcome: "rejected", error: "WrongInboxId" });
      expect(log.addressLog()).to.deep.equal({});
      expect(log.state()).to.equal(undefined);
    }
  });

  it("a stranger who wraps a victim's update first, with another topic, changes nothing for it", async () => {
    const log = createInboxLog({ inboxId });

    const posted = await log.append(envelopeOf(creation, strangersInboxId));
    const again = await log.append(envelopeOf(creation, inboxId));

    expect(flagsOf(posted)).to.deep.equal(["aad-topic-differs"]);
    expect(again).to.include({ outcome: "rejected", error: "MultipleCreate" });
    expect(membersOf(log)).to.deep.equal([victim.identifier.value, phone.identifier.value]);
  });

  it("one bad update does not stop an inbox", async () => {
    const log = await createVictim();
    const bad = updateOf([{ revoke: phone.identifier, by: stranger }]);
    const alsoBad = [Buffer.of(1, 2, 3), Buffer.alloc(0), bad, Buffer.alloc(262_144, 0x0b)];

    for (const update of alsoBad) {
      expect((await log.append(envelopeOf(update, inboxId))).outcome).to.equal("rejected");
    }
    const good = await append(log, [{ add: laptop.identifier, newBy: laptop, by: victim }]);

    expect(good.outcome).to.equal("accepted");
    expect(membersOf(log)).to.include(laptop.identifier.value);
  });

  it("a bad first update does not keep an inbox from being created", async () => {
    const log = createInboxLog({ inboxId });
    const bad = updateOf([{ create: victim.identifier, by: stranger, nonce: 1n }]);

    expect(await log.append(envelopeOf(bad, inboxId))).to.include({
      error: "MissingExistingMember",
    });
    expect(await log.append(envelopeOf(updateOf([]), inboxId))).to.include({ error: "NotCreated" });
    expect((await log.append(envelopeOf(creation, inboxId))).outcome).to.equal("accepted");
  });

  it("300 empty updates by strangers do not keep a later revocation from counting", async () => {
    const log = await createVictim();
    await append(log, [{ add: friend.identifier, newBy: friend, by: victim }]);
    const before = log.state();
    const empty = envelopeOf(updateOf([]), inboxId);

    for (let index = 0; index < 300; index++) {
      const result = await log.append(empty);
      expect(flagsOf(result), `empty update ${index}`).to.deep.equal(["no-actions"]);
    }
    expect(log.state()).to.deep.equal(before);

    const revocation = [{ revoke: friend.identifier, by: victim }];
    expect((await append(log, revocation)).outcome).to.equal("accepted");
    expect(membersOf(log)).to.not.include(friend.identifier.value);
    const readded = await append(log, [{ add: laptop.identifier, newBy: laptop, by: friend }]);
    expect(readded).to.include({ outcome: "rejected", error: "MissingExistingMember" });
  });

  it("an update posted again counts once", async () => {
    const log = await createVictim();
    const adding = updateOf([{ add: friend.identifier, newBy: friend, by: victim }]);
    const removing = updateOf([{ revoke: friend.identifier, by: victim }]);
    await log.append(envelopeOf(adding, inboxId));
    await log.append(envelopeOf(removing, inboxId));

    for (const update of [adding, removing]) {
      const replayed = await log.append(envelopeOf(update, inboxId));
      expect(replayed).to.include({ outcome: "rejected", error: "Replay" });
    }
    expect(membersOf(log)).to.not.include(friend.identifier.value);
  });

  it("an update of another inbox counts for nothing, though the wallet is the same", async () => {
    const log = await createVictim();
    const other = inboxIdOf(victim.identifier, 2n);
    const update = updateOf([{ add: friend.identifier, newBy: friend, by: victim }], other);
    // The inbox id is in the text: with another one in its place the signatures are somebody else's.
    const moved = fromBinary(IdentityUpdateSchema, update);
    moved.inboxId = inboxId;

    expect(await log.append(envelopeOf(update, inboxId))).to.include({ error: "WrongInboxId" });
    expect(await log.append(envelopeOf(toBinary(IdentityUpdateSchema, moved), inboxId))).to.include(
      { error: "NewMemberIdSignatureMismatch" },
    );
  });

  it("updates that can be replayed in other encodings are flagged, and those are followed", async () => {
    const log = await createVictim();
    const adding = updateOf([{ add: friend.identifier, newBy: friend, by: victim }]);
    const first = await log.append(envelopeOf(adding, inboxId));
    await append(log, [{ revoke: friend.identifier, by: victim }]);
    const replayed = await log.append(envelopeOf(rewriteSignatures(adding), inboxId));

    expect(flagsOf(first)).to.deep.equal(["malleable-signatures"]);
    expect(flagsOf(replayed)).to.deep.equal(["malleable-signatures"]);
    expect(membersOf(log)).to.include(friend.identifier.value);
  });

  it("an update that an installation signs cannot be replayed in another encoding, nor can a creation", async () => {
    const log = createInboxLog({ inboxId });
    const adding = updateOf([{ add: friend.identifier, newBy: friend, by: phone }]);

    const created = await log.append(envelopeOf(creation, inboxId));
    const added = await log.append(envelopeOf(adding, inboxId));
    await append(log, [{ revoke: friend.identifier, by: victim }]);

    expect([...flagsOf(created), ...flagsOf(added)]).to.deep.equal([]);
    expect(await log.append(envelopeOf(rewriteSignatures(adding), inboxId))).to.include({
      error: "Replay",
    });
    expect(await log.append(envelopeOf(rewriteSignatures(creation), inboxId))).to.include({
      error: "MultipleCreate",
    });
  });

  it("a recovery that nobody can sign for is flagged once, when it is set", async () => {
    const unusable = [
      ethereum("0x19E7E376E7C213B7E7E7e46CC70A5dD086DAff2A"),
      ethereum("nobody"),
      ethereum(""),
      passkey(Buffer.alloc(33, 1)),
    ];
    for (const recovery of unusable) {
      const log = await createVictim();
      const changed = await append(log, [{ recovery, by: victim }]);
      const later = await append(log, [{ add: laptop.identifier, newBy: laptop, by: victim }]);

      expect(flagsOf(changed), recovery.value).to.include("unusable-recovery");
      expect(flagsOf(later), recovery.value).to.not.include("unusable-recovery");
    }

    const log = await createVictim();
    const changed = await append(log, [{ recovery: friend.identifier, by: victim }]);
    expect(flagsOf(changed)).to.not.include("unusable-recovery");
  });
});

describe("updates that wait for a chain", () => {
  const nobodyKnows: ContractWalletVerifier = () =>
    Promise.resolve({ undecided: "eip155:5 is not configured" });
  const contractAt = (address: string, chain = 5) =>
    createContractWallet(`eip155:${chain}:${address}`, { bytes: Buffer.of(1) });
  const vault = contractAt(`0x${"cc".repeat(20)}`);

  it("stop their inbox and leave its state", async () => {
    const log = await createVictim(nobodyKnows);
    const before = log.state();

    const result = await append(log, [{ add: vault.identifier, newBy: vault, by: victim }]);

    expect(result).to.deep.equal({ outcome: "undecided", detail: "eip155:5 is not configured" });
    expect(log.state()).to.equal(before);
  });

  it("do not wait if the rules refuse them whatever the chain says", async () => {
    const log = await createVictim(nobodyKnows);
    const pretender = contractAt(victim.identifier.value);

    for (const [plans, error] of [
      [[{ revoke: phone.identifier, by: vault }], "MissingExistingMember"],
      [[{ revoke: phone.identifier, by: pretender }], "ChainIdMismatch"],
      [[{ add: vault.identifier, newBy: vault, by: stranger }], "MissingExistingMember"],
      [[{ create: victim.identifier, by: pretender, nonce: 1n }], "MultipleCreate"],
    ] as const) {
      expect(await append(log, plans), error).to.include({ outcome: "rejected", error });
    }
  });

  it("do not wait if another signature is bad", async () => {
    const log = await createVictim(nobodyKnows);
    const careless = createWallet(KEY, (signature) => writeSignature(signature, 30));

    const plan = { add: vault.identifier, newBy: vault, by: careless };
    const result = await append(log, [plan]);

    expect(result).to.include({ outcome: "rejected", error: "Signature" });
  });

  it("are rejected if one chain refuses and another cannot be asked", async () => {
    const other = contractAt(`0x${"dd".repeat(20)}`, 6);
    const log = await createVictim((request) =>
      request.accountId.startsWith("eip155:6:") ? Promise.resolve("invalid") : nobodyKnows(request),
    );

    for (const [newcomer, existing] of [
      [vault, other],
      [other, vault],
    ] as const) {
      const plan = { add: newcomer.identifier, newBy: newcomer, by: existing };
      expect(await append(log, [plan])).to.include({ outcome: "rejected", error: "Signature" });
    }
  });
});

describe("evaluateUpdate", () => {
  it("asks which signatures were seen only when there are some to ask about", async () => {
    const asked: number[] = [];
    const evaluate = (update: Uint8Array, state?: ReturnType<InboxLog["state"]>) =>
      evaluateUpdate({
        update: envelopeOf(update, inboxId),
        inboxId: `0x${inboxId}`,
        state,
        hasSeen: (raws) => {
          asked.push(raws.length);
          return Promise.resolve(raws.map(() => false));
        },
        verifyContractWallet: () => Promise.resolve("invalid"),
      });

    const created = await evaluate(creation);
    if (created.outcome !== "accepted") throw new Error("the inbox was not created");
    await evaluate(updateOf([]), created.state);
    await evaluate(Buffer.of(1), created.state);
    // The wallet's signature stands in it twice.
    const both: Plan[] = [
      { add: laptop.identifier, newBy: laptop, by: victim },
      { add: friend.identifier, newBy: friend, by: victim },
    ];
    const added = await evaluate(updateOf(both), created.state);

    expect(asked).to.deep.equal([3]);
    expect(created.addedSeen.length).to.equal(2);
    expect(added).to.have.property("outcome", "accepted");
  });
});

async function createVictim(verifyContractWallet?: ContractWalletVerifier): Promise<InboxLog> {
  const log = createInboxLog({
    inboxId,
    ...(verifyContractWallet !== undefined && { verifyContractWallet }),
  });
  await log.append(envelopeOf(creation, inboxId));

  return log;
}

function updateOf(plans: readonly Plan[], inbox = inboxId): Uint8Array {
  clientTimestampNs += 1_000_000_000n;

  return buildUpdate({ inboxId: inbox, clientTimestampNs, plans });
}

function append(log: InboxLog, plans: readonly Plan[]): ReturnType<InboxLog["append"]> {
  return log.append(envelopeOf(updateOf(plans), inboxId));
}

function flagsOf(result: Awaited<ReturnType<InboxLog["append"]>>): readonly IdentityFlag[] {
  if (result.outcome !== "accepted") throw new Error(`the update was ${result.outcome}`);

  return result.flags;
}

function membersOf(log: InboxLog): string[] {
  return (log.state()?.members ?? []).map(({ identifier }) => identifier.value);
}
