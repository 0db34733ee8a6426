import { getAddress, isAddress } from "viem";
import { z } from "zod";

import { libraryError } from "../errors/libraryErrors.ts";

const address = z
  .string()
  .refine((text) => isAddress(text, { strict: false }), "expected an address: 0x and 40 hex digits")
  .transform((text) => getAddress(text));
const chainId = z.number().int().positive();
const block = z.number().int().nonnegative();

/**
 * The addresses of one network, in the JSON that xmtpd reads: flat, integers as numbers, the names of production.
 *
 * Entries of contracts that a network does not have are left out; xmtpd ignores the keys it does not know.
 */
const schema = z
  .object({
    appChainBridge: address.optional().describe("the rollup's bridge, on the settlement chain"),
    appChainDeploymentBlock: block.describe("first block of the appchain that can hold an event"),
    appChainFactory: address,
    appChainGateway: address.describe("AppchainGateway"),
    appChainId: chainId,
    appChainInbox: address.optional().describe("the rollup's inbox, on the settlement chain"),
    appChainOutbox: address.optional().describe("the rollup's outbox, on the settlement chain"),
    appChainParameterRegistry: address.describe("AppchainParameters"),
    appChainRollup: address.optional().describe("the rollup, on the settlement chain"),
    deployer: address.describe("account whose proxies these are; part of every proxy's address"),
    depositSplitter: address.describe("DepositSplitter"),
    distributionManager: address.describe("Rewards"),
    feeToken: address.describe("FeeToken"),
    groupMessageBroadcaster: address.describe("GroupMessages"),
    identityUpdateBroadcaster: address.describe("IdentityUpdates"),
    nodeRegistry: address.describe("Nodes"),
    payerRegistry: address.describe("Payers"),
    payerReportManager: address.describe("PayerReports"),
    rateRegistry: address.describe("Rates"),
    settlementChainDeploymentBlock: block.describe(
      "first block of the settlement chain that can hold an event",
    ),
    settlementChainFactory: address,
    settlementChainGateway: address.describe("SettlementGateway"),
    settlementChainId: chainId,
    settlementChainParameterRegistry: address.describe("SettlementParameters"),
    underlyingFeeToken: address.describe("the token that FeeToken wraps"),
  })
  .strip();

export type AddressBook = Readonly<z.infer<typeof schema>>;

const originsSchema = schema.pick({
  appChainDeploymentBlock: true,
  appChainParameterRegistry: true,
  settlementChainDeploymentBlock: true,
  settlementChainParameterRegistry: true,
});

/** Where a network began: what a deployment goes by that adds contracts to it. Address books of all versions tell. */
export type Origins = Readonly<z.infer<typeof originsSchema>>;

/**
 * Checks that a value is an address book. Keys of contracts that this version does not know are dropped.
 *
 * @throws {XmtpError} `INVALID_ADDRESS_BOOK`, naming each key that is missing or wrong.
 */
export function parseAddressBook(value: unknown, source = "the address book"): AddressBook {
  return parse(schema, value, source);
}

/** Takes from an address book, perhaps of an earlier version, where the network began. @throws as `parseAddressBook` */
export function parseOrigins(value: unknown, source = "the address book"): Origins {
  return parse(originsSchema, value, source);
}

function parse<Parsed>(wanted: z.ZodType<Parsed>, value: unknown, source: string): Parsed {
  const parsed = wanted.safeParse(value);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map(
    ({ path, message }) => `${path.join(".") || "the whole"}: ${message}`,
  );
  throw libraryError("INVALID_ADDRESS_BOOK", `${source} is not one: ${issues.join("; ")}`, {
    cause: parsed.error,
  });
}
