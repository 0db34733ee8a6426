import { encodeFunctionData, isHex, parseEventLogs, type Address, type Hex } from "viem";

import {
  appchainParametersAbi,
  groupMessagesAbi,
  nodesAbi,
  payerReportsAbi,
  payersAbi,
  rewardsAbi,
} from "../abi/index.ts";
import type { Chain } from "../chain/connectChain.ts";
import { transact, type TransactParameters } from "../chain/transact.ts";
import { decodeError } from "../errors/decodeError.ts";
import { libraryError } from "../errors/libraryErrors.ts";
import { describe } from "../inputs/describe.ts";
import { parseAddress } from "../inputs/parseAddress.ts";
import { adminKey, parameterType, splitAdminKey } from "./parameterKeys.ts";
import { requireWholeRates, requireWithinLimits } from "./parameterLimits.ts";
import { decodeParameter, encodeParameter, type ParameterValue } from "./parameterValues.ts";

export interface ReadParametersParameters {
  readonly chain: Chain;
  /** The parameter registry of the chain. */
  readonly address: string;
}

/**
 * Reads parameters. Those of a known type come decoded, others as 32 bytes of hex.
 *
 * @throws {XmtpError} `INVALID_PARAMETER` if a stored value does not fit its type; `INVALID_ADDRESS`, `RPC_UNREACHABLE`
 * @throws {ContractError} `NoKeys`
 * @example
 * const { "xmtp.nodeRegistry.maxCanonicalNodes": max } = await getParameters({
 *   chain: settlement, address: addresses.settlementChainParameterRegistry,
 *   keys: ["xmtp.nodeRegistry.maxCanonicalNodes"],
 * });
 */
export async function getParameters({
  chain: { client },
  address,
  keys,
}: ReadParametersParameters & { readonly keys: readonly string[] }): Promise<
  Readonly<Record<string, ParameterValue>>
> {
  const registry = parseAddress(address, "parameter registry");

  const values = await client
    .readContract({
      address: registry,
      abi: appchainParametersAbi,
      functionName: "get",
      args: [keys],
    })
    .catch((error: unknown) => {
      throw decodeError(error);
    });

  return Object.fromEntries(
    keys.map((key, index) => {
      const type = parameterType(key);
      const raw = values[index] ?? "0x";
      return [key, type === undefined ? raw : decodeParameter(type, raw)];
    }),
  );
}

/** Whether an account is an admin of the registry. @throws {XmtpError} `INVALID_ADDRESS`, `RPC_UNREACHABLE` */
export async function isParameterAdmin({
  chain: { client },
  address,
  account,
}: ReadParametersParameters & { readonly account: string }): Promise<boolean> {
  const args = [parseAddress(account, "account")] as const;

  return client
    .readContract({
      address: parseAddress(address, "parameter registry"),
      abi: appchainParametersAbi,
      functionName: "isAdmin",
      args,
    })
    .catch((error: unknown) => {
      throw decodeError(error);
    });
}

export interface SetParametersParameters extends TransactParameters {
  /** The parameter registry of the chain. */
  readonly address: string;
  /** Values by key: bools, numbers, bigints, addresses or their text; for unknown keys 32 bytes of hex. */
  readonly values: Readonly<Record<string, ParameterValue | string>>;
  /** Take keys that no contract here reads. Default false: they are more often misspelt than meant. */
  readonly allowUnknownKeys?: boolean;
  /** Admins besides the sending account, to be sure that one stays. */
  readonly knownAdmins?: readonly string[];
}

export interface SetParametersResult {
  readonly transactionHash: Hex;
  readonly blockNumber: bigint;
  /** What the registry now holds, raw, in the order of the events. */
  readonly set: readonly { readonly key: string; readonly value: Hex }[];
}

/**
 * Sets parameters in one transaction. Contracts keep their own copies: call `applyUpdates` for each that reads one of
 * them.
 *
 * @throws {XmtpError} before anything is sent: `INVALID_PARAMETER` (unknown key, value outside its type or what contracts
 *   take, admin key not in lowercase, some of the rates without the others), `NO_ADMIN_LEFT`, `INVALID_ADDRESS`; and those of `transact`
 * @throws {ContractError} `NotAdmin`
 */
export async function setParameters({
  address,
  values,
  allowUnknownKeys = false,
  knownAdmins = [],
  ...parameters
}: SetParametersParameters): Promise<SetParametersResult> {
  const registry = parseAddress(address, "parameter registry");
  const entries = Object.entries(values).map(
    ([key, value]) => [key, encodeEntry(key, value, allowUnknownKeys)] as const,
  );
  requireWholeRates(entries.map(([key]) => key));
  await requireAdminLeft({ chain: parameters.chain, registry, entries, parameters, knownAdmins });

  const keys = entries.map(([key]) => key);
  const words = entries.map(([, word]) => word);
  const data = encodeFunctionData({
    abi: appchainParametersAbi,
    functionName: "set",
    args: [keys, words],
  });
  const receipt = await transact({ ...parameters, to: registry, data });
  const events = parseEventLogs({
    abi: appchainParametersAbi,
    eventName: "ParameterSet",
    logs: receipt.logs,
  });

  return {
    transactionHash: receipt.transactionHash,
    blockNumber: receipt.blockNumber,
    set: events.map(({ args: { key, value } }) => ({ key, value })),
  };
}

