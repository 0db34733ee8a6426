import { MaxUint256 } from "ethers";

import type { Bench } from "./createBench.ts";
import { DEPOSIT_GAS, type Money } from "./deployMoney.ts";
import { signPermit } from "./signPermit.ts";

/** Microdollars: the least deposit. Three bytes of calldata are not zero. */
const AMOUNT = 10_000_000n;

/** Microdollars; two bytes are not zero. */
const FEE = 5_000n;

const LOCK_PERIOD_SECONDS = 172_800;

/** The escrow: the payer is known, and its deposits are paid by the deployer. */
export async function measurePayers(
  { bytes, deployer, increaseTime, owner, payer, record }: Bench,
  { feeToken, payers, underlying }: Money,
): Promise<void> {
  // Deposits

  await record(
    "payerRegistry.deposit.veryFirst",
    "Payers.deposit, first of all",
    payers.deposit(bytes(20), AMOUNT),
  );
  await record(
    "payerRegistry.deposit.first",
    "Payers.deposit, new payer",
    payers.deposit(payer, AMOUNT),
  );
  await record(
    "payerRegistry.deposit.later",
    "Payers.deposit, known payer, unlimited allowance",
    payers.deposit(payer, AMOUNT),
  );

  await feeToken.approve(payers, AMOUNT);
  await record(
    "payerRegistry.deposit.later.exactAllowance",
    "Payers.deposit, known payer, allowance used up",
    payers.deposit(payer, AMOUNT),
  );
  await feeToken.approve(payers, 2n * AMOUNT);
  await record(
    "payerRegistry.deposit.later.finiteAllowance",
    "Payers.deposit, known payer, finite allowance left over",
    payers.deposit(payer, AMOUNT),
  );
  await payers.deposit(payer, AMOUNT);

  const permitFeeToken = () => signPermit(deployer, feeToken, payers, AMOUNT);
  await payers.depositWithPermit(payer, AMOUNT, ...(await permitFeeToken()));
  await record(
    "payerRegistry.depositWithPermit",
    "Payers.depositWithPermit, known payer",
    payers.depositWithPermit(payer, AMOUNT, ...(await permitFeeToken())),
  );
  await feeToken.approve(payers, MaxUint256);

  await record(
    "payerRegistry.depositFromUnderlying",
    "Payers.depositFromUnderlying, known payer",
    payers.depositFromUnderlying(payer, AMOUNT),
  );
  await underlying.approve(payers, 0);
  await record(
    "payerRegistry.depositFromUnderlyingWithPermit",
    "Payers.depositFromUnderlyingWithPermit, known payer",
    payers.depositFromUnderlyingWithPermit(
      payer,
      AMOUNT,
      ...(await signPermit(deployer, underlying, payers, AMOUNT)),
    ),
  );
  await underlying.approve(payers, MaxUint256);

  // Withdrawals

  const own = payers.connect(payer);
  await own.requestWithdrawal(AMOUNT);
  await own.cancelWithdrawal();
  await record(
    "payerRegistry.requestWithdrawal",
    "Payers.requestWithdrawal",
    own.requestWithdrawal(AMOUNT),
  );
  await record("payerRegistry.cancelWithdrawal", "Payers.cancelWithdrawal", own.cancelWithdrawal());

  await feeToken.transfer(owner, AMOUNT);
  await own.requestWithdrawal(AMOUNT);
  await increaseTime(LOCK_PERIOD_SECONDS);
  await record(
    "payerRegistry.finalizeWithdrawal",
    "Payers.finalizeWithdrawal, recipient holds some",
    own.finalizeWithdrawal(owner),
  );

  await underlying.mint(owner, AMOUNT);
  await own.requestWithdrawal(AMOUNT);
  await increaseTime(LOCK_PERIOD_SECONDS);
  await record(
    "payerRegistry.finalizeWithdrawalIntoUnderlying",
    "Payers.finalizeWithdrawalIntoUnderlying, recipient holds some",
    own.finalizeWithdrawalIntoUnderlying(owner),
  );

  // Settlement

  const fees = Array.from({ length: 100 }, () => ({ payer: bytes(20), fee: FEE }));
  for (const fee of fees) await payers.deposit(fee.payer, AMOUNT, { gasLimit: DEPOSIT_GAS });

  await payers.settleUsage(bytes(32), fees);
  for (const count of [1, 10, 100]) {
    await record(
      `payerRegistry.settleUsage.${count}`,
      `Payers.settleUsage, ${count} ${count === 1 ? "payer" : "payers"}`,
      payers.settleUsage(bytes(32), fees.slice(0, count)),
    );
  }

  await record(
    "payerRegistry.sendExcessToFeeDistributor",
    "Payers.sendExcessToFeeDistributor, first",
    payers.sendExcessToFeeDistributor(),
  );
  await payers.settleUsage(bytes(32), fees);
  await record(
    "payerRegistry.sendExcessToFeeDistributor.later",
    "Payers.sendExcessToFeeDistributor, later",
    payers.sendExcessToFeeDistributor(),
  );
}
