import {
  createPublicClient,
  createWalletClient,
  custom,
  type Account,
  type Address,
  type Hash,
  type Hex,
  type PublicClient,
  type Transport,
  type WalletClient,
} from "viem";

/** The one function that a Hardhat connection, an injected wallet and our own key provider have in common. */
export interface Eip1193Provider {
  request(request: RpcRequest): Promise<unknown>;
}

export interface RpcRequest {
  readonly method: string;
  readonly params?: readonly unknown[] | object;
}

/** One chain, as the engine talks to it. */
export interface ChainConnection {
  readonly provider: Eip1193Provider;
  readonly client: PublicClient;
  /** Sends from the deployer, waits until it is mined, and tells its hash. @throws {Error} if it failed */
  readonly send: (transaction: {
    readonly to: Address;
    readonly data?: Hex;
    readonly value?: bigint;
  }) => Promise<Hash>;
  readonly waitFor: (hash: Hash) => Promise<void>;
}

export function chainConnection({
  provider,
  deployer,
  pollingInterval,
}: {
  readonly provider: Eip1193Provider;
  readonly deployer: Address;
  /** Milliseconds. */
  readonly pollingInterval: number;
}): ChainConnection {
  // A repeated send could be a second transaction, so nothing is retried here: the engine starts over from the chain.
  const transport = custom(provider, { retryCount: 0 });
  const client: PublicClient = createPublicClient({ transport, pollingInterval, cacheTime: 0 });
  const wallet: WalletClient<Transport, undefined, Account> = createWalletClient({
    account: deployer,
    transport,
  });

  const waitFor = async (hash: Hash): Promise<void> => {
    const { status } = await client.waitForTransactionReceipt({ hash });
    if (status !== "success") throw new Error(`transaction ${hash} was mined and failed`);
  };
  return {
    provider,
    client,
    waitFor,
    send: async (transaction) => {
      // Asked first: an account that the node keeps would otherwise send what is bound to fail.
      const gas = await client.estimateGas({ account: deployer, ...transaction });
      const hash = await wallet.sendTransaction({ ...transaction, gas, chain: null });
      await waitFor(hash);
      return hash;
    },
  };
}
