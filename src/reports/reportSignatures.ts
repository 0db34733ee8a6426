import { recoverAddress, type Address, type Hex, type LocalAccount } from "viem";

import { libraryError } from "../errors/libraryErrors.ts";
import { describe } from "../inputs/describe.ts";
import { byteLength, isHexBytes, toHexBytes } from "../inputs/hexBytes.ts";

const FULL_BYTES = 65;
const COMPACT_BYTES = 64;
/** What contracts expect as the last byte, for recovery id 0; 28 for 1. */
const FIRST_V = 27;
const TOP_BIT = 1n << 255n;

/**
 * Signs a report with the key of a node. What is signed is the id itself: no prefix of personal messages, no typed data.
 *
 * @param id the digest of the report; see `payerReportDigest`
 * @param account a local account; see `parsePrivateKey`
 * @returns 65 bytes that end in 27 or 28
 * @throws {XmtpError} `INVALID_OPTION` if the account cannot sign a digest
 */
export async function signPayerReport(id: Hex, account: LocalAccount): Promise<Hex> {
  if (account.sign === undefined) {
    throw libraryError("INVALID_OPTION", `the account ${account.address} cannot sign a digest`);
  }

  return normaliseSignature(await account.sign({ hash: id }));
}

/**
 * Brings a signature into the form that contracts take: 65 bytes that end in 27 or 28. Takes recovery ids 0 and 1 as
 * the last byte, as the production node software sends them, and the compact form of 64 bytes (EIP-2098).
 *
 * @throws {XmtpError} `INVALID_SIGNATURE`
 */
export function normaliseSignature(signature: Hex | Uint8Array): Hex {
  if (!(signature instanceof Uint8Array) && !isHexBytes(signature)) {
    throw malformed(`${describe(signature)} is not hex of whole bytes`);
  }
  const hex = toHexBytes(signature);

  if (byteLength(hex) === COMPACT_BYTES) {
    const parityAndS = BigInt(`0x${hex.slice(66)}`);
    const s = (parityAndS % TOP_BIT).toString(16).padStart(64, "0");
    return `0x${hex.slice(2, 66)}${s}${toByte(parityAndS < TOP_BIT ? FIRST_V : FIRST_V + 1)}`;
  }
  if (byteLength(hex) !== FULL_BYTES) throw malformed(`it has ${byteLength(hex)} bytes`);

  const last = Number.parseInt(hex.slice(-2), 16);
  const v = last < FIRST_V ? last + FIRST_V : last;
  if (v !== FIRST_V && v !== FIRST_V + 1) throw malformed(`it ends in ${last}`);

  return `0x${hex.slice(2, -2)}${toByte(v)}`;
}

/**
 * The address whose key signed a report, with checksum.
 *
 * @throws {XmtpError} `INVALID_SIGNATURE` if it is malformed, or no key made it
 */
export async function recoverReportSigner(id: Hex, signature: Hex | Uint8Array): Promise<Address> {
  const normalised = normaliseSignature(signature);
  try {
    return await recoverAddress({ hash: id, signature: normalised });
  } catch (cause) {
    throw libraryError("INVALID_SIGNATURE", "no key makes this signature", { cause });
  }
}

function toByte(value: number): string {
  return value.toString(16).padStart(2, "0");
}

function malformed(what: string): Error {
  return libraryError("INVALID_SIGNATURE", `the signature is malformed: ${what}`);
}
