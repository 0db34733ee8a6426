import { isAddress, type Address } from "viem";

/** How the 32 bytes of a parameter are read. */
export type ParameterType =
  "bool" | "uint8" | "uint16" | "uint32" | "uint64" | "uint96" | "address";

/** Prefixes of the keys that make an account an admin; the account follows in lowercase. */
export const APPCHAIN_ADMIN_PREFIX = "xmtp.appChainParameterRegistry.isAdmin";
export const SETTLEMENT_ADMIN_PREFIX = "xmtp.settlementChainParameterRegistry.isAdmin";

/**
 * The type of every parameter that the contracts read, by its key. Admin keys and those of inboxes come on top, see
 * `adminKey` and `inboxKey`.
 */
export const PARAMETER_TYPES: Readonly<Record<string, ParameterType>> = {
  "xmtp.groupMessageBroadcaster.minPayloadSize": "uint32",
  "xmtp.groupMessageBroadcaster.maxPayloadSize": "uint32",
  "xmtp.groupMessageBroadcaster.paused": "bool",
  "xmtp.groupMessageBroadcaster.payloadBootstrapper": "address",
  "xmtp.groupMessageBroadcaster.migrator": "address",
  "xmtp.identityUpdateBroadcaster.minPayloadSize": "uint32",
  "xmtp.identityUpdateBroadcaster.maxPayloadSize": "uint32",
  "xmtp.identityUpdateBroadcaster.paused": "bool",
  "xmtp.identityUpdateBroadcaster.payloadBootstrapper": "address",
  "xmtp.identityUpdateBroadcaster.migrator": "address",
  "xmtp.nodeRegistry.admin": "address",
  "xmtp.nodeRegistry.maxCanonicalNodes": "uint8",
  "xmtp.nodeRegistry.migrator": "address",
  "xmtp.payerRegistry.settler": "address",
  "xmtp.payerRegistry.feeDistributor": "address",
  "xmtp.payerRegistry.minimumDeposit": "uint96",
  "xmtp.payerRegistry.withdrawLockPeriod": "uint32",
  "xmtp.payerRegistry.paused": "bool",
  "xmtp.payerRegistry.migrator": "address",
  "xmtp.rateRegistry.messageFee": "uint64",
  "xmtp.rateRegistry.storageFee": "uint64",
  "xmtp.rateRegistry.congestionFee": "uint64",
  "xmtp.rateRegistry.targetRatePerMinute": "uint64",
  "xmtp.rateRegistry.ratesInEffectAfter": "uint64",
  "xmtp.rateRegistry.migrator": "address",
  "xmtp.payerReportManager.protocolFeeRate": "uint16",
  "xmtp.payerReportManager.migrator": "address",
  "xmtp.distributionManager.paused": "bool",
  "xmtp.distributionManager.protocolFeesRecipient": "address",
  "xmtp.distributionManager.migrator": "address",
  "xmtp.feeToken.migrator": "address",
  "xmtp.mockUnderlyingFeeToken.migrator": "address",
  "xmtp.appChainGateway.paused": "bool",
  "xmtp.appChainGateway.migrator": "address",
  "xmtp.settlementChainGateway.paused": "bool",
  "xmtp.settlementChainGateway.strayTokensRecipient": "address",
  "xmtp.settlementChainGateway.migrator": "address",
  "xmtp.appChainParameterRegistry.migrator": "address",
  "xmtp.settlementChainParameterRegistry.migrator": "address",
};

/** The parameters that the contracts of the appchain read, all of which come over the bridge. */
export const APPCHAIN_PARAMETER_KEYS: readonly string[] = Object.keys(PARAMETER_TYPES).filter(
  (key) =>
    /^xmtp\.(?:groupMessageBroadcaster|identityUpdateBroadcaster|appChain[A-Za-z]+)\./u.test(key),
);

/** What makes up one entry of the price list. The contract reads all five at once, and anyone may have it do so. */
export const RATE_KEYS = {
  messageFee: "xmtp.rateRegistry.messageFee",
  storageFee: "xmtp.rateRegistry.storageFee",
  congestionFee: "xmtp.rateRegistry.congestionFee",
  targetRatePerMinute: "xmtp.rateRegistry.targetRatePerMinute",
  startTime: "xmtp.rateRegistry.ratesInEffectAfter",
} as const;

/** Admin keys as the registries read them: only lowercase hex grants anything. */
const ADMIN_KEY = /^(xmtp\.(?:appChain|settlementChain)ParameterRegistry\.isAdmin)\.(.*)$/su;

/**
 * The key that makes an account an admin of a registry.
 *
 * @param prefix `APPCHAIN_ADMIN_PREFIX` or `SETTLEMENT_ADMIN_PREFIX`, or what the registry's `adminParameterKey()` says
 * @example
 * adminKey(APPCHAIN_ADMIN_PREFIX, admin); // "xmtp.appChainParameterRegistry.isAdmin.0xf39f..."
 */
export function adminKey(prefix: string, account: Address): string {
  return `${prefix}.${account.toLowerCase()}`;
}

/** Keys of inboxes as the gateway reads them: the id of the appchain in decimals. */
const INBOX_KEY = /^xmtp\.settlementChainGateway\.inbox\.[1-9]\d{0,77}$/u;

/** The key of an appchain's inbox, an address, by the chain's id. */
export function inboxKey(appchainId: number): string {
  return `xmtp.settlementChainGateway.inbox.${appchainId}`;
}

/** The parts of a key that is meant to be an admin key, well-formed or not; undefined for any other key. */
export function splitAdminKey(
  key: string,
):
  | { readonly prefix: string; readonly account: string; readonly isWellFormed: boolean }
  | undefined {
  const [, prefix, account] = ADMIN_KEY.exec(key) ?? [];
  if (prefix === undefined || account === undefined) return undefined;
  const isWellFormed = isAddress(account, { strict: false }) && account === account.toLowerCase();

  return { prefix, account, isWellFormed };
}

/** The type of a key; undefined for a key that no contract here reads. */
export function parameterType(key: string): ParameterType | undefined {
  if (splitAdminKey(key)?.isWellFormed === true) return "bool";

  return INBOX_KEY.test(key) ? "address" : PARAMETER_TYPES[key];
}
