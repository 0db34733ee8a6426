import { createHash } from "node:crypto";

import type { Queries } from "../database/database.ts";
import type { ContractWalletVerifier } from "../identity/signatures/contractWallet.ts";

/**
 * Asks a chain once about a signature, and the database ever after: the answer at a block does not change, and a node
 * that has the state of old blocks is not needed to decide the same updates again.
 */
export function rememberAnswers(
  database: Queries,
  verify: ContractWalletVerifier,
): ContractWalletVerifier {
  return async (request) => {
    const key = [
      request.accountId,
      request.blockNumber,
      Buffer.from(request.hash.slice(2), "hex"),
      createHash("sha256")
        .update(Buffer.from(request.signature.slice(2), "hex"))
        .digest(),
    ];
    const [known] = await database.query<{ is_valid: boolean }>(
      `select is_valid from contract_wallet_answers
        where account_id = $1 and block_number = $2 and hash = $3 and digest = $4`,
      key,
    );
    if (known !== undefined) return known.is_valid ? "valid" : "invalid";

    const answer = await verify(request);
    if (typeof answer === "string") {
      await database.query(
        `insert into contract_wallet_answers (account_id, block_number, hash, digest, is_valid)
         values ($1, $2, $3, $4, $5) on conflict do nothing`,
        [...key, answer === "valid"],
      );
    }
    return answer;
  };
}
