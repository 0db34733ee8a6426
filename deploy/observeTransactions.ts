import { encodeFunctionData, type Address, type Hash, type Hex } from "viem";

import { proxyFactoryAbi } from "../src/abi/index.ts";
import {
  DETERMINISTIC_DEPLOYER,
  DETERMINISTIC_DEPLOYER_SENDER,
  DETERMINISTIC_DEPLOYER_TRANSACTION,
  deterministicDeployData,
} from "../src/deployment/deterministicDeployer.ts";
import type { ChainPlan } from "../src/deployment/networkPlan.ts";
import type { Eip1193Provider, RpcRequest } from "./chainConnection.ts";
import { firstParameter } from "./firstParameter.ts";
import type { OnProgress } from "./progress.ts";

/** Wraps a provider so that each transaction is announced by what it does, and counted. */
export function observeTransactions(
  provider: Eip1193Provider,
  plan: ChainPlan,
  onProgress: OnProgress,
) {
  const nameOf = transactionNames(plan);
  const { chain } = plan;
  let transactions = 0;

  const observed: Eip1193Provider = {
    request: async (request) => {
      const what = nameOf(request);
      if (what === undefined) return provider.request(request);
      onProgress({ kind: "sending", chain, what });
      const hash = (await provider.request(request)) as Hash; // both methods answer with it
      transactions += 1;
      onProgress({ kind: "sent", chain, what, hash });
      return hash;
    },
  };
  return { observed, count: () => transactions };
}

/** Names a request that sends a transaction; nothing for any other request. */
function transactionNames(plan: ChainPlan): (request: RpcRequest) => string | undefined {
  const byData = new Map<Hex, string>([
    [deterministicDeployData(plan.proxyFactory.artifact.bytecode), "deploy ProxyFactory"],
    [DETERMINISTIC_DEPLOYER_TRANSACTION, "deploy the deterministic deployer"],
  ]);
  const byTarget = new Map<Address, string>([
    [DETERMINISTIC_DEPLOYER_SENDER, "fund the deterministic deployer's sender"],
    [DETERMINISTIC_DEPLOYER, "deploy"],
  ]);
  for (const {
    name,
    creationCode,
    salt,
    implementation,
    initializeCallData,
    proxy,
  } of plan.contracts) {
    const deployProxy = encodeFunctionData({
      abi: proxyFactoryAbi,
      functionName: "deployProxy",
      args: [salt, implementation, initializeCallData],
    });
    byData.set(deterministicDeployData(creationCode), `deploy ${name}, implementation`);
    byData.set(deployProxy, `deploy ${name}, proxy`);
    byTarget.set(proxy, `configure ${name}`);
  }
  for (const { name, creationCode } of plan.unproxied) {
    byData.set(deterministicDeployData(creationCode), `deploy ${name}`);
  }
  const lower = new Map([...byTarget].map(([address, name]) => [address.toLowerCase(), name]));

  return ({ method, params }) => {
    if (method === "eth_sendRawTransaction")
      return byData.get(firstParameter(params)) ?? "send a signed transaction";
    if (method !== "eth_sendTransaction") return undefined;
    const { to, data } = firstParameter<{ to?: string; data?: Hex }>(params);
    return (data && byData.get(data)) ?? lower.get(to?.toLowerCase() ?? "") ?? "send a transaction";
  };
}
