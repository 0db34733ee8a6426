import type { Address } from "viem";

import { libraryError } from "../errors/libraryErrors.ts";
import type { XmtpError } from "../errors/XmtpError.ts";
import type { Refusal } from "./classifyRefusal.ts";
import type { AccountView } from "./createAccountView.ts";
import { isRefused, type Entry } from "./createEntry.ts";
import type { NonceLine } from "./createNonceLine.ts";
import type { Signer } from "./createSigner.ts";
import { decideRefusal } from "./decideRefusal.ts";
import { planNonces } from "./planNonces.ts";

export interface RepairParameters {
  readonly address: Address;
  readonly line: NonceLine;
  readonly view: AccountView;
  readonly signer: Signer;
  /** Reads the chain's fees and nonces again. */
  readonly synchronise: () => Promise<void>;
}

/** Estimates of the node are tried so many times. */
const MAX_GAS_ATTEMPTS = 3;

/**
 * Does something about every refused transaction. Must run while no send is under way, so that the picture is complete.
 *
 * @returns milliseconds to wait before the next send
 */
export async function repairLine({
  address,
  line,
  view,
  signer,
  synchronise,
}: RepairParameters): Promise<number> {
  const removed: number[] = [];
  const taken: number[] = [];
  let mustRenumber = false;
  let pauseMs = 0;
  const drop = (entry: Entry, error: XmtpError): void => {
    line.remove(entry);
    entry.reject(error);
    removed.push(entry.nonce);
  };

  for (const entry of line.ordered().filter(isRefused)) {
    const { refusal, refusalError } = entry;
    if (refusal === undefined) continue;
    entry.refusal = undefined;
    entry.attempts += 1;
    if (refusal === "feeTooLow") await synchronise();
    const decision = decideRefusal(refusal, entry);
    if (decision.pauseMs > 0) pauseMs = decision.pauseMs;
    switch (decision.step) {
      case "sendAgain":
        break;
      case "watch":
        entry.state = "sent";
        break;
      case "renumber":
        mustRenumber = true;
        break;
      case "leaveNonce":
        taken.push(entry.nonce);
        break;
      case "price":
        await signer.sign(entry, signer.suggest());
        break;
      case "outbid":
        await signer.sign(entry, signer.outbid(entry.fees));
        break;
      case "addGas": {
        const gas = await view.estimateGas(entry.request);
        if (typeof gas === "number" && entry.attempts <= MAX_GAS_ATTEMPTS) {
          signer.learnGas(entry, gas);
          await signer.sign(entry, entry.fees);
        } else {
          drop(entry, typeof gas === "number" ? refused(address, refusal, refusalError) : gas);
        }
        break;
      }
      case "drop":
        drop(entry, refused(address, refusal, refusalError));
    }
  }

  for (const entry of line.ordered()) {
    if (!entry.isGivenUp || entry.isFixed) continue;
    line.remove(entry);
    removed.push(entry.nonce);
  }
  const mustAskChain = mustRenumber || taken.length > 0;
  if (mustAskChain || removed.length > 0) {
    await renumber(line, { removed, taken, askChain: mustAskChain ? view : undefined });
  }

  return pauseMs;
}

/** Gives new nonces to everything that the node has certainly not taken, and fills the gaps that this leaves. */
async function renumber(
  line: NonceLine,
  {
    removed,
    taken,
    askChain,
  }: {
    readonly removed: readonly number[];
    readonly taken: readonly number[];
    readonly askChain: AccountView | undefined;
  },
): Promise<void> {
  const movable = line.ordered().filter(({ isFixed }) => !isFixed);
  const top = line.ordered().findLast(({ isFixed }) => isFixed)?.nonce;
  const pendingNonce = await askChain?.readPendingNonce();
  const plan = planNonces({ movable, top, removed, taken, pendingNonce });

  for (const nonce of plan.fills) line.fill(nonce);
  // All leave before any arrives: one may get the nonce that another had.
  for (const { entry } of plan.moves) line.remove(entry);
  for (const { entry, nonce } of plan.moves) line.place(entry, nonce);
  line.continueAt(plan.nextNonce);
}

function refused(address: Address, refusal: Refusal, error: unknown): XmtpError {
  const said = error instanceof Error ? error.message : String(error);
  const options = { cause: error };
  switch (refusal) {
    case "noFunds":
      return libraryError("INSUFFICIENT_FUNDS", `${address} cannot pay: ${said}`, options);
    case "tooLarge":
      return libraryError("TRANSACTION_TOO_LARGE", `the node refused the size: ${said}`, options);
    default:
      return libraryError("TRANSACTION_REFUSED", `the node said: ${said}`, options);
  }
}
