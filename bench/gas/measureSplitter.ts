import { MaxUint256 } from "ethers";

import { APPCHAIN_ID, type Money } from "./deployMoney.ts";
import type { Bench } from "./createBench.ts";
import { signPermit } from "./signPermit.ts";

/** Microdollars; three bytes of calldata are not zero. */
const AMOUNT = 10_000_000n;

/** Of the message to the appchain; they cost calldata even when there is none. */
const GAS_LIMIT = 50_000n;
const MAX_FEE_PER_GAS = 2_000_000_000n;

/** The ways to the appchain, and the splitter for a payer that the escrow knows. The inbox is the stand-in. */
export async function measureSplitter(
  { bytes, deployer, payer, record }: Bench,
  { feeToken, gateway, splitter, underlying }: Money,
): Promise<void> {
  const recipient = bytes(20);
  const cross = [GAS_LIMIT, MAX_FEE_PER_GAS] as const;
  const escrowOnly = [payer, AMOUNT, recipient, 0n, ...cross] as const;
  const appOnly = [payer, 0n, recipient, AMOUNT, ...cross] as const;
  const both = [payer, AMOUNT, recipient, AMOUNT, ...cross] as const;

  await gateway.deposit(APPCHAIN_ID, recipient, AMOUNT, ...cross);
  await record(
    "settlementChainGateway.deposit",
    "SettlementGateway.deposit",
    gateway.deposit(APPCHAIN_ID, recipient, AMOUNT, ...cross),
  );

  await record(
    "depositSplitter.deposit.payerOnly",
    "DepositSplitter.deposit, escrow only",
    splitter.deposit(...escrowOnly),
  );
  await record(
    "depositSplitter.deposit.appOnly",
    "DepositSplitter.deposit, appchain only",
    splitter.deposit(...appOnly),
  );
  await record(
    "depositSplitter.deposit.both",
    "DepositSplitter.deposit, both",
    splitter.deposit(...both),
  );
  await record(
    "depositSplitter.depositFromUnderlying.payerOnly",
    "DepositSplitter.depositFromUnderlying, escrow only",
    splitter.depositFromUnderlying(...escrowOnly),
  );
  await record(
    "depositSplitter.depositFromUnderlying.both",
    "DepositSplitter.depositFromUnderlying, both",
    splitter.depositFromUnderlying(...both),
  );

  await feeToken.approve(splitter, 0n);
  const permitFeeToken = () => signPermit(deployer, feeToken, splitter, 2n * AMOUNT);
  await splitter.depositWithPermit(...both, ...(await permitFeeToken()));
  await record(
    "depositSplitter.depositWithPermit.both",
    "DepositSplitter.depositWithPermit, both",
    splitter.depositWithPermit(...both, ...(await permitFeeToken())),
  );
  await feeToken.approve(splitter, MaxUint256);

  await underlying.approve(splitter, 0n);
  const permitUnderlying = () => signPermit(deployer, underlying, splitter, 2n * AMOUNT);
  await splitter.depositFromUnderlyingWithPermit(...both, ...(await permitUnderlying()));
  await record(
    "depositSplitter.depositFromUnderlyingWithPermit.both",
    "DepositSplitter.depositFromUnderlyingWithPermit, both",
    splitter.depositFromUnderlyingWithPermit(...both, ...(await permitUnderlying())),
  );
  await underlying.approve(splitter, MaxUint256);
}
