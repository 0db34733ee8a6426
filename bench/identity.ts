/**
 * Identity updates evaluated per second, from the bytes of the event to the state of the inbox, beside as many raw key
 * recoveries of the same library over the same signatures, in turn in one process. Two kinds: a wallet creates an inbox,
 * and a wallet creates an inbox and adds another wallet, which takes two signatures of which one stands there twice.
 *
 * `UPDATES=100 npm run bench -- identity` is quick, and records nothing.
 */
import { create, toBinary } from "@bufbuild/protobuf";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { writeFile } from "node:fs/promises";
import { hashMessage, toBytes } from "viem";

import { evaluateUpdate } from "../src/indexer/identity/evaluateUpdate.ts";
import { ethereum } from "../src/indexer/identity/identifiers.ts";
import { inboxIdOf } from "../src/indexer/identity/inboxIdOf.ts";
import { ClientEnvelopeSchema } from "../src/indexer/identity/proto/envelopes_pb.ts";
import { addressOf } from "../src/indexer/identity/signatures/recoverAddress.ts";
import { signatureText } from "../src/indexer/identity/signatureText.ts";
import type { Identifier, IdentityAction } from "../src/indexer/identity/types.ts";

const SNAPSHOT = new URL("../snapshots/identity.json", import.meta.url);

const RECORDED_UPDATES = 400;
const UPDATES = Number(process.env["UPDATES"] ?? RECORDED_UPDATES);
const ROUNDS = 5;
const TURN = 20;
const NONCE = 1n;
const NS_PER_SECOND = 1_000_000_000n;

interface Wallet {
  readonly secretKey: Uint8Array;
  readonly identifier: Identifier;
}

/** What the library signs and reads: the recovery number, r and s. */
interface RawSignature {
  readonly bytes: Uint8Array;
  readonly digest: Uint8Array;
}

interface Sample {
  readonly inboxId: string;
  readonly envelope: Uint8Array;
  /** Each once, however often it stands in the update. */
  readonly signatures: readonly RawSignature[];
}

const kinds = {
  createInbox: Array.from({ length: UPDATES }, (_, index) => sampleOf(index, false)),
  createInboxAndAddWallet: Array.from({ length: UPDATES }, (_, index) => sampleOf(index, true)),
};
const results: Record<string, unknown> = {};
for (const [kind, samples] of Object.entries(kinds)) results[kind] = await compare(samples);

const result = { updates: UPDATES, ...results };
console.log(JSON.stringify(result, null, 2));
if (UPDATES === RECORDED_UPDATES) await writeFile(SNAPSHOT, `${JSON.stringify(result, null, 2)}\n`);

async function compare(samples: readonly Sample[]): Promise<object> {
  const evaluated: number[] = [];
  const raw: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    let evaluatedMs = 0;
    let rawMs = 0;
    // In turn every few updates, so that both meet the same other work of the machine.
    for (let start = 0; start < samples.length; start += TURN) {
      const turn = samples.slice(start, start + TURN);
      evaluatedMs += await elapsedMs(() => evaluateAll(turn));
      rawMs += await elapsedMs(() => recoverAll(turn));
    }
    evaluated.push((samples.length / evaluatedMs) * 1000);
    raw.push((samples.length / rawMs) * 1000);
  }
  const ratio = median(evaluated.map((rate, round) => rate / (raw[round] ?? 0)));

  return {
    signatures: samples[0]?.signatures.length,
    updatesPerSecond: Math.round(median(evaluated)),
    rawUpdatesPerSecond: Math.round(median(raw)),
    evaluatedToRaw: Number(ratio.toFixed(3)),
  };
}

async function evaluateAll(samples: readonly Sample[]): Promise<void> {
  for (const { envelope, inboxId } of samples) {
    const { outcome } = await evaluateUpdate({
      update: envelope,
      inboxId: `0x${inboxId}`,
      state: undefined,
      hasSeen: () => [],
      verifyContractWallet: () => Promise.resolve("invalid"),
    });
    if (outcome !== "accepted") throw new Error(`an update was ${outcome}`);
  }
}

/** What key recovery alone takes. */
function recoverAll(samples: readonly Sample[]): void {
  for (const { signatures } of samples) {
    for (const { bytes, digest } of signatures) {
      secp256k1.recoverPublicKey(bytes, digest, { prehash: false });
    }
  }
}

function sampleOf(index: number, addsWallet: boolean): Sample {
  const owner = walletOf(2 * index + 1);
  const other = walletOf(2 * index + 2);
  const inboxId = inboxIdOf(owner.identifier, NONCE);
  const clientTimestampNs = BigInt(index) * NS_PER_SECOND;
  const signature = undefined;
  const actions: IdentityAction<undefined>[] = [
    { kind: "createInbox", owner: owner.identifier, nonce: NONCE, signature },
  ];
  if (addsWallet) {
    const signatures = { existingSignature: signature, newSignature: signature };
    actions.push({ kind: "addMember", member: other.identifier, ...signatures });
  }
  const text = signatureText({ inboxId, clientTimestampNs, actions });
  const signed = sign(owner, text);
  const added = sign(other, text);
  const creation = {
    initialIdentifier: owner.identifier.value,
    nonce: NONCE,
    initialIdentifierSignature: carried(signed),
  };
  const addition = {
    newMemberIdentifier: {
      kind: { case: "ethereumAddress" as const, value: other.identifier.value },
    },
    existingMemberSignature: carried(signed),
    newMemberSignature: carried(added),
  };
  const message = create(ClientEnvelopeSchema, {
    aad: { targetTopic: Buffer.from(`02${inboxId}`, "hex") },
    payload: {
      case: "identityUpdate",
      value: {
        inboxId,
        clientTimestampNs,
        actions: [
          { kind: { case: "createInbox", value: creation } },
          ...(addsWallet ? [{ kind: { case: "add" as const, value: addition } }] : []),
        ],
      },
    },
  });

  return {
    inboxId,
    envelope: toBinary(ClientEnvelopeSchema, message),
    signatures: addsWallet ? [signed, added] : [signed],
  };
}

function walletOf(number: number): Wallet {
  const secretKey = toBytes(BigInt(number), { size: 32 });

  return {
    secretKey,
    identifier: ethereum(addressOf(secp256k1.Point.BASE.multiply(BigInt(number)))),
  };
}

function sign({ secretKey }: Wallet, text: string): RawSignature {
  const digest = toBytes(hashMessage(text));
  const bytes = secp256k1.sign(digest, secretKey, { prehash: false, format: "recovered" });

  return { bytes, digest };
}

/** As updates carry it: r, s and v. */
function carried({ bytes }: RawSignature) {
  const [recovery = 0] = bytes;
  const value = { bytes: Buffer.concat([bytes.subarray(1), Buffer.of(27 + recovery)]) };

  return { signature: { case: "erc191" as const, value } };
}

async function elapsedMs(act: () => void | Promise<void>): Promise<number> {
  const began = performance.now();
  await act();

  return performance.now() - began;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
