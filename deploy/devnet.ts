import { fileURLToPath } from "node:url";

import type { AddressBook } from "../src/deployment/addressBook.ts";
import { readArtifacts } from "../src/deployment/artifacts.ts";
import { readNetworkParameters } from "../src/deployment/networkParameters.ts";
import { networkPlan } from "../src/deployment/networkPlan.ts";
import { startChains, type ChainsConfig, type RunningChains } from "../src/devnet/chains.ts";
import { createOrbitRpc } from "../src/devnet/orbitRpc.ts";
import { createAssertions } from "../src/devnet/relayer/assertions.ts";
import {
  createRelayer,
  type Relayer,
  type RelayerConfig,
} from "../src/devnet/relayer/createRelayer.ts";
import { readSystemCode } from "../src/devnet/relayer/systemContracts.ts";
import { createRollup } from "../src/devnet/rollup/createRollup.ts";
import type { RollupContracts } from "../src/devnet/rollup/planRollup.ts";
import { chainConnection } from "./chainConnection.ts";
import { deployNetwork } from "./deployNetwork.ts";
import { grantGas } from "./grantGas.ts";
import type { OnProgress } from "./progress.ts";

const ARTIFACTS = fileURLToPath(new URL("../artifacts", import.meta.url));
const PARAMETERS = fileURLToPath(new URL("./parameters/devnet.json5", import.meta.url));

/** Milliseconds between two looks for a receipt; the chains are in this process. */
const POLLING_INTERVAL = 5;

export interface DevnetConfig extends Omit<ChainsConfig, "orbit"> {
  readonly onProgress?: OnProgress;
  /** Milliseconds between two looks for withdrawals that no assertion covers yet. Default 1000. */
  readonly assertionIntervalMs?: number;
  /** Executes every withdrawal as soon as it can be, for whoever made it. Default false: they claim themselves. */
  readonly autoClaim?: boolean;
  /** Called with each error of the relayer; after one that is final it relays nothing any more. Default: warns of each once. */
  readonly onRelayerError?: (error: unknown, isFinal: boolean) => void;
  /** Called before each transaction of the relayer on the appchain; see `createRelayer`. */
  readonly beforeRelayStep?: RelayerConfig["beforeStep"];
}

export interface Devnet extends RunningChains {
  readonly addresses: AddressBook;
  readonly rollup: RollupContracts;
  readonly relayer: Relayer;
}

/**
 * Starts both chains on loopback, the appchain as an Orbit chain of the settlement chain, and deploys and configures the
 * whole network on them. The first account is the deployer and admin of everything. Each account has gas on either chain.
 * Needs a build, and writes no file.
 *
 * @throws {DevnetError} `PORT_TAKEN`
 * @throws {DeploymentError} `ARTIFACTS_MISSING`
 * @example
 * const devnet = await startDevnet({ blockTime: 250 });
 * console.log(devnet.addresses.nodeRegistry);
 * await devnet.stop();
 */
export async function startDevnet({
  onProgress,
  assertionIntervalMs = 1000,
  autoClaim = false,
  onRelayerError = warnOnce(),
  beforeRelayStep,
  blockTime = 1000,
  ...config
}: DevnetConfig = {}): Promise<Devnet> {
  const [artifacts, parameters, code] = await Promise.all([
    readArtifacts(ARTIFACTS),
    readNetworkParameters(PARAMETERS),
    readSystemCode(ARTIFACTS),
  ]);
  // Nobody waits for a block while the contracts go out; the configured block time begins afterwards.
  const chains = await startChains({ ...config, orbit: { code }, blockTime: "automine" });
  const { settlement, appchain } = chains;
  appchain.addLayer(createOrbitRpc());
  const stopping = new AbortController();
  let relayer: Relayer | undefined;
  const stop = async (): Promise<void> => {
    stopping.abort();
    await relayer?.stop();
    await chains.stop();
  };
  try {
    const accounts = chains.accounts.map(({ address }) => address);
    const [deployer] = accounts;
    if (deployer === undefined) throw new RangeError("accountCount must be at least 1");
    const deploy = (bridge: RollupContracts | null) =>
      deployNetwork({
        parameters: { ...parameters, appchain: { ...parameters.appchain, bridge } },
        artifacts,
        deployer,
        settlement: settlement.provider,
        appchain: appchain.provider,
        pollingInterval: POLLING_INTERVAL,
        ...(onProgress && { onProgress }),
      });
    // The rollup is made of the fee token, and everything on the appchain is paid for in it.
    await deploy(null);
    const plan = networkPlan({ deployer, parameters, artifacts });
    const rollup = await createRollup({
      provider: settlement.provider,
      feeToken: plan.bridge.feeToken,
      appchainId: appchain.chainId,
    });
    const started = createRelayer({
      settlement: settlement.provider,
      appchain,
      bridge: rollup.bridge,
      assertions: createAssertions({
        settlement: settlement.provider,
        appchain: appchain.provider,
        rollup,
        autoClaim,
        signal: stopping.signal,
      }),
      assertionIntervalMs,
      ...(beforeRelayStep && { beforeStep: beforeRelayStep }),
      onError: onRelayerError,
    });
    relayer = started;
    settlement.producer.onBlock(() => started.wake());
    const connect = ({ provider }: typeof settlement) =>
      chainConnection({ provider, deployer, pollingInterval: POLLING_INTERVAL });
    await grantGas({
      accounts,
      plan: { ...plan, bridge: { ...plan.bridge, contracts: rollup } },
      settlement: connect(settlement),
      appchain: connect(appchain),
      pollingInterval: POLLING_INTERVAL,
    });
    const { addressBook } = await deploy(rollup);
    await Promise.all([settlement.setBlockTime(blockTime), appchain.setBlockTime(blockTime)]);
    return { ...chains, addresses: addressBook, rollup, relayer: started, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The relayer tries again and again: what keeps it from its work is to be read once, not with each attempt. */
function warnOnce(): (error: unknown) => void {
  const told = new Set<string>();
  return (error) => {
    const message = error instanceof Error ? error.message : String(error);
    if (told.has(message)) return;
    told.add(message);
    process.emitWarning(`the relayer of the devnet: ${message}`);
  };
}
