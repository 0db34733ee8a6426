import { toHex, type Hex } from "viem";

import { ethereum } from "../identifiers.ts";
import { RejectedUpdate } from "../RejectedUpdate.ts";
import type { CarriedSignature, VerifiedSignature } from "../types.ts";
import { parseAccountId } from "./accountId.ts";

const EIP155_CHAIN = /^eip155:(\d+)$/;
const ADDRESS = /^(0x)?[0-9a-fA-F]{40}$/;
const MAX_CHAIN_ID = (1n << 64n) - 1n;

export interface ContractWalletRequest {
  /** CAIP-10 as carried; a chain of namespace eip155 and an address with or without `0x`, in any case. */
  readonly accountId: string;
  /** The EIP-191 digest of the signature text. */
  readonly hash: Hex;
  readonly signature: Hex;
  /** The block at which to ask. 0 is block 0. */
  readonly blockNumber: bigint;
}

/** Undecided: nobody can say now, for one because the chain cannot be reached. Never thrown. */
export type ContractWalletAnswer = "valid" | "invalid" | { readonly undecided: string };

/** Asks a chain whether a wallet accepts a signature (ERC-1271 and ERC-6492). */
export type ContractWalletVerifier = (
  request: ContractWalletRequest,
) => Promise<ContractWalletAnswer>;

export type ContractWalletSignature = Extract<CarriedSignature, { kind: "erc-1271" }>;

/**
 * What a contract wallet's signature says if its chain accepts it.
 *
 * @throws {RejectedUpdate} `Signature` if it cannot count whatever a chain answers
 */
export function claimOf({ accountId, bytes }: ContractWalletSignature): VerifiedSignature {
  const { chain, address } = parseAccountId(accountId);
  const [, reference] = EIP155_CHAIN.exec(chain) ?? [];
  if (reference === undefined || BigInt(reference) > MAX_CHAIN_ID) {
    throw new RejectedUpdate("Signature", `${chain} is no chain of contract wallets`);
  }
  if (!ADDRESS.test(address)) {
    throw new RejectedUpdate("Signature", "the account of a contract wallet is no address");
  }

  return {
    kind: "erc-1271",
    // An address that came without 0x stays without: it is another member.
    signer: ethereum(address.toLowerCase()),
    raw: Uint8Array.from(bytes),
    chainId: BigInt(reference),
  };
}

export function requestOf(
  { accountId, bytes, blockNumber }: ContractWalletSignature,
  digest: Uint8Array,
): ContractWalletRequest {
  return { accountId, hash: toHex(digest), signature: toHex(bytes), blockNumber };
}
