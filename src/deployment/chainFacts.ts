import {
  getAddress,
  numberToHex,
  pad,
  sliceHex,
  toFunctionSelector,
  type Address,
  type Hex,
  type PublicClient,
} from "viem";

import { settlementParametersAbi } from "../abi/index.ts";
import { RATE_KEYS } from "../parameters/parameterKeys.ts";
import type { Rates } from "../rates/rateAt.ts";
import { readLastRates } from "../rates/readRates.ts";
import { DETERMINISTIC_DEPLOYER } from "./deterministicDeployer.ts";
import type { ChainPlan } from "./networkPlan.ts";
import type { PlannedParameter } from "./plannedParameters.ts";
import { unlessReverted } from "./unlessReverted.ts";

/** ERC-1967: where a proxy keeps its implementation. */
const IMPLEMENTATION_SLOT = "0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc";
/** ERC-7201, `openzeppelin.storage.Initializable`: how often a contract was initialised, in its low 8 bytes. */
const INITIALIZABLE_SLOT = "0xf0c57e16840df040f15088dc2f81fe391c3923bec73e23a9662efc9c229c6a00";

/** What a chain says about everything that a plan names. The predicates judge it. */
export interface ChainFacts {
  /** Runtime code by address, `0x` where there is none. */
  readonly code: ReadonlyMap<Address, Hex>;
  /** Implementation by proxy. */
  readonly implementation: ReadonlyMap<Address, Address>;
  /** Version that a proxy was initialised to; 0 if never. */
  readonly initialized: ReadonlyMap<Address, bigint>;
  /** Value of each planned key in the registry; empty where there is no registry that answers. */
  readonly registered: ReadonlyMap<string, Hex>;
  /** The consumer's own value; missing where there is no consumer that answers, `0x` where the list of rates is empty. */
  readonly applied: ReadonlyMap<string, Hex>;
  /** Unix seconds at which the last rates start to hold; undefined where there are none. */
  readonly lastRatesStart: bigint | undefined;
  /** Unix seconds: the clock of the chain. */
  readonly timestamp: bigint;
  /** Nodes that are canonical now; 0 on a chain without the registry. */
  readonly canonicalNodes: number;
}

/** Reads everything at the latest block, in a few parallel calls. */
export async function readChainFacts(client: PublicClient, plan: ChainPlan): Promise<ChainFacts> {
  const proxies = plan.contracts.map(({ proxy }) => proxy);
  const addresses = [
    DETERMINISTIC_DEPLOYER,
    plan.proxyFactory.address,
    ...plan.contracts.map(({ implementation }) => implementation),
    ...plan.unproxied.map(({ address }) => address),
    ...(plan.foreignToken === undefined ? [] : [plan.foreignToken]),
    ...proxies,
  ];
  const code = await mapOf(
    addresses,
    async (address) => (await client.getCode({ address })) ?? "0x",
  );
  const slot = async (address: Address, at: Hex) =>
    (await client.getStorageAt({ address, slot: at })) ?? "0x00";
  const exists = (address: Address): boolean => code.get(address) !== "0x";

  const consumerOf = ({ consumer }: PlannedParameter) =>
    plan.contracts.find(({ name, proxy }) => name === consumer?.contract && exists(proxy));
  const consumed = plan.parameters.filter((parameter) => consumerOf(parameter) !== undefined);
  const word = async (
    address: Address,
    getter: string,
    data = toFunctionSelector(`${getter}()`),
  ): Promise<Hex | undefined> => (await unlessReverted(client.call({ to: address, data })))?.data;

  const lastRates = await readRatesOf(client, plan, exists);
  const [implementation, initialized, registered, applied, canonicalNodes, block] =
    await Promise.all([
      mapOf(proxies, async (proxy) =>
        getAddress(sliceHex(pad(await slot(proxy, IMPLEMENTATION_SLOT), { size: 32 }), 12)),
      ),
      mapOf(
        proxies,
        async (proxy) => BigInt(await slot(proxy, INITIALIZABLE_SLOT)) & 0xffff_ffff_ffff_ffffn,
      ),
      readRegistry(client, plan, exists(plan.registry.proxy)),
      mapOf(consumed, async (parameter) => {
        const contract = consumerOf(parameter);
        if (contract === undefined || parameter.consumer === undefined) return undefined;
        const { getter, read } = parameter.consumer;
        return contract.name === "Rates"
          ? lastRates && rateWord(lastRates, getter)
          : word(contract.proxy, getter, read);
      }),
      readCanonicalNodes(plan, exists, word),
      client.getBlock(),
    ]);

  return {
    code,
    implementation,
    initialized,
    registered,
    applied: new Map(
      [...applied].flatMap(([{ key }, value]) =>
        value === undefined ? [] : [[key, value] as const],
      ),
    ),
    lastRatesStart: lastRates?.startTime,
    timestamp: block.timestamp,
    canonicalNodes,
  };
}

async function readRegistry(
  client: PublicClient,
  plan: ChainPlan,
  exists: boolean,
): Promise<Map<string, Hex>> {
  if (!exists) return new Map();
  const keys = [
    ...plan.parameters.map(({ key }) => key),
    ...(plan.ratesStart === undefined ? [] : [RATE_KEYS.startTime]),
  ];
  const values = await unlessReverted(
    client.readContract({
      address: plan.registry.proxy,
      abi: settlementParametersAbi, // the two registries have the same functions
      functionName: "get",
      args: [keys],
    }),
  );
  if (values === undefined) return new Map();
  return new Map(keys.map((key, index) => [key, values[index] ?? "0x"]));
}

/** The last entry of the price list, `{}` if it has none; undefined where there is no contract that answers. */
async function readRatesOf(
  client: PublicClient,
  plan: ChainPlan,
  exists: (address: Address) => boolean,
): Promise<Partial<Rates> | undefined> {
  const rates = plan.contracts.find(({ name }) => name === "Rates");
  if (rates === undefined || !exists(rates.proxy)) return undefined;
  return unlessReverted(readLastRates(client, rates.proxy).then((last) => last ?? {}));
}

function rateWord(rates: Partial<Rates>, field: string): Hex {
  const value: unknown = Reflect.get(rates, field);
  return typeof value === "bigint" ? numberToHex(value, { size: 32 }) : "0x";
}

async function readCanonicalNodes(
  plan: ChainPlan,
  exists: (address: Address) => boolean,
  word: (address: Address, getter: string) => Promise<Hex | undefined>,
): Promise<number> {
  const nodes = plan.contracts.find(({ name }) => name === "Nodes");
  if (nodes === undefined || !exists(nodes.proxy)) return 0;
  return Number((await word(nodes.proxy, "canonicalNodesCount")) ?? 0);
}

async function mapOf<Key, Value>(
  keys: readonly Key[],
  read: (key: Key) => Promise<Value>,
): Promise<Map<Key, Value>> {
  return new Map(await Promise.all(keys.map(async (key) => [key, await read(key)] as const)));
}
