import type { Hex } from "viem";

import { applyVerified, type Acceptance } from "./applyVerified.ts";
import type { Rejection } from "./RejectedUpdate.ts";
import type { ContractWalletVerifier } from "./signatures/contractWallet.ts";
import type { InboxState } from "./types.ts";
import { verifyUpdate, type UndecidedUpdate, type VerifiedUpdate } from "./verifyUpdate.ts";

/** Neither accepted nor rejected: the inbox must stop at this update until it can be evaluated. */
export interface Undecided {
  readonly outcome: "undecided";
  readonly detail: string;
}

/** Which of these raw signatures earlier accepted updates of the inbox had. */
export type SeenLookup = (
  rawSignatures: readonly Uint8Array[],
) => readonly boolean[] | Promise<readonly boolean[]>;

/**
 * Evaluates one on-chain identity update. Updates of an inbox come in ascending sequence id; after an accepted one the
 * caller keeps `state` and adds `addedSeen` to what it knows as seen.
 *
 * @param update the bytes of the event, a serialized `ClientEnvelope`
 * @param inboxId the inbox id of the event
 * @param state undefined before the update that creates the inbox
 */
export async function evaluateUpdate({
  update,
  inboxId,
  state,
  hasSeen,
  verifyContractWallet,
}: {
  readonly update: Uint8Array;
  readonly inboxId: Hex;
  readonly state: InboxState | undefined;
  readonly hasSeen: SeenLookup;
  readonly verifyContractWallet: ContractWalletVerifier;
}): Promise<Acceptance | Rejection | Undecided> {
  const verified = await verifyUpdate(update, inboxId, verifyContractWallet);
  if (verified.outcome === "rejected") return verified;

  const { rawSignatures } = verified.outcome === "verified" ? verified : verified.ifValid;
  // An inbox that does not exist has seen nothing.
  const seenFlags =
    state === undefined || rawSignatures.length === 0 ? [] : await hasSeen(rawSignatures);

  return settle(state, verified, seenFlags);
}

/**
 * The outcome of an update that `verifyUpdate` did not reject. One that waits for a chain is rejected at once if the rules
 * reject it even with a signature that the chain accepts: otherwise a stranger could stop any inbox with the name of a
 * chain that nobody can ask.
 *
 * @param seenFlags as for `applyVerified`
 */
export function settle(
  state: InboxState | undefined,
  verified: VerifiedUpdate | UndecidedUpdate,
  seenFlags: readonly boolean[],
): Acceptance | Rejection | Undecided {
  if (verified.outcome === "verified") return applyVerified(state, verified, seenFlags);

  const atBest = applyVerified(state, verified.ifValid, seenFlags);
  return atBest.outcome === "rejected" ? atBest : { outcome: "undecided", detail: verified.detail };
}
