import { setTimeout as pause } from "node:timers/promises";

import {
  createPublicClient,
  custom,
  keccak256,
  type Address,
  type EIP1193RequestFn,
  type Hex,
  type PublicClient,
  type TransactionReceipt,
} from "viem";
import { privateKeyToAccount } from "viem/accounts";

/** Wei per gas that is never reached. Fixed, so that the same call with the same nonce is the same transaction. */
const MAX_FEE_PER_GAS = 1_000n * 10n ** 9n;
/** Milliseconds between two looks for a receipt. */
const RECEIPT_POLL = 10;

export interface Provider {
  request(request: { readonly method: string; readonly params?: unknown[] }): Promise<unknown>;
}

export function clientOf(provider: Provider): PublicClient {
  const request = provider.request.bind(provider) as EIP1193RequestFn;
  return createPublicClient({ transport: custom({ request }, { retryCount: 0 }), cacheTime: 0 });
}

export interface SignedCall {
  /** Left out: creates a contract. */
  readonly to?: Address;
  readonly data: Hex;
  readonly gas: bigint;
}

/**
 * Sends calls of one account in order, the first with `nonce`, and returns their hashes without waiting for blocks. What
 * waits for a block already, from an earlier run, is not sent twice.
 */
export async function sendSigned({
  client,
  privateKey,
  nonce,
  calls,
}: {
  readonly client: PublicClient;
  readonly privateKey: Hex;
  readonly nonce: number;
  readonly calls: readonly SignedCall[];
}): Promise<Hex[]> {
  const account = privateKeyToAccount(privateKey);
  const chainId = await client.getChainId();

  const hashes: Hex[] = [];
  for (const [position, call] of calls.entries()) {
    const serializedTransaction = await account.signTransaction({
      ...call,
      type: "eip1559",
      chainId,
      nonce: nonce + position,
      maxFeePerGas: MAX_FEE_PER_GAS,
      maxPriorityFeePerGas: 0n,
    });
    const hash = keccak256(serializedTransaction);
    hashes.push(hash);
    try {
      await client.sendRawTransaction({ serializedTransaction });
    } catch (error) {
      if (!(await isKnown(client, hash))) throw error;
    }
  }
  return hashes;
}

/**
 * The receipt, as soon as there is one.
 *
 * @throws {Error} if the transaction failed, or the chain forgot it
 */
export async function receiptOf(
  client: PublicClient,
  hash: Hex,
  signal?: AbortSignal,
): Promise<TransactionReceipt> {
  for (;;) {
    const known = await isKnown(client, hash);
    const receipt = await client.getTransactionReceipt({ hash }).catch(() => undefined);
    if (receipt?.status === "success") return receipt;
    if (receipt !== undefined) throw new Error(`the transaction ${hash} failed`);
    if (!known) throw new Error(`the chain no longer knows the transaction ${hash}`);
    await pause(RECEIPT_POLL, undefined, { signal });
  }
}

async function isKnown(client: PublicClient, hash: Hex): Promise<boolean> {
  const transaction = await client.request({ method: "eth_getTransactionByHash", params: [hash] });
  return transaction !== null;
}
