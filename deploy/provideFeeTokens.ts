import { encodeFunctionData, type Address, type Hex } from "viem";

import { feeTokenAbi, mockUnderlyingFeeTokenAbi } from "../src/abi/index.ts";
import { DeploymentError } from "../src/deployment/DeploymentError.ts";
import type { NetworkPlan } from "../src/deployment/networkPlan.ts";
import type { ChainConnection } from "./chainConnection.ts";

/**
 * Sees to it that the deployer holds so many fee tokens and `spender` may take them: mints the mock, wraps underlying
 * tokens, approves, each only as far as it is missing.
 *
 * @throws {DeploymentError} `DEPLOYER_LACKS_TOKENS`
 */
export async function provideFeeTokens({
  plan: { settlement: plan, bridge },
  settlement: { client, send },
  amount,
  spender,
}: {
  readonly plan: NetworkPlan;
  readonly settlement: ChainConnection;
  /** Units of the fee token. */
  readonly amount: bigint;
  readonly spender: Address;
}): Promise<void> {
  const { deployer, underlyingToken, foreignToken } = plan;
  const { feeToken } = bridge;
  const balanceOf = (address: Address): Promise<bigint> =>
    client.readContract({ address, abi: feeTokenAbi, functionName: "balanceOf", args: [deployer] });
  const approve = async (token: Address, taker: Address, wanted: bigint): Promise<void> => {
    const allowed = await client.readContract({
      address: token,
      abi: feeTokenAbi,
      functionName: "allowance",
      args: [deployer, taker],
    });
    if (allowed < wanted) await send({ to: token, data: approvalOf(taker, wanted) });
  };

  const missing = amount - (await balanceOf(feeToken));
  if (missing > 0n) {
    const unminted = missing - (await balanceOf(underlyingToken));
    if (unminted > 0n) {
      if (foreignToken !== undefined) {
        throw new DeploymentError(
          "DEPLOYER_LACKS_TOKENS",
          `the deployer ${deployer} lacks ${unminted} units of the underlying token ${foreignToken}`,
        );
      }
      await send({ to: underlyingToken, data: mintOf(deployer, unminted) });
    }
    await approve(underlyingToken, feeToken, missing);
    await send({
      to: feeToken,
      data: encodeFunctionData({ abi: feeTokenAbi, functionName: "deposit", args: [missing] }),
    });
  }
  await approve(feeToken, spender, amount);
}

function approvalOf(spender: Address, amount: bigint): Hex {
  return encodeFunctionData({ abi: feeTokenAbi, functionName: "approve", args: [spender, amount] });
}

function mintOf(recipient: Address, amount: bigint): Hex {
  return encodeFunctionData({
    abi: mockUnderlyingFeeTokenAbi,
    functionName: "mint",
    args: [recipient, amount],
  });
}
