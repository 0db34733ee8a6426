import { ZeroHash } from "ethers";

import type { ProxyFactory } from "../../typechain-types/index.ts";
import { accounts } from "./accounts.ts";
import { ethers } from "./network.ts";

/** Deploys an implementation behind a proxy of its own factory, initialised in the same transaction. */
export async function deployProxy(
  implementation: string,
  initializeCallData: string,
): Promise<{ address: string; factory: ProxyFactory }> {
  const factory = await ethers.deployContract("ProxyFactory");
  const { deployer } = await accounts(["deployer"]);

  await factory.deployProxy(ZeroHash, implementation, initializeCallData);

  return { address: await factory.computeProxyAddress(deployer, ZeroHash), factory };
}
