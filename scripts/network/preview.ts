import type { Address, LocalAccount } from "viem";

import type { Chain } from "../../src/chain/connectChain.ts";
import type { Output } from "./output.ts";

/** What would be sent. */
export interface PreparedTransaction {
  readonly what: string;
  readonly chainId: number;
  readonly from: Address;
  readonly to: Address;
  /** Gas limit. */
  readonly gas: bigint;
}

/**
 * Runs a write of the library up to the signature, which it does not get: every check is done and the call simulated, and
 * nothing can be sent.
 *
 * @throws {XmtpError} whatever the write throws before it signs
 */
export async function previewWrite(
  {
    what,
    chain,
    account,
  }: { readonly what: string; readonly chain: Chain; readonly account: LocalAccount },
  write: (account: LocalAccount) => Promise<unknown>,
): Promise<PreparedTransaction> {
  const { toAccount } = await import("viem/accounts");
  let prepared: PreparedTransaction | undefined;
  const refuse = () => Promise.reject(new Error("a preview signs nothing"));
  const unsigning = toAccount({
    address: account.address,
    signMessage: refuse,
    signTypedData: refuse,
    signTransaction: ({ to, gas }) => {
      if (typeof to === "string" && gas !== undefined) {
        prepared = { what, chainId: chain.chainId, from: account.address, to, gas };
      }
      return refuse();
    },
  });
  const failure = await write({
    ...unsigning,
    publicKey: account.publicKey,
    source: "preview",
  }).then(
    () => undefined,
    (error: unknown) => ({ error }),
  );
  if (prepared !== undefined) return prepared;
  if (failure === undefined) throw new RangeError("the write ended without asking for a signature");
  const { decodeError } = await import("../../src/errors/decodeError.ts");
  throw decodeError(failure.error);
}

/** Prints what would be sent. */
export function showPreview(prepared: readonly PreparedTransaction[], output: Output): void {
  const lines = prepared.map(
    ({ what, chainId, from, to, gas }) =>
      `would send to ${to} on chain ${chainId}: ${what}\n  from ${from}, up to ${gas} gas`,
  );
  output.result(
    { preview: true, transactions: prepared },
    [...lines, "Nothing was sent. Pass --yes to send it."].join("\n"),
  );
}
