import {
  TransactionReceiptNotFoundError,
  type Hex,
  type PublicClient,
  type TransactionReceipt,
} from "viem";

import type { Chain } from "../chain/connectChain.ts";
import { decodeError } from "../errors/decodeError.ts";
import { libraryError } from "../errors/libraryErrors.ts";

/** The receipt of a transaction; undefined while no block holds it. @throws {XmtpError} `RPC_UNREACHABLE` */
export function findReceipt(
  { client }: { readonly client: Pick<PublicClient, "getTransactionReceipt"> },
  hash: Hex,
): Promise<TransactionReceipt | undefined> {
  return client.getTransactionReceipt({ hash }).catch((error: unknown) => {
    if (error instanceof TransactionReceiptNotFoundError) return undefined;
    throw decodeError(error);
  });
}

/** @throws {XmtpError} `TRANSACTION_NOT_FOUND`, `RPC_UNREACHABLE` */
export async function demandReceipt(chain: Chain, hash: Hex): Promise<TransactionReceipt> {
  const receipt = await findReceipt(chain, hash);
  if (receipt !== undefined) return receipt;
  throw libraryError(
    "TRANSACTION_NOT_FOUND",
    `no block of chain ${chain.chainId} holds the transaction ${hash}`,
  );
}