/** Encodes one entry and refuses what the registry would store without effect. */
function encodeEntry(key: string, value: ParameterValue | string, allowUnknownKeys: boolean): Hex {
  const admin = splitAdminKey(key);
  if (admin !== undefined && !admin.isWellFormed) {
    throw libraryError("INVALID_PARAMETER", `the key ${describe(key)} grants nothing`, {
      hint: "spell the account as 0x and 40 lowercase hex digits; adminKey does",
    });
  }
  const type = parameterType(key);
  if (type !== undefined) {
    const word = encodeParameter(type, value);
    requireWithinLimits(key, word);
    return word;
  }
  if (!allowUnknownKeys)
    throw libraryError("INVALID_PARAMETER", `no contract reads the key ${describe(key)}`);
  if (!isHex(value) || value.length !== 66) {
    throw libraryError(
      "INVALID_PARAMETER",
      `${describe(value)} for ${describe(key)} is not 32 bytes of hex`,
    );
  }

  return value;
}

/** A registry without admins can never change again. Checked whenever a batch takes somebody's rights. */
async function requireAdminLeft({
  chain,
  registry,
  entries,
  parameters,
  knownAdmins,
}: {
  chain: Chain;
  registry: Address;
  entries: readonly (readonly [string, Hex])[];
  parameters: TransactParameters;
  knownAdmins: readonly string[];
}): Promise<void> {
  const { client } = chain;
  const prefix = await client
    .readContract({
      address: registry,
      abi: appchainParametersAbi,
      functionName: "adminParameterKey",
    })
    .catch((error: unknown) => {
      throw decodeError(error);
    });
  const changes = new Map(entries.filter(([key]) => splitAdminKey(key)?.prefix === prefix));
  const isRevoking = [...changes.values()].some((word) => BigInt(word) === 0n);
  if (!isRevoking) return;
  if ([...changes.values()].some((word) => BigInt(word) !== 0n)) return;

  const others = [
    parameters.account.address,
    ...knownAdmins.map((admin) => parseAddress(admin, "known admin")),
  ];
  for (const account of others) {
    if (changes.has(adminKey(prefix, account))) continue;
    if (await isParameterAdmin({ chain, address: registry, account })) return;
  }
  throw libraryError(
    "NO_ADMIN_LEFT",
    `revoking ${[...changes.keys()].join(", ")} would leave no known admin`,
  );
}

export interface AppliedUpdates {
  readonly transactionHash: Hex;
  readonly blockNumber: bigint;
  /** The contract's own events, such as `MaxPayloadSizeUpdated`; empty if it held every value already. */
  readonly updates: readonly { readonly eventName: string; readonly args: object }[];
}

/** The events of every contract with `updateAll`. */
const CONSUMER_EVENTS = [
  ...nodesAbi,
  ...groupMessagesAbi,
  ...payersAbi,
  ...payerReportsAbi,
  ...rewardsAbi,
].filter(({ type }) => type === "event");

/**
 * Makes a contract take over every parameter that differs from its own copy. Anyone may. Works for the two logs, the
 * node registry, the escrow, the payer reports and the rewards; prices are taken over by `updateRates`.
 *
 * @throws {ContractError} `InvalidMaxPayloadSize`, `MaxCanonicalNodesBelowCurrentCount`, `ParameterOutOfTypeBounds` and
 *   the like: a parameter holds a value that the contract cannot take
 * @throws {XmtpError} `INVALID_ADDRESS`, and those of `transact`
 */
export async function applyUpdates({
  address,
  ...parameters
}: TransactParameters & {
  /** The contract that is to take over its parameters. */
  readonly address: string;
}): Promise<AppliedUpdates> {
  const contract = parseAddress(address, "contract");
  const data = encodeFunctionData({ abi: nodesAbi, functionName: "updateAll" });
  const receipt = await transact({ ...parameters, to: contract, data });
  const own = receipt.logs.filter((log) => log.address.toLowerCase() === contract.toLowerCase());
  const events = parseEventLogs({ abi: CONSUMER_EVENTS, logs: own });

  return {
    transactionHash: receipt.transactionHash,
    blockNumber: receipt.blockNumber,
    updates: events.map(({ eventName, args }) => ({ eventName, args })),
  };
}
