import { encodeFunctionData, toFunctionSelector, type Address, type Hash, type Hex } from "viem";

import { proxyFactoryAbi } from "../src/abi/index.ts";
import {
  DETERMINISTIC_DEPLOYER,
  DETERMINISTIC_DEPLOYER_SENDER,
  DETERMINISTIC_DEPLOYER_TRANSACTION,
  deterministicDeployData,
} from "../src/deployment/deterministicDeployer.ts";
import type { BridgePlan, ChainPlan, NetworkPlan } from "../src/deployment/networkPlan.ts";
import type { Eip1193Provider, RpcRequest } from "./chainConnection.ts";
import { firstParameter } from "./firstParameter.ts";
import type { OnProgress } from "./progress.ts";

/** Wraps a provider so that each transaction is announced by what it does, and counted. */
export function observeTransactions(
  provider: Eip1193Provider,
  { bridge }: NetworkPlan,
  plan: ChainPlan,
  onProgress: OnProgress,
) {
  const nameOf = transactionNames(plan, bridge);
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

/** Calls that do something else than configure the contract that they go to. */
const BY_SELECTOR: ReadonlyMap<string, string> = new Map(
  (
    [
      ["mint(address,uint256)", "mint mock tokens"],
      ["approve(address,uint256)", "approve tokens"],
      ["deposit(uint256)", "wrap tokens"],
      [
        "sendParameters(uint256[],string[],uint256,uint256,uint256)",
        "push parameters to the appchain",
      ],
    ] as const
  ).map(([signature, what]) => [toFunctionSelector(signature), what]),
);

/** Names a request that sends a transaction; nothing for any other request. */
function transactionNames(
  plan: ChainPlan,
  { contracts }: BridgePlan,
): (request: RpcRequest) => string | undefined {
  const byData = new Map<Hex, string>([
    [deterministicDeployData(plan.proxyFactory.artifact.bytecode), "deploy ProxyFactory"],
    [DETERMINISTIC_DEPLOYER_TRANSACTION, "deploy the deterministic deployer"],
  ]);
  const byTarget = new Map<Address, string>([
    [DETERMINISTIC_DEPLOYER_SENDER, "fund the deterministic deployer's sender"],
    [DETERMINISTIC_DEPLOYER, "deploy"],
    ...(contracts === null ? [] : [[contracts.inbox, "move gas money to the appchain"] as const]),
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
    return (
      (data && (byData.get(data) ?? BY_SELECTOR.get(data.slice(0, 10)))) ??
      lower.get(to?.toLowerCase() ?? "") ??
      "send a transaction"
    );
  };
}
