import type { Bench } from "./createBench.ts";
import type { Money } from "./deployMoney.ts";

/** Microdollars; three bytes of calldata are not zero. */
const AMOUNT = 10_000_000n;

/** Of the appchain's leg, which costs calldata even when it is left out. */
const GAS_LIMIT = 50_000n;
const MAX_FEE_PER_GAS = 2_000_000_000n;

/** The splitter, for a payer that the escrow knows. */
export async function measureSplitter(
  { bytes, payer, record }: Bench,
  { splitter }: Money,
): Promise<void> {
  const recipient = bytes(20);

  await record(
    "depositSplitter.deposit.payerOnly",
    "DepositSplitter.deposit, escrow only",
    splitter.deposit(payer, AMOUNT, recipient, 0n, GAS_LIMIT, MAX_FEE_PER_GAS),
  );
  await record(
    "depositSplitter.depositFromUnderlying.payerOnly",
    "DepositSplitter.depositFromUnderlying, escrow only",
    splitter.depositFromUnderlying(payer, AMOUNT, recipient, 0n, GAS_LIMIT, MAX_FEE_PER_GAS),
  );
}
