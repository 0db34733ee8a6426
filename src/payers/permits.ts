import {
  domainSeparator,
  isAddressEqual,
  parseSignature,
  type Address,
  type Hex,
  type LocalAccount,
  type TypedDataDomain,
} from "viem";

import { mockUnderlyingFeeTokenAbi } from "../abi/index.ts";
import type { Chain } from "../chain/connectChain.ts";
import { decodeError } from "../errors/decodeError.ts";

/** Tokens without `eip712Domain` that have no `version()` either sign for this one. */
const DEFAULT_VERSION = "1";
/** Seconds from the newest block in which the transaction with the permit has to be mined. */
const LIFETIME_SECONDS = 3_600n;
/** Name, version, chain id and contract, and nothing else (ERC-5267). */
const USUAL_FIELDS = "0x0f";

const PERMIT_TYPES = {
  Permit: [
    { name: "owner", type: "address" },
    { name: "spender", type: "address" },
    { name: "value", type: "uint256" },
    { name: "nonce", type: "uint256" },
    { name: "deadline", type: "uint256" },
  ],
} as const;

/** What an owner has to sign for a token to take a permit of it now. */
export interface PermitTerms {
  readonly domain: TypedDataDomain;
  readonly nonce: bigint;
  /** Unix seconds. */
  readonly deadline: bigint;
}

/** The last four arguments of every function that takes a permit. */
export type PermitArguments = readonly [deadline: bigint, v: number, r: Hex, s: Hex];

/**
 * Reads what a permit of a token takes; undefined if the token has none (EIP-2612), or signs for a domain that nobody
 * can find out.
 *
 * @throws {XmtpError} `RPC_UNREACHABLE`
 */
export async function readPermitTerms({
  chain: { client, chainId },
  token,
  owner,
}: {
  readonly chain: Chain;
  readonly token: Address;
  readonly owner: Address;
}): Promise<PermitTerms | undefined> {
  const contract = { address: token, abi: mockUnderlyingFeeTokenAbi } as const; // its getters are the standards' own
  const optional = <Value>(reading: Promise<Value>): Promise<Value | undefined> =>
    reading.catch((error: unknown) => {
      const decoded = decodeError(error);
      if (decoded.retryable) throw decoded;
      return undefined;
    });

  const [block, nonce, separator, declared, name, version] = await Promise.all([
    client.getBlock(),
    optional(client.readContract({ ...contract, functionName: "nonces", args: [owner] })),
    optional(client.readContract({ ...contract, functionName: "DOMAIN_SEPARATOR" })),
    optional(client.readContract({ ...contract, functionName: "eip712Domain" })),
    optional(client.readContract({ ...contract, functionName: "name" })),
    optional(client.readContract({ ...contract, functionName: "version" })),
  ]).catch((error: unknown) => {
    throw decodeError(error);
  });
  if (nonce === undefined || separator === undefined) return undefined;

  const candidates: TypedDataDomain[] = [];
  if (declared !== undefined) {
    const [fields, domainName, domainVersion, declaredChainId, verifyingContract] = declared;
    const isOurs = declaredChainId === BigInt(chainId) && isAddressEqual(verifyingContract, token);
    if (fields === USUAL_FIELDS && isOurs)
      candidates.push({ name: domainName, version: domainVersion });
  }
  for (const candidate of [version, DEFAULT_VERSION]) {
    if (name !== undefined && candidate !== undefined)
      candidates.push({ name, version: candidate });
  }
  const domain = candidates
    .map((candidate) => ({ ...candidate, chainId, verifyingContract: token }))
    .find((candidate) => domainSeparator({ domain: candidate }) === separator);

  return domain && { domain, nonce, deadline: block.timestamp + LIFETIME_SECONDS };
}

/** Signs a permit: `spender` may take `value` of the account's tokens, once. */
export async function signPermit({
  account,
  spender,
  value,
  terms: { domain, nonce, deadline },
}: {
  readonly account: LocalAccount;
  readonly spender: Address;
  readonly value: bigint;
  readonly terms: PermitTerms;
}): Promise<PermitArguments> {
  const signature = await account.signTypedData({
    domain,
    types: PERMIT_TYPES,
    primaryType: "Permit",
    message: { owner: account.address, spender, value, nonce, deadline },
  });
  const { r, s, yParity } = parseSignature(signature);

  return [deadline, 27 + yParity, r, s];
}
