import { fromBinary } from "@bufbuild/protobuf";
import { expect } from "chai";
import { toHex } from "viem";

import { decodeIdentityUpdate } from "../../../src/indexer/identity/decodeIdentityUpdate.ts";
import { ClientEnvelopeSchema } from "../../../src/indexer/identity/proto/envelopes_pb.ts";
import { signatureText } from "../../../src/indexer/identity/signatureText.ts";
import { createInboxLog, type InboxLog } from "../../helpers/identity/createInboxLog.ts";
import { envelopeOf } from "../../helpers/identity/envelopeOf.ts";
import { reencode } from "../../helpers/identity/reencode.ts";
import {
  sortMembers,
  toVectorState,
  vectors,
  type Scenario,
  type VectorState,
} from "../../helpers/identity/vectors.ts";

describe("identity scenarios", () => {
  for (const scenario of vectors.scenarios) {
    it(`${scenario.name}: result, error, state and address log after each update`, () =>
      replay(scenario, (bytes) => bytes));

    it(`${scenario.name}: the same with the fields of every message in another order`, () =>
      replay(scenario, (bytes) => reencode(ClientEnvelopeSchema, bytes)));
  }

  it("are in other bytes with their fields in another order", () => {
    const [update] = vectors.scenarios[0]?.updates ?? [];
    const bytes = bytesOf(update?.clientEnvelope ?? "0x");
    const other = reencode(ClientEnvelopeSchema, bytes);

    expect(Buffer.from(other).equals(bytes)).to.equal(false);
    expect(fromBinary(ClientEnvelopeSchema, other).payload.case).to.equal("identityUpdate");
  });

  it("are wrapped as the recorded envelopes are", () => {
    const [scenario] = vectors.scenarios;
    for (const { identityUpdate, clientEnvelope, sequenceId } of scenario?.updates ?? []) {
      const envelope = envelopeOf(bytesOf(identityUpdate), scenario?.inboxId ?? "");
      expect(toHex(envelope), `update ${sequenceId}`).to.equal(clientEnvelope);
    }
  });

  it("cover every error but those that no signer can cause", () => {
    const covered = new Set(
      vectors.scenarios.flatMap(({ updates }) => updates.map(({ error }) => error)),
    );

    expect(vectors.errorNames.filter((name) => !covered.has(name))).to.deep.equal([
      "InvalidAccountAddress",
    ]);
  });
});

async function replay(
  { contractWalletAnswer, updates }: Scenario,
  encode: (bytes: Uint8Array) => Uint8Array,
): Promise<void> {
  // The event of every update is that of the inbox which the update names.
  const inboxId = /^Inbox ID: (.*)$/m.exec(updates[0]?.signatureText ?? "")?.[1] ?? "";
  const log = createInboxLog({
    inboxId,
    ...(contractWalletAnswer && {
      verifyContractWallet: () => Promise.resolve(contractWalletAnswer),
    }),
  });
  for (const update of updates) {
    const label = `update ${update.sequenceId}`;
    const bytes = encode(envelopeOf(bytesOf(update.identityUpdate), inboxId));
    const before = log.state();
    const recorded = structuredClone(before);

    const result = await log.append(bytes);

    expect(result.outcome, label).to.equal(update.result === "ok" ? "accepted" : "rejected");
    expect(result.outcome === "rejected" ? result.error : undefined, label).to.equal(update.error);
    expect(before, label).to.deep.equal(recorded);
    if (update.result === "rejected") {
      expect(log.state(), label).to.equal(before);
      continue;
    }
    expectState(log, update.stateAfter, label);
    expect(log.addressLog(), label).to.deep.equal(update.addressLogAfter);
    const { update: decoded } = decodeIdentityUpdate(bytes, `0x${inboxId}`);
    expect(signatureText(decoded), label).to.equal(update.signatureText);
  }
}

function expectState(log: InboxLog, expected: VectorState | undefined, label: string): void {
  const { seenSignatures, ...state } = toVectorState(log.state(), log.seen);
  const { seenSignatures: expectedSignatures, ...expectedState } = expected ?? {};

  expect(state, label).to.deep.equal({
    ...expectedState,
    members: sortMembers(expected?.members ?? []),
  });
  // Only some vectors list the signatures that were seen; all of them count them.
  if (expectedSignatures !== undefined) {
    expect(seenSignatures, label).to.deep.equal([...expectedSignatures].sort());
  }
}

function bytesOf(hex: string): Uint8Array {
  return Buffer.from(hex.slice(2), "hex");
}
