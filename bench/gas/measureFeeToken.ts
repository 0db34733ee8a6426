import { MaxUint256 } from "ethers";

import type { Bench } from "./createBench.ts";
import type { Money } from "./deployMoney.ts";
import { signPermit } from "./signPermit.ts";

/** Microdollars; three bytes of calldata are not zero. */
const AMOUNT = 10_000_000n;

/** The fee token: its underlying token is the mock behind a proxy. */
export async function measureFeeToken(
  { bytes, deployer, owner, payer, record }: Bench,
  { feeToken, underlying }: Money,
): Promise<void> {
  await record(
    "feeToken.deposit",
    "FeeToken.deposit, unlimited allowance",
    feeToken.deposit(AMOUNT),
  );

  await underlying.approve(feeToken, AMOUNT);
  await record(
    "feeToken.deposit.exactAllowance",
    "FeeToken.deposit, allowance used up",
    feeToken.deposit(AMOUNT),
  );
  await underlying.approve(feeToken, 2n * AMOUNT);
  await record(
    "feeToken.deposit.finiteAllowance",
    "FeeToken.deposit, finite allowance left over",
    feeToken.deposit(AMOUNT),
  );
  await feeToken.deposit(AMOUNT);

  const permit = () => signPermit(deployer, underlying, feeToken, AMOUNT);
  await feeToken.depositWithPermit(AMOUNT, ...(await permit()));
  await record(
    "feeToken.depositWithPermit",
    "FeeToken.depositWithPermit",
    feeToken.depositWithPermit(AMOUNT, ...(await permit())),
  );
  await underlying.approve(feeToken, MaxUint256);

  await record(
    "feeToken.withdraw",
    "FeeToken.withdraw, part of the balance",
    feeToken.withdraw(AMOUNT),
  );

  await feeToken.transfer(payer, AMOUNT);
  await record(
    "feeToken.transfer",
    "FeeToken.transfer, recipient holds some",
    feeToken.transfer(payer, AMOUNT),
  );
  await record(
    "feeToken.transfer.newRecipient",
    "FeeToken.transfer, recipient holds none",
    feeToken.transfer(bytes(20), AMOUNT),
  );

  const spenders = [bytes(20), bytes(20)] as const;
  const permitFeeToken = async (spender: string, value: bigint) =>
    feeToken.permit(
      deployer,
      spender,
      value,
      ...(await signPermit(deployer, feeToken, spender, value)),
    );
  await record(
    "feeToken.permit.first",
    "FeeToken.permit, nonce 0, allowance 0",
    permitFeeToken(spenders[0], AMOUNT),
  );
  await record(
    "feeToken.permit",
    "FeeToken.permit, allowance already set",
    permitFeeToken(spenders[0], AMOUNT + 1n),
  );
  await record(
    "feeToken.permit.newSpender",
    "FeeToken.permit, nonce > 0, allowance 0",
    permitFeeToken(spenders[1], AMOUNT),
  );

  await feeToken.transfer(owner, AMOUNT);
  await feeToken.approve(payer, 10n * AMOUNT);
  await record(
    "feeToken.transferFrom",
    "FeeToken.transferFrom, finite allowance left over",
    feeToken.connect(payer).transferFrom(deployer, owner, AMOUNT),
  );
  await record(
    "feeToken.approve",
    "FeeToken.approve, changed",
    feeToken.approve(payer, 2n * AMOUNT),
  );
}
