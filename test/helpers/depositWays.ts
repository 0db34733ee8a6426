import { AbiCoder, type ContractTransactionResponse } from "ethers";

import type { SettlementGateway } from "../../typechain-types/index.ts";
import { APPCHAIN_ID, USD, type MoneyFixture } from "./deployMoney.ts";
import { USELESS_PERMIT } from "./signPermit.ts";

/** What a message costs at most here: 200,000 gas at 2 gwei are 400 microdollars. */
export const GAS_LIMIT = 200_000n;
export const MAX_FEE = 2_000_000_000n;
export const COSTS = GAS_LIMIT * MAX_FEE;
export const MAX_FEES = 400n;

/** Wei of the appchain in a microdollar. */
export const UNIT = 10n ** 12n;

/** The arguments of a deposit, whichever way it goes. */
export interface DepositArguments {
  readonly chainId: bigint;
  readonly recipient: string;
  readonly amount: bigint;
  readonly gasLimit: bigint;
  readonly maxFeePerGas: bigint;
}

/** A way into the appchain. */
export interface DepositWay {
  readonly name: string;
  readonly from: "feeToken" | "underlying";
  /** Deposits five dollars for somebody else, unless something else is said. */
  deposit(
    fixture: Pick<MoneyFixture, "gateway" | "feeToken" | "underlying" | "other">,
    changes?: Partial<DepositArguments>,
  ): Promise<ContractTransactionResponse>;
}

type Plain = readonly [bigint, string, bigint, bigint, bigint];

function way(
  name: string,
  from: DepositWay["from"],
  send: (gateway: SettlementGateway, args: Plain) => Promise<ContractTransactionResponse>,
): DepositWay {
  return {
    name,
    from,
    deposit: (fixture, changes) => send(fixture.gateway, plain(fixture, changes)),
  };
}

function plain(
  { other }: Pick<MoneyFixture, "other">,
  changes: Partial<DepositArguments> = {},
): Plain {
  const { chainId, recipient, amount, gasLimit, maxFeePerGas } = {
    chainId: APPCHAIN_ID,
    recipient: other.address,
    amount: 5n * USD,
    gasLimit: GAS_LIMIT,
    maxFeePerGas: MAX_FEE,
    ...changes,
  };
  return [chainId, recipient, amount, gasLimit, maxFeePerGas];
}

/** The ways in which the gateway takes the tokens itself. The permits do nothing here: the payer has approved already. */
export const TAKING_WAYS: readonly DepositWay[] = [
  way("deposit", "feeToken", (gateway, args) => gateway.deposit(...args)),
  way("depositWithPermit", "feeToken", (gateway, args) =>
    gateway.depositWithPermit(...args, ...USELESS_PERMIT),
  ),
  way("depositFromUnderlying", "underlying", (gateway, args) =>
    gateway.depositFromUnderlying(...args),
  ),
  way("depositFromUnderlyingWithPermit", "underlying", (gateway, args) =>
    gateway.depositFromUnderlyingWithPermit(...args, ...USELESS_PERMIT),
  ),
];

/** All ways: also those in which the tokens are sent beforehand. */
export const DEPOSIT_WAYS: readonly DepositWay[] = [
  ...TAKING_WAYS,
  {
    name: "transferAndCall",
    from: "feeToken",
    deposit: ({ feeToken, gateway, ...fixture }, changes) => {
      const [chainId, recipient, amount, gasLimit, maxFeePerGas] = plain(fixture, changes);
      return feeToken["transferAndCall(address,uint256,bytes)"](
        gateway,
        amount,
        depositData([chainId, recipient, gasLimit, maxFeePerGas]),
      );
    },
  },
  {
    name: "depositReceived",
    from: "underlying",
    deposit: async ({ underlying, feeToken, gateway, ...fixture }, changes) => {
      const args = plain(fixture, changes);
      await underlying.transfer(feeToken, args[2]);
      return gateway.depositReceived(...args);
    },
  },
];

/** What a transfer to the gateway says of the deposit that it is. */
export function depositData(
  args: readonly [chainId: bigint, recipient: string, gasLimit: bigint, maxFee: bigint],
): string {
  return AbiCoder.defaultAbiCoder().encode(["uint256", "address", "uint256", "uint256"], args);
}
