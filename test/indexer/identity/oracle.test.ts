import { expect } from "chai";

import { createHistory, isAccepted } from "../../helpers/identity/createHistory.ts";
import { createInboxLog } from "../../helpers/identity/createInboxLog.ts";
import {
  createOracle,
  refusalOf,
  toOracleState,
  type Oracle,
} from "../../helpers/identity/createOracle.ts";
import { envelopeOf } from "../../helpers/identity/envelopeOf.ts";
import { createRandom } from "../../helpers/createRandom.ts";

/** `IDENTITY_SEED=123` repeats a run, `IDENTITY_HISTORIES=500` makes it long. */
const SEED = Number(process.env["IDENTITY_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
const HISTORIES = Number(process.env["IDENTITY_HISTORIES"] ?? 8);
const UPDATES = 12;

describe(`random histories, read by the network's client library too (seed ${SEED})`, function () {
  this.timeout(20_000 + HISTORIES * 10_000);
  let oracle: Oracle;
  const outcomes = new Map<string, number>();

  before(async () => {
    oracle = await createOracle({ isValidWallet: isAccepted });
  });
  after(() => oracle.stop());

  for (let index = 0; index < HISTORIES; index++) {
    it(`are accepted, refused and understood alike (${index + 1})`, () => compare(SEED + index));
  }

  it("were of both kinds", () => {
    if (HISTORIES > 8) console.log(Object.fromEntries(outcomes));
    expect(outcomes.get("accepted")).to.be.greaterThan(HISTORIES);
    expect(outcomes.size).to.be.greaterThan(3);
  });

  async function compare(seed: number): Promise<void> {
    const { inboxId, next } = createHistory(createRandom(seed));
    const log = createInboxLog({
      inboxId,
      verifyContractWallet: (request) => Promise.resolve(isAccepted(request) ? "valid" : "invalid"),
    });
    const accepted: Uint8Array[] = [];

    for (let index = 0; index < UPDATES; index++) {
      const update = next(log.state());
      const label = `seed ${seed}, update ${index + 1}, 0x${Buffer.from(update).toString("hex")}`;

      const ours = await log.append(envelopeOf(update, inboxId));
      const theirs = await oracle.read(inboxId, [...accepted, update]);

      const refusal = refusalOf(theirs);
      if (ours.outcome === "accepted") {
        expect(refusal, label).to.equal(undefined);
        expect(theirs, label).to.deep.equal(toOracleState(ours.state));
        accepted.push(update);
      } else {
        expect(ours.outcome, label).to.equal("rejected");
        const error = ours.outcome === "rejected" ? ours.error : undefined;
        const isGrouped = error === "Decode" || error === "Signature";
        // Ours looks at the inbox id first, theirs last.
        const expected = error === "WrongInboxId" ? refusal : error;
        expect(refusal, label).to.equal(isGrouped ? "Decode or Signature" : expected);
        expect(refusal, label).to.not.equal(undefined);
      }
      const key = ours.outcome === "rejected" ? ours.error : ours.outcome;
      outcomes.set(key, (outcomes.get(key) ?? 0) + 1);
    }
  }
});
