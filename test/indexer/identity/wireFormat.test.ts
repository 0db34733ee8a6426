import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { expect } from "chai";

import { inboxIdOf } from "../../../src/indexer/identity/inboxIdOf.ts";
import {
  CreateInboxSchema,
  IdentityUpdateSchema,
} from "../../../src/indexer/identity/proto/associations_pb.ts";
import { createRandom } from "../../helpers/createRandom.ts";
import { createWallet } from "../../helpers/identity/actors.ts";
import { buildUpdate } from "../../helpers/identity/buildUpdate.ts";
import { createInboxLog } from "../../helpers/identity/createInboxLog.ts";
import { createOracle, type Oracle } from "../../helpers/identity/createOracle.ts";
import { envelopeOf } from "../../helpers/identity/envelopeOf.ts";
import { vectors } from "../../helpers/identity/vectors.ts";

const SEED = Number(process.env["IDENTITY_SEED"] ?? Math.floor(Math.random() * 2 ** 31));

const wallet = createWallet(`0x${"11".repeat(32)}`);
const inboxId = inboxIdOf(wallet.identifier, 0n);
const valid = buildUpdate({
  inboxId,
  clientTimestampNs: 0n,
  plans: [{ create: wallet.identifier, by: wallet, nonce: 0n }],
});

const hex = (digits: string): Buffer => Buffer.from(digits.replaceAll(" ", ""), "hex");
const appended = (digits: string): Uint8Array => Buffer.concat([valid, hex(digits)]);
const groups = (depth: number, inner = ""): string =>
  `${"7b".repeat(depth)}${inner}${"7c".repeat(depth)}`;

/** Encodings of the same update, most of which nobody writes. */
const FORMS: readonly (readonly [what: string, update: Uint8Array, isAccepted: boolean])[] = [
  ["as it is", valid, true],
  ["an unknown number", appended("7801"), true],
  [
    "an unknown field of each wire type",
    appended("7801 79 0102030405060708 7a0101 7d01020304"),
    true,
  ],
  ["an unknown group", appended(groups(1, "0801")), true],
  ["90 groups inside each other", appended(groups(90, "0801")), true],
  ["101 groups inside each other", appended(groups(101, "0801")), false],
  ["a group without its end", appended("7b0801"), false],
  ["a group with another's end", appended("7b080174"), false],
  ["an end without a group", appended("7c"), false],
  ["wire type 6", appended("7e"), false],
  ["wire type 7", appended("7f"), false],
  ["field number 0", appended("0001"), false],
  ["a tag of more bytes than needed", appended("f88000 01"), true],
  ["a tag over 32 bits", appended("f8ffffff7f 01"), false],
  ["a tag alone", appended("78"), false],
  ["a tag cut off", appended("f8"), false],
  ["the highest number of 64 bits", appended("78 ffffffffffffffffff01"), true],
  ["a number over 64 bits", appended("78 ffffffffffffffffff02"), false],
  ["a number of eleven bytes", appended("78 8080808080808080808000"), false],
  ["a field that ends beyond the update", appended("7a02 01"), false],
  ["an unknown field with a huge length", appended("7a ffffffff0f"), false],
  ["four bytes cut off", appended("7d 010203"), false],
  ["eight bytes cut off", appended("79 01020304050607"), false],
  ["the time with the wire type of text", appended("1200"), false],
  ["the time with fixed width", appended("11 0000000000000000"), false],
  ["actions with the wire type of numbers", appended("0801"), false],
  ["the inbox id with the wire type of numbers", appended("1801"), false],
  ["the time twice", appended("1005 1000"), true],
  ["another time at the end", appended("1080d0acf30e"), false],
  ["the inbox id empty, then right", Buffer.concat([hex("1a00"), valid]), true],
  ["the inbox id right, then empty", appended("1a00"), false],
  ["an inbox id that is not UTF-8", Buffer.concat([hex("1a01ff"), valid]), false],
  ["an empty action", appended("0a00"), false],
  ["an action of a kind to come", appended("0a022a00"), false],
  ["nothing", hex(""), false],
  ["kind 0", withCreate("2000"), true],
  ["kind 1", withCreate("2001"), true],
  ["kind 2, though the identifier is no hex", withCreate("2002"), false],
  ["kind 3", withCreate("2003"), true],
  ["kind -1", withCreate("20 ffffffffffffffffff01"), true],
  ["kind 2 to the 32nd, which is 0 in 32 bits", withCreate("20 8080808010"), true],
  ["kind 2 to the 32nd and 2, which is 2 in 32 bits", withCreate("20 8280808010"), false],
  ["a relying party", withCreate("2a0161"), true],
  ["a relying party that is a byte order mark", withCreate("2a03efbbbf"), true],
  ["a relying party that is not UTF-8", withCreate("2a01ff"), false],
  ["a relying party that is half a surrogate pair", withCreate("2a03eda080"), false],
  ["a relying party with the wire type of numbers", withCreate("2801"), false],
  ["the signature in two halves", withCreate("1a020a00"), true],
  ["the signature of two kinds, the last empty", withCreate("1a021200"), false],
  ["the signature of an unknown kind besides", withCreate("1a023200"), true],
  ["a byte order mark before the identifier", withCreate("0a2d efbbbf" + identifierHex()), false],
  ["the creation in two halves", withAction("0a00"), true],
  ["the creation, then a revocation in its place", withAction("1a00"), false],
  ["a revocation, then the creation in its place", withAction("", "1a00"), true],
  ["an action that says that it is longer", withLength(1), false],
  ["an action that says that it is shorter", withLength(-1), false],
];

