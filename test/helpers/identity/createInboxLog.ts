import type { Hex } from "viem";

import type { Acceptance } from "../../../src/indexer/identity/applyVerified.ts";
import { evaluateUpdate, type Undecided } from "../../../src/indexer/identity/evaluateUpdate.ts";
import type { Rejection } from "../../../src/indexer/identity/RejectedUpdate.ts";
import type { ContractWalletVerifier } from "../../../src/indexer/identity/signatures/contractWallet.ts";
import type { InboxState } from "../../../src/indexer/identity/types.ts";
import type { AddressLog } from "./vectors.ts";

/** One inbox as an indexer keeps it: the state, the signatures seen, and the rows of its addresses. */
export interface InboxLog {
  readonly state: () => InboxState | undefined;
  readonly seen: ReadonlySet<string>;
  readonly addressLog: () => AddressLog;
  readonly append: (update: Uint8Array | Hex) => Promise<Acceptance | Rejection | Undecided>;
}

export function createInboxLog({
  inboxId,
  verifyContractWallet = () => Promise.reject(new Error("no chain was expected to be asked")),
}: {
  /** With or without `0x`. */
  readonly inboxId: string;
  readonly verifyContractWallet?: ContractWalletVerifier;
}): InboxLog {
  const seen = new Set<string>();
  const rows = new Map<string, { association: number; revocation: number | null }>();
  let state: InboxState | undefined;
  let sequenceId = 0;

  const append = async (update: Uint8Array | Hex) => {
    sequenceId++;
    const result = await evaluateUpdate({
      update: typeof update === "string" ? Buffer.from(update.slice(2), "hex") : update,
      inboxId: `0x${inboxId.replace(/^0x/, "")}`,
      state,
      hasSeen: (raws) => raws.map((raw) => seen.has(Buffer.from(raw).toString("hex"))),
      verifyContractWallet,
    });
    if (result.outcome !== "accepted") return result;

    state = result.state;
    for (const raw of result.addedSeen) seen.add(Buffer.from(raw).toString("hex"));
    for (const { identifier } of result.members.added) {
      if (identifier.kind !== "ethereum") continue;
      const row = rows.get(identifier.value);
      const isOlder =
        row !== undefined && (row.revocation ?? 0) < sequenceId && row.association < sequenceId;
      if (row === undefined || isOlder) {
        rows.set(identifier.value, { association: sequenceId, revocation: null });
      }
    }
    for (const { identifier } of result.members.removed) {
      const row = rows.get(identifier.value);
      if (identifier.kind === "ethereum" && row !== undefined) row.revocation = sequenceId;
    }
    return result;
  };

  const addressLog = () =>
    Object.fromEntries(
      [...rows].map(([address, { association, revocation }]) => [
        address,
        { associationSequenceId: association, revocationSequenceId: revocation },
      ]),
    );

  return { state: () => state, seen, addressLog, append };
}
