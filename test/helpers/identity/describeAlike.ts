import { expect } from "chai";

import type { Identifier } from "../../../src/indexer/identity/types.ts";
import { inboxIdOf } from "../../../src/indexer/identity/inboxIdOf.ts";
import { createWallet, type Actor } from "./actors.ts";
import { buildUpdate, type Plan } from "./buildUpdate.ts";
import { createInboxLog } from "./createInboxLog.ts";
import { createOracle, type Oracle } from "./createOracle.ts";
import { envelopeOf } from "./envelopeOf.ts";

/** Somebody who signs an update in some way, and whether that counts. */
export type SignerCase = readonly [what: string, signer: Actor, isAccepted: boolean];

const owner = createWallet(`0x${"99".repeat(32)}`);

/**
 * Tests that we and the network's client library accept or refuse the same signatures: those of updates in which the
 * signer creates an inbox, or joins one if it is an installation. Chains accept every contract wallet.
 */
export function describeAlike(
  title: string,
  cases: readonly SignerCase[],
  /** Who is to own the inbox if not the signer as it is called. */
  identifierOf: (signer: Actor) => Identifier = ({ identifier }) => identifier,
): void {
  describe(`${title}, read by the network's client library too`, function () {
    this.timeout(30_000);
    let oracle: Oracle;

    before(async () => {
      oracle = await createOracle({ isValidWallet: () => true });
    });
    after(() => oracle.stop());

    for (const [what, signer, isAccepted] of cases) {
      it(`${what}: ${isAccepted ? "accepted" : "rejected"}`, async () => {
        const identifier = identifierOf(signer);
        const isMember = identifier.kind === "installation";
        const creator = isMember ? owner.identifier : identifier;
        const plans: Plan[] = [{ create: creator, by: isMember ? owner : signer, nonce: 0n }];
        if (isMember) plans.push({ add: identifier, newBy: signer, by: owner });
        const inboxId = inboxIdOf(creator, 0n);
        const update = buildUpdate({ inboxId, clientTimestampNs: 5n, plans });
        const verifyContractWallet = () => Promise.resolve("valid" as const);

        const ours = await createInboxLog({ inboxId, verifyContractWallet }).append(
          envelopeOf(update, inboxId),
        );
        const theirs = await oracle.read(inboxId, [update]);

        expect("refusal" in theirs, JSON.stringify(theirs)).to.equal(!isAccepted);
        expect(ours.outcome).to.equal(isAccepted ? "accepted" : "rejected");
      });
    }
  });
}
