import { createBench } from "./gas/createBench.ts";
import { createReporter } from "./gas/createReporter.ts";
import { deployMoney } from "./gas/deployMoney.ts";
import { measureFeeToken } from "./gas/measureFeeToken.ts";
import { measureGateways } from "./gas/measureGateways.ts";
import { measureLogs } from "./gas/measureLogs.ts";
import { measureNodes } from "./gas/measureNodes.ts";
import { measureParameters } from "./gas/measureParameters.ts";
import { measurePayers } from "./gas/measurePayers.ts";
import { measureRates } from "./gas/measureRates.ts";
import { measureReports } from "./gas/measureReports.ts";
import { measureRewards } from "./gas/measureRewards.ts";
import { measureSplitter } from "./gas/measureSplitter.ts";

/** EVM rules by which gas is counted: `osaka` has the calldata floor of EIP-7623, `cancun` has not. */
export type Hardfork = "osaka" | "cancun";

/** Gas of one call, under the key that the same call has in `productionGas.json`. */
export interface Measurement {
  readonly key: string;
  readonly what: string;
  readonly gas: number;
}

/**
 * Deploys everything on a fresh chain and measures each call, one transaction per block, in the state that the
 * baseline describes: the function was called before, and storage that is non-zero in normal use is non-zero.
 */
export async function measureGas(hardfork: Hardfork): Promise<readonly Measurement[]> {
  const bench = await createBench(hardfork);

  const { appchainParameters, settlementParameters } = await measureParameters(bench);
  await measureLogs(bench, appchainParameters);
  const nodes = await measureNodes(bench, settlementParameters);

  const money = await deployMoney(bench, settlementParameters);
  await measureFeeToken(bench, money);
  await measurePayers(bench, money);
  await measureSplitter(bench, money);

  await measureRates(bench, money);

  const reporter = await createReporter(bench, money, nodes);
  await measureReports(bench, money, reporter);
  await measureRewards(bench, money, reporter);

  await measureGateways(bench, money, appchainParameters);

  return bench.measurements;
}
