import { XmtpError } from "./XmtpError.ts";

/** What an error of the library means, what to do about it, and whether the same call may succeed later. */
export interface LibraryErrorEntry {
  readonly meaning: string;
  readonly hint: string;
  readonly retryable: boolean;
}

/** Every code the library itself raises. `docs/errors.md` is generated from this table. */
export const LIBRARY_ERRORS = {
  INVALID_PRIVATE_KEY: {
    meaning:
      "A private key is not 32 bytes of hex, or not a secp256k1 key. The key is never printed.",
    hint: "pass 0x and 64 hex digits, from an environment variable or a keystore",
    retryable: false,
  },
  INVALID_ADDRESS: {
    meaning:
      "An address is not 20 bytes of hex, its checksum is wrong, or it is zero where it must not be.",
    hint: "pass 0x and 40 hex digits, all lowercase or with the right checksum",
    retryable: false,
  },
  INVALID_GROUP_ID: {
    meaning: "A group id is not 16 bytes.",
    hint: "pass 16 bytes: 0x and 32 hex digits, or a Uint8Array",
    retryable: false,
  },
  INVALID_INBOX_ID: {
    meaning: "An inbox id is not 32 bytes.",
    hint: "pass 32 bytes: 64 hex digits, with or without 0x, or a Uint8Array",
    retryable: false,
  },
  INVALID_NODE_ID: {
    meaning: "A node id is not a multiple of 100 between 100 and 4294967200.",
    hint: "list the nodes for valid ids: 100, 200, 300 and so on",
    retryable: false,
  },
  INVALID_URL: {
    meaning: "A URL cannot be parsed or has a scheme that does not serve the purpose.",
    hint: "pass an absolute URL of the scheme that is named",
    retryable: false,
  },
  INVALID_PAYLOAD: {
    meaning: "A payload is neither bytes nor hex of whole bytes, or is empty.",
    hint: "pass a Uint8Array, or 0x and an even number of hex digits",
    retryable: false,
  },
  INVALID_PAYLOAD_SIZE: {
    meaning: "A payload is shorter or longer than the contract allows at the moment.",
    hint: "send a payload of a size within the limits; the contract's minPayloadSize and maxPayloadSize hold them",
    retryable: false,
  },
  INVALID_SIGNING_KEY: {
    meaning:
      "A signing public key is not a point of secp256k1 in 65 bytes (0x04...) or 33 bytes (0x02..., 0x03...).",
    hint: "pass the public key of the node's signer",
    retryable: false,
  },
  INVALID_PARAMETER: {
    meaning: "A parameter key or value cannot be right.",
    hint: "compare the key with PARAMETER_TYPES and the value with its type; pass allowUnknownKeys for keys of other contracts",
    retryable: false,
  },
  INVALID_OPTION: {
    meaning: "An option is outside its range.",
    hint: "pass a value within the range that is named",
    retryable: false,
  },
  INVALID_AMOUNT: {
    meaning:
      "An amount of money is not one, is zero where something must move, or exceeds 96 bits.",
    hint: 'pass microdollars as a bigint, which parseDollars("12.34") returns for 12.34 dollars',
    retryable: false,
  },
  INVALID_FEE: {
    meaning:
      "A fee, or a sum of fees, is negative or does not fit the 63 bits that nodes keep it in.",
    hint: "pass picodollars as a bigint; split what does not fit over several reports",
    retryable: false,
  },
  NO_RATES: {
    meaning: "No rates are in force at the time of a message.",
    hint: "read the rates again; a network has rates before it has messages",
    retryable: false,
  },
  INVALID_USAGE: {
    meaning: "A message to be billed, or a saved usage ledger, cannot be right.",
    hint: "pass what the envelope says, and snapshots as they were taken",
    retryable: false,
  },
  INVALID_REPORT: {
    meaning: "A payer report cannot be right: no contract would take it.",
    hint: "compare its range with the report before it, and its node ids with the canonical nodes",
    retryable: false,
  },
  NO_MAJORITY: {
    meaning:
      "Too few valid signatures of a payer report: it takes more than half of the canonical nodes.",
    hint: "collect more signatures; collectSignatures says which ones count, and why others do not",
    retryable: true,
  },
  INVALID_SIGNATURE: {
    meaning: "A signature of a payer report is malformed, or no key made it.",
    hint: "pass the 65 bytes of signPayerReport, or their 64-byte compact form",
    retryable: false,
  },
  NO_ADMIN_LEFT: {
    meaning:
      "A batch of parameters would leave the registry without any known admin, which freezes it for good.",
    hint: "keep or add one admin in the same batch, or name the admin who stays as knownAdmins",
    retryable: false,
  },
  RPC_UNREACHABLE: {
    meaning: "The node does not answer.",
    hint: "check the URL, that the node runs, and the network in between; then try again",
    retryable: true,
  },
  RPC_REFUSED: {
    meaning: "The node answered with an error that is not a revert.",
    hint: "read the node's message; it names what it did not accept",
    retryable: false,
  },
  RPC_BUSY: {
    meaning: "The node limits the rate of calls or is overloaded.",
    hint: "wait and try again, or use a node with higher limits",
    retryable: true,
  },
  WRONG_CHAIN: {
    meaning: "The node serves another chain than the one expected.",
    hint: "use the URL of the expected chain, or the address book of the chain that answers",
    retryable: false,
  },
  NO_CODE: {
    meaning: "There is no contract at the address.",
    hint: "check the address book and that the contracts are deployed on this chain",
    retryable: false,
  },
  REVERTED: {
    meaning:
      "A contract refused a call without saying why, or with an error that no ABI here knows.",
    hint: "check that the address is the contract you mean; trace the transaction for the reason",
    retryable: false,
  },
  INSUFFICIENT_FUNDS: {
    meaning: "The account cannot pay for the transaction.",
    hint: "fund the account with the chain's native token, then try again",
    retryable: true,
  },
  TRANSACTION_REFUSED: {
    meaning: "The node refused a transaction for good. It was not published.",
    hint: "read the node's message; it names what it did not accept",
    retryable: false,
  },
  TRANSACTION_TOO_LARGE: {
    meaning: "A payload does not fit into one transaction, by size or by gas.",
    hint: "send a smaller payload, or use a node that takes larger transactions",
    retryable: false,
  },
  TRANSACTION_FAILED: {
    meaning: "A transaction was mined and failed, and a call with the same input now succeeds.",
    hint: "the cause has passed; try again",
    retryable: true,
  },
  TRANSACTION_UNRESOLVED: {
    meaning:
      "A transaction was sent, and waiting ended before it was seen in a block. It may still be mined.",
    hint: "look its hash up before publishing the same payload again",
    retryable: false,
  },
  TRANSACTION_NOT_FOUND: {
    meaning: "No block of the chain holds a transaction: it waits, was dropped, or never was.",
    hint: "check the hash and the chain; a transaction that was just sent takes a block",
    retryable: true,
  },
  MESSAGE_AWAITED: {
    meaning:
      "Waiting ended before a message between the chains had arrived. It is still on its way.",
    hint: "wait again, or longer; nothing has to be sent again",
    retryable: true,
  },
  TICKET_FAILED: {
    meaning: "The call of a ticket failed on the appchain. The ticket stays until it expires.",
    hint: "trace the attempt for the reason, then redeem the ticket again, perhaps with more gas",
    retryable: true,
  },
  NOT_BENEFICIARY: {
    meaning: "Somebody else than the beneficiary of a ticket wants to cancel it.",
    hint: "sign with the beneficiary's account; a contract's is commanded through the inbox",
    retryable: false,
  },
  WITHDRAWAL_UNCONFIRMED: {
    meaning: "The settlement chain does not know yet what left the appchain with a withdrawal.",
    hint: "wait for it with waitForWithdrawals; it takes days on a public network",
    retryable: true,
  },
  PUBLISHER_CLOSED: {
    meaning: "The publisher was closed before the payload was sent. It was not published.",
    hint: "create a new publisher",
    retryable: true,
  },
  ABORTED: {
    meaning: "The caller's signal ended the wait before anything was sent.",
    hint: "nothing was sent; call again if it is still wanted",
    retryable: true,
  },
  UNEXPECTED_RECEIPT: {
    meaning: "A transaction succeeded, but its receipt does not hold the events it should.",
    hint: "check that the address book belongs to this chain and these contracts",
    retryable: false,
  },
  RPC_INCONSISTENT: {
    meaning:
      "Answers of a node contradict each other: its chain is being reorganised, or several nodes answer as one.",
    hint: "nothing, if it passes; else use one node, or a provider that keeps a client with one node",
    retryable: true,
  },
  LOG_RANGE_REFUSED: {
    meaning: "The node refuses to return the events of even a single block.",
    hint: "use a node that serves logs of old blocks, or one with higher limits",
    retryable: false,
  },
  REORG_TOO_DEEP: {
    meaning: "The chain replaced more blocks than are remembered.",
    hint: "start again from a cursor that you trust, or follow with more confirmations",
    retryable: false,
  },
  INVALID_CURSOR: {
    meaning: "A cursor is malformed or beyond the head of the chain.",
    hint: "pass a cursor that an event of this chain carried",
    retryable: false,
  },
  CURSOR_UNKNOWN: {
    meaning:
      "The block of a cursor is not in the index, which has not come that far or has another block in its place so far.",
    hint: "try again shortly: a replica may be behind; if it stays, the cursor is of another chain",
    retryable: true,
  },
  EVENTS_DETACHED: {
    meaning: "Events after the cursor are in partitions that were detached from the index.",
    hint: "begin with the block that is named, and read what is before it from the archive",
    retryable: false,
  },
  NOT_INDEXED: {
    meaning: "The database holds nothing of a chain: the indexer has not begun, or leaves it out.",
    hint: "start the indexer on this database, with this chain",
    retryable: true,
  },
  INVALID_ADDRESS_BOOK: {
    meaning: "An address book lacks an entry or holds one that cannot be right.",
    hint: "write it with the deploy command, or compare it with deployments/devnet.json",
    retryable: false,
  },
  DATABASE_UNREACHABLE: {
    meaning: "The indexer's database does not answer, or cannot be opened.",
    hint: "check the URL and that the server runs, or that the folder can be written",
    retryable: true,
  },
  DATABASE_IN_USE: {
    meaning: "Another process has the embedded database open, which serves one at a time.",
    hint: "stop the other one, or use a PostgreSQL server for both",
    retryable: false,
  },
  DATABASE_MISMATCH: {
    meaning:
      "The indexer's database belongs to another network or deployment, or was made by a newer version.",
    hint: "use another database, or `npm run indexer -- reset` to begin anew with this one",
    retryable: false,
  },
  CHAIN_CHANGED: {
    meaning:
      "A block that was final is another one now: the chain was reset, or the node is on another chain.",
    hint: "check the node; if the chain was reset on purpose, `npm run indexer -- reset` forgets what was indexed",
    retryable: false,
  },
  NOT_FOUND: {
    meaning: "The index has nothing under the id that was asked for, or there is no such route.",
    hint: "check the id; what was published a moment ago may not be indexed yet",
    retryable: false,
  },
  TOO_MANY_STREAMS: {
    meaning: "The indexer's HTTP interface serves as many streams as it may already.",
    hint: "try another replica, or read pages; `maxStreams` raises the limit",
    retryable: true,
  },
  INTERNAL_ERROR: {
    meaning: "The indexer's HTTP interface failed in a way that nobody thought of.",
    hint: "try again; the log of the service has the error",
    retryable: true,
  },
} as const satisfies Record<string, LibraryErrorEntry>;

/** A code that the library itself raises. */
export type LibraryErrorCode = keyof typeof LIBRARY_ERRORS;

/**
 * Builds an error of the library. Whether it is retryable comes from the catalogue, and so does the hint unless there is
 * one that knows more.
 */
export function libraryError(
  code: LibraryErrorCode,
  message: string,
  { cause, hint = LIBRARY_ERRORS[code].hint }: { cause?: unknown; hint?: string } = {},
): XmtpError {
  return new XmtpError({ code, message, hint, retryable: LIBRARY_ERRORS[code].retryable, cause });
}
