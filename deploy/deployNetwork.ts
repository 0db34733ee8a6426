import type { AddressBook } from "../src/deployment/addressBook.ts";
import { DeploymentError } from "../src/deployment/DeploymentError.ts";
import type { ChainFacts } from "../src/deployment/chainFacts.ts";
import { nextStep } from "../src/deployment/predicates/areContractsJoined.ts";
import { readStatus, type NetworkStatus } from "../src/deployment/status.ts";
import { addressBookOf } from "./addressBookOf.ts";
import { adminWriter, type WriteParameters } from "./adminWriter.ts";
import { appchainModule } from "./appchain.ts";
import { checkChain } from "./checkChain.ts";
import { planCrossing } from "./crossing.ts";
import { deployChain, interrupted, outstanding } from "./deployChain.ts";
import { gatewayWriter } from "./gatewayWriter.ts";
import { moveGas } from "./moveGas.ts";
import {
  affordableOn,
  prepareNetwork,
  type DeployNetworkConfig,
  type PreparedChain,
} from "./prepareNetwork.ts";
import { settlementModule } from "./settlement.ts";
import { waitForPending } from "./waitForPending.ts";

const MODULES = { settlement: settlementModule, appchain: appchainModule };

export interface DeployedNetwork {
  readonly addressBook: AddressBook;
  /** What both chains look like now. An implementation that awaits its migration is the one thing not done here. */
  readonly status: NetworkStatus;
  /** How many were sent; 0 if the network was already as configured. */
  readonly transactions: number;
}

/**
 * Brings a pair of chains to the configured state, from whatever state they are in.
 *
 * The chains themselves are the journal: a second run sends nothing, and a run that was interrupted is finished by the
 * next one. Everything is checked on both chains before anything is sent on either. Writes no file.
 *
 * Where the appchain's gateway is to write its parameters and there is no bridge yet, only the settlement chain is
 * deployed; its fee token is what the rollup is made of.
 *
 * @throws {XmtpError} `RPC_UNREACHABLE`, `WRONG_CHAIN`: nothing was sent
 * @throws {DeploymentError} `DEPLOYER_*`, `NOT_ADMIN`, `TOO_MANY_CANONICAL_NODES`, `UNDERLYING_TOKEN_UNFIT`,
 *   `RATES_START_PASSED`, `BRIDGE_UNFIT`: nothing was sent
 * @throws {DeploymentError} `DEPLOYER_BUSY`, `DEPLOY_INTERRUPTED`, `DETERMINISTIC_DEPLOYER_REFUSED`, `PUSH_FAILED`,
 *   `MESSAGE_LATE`: run again
 * @throws {DeploymentError} `DEPLOYMENT_BLOCK_UNKNOWN`: all is deployed, but the address book is not complete
 */
export async function deployNetwork(config: DeployNetworkConfig): Promise<DeployedNetwork> {
  const { plan, settlement, appchain } = await prepareNetwork(config);
  const { pollingInterval = 500, onProgress = () => {} } = config;

  const bring = async (
    { plan: chainPlan, connection, count }: PreparedChain,
    writeParameters: WriteParameters,
    provideGas: (facts: ChainFacts) => Promise<void> = async () => {},
  ): Promise<void> => {
    const { client } = connection;
    await waitForPending({ client, plan: chainPlan, pollingInterval, onProgress });
    const facts = await checkChain(connection, chainPlan, affordableOn(chainPlan, plan));
    onProgress({
      kind: "checked",
      chain: chainPlan.chain,
      outstanding: outstanding(chainPlan, facts),
    });
    await provideGas(facts);
    const moduleOf = MODULES[chainPlan.chain];
    await deployChain({
      plan: chainPlan,
      facts,
      connection,
      moduleOf,
      writeParameters,
      pollingInterval,
    });
    onProgress({ kind: "finished", chain: chainPlan.chain, transactions: count() });
  };

  const settled = bring(settlement, adminWriter(settlement.connection, plan.settlement));
  const bringAppchain = (prepared: PreparedChain): Promise<void> => {
    const ends = {
      plan,
      settlement: settlement.connection,
      appchain: prepared.connection,
      pollingInterval,
    };
    const writeParameters = plan.bridge.carriesParameters
      ? gatewayWriter({ ...ends, settled })
      : adminWriter(prepared.connection, plan.appchain);
    return bring(prepared, writeParameters, async (facts) => {
      const { gasMoney } = await planCrossing(plan, prepared.connection.client, facts);
      if (gasMoney === 0n) return;
      await settled;
      await moveGas({ ...ends, amount: gasMoney }).catch((error: unknown) => {
        throw error instanceof DeploymentError ? error : interrupted(plan.appchain, error);
      });
    });
  };
  if (appchain === undefined)
    onProgress({ kind: "awaitsBridge", chain: "appchain", nextStep: nextStep(plan.bridge) });
  // Each chain is brought as far as it goes, also when the other one fails.
  const results = await Promise.allSettled([
    settled,
    ...(appchain === undefined ? [] : [bringAppchain(appchain)]),
  ]);
  for (const result of results) if (result.status === "rejected") throw result.reason;

  const clients = {
    settlement: settlement.connection.client,
    appchain: appchain?.connection.client,
  };
  return {
    addressBook: await addressBookOf({ plan, ...clients, known: config.known }),
    status: await readStatus({ plan, ...clients }),
    transactions: settlement.count() + (appchain?.count() ?? 0),
  };
}