describe("encodings of an update, read by the network's client library too", function () {
  this.timeout(30_000);
  let oracle: Oracle;

  before(async () => {
    oracle = await createOracle({ isValidWallet: () => true });
  });
  after(() => oracle.stop());

  for (const [what, update, isAccepted] of FORMS) {
    it(`${what}: ${isAccepted ? "accepted" : "rejected"}`, async () => {
      const ours = await createInboxLog({ inboxId }).append(envelopeOf(update, inboxId));
      const theirs = await oracle.read(inboxId, [update]);

      expect("refusal" in theirs, JSON.stringify(theirs)).to.equal(!isAccepted);
      expect(ours.outcome, JSON.stringify(ours, showBigInt)).to.equal(
        isAccepted ? "accepted" : "rejected",
      );
    });
  }
});

describe(`damaged envelopes (seed ${SEED})`, function () {
  this.timeout(60_000);
  const random = createRandom(SEED);
  const below = (limit: number): number => Math.floor(random() * limit);
  const envelopes = vectors.scenarios.flatMap((scenario) =>
    scenario.updates.map((update) => ({
      inbox: scenario.inboxId,
      bytes: envelopeOf(hex(update.identityUpdate.slice(2)), scenario.inboxId),
    })),
  );

  it("are rejected by name, or are what they were, and never anything else", async () => {
    const errors = new Set<string>();
    for (let round = 0; round < 600; round++) {
      const { inbox, bytes } = envelopes[below(envelopes.length)] ?? { inbox: "", bytes: valid };
      const damaged = Buffer.from(bytes);
      for (let flips = 1 + below(3); flips > 0; flips--) {
        const at = below(damaged.length);
        damaged[at] = (damaged[at] ?? 0) ^ (1 << below(8));
      }
      const cut = random() < 0.2 ? damaged.subarray(0, below(damaged.length)) : damaged;

      const verifyContractWallet = () => Promise.resolve("valid" as const);
      const result = await createInboxLog({ inboxId: inbox, verifyContractWallet }).append(cut);

      const label = `seed ${SEED}, round ${round}`;
      expect(["accepted", "rejected"], label).to.include(result.outcome);
      if (result.outcome === "rejected") {
        expect(vectors.errorNames, label).to.include(result.error);
        errors.add(result.error);
      }
    }
    expect(errors).to.include.all.keys("Decode", "WrongInboxId", "MissingExistingMember");
  });

  it("of random bytes are rejected as no updates", async () => {
    for (let round = 0; round < 300; round++) {
      const noise = Buffer.from(Array.from({ length: below(400) }, () => below(256)));

      const result = await createInboxLog({ inboxId }).append(noise);

      expect(result, `seed ${SEED}, round ${round}`).to.include({
        outcome: "rejected",
        error: "Decode",
      });
    }
  });
});

/** The update with something more at the end of its creation. */
function withCreate(digits: string): Uint8Array {
  const [action] = fromBinary(IdentityUpdateSchema, valid).actions;
  if (action?.kind.case !== "createInbox") throw new Error("the update creates no inbox");
  // Without the kind, which would come before.
  const create = toBinary(CreateInboxSchema, { ...action.kind.value, initialIdentifierKind: 0 });

  return updateOf(Buffer.concat([fieldOf(1, Buffer.concat([create, hex(digits)]))]));
}

/** The update with something before or after the creation in its only action. */
function withAction(after: string, before = ""): Uint8Array {
  const [action] = fromBinary(IdentityUpdateSchema, valid).actions;
  if (action?.kind.case !== "createInbox") throw new Error("the update creates no inbox");
  const create = toBinary(CreateInboxSchema, action.kind.value);

  return updateOf(Buffer.concat([hex(before), fieldOf(1, create), hex(after)]));
}

/** The update with another length for its action, which is its first field. */
function withLength(more: number): Uint8Array {
  const update = Buffer.from(valid);
  // The lowest bits of the length, which comes after the tag and has two bytes.
  update[1] = (update[1] ?? 0) + more;

  return update;
}

function updateOf(action: Uint8Array): Uint8Array {
  return Buffer.concat([fieldOf(1, action), fieldOf(3, Buffer.from(inboxId))]);
}

function fieldOf(fieldNumber: number, bytes: Uint8Array): Uint8Array {
  return new BinaryWriter().tag(fieldNumber, WireType.LengthDelimited).bytes(bytes).finish();
}

function identifierHex(): string {
  return Buffer.from(wallet.identifier.value).toString("hex");
}

function showBigInt(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}
