import type { DeployNetworkConfig } from "../../deploy/prepareNetwork.ts";
import { deployNetwork } from "../../deploy/deployNetwork.ts";
import { networkPlan } from "../../src/deployment/networkPlan.ts";
import {
  readNetworkParameters,
  type NetworkParameters,
} from "../../src/deployment/networkParameters.ts";
import { createOrbitRpc } from "../../src/devnet/orbitRpc.ts";
import { createRelayer, type Relayer } from "../../src/devnet/relayer/createRelayer.ts";
import { readSystemCode } from "../../src/devnet/relayer/systemContracts.ts";
import { createRollup } from "../../src/devnet/rollup/createRollup.ts";
import { DEVNET_PARAMETERS, emptyChains, remember } from "./emptyChains.ts";
import { ARTIFACTS } from "./systemContracts.ts";

/** Milliseconds. */
const POLLING_INTERVAL = 2;

/** The same network before its rollup exists. */
export function awaitingBridge(parameters: NetworkParameters): NetworkParameters {
  return { ...parameters, appchain: { ...parameters.appchain, bridge: null } };
}

/**
 * Two chains and a rollup between them: the settlement chain deployed so far that there is a fee token, the appchain
 * empty, and nobody with gas there. Messages are relayed.
 */
export async function bridgedChains() {
  const empty = await emptyChains({ orbit: { code: await readSystemCode(ARTIFACTS) } });
  const { chains, artifacts, deployer } = empty;
  const { settlement, appchain } = chains;
  appchain.addLayer(createOrbitRpc());
  const parameters = await readNetworkParameters(DEVNET_PARAMETERS);
  const plan = networkPlan({ deployer, parameters, artifacts });
  const config: DeployNetworkConfig = {
    ...empty.config,
    parameters,
    pollingInterval: POLLING_INTERVAL,
  };
  const deploy = (changes: Partial<DeployNetworkConfig> = {}) =>
    deployNetwork({ ...config, ...changes });

  const first = await deploy({ parameters: awaitingBridge(parameters), appchain: undefined });
  const rollup = await createRollup({
    provider: settlement.provider,
    feeToken: plan.bridge.feeToken,
    appchainId: appchain.chainId,
  });

  const errors: unknown[] = [];
  const relay = (): Relayer =>
    createRelayer({
      settlement: settlement.provider,
      appchain,
      bridge: rollup.bridge,
      pollIntervalMs: 10,
      onError: (error) => errors.push(error),
    });
  let relayer = relay();
  settlement.producer.onBlock(() => relayer.wake());

  return {
    ...empty,
    parameters,
    config,
    rollup,
    plan,
    deploy,
    /** What the deployment of the settlement chain alone came to. */
    first,
    /** What the relayer complained about. */
    errors,
    /** Remembers both chains; the returned function goes back there, and relays on. */
    remember: async (): Promise<() => Promise<void>> => {
      const forget = await remember(chains);
      return async () => {
        await relayer.stop();
        await forget();
        relayer = relay();
      };
    },
    stop: async () => {
      await relayer.stop();
      await empty.stop();
    },
  };
}

export type BridgedChains = Awaited<ReturnType<typeof bridgedChains>>;
