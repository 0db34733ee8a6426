import type { Address, LocalAccount } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";

import { connectChain } from "../../src/chain/connectChain.ts";
import { applyUpdates, setParameters } from "../../src/parameters/parameters.ts";
import type { ParameterValue } from "../../src/parameters/parameterValues.ts";
import { chainControls } from "./startNetwork.ts";
import { startPayersNetwork } from "./payersNetwork.ts";

/** Wei of the appchain in a microdollar. */
export const UNIT = 10n ** 12n;

/** A devnet as `npm start` has it, seen from somebody who crosses the bridge. */
export type BridgeNetwork = Awaited<ReturnType<typeof startBridgeNetwork>>;

/** Both chains go on together: neither can be taken back alone, so the tests of a file share what they leave. */
export async function startBridgeNetwork() {
  const network = await startPayersNetwork({ isJoined: true });
  const { devnet, addresses, admin, payer, chain: settlement } = network;
  const { url, chainId } = devnet.appchain;
  const appchain = await connectChain({ url, chainId });
  const gateway = addresses.settlementChainGateway;

  return {
    ...network,
    settlement,
    appchain,
    gateway,
    appchainControls: chainControls(appchain),
    /** What is sent through the gateway takes, signed by the payer. */
    crossing: (account: LocalAccount = payer) => ({
      chain: settlement,
      appchain,
      account,
      address: gateway,
    }),
    /** Who has nothing on either chain. */
    newcomer: () => privateKeyToAccount(generatePrivateKey()),
    balanceOn: (owner: Address) => appchain.client.getBalance({ address: owner }),
    /** Sets parameters of the settlement chain. */
    setParameters: (values: Readonly<Record<string, ParameterValue>>) =>
      setParameters({
        chain: settlement,
        account: admin,
        address: addresses.settlementChainParameterRegistry,
        values,
      }),
    applyOnAppchain: (address: Address) =>
      applyUpdates({ chain: appchain, account: admin, address }),
  };
}
