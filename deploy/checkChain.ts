import { erc20Abi, formatEther, isAddressEqual, size, type PublicClient } from "viem";

import { settlementParametersAbi } from "../src/abi/index.ts";
import { readChainFacts, type ChainFacts } from "../src/deployment/chainFacts.ts";
import { DeploymentError } from "../src/deployment/DeploymentError.ts";
import {
  DETERMINISTIC_DEPLOYER,
  DETERMINISTIC_DEPLOYER_COST,
} from "../src/deployment/deterministicDeployer.ts";
import type { ChainPlan } from "../src/deployment/networkPlan.ts";
import { FEE_TOKEN_DECIMALS } from "../src/deployment/predictAddresses.ts";
import { hasCode } from "../src/deployment/predicates/hasCode.ts";
import { arePricesApplied, startOfNewRates } from "../src/deployment/ratesStart.ts";
import { unlessReverted } from "../src/deployment/unlessReverted.ts";
import { libraryError } from "../src/errors/libraryErrors.ts";
import { updatesToSend, parametersToSet } from "./applyParameters.ts";
import type { ChainConnection } from "./chainConnection.ts";
import { missingDeployments } from "./missingDeployments.ts";

/** Gas, above what any call of ours was seen to take: deploying a proxy, setting one parameter, one `updateAll`. */
const PROXY_GAS = 400_000n;
const PARAMETER_GAS = 60_000n;
const UPDATE_GAS = 250_000n;

/**
 * Everything that can be known to fail is found here, before the first transaction on either chain.
 *
 * @param affordable wei that the deployer can have brought to the chain besides what it holds there
 * @throws {XmtpError} `RPC_UNREACHABLE`, `WRONG_CHAIN`
 * @throws {DeploymentError} `DEPLOYER_UNAVAILABLE`, `UNDERLYING_TOKEN_UNFIT`, `NOT_ADMIN`, `TOO_MANY_CANONICAL_NODES`,
 *   `RATES_START_PASSED`, `DEPLOYER_POOR`
 */
export async function checkChain(
  { provider, client }: ChainConnection,
  plan: ChainPlan,
  affordable = 0n,
): Promise<ChainFacts> {
  await checkChainId(client, plan);
  await checkSigner(provider, plan);
  const facts = await readChainFacts(client, plan);
  await checkForeignToken(client, plan);
  await checkAdmin(client, plan, facts);
  checkCanonicalNodes(plan, facts);
  checkRatesStart(plan, facts);
  await checkBalance(client, plan, facts, affordable);
  return facts;
}

async function checkChainId(client: PublicClient, { chain, chainId }: ChainPlan): Promise<void> {
  const actual = await client.getChainId().catch((error: unknown) => {
    throw libraryError(
      "RPC_UNREACHABLE",
      `the RPC endpoint of the ${chain} chain does not answer`,
      { cause: error },
    );
  });
  if (actual !== chainId) {
    throw libraryError(
      "WRONG_CHAIN",
      `the ${chain} endpoint serves chain ${actual}, the parameters say ${chainId}`,
    );
  }
}

async function checkSigner(
  provider: ChainConnection["provider"],
  { chain, deployer }: ChainPlan,
): Promise<void> {
  const accounts = await provider.request({ method: "eth_accounts" });
  const signs = (account: unknown): boolean =>
    typeof account === "string" && account.toLowerCase() === deployer.toLowerCase();
  if (Array.isArray(accounts) && accounts.some(signs)) return;
  throw new DeploymentError(
    "DEPLOYER_UNAVAILABLE",
    `the ${chain} endpoint cannot sign for the deployer ${deployer}`,
  );
}

async function checkForeignToken(client: PublicClient, { foreignToken }: ChainPlan): Promise<void> {
  if (foreignToken === undefined) return;
  const decimals = await unlessReverted(
    client.readContract({ address: foreignToken, abi: erc20Abi, functionName: "decimals" }),
  );
  if (decimals === FEE_TOKEN_DECIMALS) return;
  throw new DeploymentError(
    "UNDERLYING_TOKEN_UNFIT",
    decimals === undefined
      ? `${foreignToken} is no token of this chain`
      : `the token ${foreignToken} has ${decimals} decimals`,
  );
}

