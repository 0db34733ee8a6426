import { encodeFunctionData, parseAbi } from "viem";

import type { NetworkPlan } from "../src/deployment/networkPlan.ts";
import type { ChainConnection } from "./chainConnection.ts";
import { WEI_PER_MICRODOLLAR } from "../src/payers/microdollars.ts";
import { provideFeeTokens } from "./provideFeeTokens.ts";
import { waitForArrival } from "./waitForArrival.ts";

const INBOX_ABI = parseAbi(["function depositERC20(uint256 amount) returns (uint256)"]);

/**
 * Moves fee tokens of the deployer to its own account on the appchain, where they are native currency. Does not need any
 * contract of ours over there.
 *
 * @throws {DeploymentError} `DEPLOYER_LACKS_TOKENS`, `MESSAGE_LATE`
 */
export async function moveGas({
  plan,
  settlement,
  appchain,
  amount,
  pollingInterval,
}: {
  readonly plan: NetworkPlan;
  readonly settlement: ChainConnection;
  readonly appchain: ChainConnection;
  /** Units of the fee token. */
  readonly amount: bigint;
  /** Milliseconds. */
  readonly pollingInterval: number;
}): Promise<void> {
  const { contracts } = plan.bridge;
  if (contracts === null) throw new Error("there is no bridge");
  const balance = () => appchain.client.getBalance({ address: plan.appchain.deployer });

  await provideFeeTokens({ plan, settlement, amount, spender: contracts.inbox });
  const before = await balance();
  await settlement.send({
    to: contracts.inbox,
    data: encodeFunctionData({ abi: INBOX_ABI, functionName: "depositERC20", args: [amount] }),
  });
  await waitForArrival({
    what: "the deployer's fee tokens",
    isThere: async () => (await balance()) >= before + amount * WEI_PER_MICRODOLLAR,
    pollingInterval,
  });
}
