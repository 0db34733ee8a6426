// A deployment in a process of its own, for tests that kill it: `deployProcess.ts <settlement URL> <appchain URL> <key>`.
import { fileURLToPath } from "node:url";

import { privateKeyToAddress } from "viem/accounts";

import { deployNetwork } from "../../deploy/deployNetwork.ts";
import { keyProvider } from "../../deploy/keyProvider.ts";
import { readArtifacts } from "../../src/deployment/artifacts.ts";
import { readNetworkParameters } from "../../src/deployment/networkParameters.ts";
import { withoutBridge } from "./emptyChains.ts";

const file = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

// Test runners import every file below `test`; only a process of its own has arguments.
if (process.argv[1] === import.meta.filename) {
  const [settlement = "", appchain = "", privateKey = ""] = process.argv.slice(2);
  await deployNetwork({
    parameters: withoutBridge(await readNetworkParameters(file("deploy/parameters/devnet.json5"))),
    artifacts: await readArtifacts(file("artifacts")),
    deployer: privateKeyToAddress(privateKey as `0x${string}`), // the test passes a key
    settlement: keyProvider({ url: settlement, privateKey }),
    appchain: keyProvider({ url: appchain, privateKey }),
    pollingInterval: 5,
    onProgress: ({ kind }) => console.log(kind),
  });
}
