import type { ContractTransactionResponse } from "ethers";
import { encodeBytes32String } from "ethers";
import type { HardhatEthers, HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import hre from "hardhat";

import { ParameterConsumer__factory, ProxyFactory__factory } from "../../typechain-types/index.js";
import type { Hardfork, Measurement } from "../measureGas.ts";
import { calldataGas } from "./calldataGas.ts";
import { createBytes } from "./createBytes.ts";

/** `initialize()` of every contract that takes its settings from a registry. */
const INITIALIZE = ParameterConsumer__factory.createInterface().encodeFunctionData("initialize");

interface Deployed {
  deploymentTransaction(): ContractTransactionResponse | null;
  getAddress(): Promise<string>;
}

/** A chain of its own, and what has been measured on it. */
export interface Bench {
  readonly measurements: readonly Measurement[];
  /** For what has no bindings, and is not measured. */
  readonly ethers: HardhatEthers;
  /** Sends everything that nobody else has to send. */
  readonly deployer: HardhatEthersSigner;
  /** Owns nodes, and is paid. */
  readonly owner: HardhatEthersSigner;
  /** Pays. Has a zero byte in its address, as the baseline's payer has. */
  readonly payer: HardhatEthersSigner;
  readonly chainId: bigint;
  /** Bytes that look random; never zero. */
  readonly bytes: (length: number) => string;
  readonly increaseTime: (seconds: number) => Promise<void>;
  /** An account that nobody has the key of, with native currency. */
  readonly impersonate: (account: string) => Promise<HardhatEthersSigner>;
  readonly record: (
    key: string,
    what: string,
    sent: Promise<ContractTransactionResponse>,
  ) => Promise<void>;
  /** Execution gas alone: the receipt's, less the base cost of a transaction and its calldata. */
  readonly recordView: (
    key: string,
    what: string,
    request: { to?: string; data?: string },
  ) => Promise<void>;
  /** Deploys a contract and records its gas; resolves to its address. */
  readonly deploy: (name: string, contract: Promise<Deployed>) => Promise<string>;
  /** Deploys an implementation and a proxy of it through the factory, and records both; resolves to the proxy. */
  readonly deployProxied: (
    name: string,
    contract: Promise<Deployed>,
    initializeCallData?: string,
  ) => Promise<string>;
}

export async function createBench(hardfork: Hardfork): Promise<Bench> {
  const { ethers, networkHelpers } = await hre.network.create({
    network: "default",
    chainType: "l1",
    override: { hardfork },
  });
  const [deployer, owner, payer] = await ethers.getSigners();
  if (deployer === undefined || owner === undefined || payer === undefined) {
    throw new Error("the chain has no accounts");
  }
  const { chainId } = await ethers.provider.getNetwork();

  const measurements: Measurement[] = [];
  const factory = await new ProxyFactory__factory(deployer).deploy();

  const record: Bench["record"] = async (key, what, sent) => {
    const receipt = await (await sent).wait();
    measurements.push({ key, what, gas: Number(receipt?.gasUsed) });
  };

  const deploy: Bench["deploy"] = async (name, contract) => {
    const deployed = await contract;
    const receipt = await deployed.deploymentTransaction()?.wait();
    measurements.push({
      key: `${name}.implementation`,
      what: `${name}, implementation`,
      gas: Number(receipt?.gasUsed),
    });
    return deployed.getAddress();
  };

  return {
    measurements,
    ethers,
    deployer,
    owner,
    payer,
    chainId,
    bytes: createBytes(),
    record,
    deploy,
    increaseTime: async (seconds) => {
      await networkHelpers.time.increase(seconds);
    },
    impersonate: async (account) => {
      await networkHelpers.impersonateAccount(account);
      await networkHelpers.setBalance(account, 10n ** 21n);
      return ethers.getSigner(account);
    },
    recordView: async (key, what, request) => {
      const receipt = await (
        await deployer.sendTransaction({ ...request, gasLimit: 16_000_000 })
      ).wait();
      measurements.push({
        key,
        what,
        gas: Number(receipt?.gasUsed) - 21_000 - calldataGas(request.data ?? "0x"),
      });
    },
    deployProxied: async (name, contract, initializeCallData = INITIALIZE) => {
      const implementation = await deploy(name, contract);
      const salt = encodeBytes32String(name.slice(0, 31));
      await record(
        `${name}.proxy`,
        `${name}, proxy`,
        factory.deployProxy(salt, implementation, initializeCallData),
      );
      return factory.computeProxyAddress(deployer.address, salt);
    },
  };
}
