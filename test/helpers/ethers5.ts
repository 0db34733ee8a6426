import { createRequire } from "node:module";

import type { getArbitrumNetworkInformationFromRollup, EthBridger } from "@arbitrum/sdk";

export type Provider5 = Parameters<typeof getArbitrumNetworkInformationFromRollup>[1] & {
  /** Milliseconds between two looks at the chain. */
  pollingInterval: number;
};
type Amount5 = Extract<
  Parameters<EthBridger["deposit"]>[0],
  { readonly amount: unknown }
>["amount"];
export type Signer5 = Parameters<EthBridger["deposit"]>[0]["parentSigner"];

interface Ethers5 {
  readonly BigNumber: { readonly from: (value: bigint) => Amount5 };
  readonly Wallet: new (privateKey: string, provider: Provider5) => Signer5;
  readonly providers: { readonly StaticJsonRpcProvider: new (url: string) => Provider5 };
}

/** The ethers that `@arbitrum/sdk` brings along; it takes the providers and signers of no other. */
const { BigNumber, Wallet, providers } = createRequire(import.meta.resolve("@arbitrum/sdk"))(
  "ethers",
) as Ethers5;

export function provider5(url: string): Provider5 {
  const provider = new providers.StaticJsonRpcProvider(url);
  provider.pollingInterval = 20;
  return provider;
}

export function signer5(privateKey: string, provider: Provider5): Signer5 {
  return new Wallet(privateKey, provider);
}

export const amount5 = (value: bigint): Amount5 => BigNumber.from(value);
