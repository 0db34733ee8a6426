import type { LocalAccount } from "viem";

import type { AccountView } from "./createAccountView.ts";
import type { Entry } from "./createEntry.ts";
import { bumpFees, suggestFees, type Fees } from "./fees.ts";
import { signTransaction } from "./signTransaction.ts";

/** Decides what entries offer, in wei per gas, and signs them. */
export interface Signer {
  /** The fees of a new transaction. */
  suggest(): Fees;
  /** The fees that replace a transaction. Under a cap they may be too low for that. */
  outbid(previous: Fees): Fees;
  sign(entry: Entry, fees: Fees): Promise<void>;
  /** Learns from a gas limit that the node estimated: all that is signed from now on gets as much more. */
  learnGas(entry: Entry, gas: number): void;
}

export interface SignerParameters {
  readonly account: LocalAccount;
  readonly chainId: number;
  readonly view: AccountView;
  /** Wei per gas; nothing above is ever offered. */
  readonly maxFeePerGas: bigint | undefined;
}

export function createSigner({ account, chainId, view, maxFeePerGas }: SignerParameters): Signer {
  let gasScale = 1;

  return {
    suggest: () => suggestFees(view.market(), maxFeePerGas),
    outbid: (previous) => bumpFees(previous, view.market(), maxFeePerGas),
    sign: async (entry, fees) => {
      const { to, data, gas } = entry.request;
      entry.fees = fees;
      entry.raw = await signTransaction(account, {
        chainId,
        nonce: entry.nonce,
        gas: BigInt(Math.ceil(gas * gasScale)),
        to,
        data,
        fees,
        hasBaseFee: view.market().baseFee !== undefined,
      });
    },
    learnGas: ({ request }, gas) => {
      gasScale = Math.max(gasScale, gas / request.gas);
    },
  };
}
