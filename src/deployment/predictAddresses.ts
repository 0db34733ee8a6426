import {
  encodeAbiParameters,
  encodeDeployData,
  getContractAddress,
  keccak256,
  stringToHex,
  type Address,
  type Hex,
} from "viem";

import type { ArtifactName, Artifacts } from "./artifacts.ts";
import { deterministicAddress } from "./deterministicDeployer.ts";

/** The fee token has as many, and wraps one to one a token that has as many. */
export const FEE_TOKEN_DECIMALS = 6;

/** A contract behind a proxy, and everything its two deployments take. */
export interface ProxiedContract {
  readonly implementation: Address;
  /** Creation code of the implementation, constructor arguments included. */
  readonly creationCode: Hex;
  readonly proxy: Address;
  /** Salt that the deployer passes to the factory. */
  readonly salt: Hex;
}

/** A contract without a proxy: another build or other arguments make another contract elsewhere. */
export interface UnproxiedContract {
  readonly address: Address;
  /** Constructor arguments included. */
  readonly creationCode: Hex;
}

export type UnproxiedName = "DepositSplitter";
export type ProxiedName = Exclude<ArtifactName, "ProxyFactory" | "MigratableProxy" | UnproxiedName>;

export interface PredictedAddresses {
  /** The same on both chains. */
  readonly proxyFactory: Address;
  readonly contracts: Readonly<Record<ProxiedName, ProxiedContract>>;
  readonly unproxied: Readonly<Record<UnproxiedName, UnproxiedContract>>;
  /** The token that the fee token wraps. */
  readonly underlyingToken: Address;
}

export interface PredictAddressesParameters {
  readonly deployer: Address;
  /** Tells apart independent suites of one deployer on one chain. */
  readonly edition: number;
  readonly artifacts: Artifacts;
  /** The token that the fee token wraps; `"mock"` for the suite's own. */
  readonly underlyingToken: Address | "mock";
  readonly appchainId: number;
}

/**
 * Every address of a network, before anything is sent.
 *
 * Factory, implementations and contracts without a proxy depend on their creation code alone; proxies on the factory, the
 * deployer and the name and edition of the contract, so a proxy keeps its address whatever its implementation becomes.
 */
export function predictAddresses({
  deployer,
  edition,
  artifacts,
  underlyingToken,
  appchainId,
}: PredictAddressesParameters): PredictedAddresses {
  const proxyFactory = deterministicAddress(artifacts.ProxyFactory.bytecode);
  const saltOf = (name: string) => stringToHex(`${name}_${edition}`, { size: 32 });
  const proxyOf = (name: ProxiedName) =>
    proxyAddress({
      proxyFactory,
      proxyCreationCode: artifacts.MigratableProxy.bytecode,
      deployer,
      salt: saltOf(name),
    });
  const creationCodeOf = (name: ArtifactName, args: readonly unknown[]): Hex => {
    const { abi, bytecode } = artifacts[name];
    return encodeDeployData({ abi, bytecode, args });
  };

  const proxied = (name: ProxiedName, ...constructorArguments: unknown[]): ProxiedContract => {
    const creationCode = creationCodeOf(name, constructorArguments);
    return {
      implementation: deterministicAddress(creationCode),
      creationCode,
      proxy: proxyOf(name),
      salt: saltOf(name),
    };
  };
  const unproxied = (name: UnproxiedName, ...args: unknown[]): UnproxiedContract => {
    const creationCode = creationCodeOf(name, args);
    return { address: deterministicAddress(creationCode), creationCode };
  };

  const settlementParameters = proxyOf("SettlementParameters");
  const appchainParameters = proxyOf("AppchainParameters");
  const feeToken = proxyOf("FeeToken");
  const payers = proxyOf("Payers");
  const nodes = proxyOf("Nodes");
  const payerReports = proxyOf("PayerReports");
  const settlementGateway = proxyOf("SettlementGateway");
  const appchainGateway = proxyOf("AppchainGateway");
  const underlying =
    underlyingToken === "mock" ? proxyOf("MockUnderlyingFeeToken") : underlyingToken;

  return {
    proxyFactory,
    contracts: {
      SettlementParameters: proxied("SettlementParameters"),
      Nodes: proxied("Nodes", settlementParameters),
      MockUnderlyingFeeToken: proxied("MockUnderlyingFeeToken", settlementParameters),
      FeeToken: proxied("FeeToken", settlementParameters, underlying),
      Payers: proxied("Payers", settlementParameters, feeToken),
      Rates: proxied("Rates", settlementParameters),
      PayerReports: proxied("PayerReports", settlementParameters, nodes, payers),
      Rewards: proxied("Rewards", settlementParameters, nodes, payerReports, payers, feeToken),
      SettlementGateway: proxied(
        "SettlementGateway",
        settlementParameters,
        appchainGateway,
        feeToken,
      ),
      AppchainParameters: proxied("AppchainParameters"),
      AppchainGateway: proxied(
        "AppchainGateway",
        appchainParameters,
        settlementGateway,
        FEE_TOKEN_DECIMALS,
      ),
      GroupMessages: proxied("GroupMessages", appchainParameters),
      IdentityUpdates: proxied("IdentityUpdates", appchainParameters),
    },
    unproxied: {
      DepositSplitter: unproxied(
        "DepositSplitter",
        feeToken,
        payers,
        settlementGateway,
        BigInt(appchainId),
      ),
    },
    underlyingToken: underlying,
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
