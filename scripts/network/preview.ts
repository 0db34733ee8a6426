import type { Address, LocalAccount } from "viem";

import type { Chain } from "../../src/chain/connectChain.ts";
import type { Output } from "./output.ts";

/** What would be sent. */
export interface PreparedTransaction {
  readonly what: string;
  readonly chainId: number;
  readonly from: Address;
  readonly to: Address;
  /** Gas limit; undefined where a permit has to be signed before it is known. */
  readonly gas: bigint | undefined;
}

/**
 * Runs a write of the library up to the first signature, which it does not get: every check is done and the call
 * simulated, unless it takes a permit, and nothing can be sent. Undefined if the write has nothing to send.
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
): Promise<PreparedTransaction | undefined> {
  const [{ isAddress }, { toAccount }] = await Promise.all([
    import("viem"),
    import("viem/accounts"),
  ]);
  let prepared: PreparedTransaction | undefined;
  const prepare = (to: unknown, gas: bigint | undefined): void => {
    if (typeof to !== "string" || !isAddress(to)) return;
    prepared ??= { what, chainId: chain.chainId, from: account.address, to, gas };
  };
  const refuse = () => Promise.reject(new Error("a preview signs nothing"));
  const unsigning = toAccount({
    address: account.address,
    signMessage: refuse,
    // A permit for the contract that is called next.
    signTypedData: ({ message }) => {
      if (isObject(message)) prepare(message["spender"], undefined);
      return refuse();
    },
    signTransaction: ({ to, gas }) => {
      if (gas !== undefined) prepare(to, gas);
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
  if (failure === undefined) return undefined;
  const { decodeError } = await import("../../src/errors/decodeError.ts");
  throw decodeError(failure.error);
}

/** Prints what would be sent; undefined stands for what there is nothing to send for. */
export function showPreview(
  previews: readonly (PreparedTransaction | undefined)[],
  output: Output,
): void {
  const prepared = previews.filter((preview) => preview !== undefined);
  const lines = prepared.map(({ what, chainId, from, to, gas }) => {
    const limit = gas === undefined ? "with a permit that is signed first" : `up to ${gas} gas`;
    return `would send to ${to} on chain ${chainId}: ${what}\n  from ${from}, ${limit}`;
  });
  output.result(
    { preview: true, transactions: prepared },
    prepared.length === 0
      ? "There is nothing to send."
      : [...lines, "Nothing was sent. Pass --yes to send it."].join("\n"),
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
