import { expect } from "chai";
import type { Address } from "viem";

import type { TestBridge } from "./startBridge.ts";

/** Not a wei of gas token without a fee token in the bridge, and none lost: see `money` of the bridge. */
export async function expectConserved(
  { money }: Pick<TestBridge, "money">,
  others: readonly Address[],
): Promise<void> {
  const { held, burned, donated, open, escrow, minted, ticketBalance } = await money(others);
  expect(minted, "minted").to.equal(escrow + donated);
  expect(held + burned, "held and burned").to.equal(minted);
  expect(ticketBalance, "in open tickets").to.equal(open);
}
