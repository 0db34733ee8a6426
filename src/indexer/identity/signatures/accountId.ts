import { RejectedUpdate } from "../RejectedUpdate.ts";

const CHAIN_ID = /^[-a-z0-9]{3,8}:[-_a-zA-Z0-9]{1,32}$/;
const ACCOUNT_ADDRESS = /^[-.%a-zA-Z0-9]{1,128}$/;

export interface AccountId {
  /** `namespace:reference`. */
  readonly chain: string;
  readonly address: string;
}

/**
 * Splits a CAIP-10 account id, whose address may be of any chain.
 *
 * @throws {RejectedUpdate} `Decode` if it has not the form of one
 */
export function parseAccountId(accountId: string): AccountId {
  const parts = accountId.split(":");
  const [namespace = "", reference = "", address = ""] = parts;
  const chain = `${namespace}:${reference}`;
  if (parts.length !== 3 || !CHAIN_ID.test(chain) || !ACCOUNT_ADDRESS.test(address)) {
    throw new RejectedUpdate("Decode", `an account id of ${parts.length} parts is not CAIP-10`);
  }

  return { chain, address };
}
