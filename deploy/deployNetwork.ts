import type { AddressBook } from "../src/deployment/addressBook.ts";
import { readStatus, type NetworkStatus } from "../src/deployment/status.ts";
import { addressBookOf } from "./addressBookOf.ts";
import { appchainModule } from "./appchain.ts";
import { checkChain } from "./checkChain.ts";
import { deployChain, outstanding } from "./deployChain.ts";
import { prepareNetwork, type DeployNetworkConfig } from "./prepareNetwork.ts";
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
 * @throws {XmtpError} `RPC_UNREACHABLE`, `WRONG_CHAIN`: nothing was sent
 * @throws {DeploymentError} `DEPLOYER_*`, `NOT_ADMIN`, `TOO_MANY_CANONICAL_NODES`, `UNDERLYING_TOKEN_UNFIT`, `RATES_START_PASSED`: nothing was sent
 * @throws {DeploymentError} `DEPLOYER_BUSY`, `DEPLOY_INTERRUPTED`, `DETERMINISTIC_DEPLOYER_REFUSED`: run again
 * @throws {DeploymentError} `DEPLOYMENT_BLOCK_UNKNOWN`: all is deployed, but the address book is not complete
 */
export async function deployNetwork(config: DeployNetworkConfig): Promise<DeployedNetwork> {
  const { plan, chains } = await prepareNetwork(config);
  const { pollingInterval = 500, onProgress = () => {} } = config;

  // Each chain is brought as far as it goes, also when the other one fails.
  const results = await Promise.allSettled(
    [chains.settlement, chains.appchain].map(async ({ plan: chainPlan, connection, count }) => {
      const { client } = connection;
      await waitForPending({ client, plan: chainPlan, pollingInterval, onProgress });
      const facts = await checkChain(connection, chainPlan);
      onProgress({
        kind: "checked",
        chain: chainPlan.chain,
        outstanding: outstanding(chainPlan, facts),
      });
      const moduleOf = MODULES[chainPlan.chain];
      await deployChain({ plan: chainPlan, facts, connection, moduleOf, pollingInterval });
      onProgress({ kind: "finished", chain: chainPlan.chain, transactions: count() });
    }),
  );
  for (const result of results) if (result.status === "rejected") throw result.reason;

  const { settlement, appchain } = chains;
  return {
    addressBook: await addressBookOf({
      plan,
      settlement: settlement.connection.client,
      appchain: appchain.connection.client,
      known: config.known,
    }),
    status: await readStatus({
      plan,
      settlement: settlement.connection.client,
      appchain: appchain.connection.client,
    }),
    transactions: settlement.count() + appchain.count(),
  };
}
