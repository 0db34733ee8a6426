import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { encodeBytes32String, type ContractTransactionResponse } from "ethers";

import type { AppchainGateway, AppchainParameters, ArbSys } from "../../typechain-types/index.ts";
import { accounts } from "./accounts.ts";
import { aliasOf } from "./aliasOf.ts";
import { codeAt } from "./codeAt.ts";
import { ethers, networkHelpers } from "./network.ts";
import { parameterValue, type ParameterValue } from "./parameterValue.ts";

export const SETTLEMENT_GATEWAY = "0x5E77000000000000000000000000000000000001";

const ARB_SYS = "0x0000000000000000000000000000000000000064";
const ARB_RETRYABLE_TX = "0x000000000000000000000000000000000000006E";

const REGISTRY_SALT = encodeBytes32String("registry");
const GATEWAY_SALT = encodeBytes32String("gateway");

/** The appchain's end of the bridge, on a chain with the system contracts of the devnet. Called by a stranger. */
export interface AppchainGatewayFixture {
  readonly gateway: AppchainGateway;
  readonly implementation: AppchainGateway;
  readonly registry: AppchainParameters;
  readonly arbSys: ArbSys;
  readonly stranger: HardhatEthersSigner;
  readonly recipient: HardhatEthersSigner;
  /** Who the settlement chain's gateway is here. */
  readonly alias: HardhatEthersSigner;
  /** What that gateway sends: parameters by their whole keys. */
  push(
    nonce: bigint,
    parameters: Readonly<Record<string, ParameterValue>>,
  ): Promise<ContractTransactionResponse>;
}

/** Deploys it as the only admin of the parameters. */
export async function deployAppchainGateway(): Promise<AppchainGatewayFixture> {
  const { deployer, stranger, recipient } = await accounts(["deployer", "stranger", "recipient"]);
  await codeAt(ARB_SYS, "ArbSys");
  await codeAt(ARB_RETRYABLE_TX, "ArbRetryableTx");

  const factory = await ethers.deployContract("ProxyFactory");
  const [registryAddress, address] = await Promise.all(
    [REGISTRY_SALT, GATEWAY_SALT].map((salt) => factory.computeProxyAddress(deployer, salt)),
  );
  if (registryAddress === undefined || address === undefined) throw new Error("no addresses");

  const parameters = await ethers.deployContract("AppchainParameters");
  await factory.deployProxy(
    REGISTRY_SALT,
    parameters,
    parameters.interface.encodeFunctionData("initialize", [[address]]),
  );
  const implementation = await ethers.deployContract("AppchainGateway", [
    registryAddress,
    SETTLEMENT_GATEWAY,
    6n,
  ]);
  await factory.deployProxy(
    GATEWAY_SALT,
    implementation,
    implementation.interface.encodeFunctionData("initialize"),
  );

  const gateway = await ethers.getContractAt("AppchainGateway", address);
  const sender = await aliasOf(SETTLEMENT_GATEWAY);
  await networkHelpers.impersonateAccount(sender);
  await networkHelpers.setBalance(sender, 10n ** 20n);
  const alias = await ethers.getSigner(sender);

  return {
    gateway: gateway.connect(stranger),
    implementation,
    registry: await ethers.getContractAt("AppchainParameters", registryAddress),
    arbSys: await ethers.getContractAt("ArbSys", ARB_SYS),
    stranger,
    recipient,
    alias,
    push: (nonce, values) =>
      gateway
        .connect(alias)
        .receiveParameters(nonce, Object.keys(values), Object.values(values).map(parameterValue)),
  };
}
