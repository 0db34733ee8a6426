import { id, type Addressable, type ContractTransactionResponse } from "ethers";

import type { MoneyFixture } from "./deployMoney.ts";

/** What fees are settled for, where it does not matter. */
export const REPORT_ID = id("a payer report");

/** Charges payers as the settler does. */
export async function settleUsage(
  { payers, settler }: Pick<MoneyFixture, "payers" | "settler">,
  fees: readonly (readonly [payer: string | Addressable, fee: bigint])[],
): Promise<ContractTransactionResponse> {
  return payers.connect(settler).settleUsage(
    REPORT_ID,
    fees.map(([payer, fee]) => ({ payer, fee })),
  );
}
