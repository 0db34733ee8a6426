import { formatEther, formatUnits, type PublicClient } from "viem";

import { feeTokenAbi } from "../src/abi/index.ts";
import type { ChainFacts } from "../src/deployment/chainFacts.ts";
import { DeploymentError } from "../src/deployment/DeploymentError.ts";
import type { NetworkPlan } from "../src/deployment/networkPlan.ts";
import type { PlannedParameter } from "../src/deployment/plannedParameters.ts";
import { hasCode } from "../src/deployment/predicates/hasCode.ts";
import { FEE_TOKEN_DECIMALS } from "../src/deployment/predictAddresses.ts";
import { WEI_PER_MICRODOLLAR } from "../src/payers/microdollars.ts";
import { parametersToSet } from "./applyParameters.ts";
import { gasNeeded, weiNeeded } from "./checkChain.ts";

/** Parameters that one message carries: far below what an inbox takes as its data, and a block as its gas. */
const KEYS_PER_PUSH = 50;
/** Gas on the appchain: for any message, for setting one parameter, and to be sure. What is left comes back. */
const MESSAGE_GAS = 21_000n;
const KEY_GAS = 120_000n;
const MARGIN_GAS = 150_000n;

/** Gas on the settlement chain, above what any call of ours was seen to take. */
const TOKEN_GAS = 400_000n; // mint, approve, wrap, approve
const DEPOSIT_GAS = 300_000n;
const PUSH_GAS = 300_000n;
const PUSHED_KEY_GAS = 20_000n;

/** One message with parameters for the appchain. */
export interface Push {
  readonly parameters: readonly PlannedParameter[];
  readonly gasLimit: bigint;
  /** Wei of the appchain. */
  readonly maxFeePerGas: bigint;
  /** What it takes, in units of the fee token. */
  readonly amount: bigint;
}

/** What a run has to send over the bridge. */
export interface Crossing {
  /** Units of the fee token that become the deployer's gas money on the appchain; 0 if it has enough. */
  readonly gasMoney: bigint;
  readonly pushes: readonly Push[];
}

/** The messages that carry parameters to the appchain, at twice the price that its gas has now. */
export async function planPushes(
  appchain: PublicClient,
  parameters: readonly PlannedParameter[],
): Promise<Push[]> {
  if (parameters.length === 0) return [];
  const maxFeePerGas = 2n * (await appchain.getGasPrice());
  const count = Math.ceil(parameters.length / KEYS_PER_PUSH);
  return Array.from({ length: count }, (_, index) => {
    const carried = parameters.slice(index * KEYS_PER_PUSH, (index + 1) * KEYS_PER_PUSH);
    const gasLimit = MESSAGE_GAS + KEY_GAS * BigInt(carried.length) + MARGIN_GAS;
    const amount = (gasLimit * maxFeePerGas + WEI_PER_MICRODOLLAR - 1n) / WEI_PER_MICRODOLLAR;
    return { parameters: carried, gasLimit, maxFeePerGas, amount };
  });
}

/** What would have to cross now. */
export async function planCrossing(
  plan: NetworkPlan,
  appchain: PublicClient,
  facts: ChainFacts,
): Promise<Crossing> {
  const { bridge } = plan;
  if (bridge.contracts === null) return { gasMoney: 0n, pushes: [] };
  const [needed, balance, pushes] = await Promise.all([
    weiNeeded(appchain, plan.appchain, facts),
    appchain.getBalance({ address: plan.appchain.deployer }),
    planPushes(appchain, bridge.carriesParameters ? parametersToSet(plan.appchain, facts) : []),
  ]);
  return { gasMoney: balance < needed ? bridge.deployerGas : 0n, pushes };
}

/**
 * Finds out before anything is sent whether the deployer can pay for what is to cross.
 *
 * @throws {DeploymentError} `DEPLOYER_LACKS_TOKENS`, `DEPLOYER_POOR`
 */
export async function checkCrossing({
  plan: { settlement: plan, bridge },
  crossing: { gasMoney, pushes },
  settlement,
  facts,
}: {
  readonly plan: NetworkPlan;
  readonly crossing: Crossing;
  readonly settlement: PublicClient;
  readonly facts: ChainFacts;
}): Promise<void> {
  if (gasMoney === 0n && pushes.length === 0) return;
  const { deployer, underlyingToken, foreignToken } = plan;
  const tokens = pushes.reduce((sum, { amount }) => sum + amount, gasMoney);
  // Anybody may mint the mock.
  if (foreignToken !== undefined) {
    const balances = await Promise.all(
      [bridge.feeToken, underlyingToken].map(async (address) =>
        hasCode(facts, address).done
          ? settlement.readContract({
              address,
              abi: feeTokenAbi,
              functionName: "balanceOf",
              args: [deployer],
            })
          : 0n,
      ),
    );
    const held = balances.reduce((sum, balance) => sum + balance);
    if (held < tokens) {
      throw new DeploymentError(
        "DEPLOYER_LACKS_TOKENS",
        `the deployer ${deployer} holds ${dollars(held)} dollars in fee and underlying tokens and may need ${dollars(tokens)}`,
      );
    }
  }
  const keys = pushes.reduce((sum, { parameters }) => sum + BigInt(parameters.length), 0n);
  const gas =
    gasNeeded(plan, facts) +
    TOKEN_GAS +
    (gasMoney > 0n ? DEPOSIT_GAS : 0n) +
    PUSH_GAS * BigInt(pushes.length) +
    PUSHED_KEY_GAS * keys;
  const needed = await weiNeeded(settlement, plan, facts, gas);
  const balance = await settlement.getBalance({ address: deployer });
  if (balance >= needed) return;
  throw new DeploymentError(
    "DEPLOYER_POOR",
    `the deployer ${deployer} holds ${formatEther(balance)} on the settlement chain and may need ${formatEther(needed)}`,
  );
}

function dollars(units: bigint): string {
  return formatUnits(units, FEE_TOKEN_DECIMALS);
}
