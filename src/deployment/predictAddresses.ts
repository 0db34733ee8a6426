import {
  concatHex,
  encodeAbiParameters,
  getContractAddress,
  keccak256,
  stringToHex,
  type Address,
  type Hex,
} from "viem";

import type { ArtifactName, Artifacts } from "./artifacts.ts";
import { deterministicAddress } from "./deterministicDeployer.ts";

/** A contract behind a proxy, and everything its two deployments take. */
export interface ProxiedContract {
  readonly implementation: Address;
  /** Creation code of the implementation, constructor arguments included. */
  readonly creationCode: Hex;
  readonly proxy: Address;
  /** Salt that the deployer passes to the factory. */
  readonly salt: Hex;
}

export type ProxiedName = Exclude<ArtifactName, "ProxyFactory" | "MigratableProxy">;

export interface PredictedAddresses {
  /** The same on both chains. */
  readonly proxyFactory: Address;
  readonly contracts: Readonly<Record<ProxiedName, ProxiedContract>>;
}

/** Which registry an implementation gets as its only constructor argument; registries take none. */
const REGISTRY_OF = {
  SettlementParameters: undefined,
  Nodes: "SettlementParameters",
  AppchainParameters: undefined,
  GroupMessages: "AppchainParameters",
  IdentityUpdates: "AppchainParameters",
} as const satisfies Record<ProxiedName, ProxiedName | undefined>;

/**
 * Every address of a network, before anything is sent.
 *
 * Factory and implementations depend on their creation code alone; proxies on the factory, the deployer and the name
 * and edition of the contract, so a proxy keeps its address whatever its implementation becomes.
 *
 * @param edition tells apart independent suites of one deployer on one chain
 */
export function predictAddresses({
  deployer,
  edition,
  artifacts,
}: {
  readonly deployer: Address;
  readonly edition: number;
  readonly artifacts: Artifacts;
}): PredictedAddresses {
  const proxyFactory = deterministicAddress(artifacts.ProxyFactory.bytecode);
  const proxyOf = (name: ProxiedName) =>
    proxyAddress({
      proxyFactory,
      proxyCreationCode: artifacts.MigratableProxy.bytecode,
      deployer,
      salt: saltOf(name),
    });
  const saltOf = (name: ProxiedName) => stringToHex(`${name}_${edition}`, { size: 32 });

  const contract = (name: ProxiedName): ProxiedContract => {
    const registry = REGISTRY_OF[name];
    const constructorArguments =
      registry === undefined
        ? "0x"
        : encodeAbiParameters([{ type: "address" }], [proxyOf(registry)]);
    const creationCode = concatHex([artifacts[name].bytecode, constructorArguments]);
    return {
      implementation: deterministicAddress(creationCode),
      creationCode,
      proxy: proxyOf(name),
      salt: saltOf(name),
    };
  };

  return {
    proxyFactory,
    contracts: {
      SettlementParameters: contract("SettlementParameters"),
      Nodes: contract("Nodes"),
      AppchainParameters: contract("AppchainParameters"),
      GroupMessages: contract("GroupMessages"),
      IdentityUpdates: contract("IdentityUpdates"),
    },
  };
}

/** `ProxyFactory.computeProxyAddress`, off the chain. */
function proxyAddress({
  proxyFactory,
  proxyCreationCode,
  deployer,
  salt,
}: {
  readonly proxyFactory: Address;
  readonly proxyCreationCode: Hex;
  readonly deployer: Address;
  readonly salt: Hex;
}): Address {
  return getContractAddress({
    opcode: "CREATE2",
    from: proxyFactory,
    salt: keccak256(
      encodeAbiParameters([{ type: "address" }, { type: "bytes32" }], [deployer, salt]),
    ),
    bytecode: proxyCreationCode,
  });
}