async function checkAdmin(client: PublicClient, plan: ChainPlan, facts: ChainFacts): Promise<void> {
  const { chain, writer, registry, registryAdmins } = plan;
  if (parametersToSet(plan, facts).length === 0) return;
  const isAdmin = hasCode(facts, registry.proxy).done
    ? await client.readContract({
        address: registry.proxy,
        abi: settlementParametersAbi, // the two registries have the same functions
        functionName: "isAdmin",
        args: [writer],
      })
    : registryAdmins.some((admin) => isAddressEqual(admin, writer));
  if (isAdmin) return;
  throw new DeploymentError(
    "NOT_ADMIN",
    `${writer} may not write parameters of the ${chain} chain`,
  );
}

function checkCanonicalNodes({ parameters }: ChainPlan, { canonicalNodes }: ChainFacts): void {
  const limit = parameters.find(({ key }) => key === "xmtp.nodeRegistry.maxCanonicalNodes");
  if (limit === undefined || BigInt(limit.value) >= canonicalNodes) return;
  throw new DeploymentError(
    "TOO_MANY_CANONICAL_NODES",
    `maxCanonicalNodes is to be ${limit.shown}, and ${canonicalNodes} nodes are canonical now`,
  );
}

function checkRatesStart(plan: ChainPlan, facts: ChainFacts): void {
  const { lastRatesStart } = facts;
  if (lastRatesStart === undefined || arePricesApplied(plan, facts)) return;
  const start = startOfNewRates(plan, facts);
  if (start > lastRatesStart) return;
  throw new DeploymentError(
    "RATES_START_PASSED",
    `ratesInEffectAfter is ${start}, and the last prices start at ${lastRatesStart}`,
  );
}

async function checkBalance(
  client: PublicClient,
  plan: ChainPlan,
  facts: ChainFacts,
  affordable: bigint,
): Promise<void> {
  const needed = await weiNeeded(client, plan, facts);
  const balance = await client.getBalance({ address: plan.deployer });
  if (balance + affordable >= needed) return;
  const more = affordable === 0n ? "" : `, can bring ${formatEther(affordable)} there,`;
  throw new DeploymentError(
    "DEPLOYER_POOR",
    `the deployer ${plan.deployer} holds ${formatEther(balance)} on the ${plan.chain} chain${more} and may need ${formatEther(needed)}`,
  );
}

/** Wei that the deployer may need on a chain for so much gas, normally for all that is outstanding; 0 for none. */
export async function weiNeeded(
  client: PublicClient,
  plan: ChainPlan,
  facts: ChainFacts,
  gas = gasNeeded(plan, facts),
): Promise<bigint> {
  if (gas === 0n) return 0n;
  const { maxFeePerGas } = await client.estimateFeesPerGas();
  const deterministicDeployer = hasCode(facts, DETERMINISTIC_DEPLOYER).done
    ? 0n
    : DETERMINISTIC_DEPLOYER_COST;
  return gas * maxFeePerGas + deterministicDeployer;
}

/** An upper bound for everything that is outstanding on a chain; 0 if nothing is. */
export function gasNeeded(plan: ChainPlan, facts: ChainFacts): bigint {
  const missing = missingDeployments(plan, facts);
  const creations = [
    ...(missing.proxyFactory ? [plan.proxyFactory.artifact.bytecode] : []),
    ...plan.contracts
      .filter(({ name }) => missing.implementations.has(name))
      .map(({ creationCode }) => creationCode),
    ...plan.unproxied
      .filter(({ name }) => missing.unproxied.has(name))
      .map(({ creationCode }) => creationCode),
  ];
  // 53,000 to create, 200 to store a byte, up to 40 to send it, and something for the constructor.
  const creationGas = creations.reduce(
    (sum, code) => sum + 150_000n + 250n * BigInt(size(code)),
    0n,
  );
  return (
    creationGas +
    PROXY_GAS * BigInt(missing.proxies.size) +
    (plan.writer === plan.deployer
      ? PARAMETER_GAS * BigInt(parametersToSet(plan, facts).length)
      : 0n) +
    UPDATE_GAS * BigInt(updatesToSend(plan, facts).length)
  );
}
