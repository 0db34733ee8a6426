import { size, type Address } from "viem";

import { planRollup, type RollupContracts } from "./planRollup.ts";
import { rollupAccounts } from "./rollupAccounts.ts";
import { clientOf, receiptOf, sendSigned, type Provider } from "./sendSigned.ts";

/** Gas that deploying `size` bytes of creation code takes at most, and that a block is not too small for. */
const deploymentGas = (size: number): bigint => 500_000n + 240n * BigInt(size);
/** It takes 7.3 million. */
const CREATION_GAS = 10_000_000n;

export interface CreateRollupParameters {
  /** Of the settlement chain. */
  readonly provider: Provider;
  readonly feeToken: Address;
  readonly appchainId: number;
  readonly signal?: AbortSignal;
}

/**
 * Creates the rollup whose native token is the fee token, with the contracts of Arbitrum themselves. Sends what is missing:
 * nothing when it stands, the rest when an earlier run was interrupted.
 *
 * @throws {Error} if a transaction fails
 */
export async function createRollup({
  provider,
  feeToken,
  appchainId,
  signal,
}: CreateRollupParameters): Promise<RollupContracts> {
  const client = clientOf(provider);
  const { creator, sequencer, validator } = rollupAccounts();
  const { transactions, contracts } = await planRollup({
    creator: creator.address,
    sequencer: sequencer.address,
    validator: validator.address,
    feeToken,
    appchainId,
  });

  // The nonce is the journal: the n-th transaction of this account is always the n-th of the plan.
  const nonce = await client.getTransactionCount({ address: creator.address, blockTag: "latest" });
  const hashes = await sendSigned({
    client,
    privateKey: creator.privateKey,
    nonce,
    calls: transactions.slice(nonce).map(({ to, data }) => ({
      ...(to && { to }),
      data,
      gas: to === undefined ? deploymentGas(size(data)) : CREATION_GAS,
    })),
  });
  for (const hash of hashes) await receiptOf(client, hash, signal);

  const code = await client.getCode({ address: contracts.rollup });
  if (code === undefined)
    throw new Error(`the account ${creator.address} made no rollup at ${contracts.rollup}`);
  return contracts;
}
