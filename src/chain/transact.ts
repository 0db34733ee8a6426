import {
  createWalletClient,
  http,
  WaitForTransactionReceiptTimeoutError,
  type Address,
  type Hex,
  type LocalAccount,
  type TransactionReceipt,
} from "viem";

import { decodeError } from "../errors/decodeError.ts";
import { libraryError } from "../errors/libraryErrors.ts";
import type { Chain } from "./connectChain.ts";

const DEFAULT_TIMEOUT_MS = 60_000;
const RECEIPT_POLL_MS = 100;

/** What every function that sends a single transaction takes. */
export interface TransactParameters {
  readonly chain: Chain;
  /** The account that signs, locally; see `parsePrivateKey`. */
  readonly account: LocalAccount;
  /** Milliseconds to wait for the block that holds the transaction. Default 60,000. */
  readonly timeoutMs?: number;
}

/** A call to be sent. */
export interface Call {
  readonly to: Address;
  readonly data: Hex;
  /** Native currency that goes with it, in wei. Default none. */
  readonly value?: bigint;
  /** Default: what the node estimates. */
  readonly gas?: bigint;
}

/**
 * Sends one call as a transaction and waits for its receipt. The call is simulated first: what would revert is never
 * sent.
 *
 * @throws {ContractError} if the contract refuses the call
 * @throws {XmtpError} `NO_CODE`, `INSUFFICIENT_FUNDS`, `RPC_UNREACHABLE`, `RPC_REFUSED`, or `TRANSACTION_UNRESOLVED` with the hash
 *   in its message when no block held the transaction in time
 */
export async function transact({
  chain: { client, url },
  account,
  timeoutMs = DEFAULT_TIMEOUT_MS,
  to,
  data,
  value,
  gas,
}: TransactParameters & Call): Promise<TransactionReceipt> {
  const call = { to, data, value, gas };
  const wallet = createWalletClient({ account, chain: client.chain, transport: http(url) });

  try {
    const [code] = await Promise.all([
      client.getCode({ address: to }),
      client.call({ account, ...call }),
    ]);
    if (code === undefined || code === "0x")
      throw libraryError("NO_CODE", `there is no contract at ${to}`);
    const hash = await wallet.sendTransaction(call);
    const receipt = await client.waitForTransactionReceipt({
      hash,
      pollingInterval: RECEIPT_POLL_MS,
      timeout: timeoutMs,
    });
    // What made it fail came between the simulation and the block; the state of that block says what it was.
    if (receipt.status === "reverted")
      await client.call({ account, ...call, blockNumber: receipt.blockNumber });
    if (receipt.status === "reverted") {
      throw libraryError("TRANSACTION_FAILED", `the transaction ${hash} was mined and failed`);
    }

    return receipt;
  } catch (error) {
    if (error instanceof WaitForTransactionReceiptTimeoutError) {
      throw libraryError("TRANSACTION_UNRESOLVED", error.shortMessage, { cause: error });
    }
    throw decodeError(error);
  }
}
