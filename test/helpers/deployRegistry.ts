import type { AppchainParameters, SettlementParameters } from "../../typechain-types/index.ts";
import { deployProxy } from "./deployProxy.ts";
import { ethers } from "./network.ts";

/** Either parameter registry; they differ in names only. */
export type Registry = AppchainParameters | SettlementParameters;

export type RegistryName = "AppchainParameters" | "SettlementParameters";

/** Deploys a parameter registry behind a proxy. */
export async function deployRegistry(
  name: RegistryName,
  admins: readonly string[],
): Promise<{ registry: Registry; implementation: Registry }> {
  const implementation = await deployRegistryImplementation(name);

  const { address } = await deployProxy(
    await implementation.getAddress(),
    implementation.interface.encodeFunctionData("initialize", [[...admins]]),
  );

  return { registry: await registryAt(name, address), implementation };
}

/** Deploys a parameter registry of either kind without a proxy. */
export async function deployRegistryImplementation(name: RegistryName): Promise<Registry> {
  return name === "AppchainParameters"
    ? await ethers.deployContract("AppchainParameters")
    : await ethers.deployContract("SettlementParameters");
}

async function registryAt(name: RegistryName, address: string): Promise<Registry> {
  return name === "AppchainParameters"
    ? await ethers.getContractAt("AppchainParameters", address)
    : await ethers.getContractAt("SettlementParameters", address);
}
