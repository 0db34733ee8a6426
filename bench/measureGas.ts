import type { ContractTransactionResponse } from "ethers";
import { AbiCoder, encodeBytes32String, getBytes, hexlify, keccak256, SigningKey } from "ethers";
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import hre from "hardhat";

import {
  AppchainParameters__factory,
  GroupMessages__factory,
  IdentityUpdates__factory,
  Nodes__factory,
  ProxyFactory__factory,
  SettlementParameters__factory,
} from "../typechain-types/index.js";

/** EVM rules by which gas is counted: `osaka` has the calldata floor of EIP-7623, `cancun` has not. */
export type Hardfork = "osaka" | "cancun";

/** Gas of one call, under the key that the same call has in `productionGas.json`. */
export interface Measurement {
  readonly key: string;
  readonly what: string;
  readonly gas: number;
}

const PAYLOAD_SIZES = {
  addMessage: [1, 200, 1000, 2048, 10_240, 51_200, 262_144],
  addIdentityUpdate: [1, 200, 1000, 2048, 10_240],
} as const;

const BATCH_COUNT = 100;
const BATCH_PAYLOAD_SIZES = [200, 1000] as const;

/** The lengths of URL that the baseline was taken with. */
const URL_37 = "https://node-100.operator-aa.example/";
const OTHER_URL_37 = "https://node-100.operator-bb.example/";
const URL_29 = "https://node-100.example.com/";
const OTHER_URL_29 = "https://node-200.example.com/";

/**
 * Deploys everything on a fresh chain and measures each call, one transaction per block, in the state that the
 * baseline describes: the function was called before, and storage that is non-zero in normal use is non-zero.
 */
export async function measureGas(hardfork: Hardfork): Promise<readonly Measurement[]> {
  const { ethers } = await hre.network.create({
    network: "default",
    chainType: "l1",
    override: { hardfork },
  });
  const [deployer, owner] = await ethers.getSigners();
  if (deployer === undefined || owner === undefined) throw new Error("the chain has no accounts");

  const measurements: Measurement[] = [];
  const bytes = createBytes();

  const record = async (
    key: string,
    what: string,
    sent: Promise<ContractTransactionResponse>,
  ): Promise<void> => {
    const receipt = await (await sent).wait();
    measurements.push({ key, what, gas: Number(receipt?.gasUsed) });
  };

  /** Execution gas alone: the receipt's, less the base cost of a transaction and its calldata. */
  const recordView = async (
    key: string,
    what: string,
    request: { to?: string; data?: string },
  ): Promise<void> => {
    const receipt = await (
      await deployer.sendTransaction({ ...request, gasLimit: 16_000_000 })
    ).wait();
    measurements.push({
      key,
      what,
      gas: Number(receipt?.gasUsed) - 21_000 - calldataGas(request.data ?? "0x"),
    });
  };

  const { connect, deployImplementation } = await createDeployer(deployer, measurements);

  // Parameter registries

  const settlementParameters = SettlementParameters__factory.connect(
    await connect(
      "SettlementChainParameterRegistry",
      await deployImplementation(
        "SettlementChainParameterRegistry",
        new SettlementParameters__factory(deployer).deploy(),
      ),
      SettlementParameters__factory.createInterface().encodeFunctionData("initialize", [
        [deployer.address],
      ]),
    ),
    deployer,
  );
  const appchainParameters = AppchainParameters__factory.connect(
    await connect(
      "AppChainParameterRegistry",
      await deployImplementation(
        "AppChainParameterRegistry",
        new AppchainParameters__factory(deployer).deploy(),
      ),
      AppchainParameters__factory.createInterface().encodeFunctionData("initialize", [
        [deployer.address],
      ]),
    ),
    deployer,
  );

  const setOne = (value: number): Promise<ContractTransactionResponse> =>
    settlementParameters["set(string,bytes32)"]("xmtp.rateRegistry.messageFee", word(value));
  const setMany = (count: number, value: number): Promise<ContractTransactionResponse> => {
    const keys = Array.from(
      { length: count },
      (_, index) => `xmtp.rateRegistry.messageFee${index === 0 ? "" : index}`,
    );
    return settlementParameters["set(string[],bytes32[])"](
      keys,
      keys.map(() => word(value)),
    );
  };

  await record("parameterRegistry.set.string.1.first", "set(string,bytes32), new key", setOne(100));
  await record("parameterRegistry.set.string.1", "set(string,bytes32), existing key", setOne(101));
  await record(
    "parameterRegistry.set.array.1",
    "set(string[],bytes32[]), 1 existing key",
    setMany(1, 102),
  );
  await record(
    "parameterRegistry.set.array.10.first",
    "set(string[],bytes32[]), 9 new keys and 1 existing",
    setMany(10, 103),
  );
  await record(
    "parameterRegistry.set.array.10",
    "set(string[],bytes32[]), 10 existing keys",
    setMany(10, 104),
  );

  // Ordered logs

  const registry = await appchainParameters.getAddress();
  const initialize = GroupMessages__factory.createInterface().encodeFunctionData("initialize");
  const groupMessages = GroupMessages__factory.connect(
    await connect(
      "GroupMessageBroadcaster",
      await deployImplementation(
        "GroupMessageBroadcaster",
        new GroupMessages__factory(deployer).deploy(registry),
      ),
      initialize,
    ),
    deployer,
  );
  const identityUpdates = IdentityUpdates__factory.connect(
    await connect(
      "IdentityUpdateBroadcaster",
      await deployImplementation(
        "IdentityUpdateBroadcaster",
        new IdentityUpdates__factory(deployer).deploy(registry),
      ),
      initialize,
    ),
    deployer,
  );

  const setLogs = async (values: Record<string, bigint>): Promise<void> => {
    const prefixes = ["xmtp.groupMessageBroadcaster", "xmtp.identityUpdateBroadcaster"];
    const names = Object.keys(values);
    await appchainParameters["set(string[],bytes32[])"](
      prefixes.flatMap((prefix) => names.map((name) => `${prefix}.${name}`)),
      prefixes.flatMap(() => names.map((name) => word(values[name] ?? 0n))),
    );
    await groupMessages.updateAll();
    await identityUpdates.updateAll();
  };
  await setLogs({
    minPayloadSize: 1n,
    maxPayloadSize: 262_144n,
    payloadBootstrapper: BigInt(deployer.address),
  });

  await groupMessages.addMessage(bytes(16), bytes(1));
  await identityUpdates.addIdentityUpdate(bytes(32), bytes(1));

  for (const size of PAYLOAD_SIZES.addMessage) {
    await record(
      `groupMessageBroadcaster.addMessage.${size}`,
      `GroupMessages.addMessage, ${size} bytes`,
      groupMessages.addMessage(bytes(16), bytes(size)),
    );
  }
  for (const size of PAYLOAD_SIZES.addIdentityUpdate) {
    await record(
      `identityUpdateBroadcaster.addIdentityUpdate.${size}`,
      `IdentityUpdates.addIdentityUpdate, ${size} bytes`,
      identityUpdates.addIdentityUpdate(bytes(32), bytes(size)),
    );
  }

  const many = (size: number): string[] => Array.from({ length: BATCH_COUNT }, () => bytes(size));

  for (const size of BATCH_PAYLOAD_SIZES) {
    await record(
      `groupMessageBroadcaster.addMessages.${BATCH_COUNT}x${size}`,
      `GroupMessages.addMessages, ${BATCH_COUNT} x ${size} bytes`,
      groupMessages.addMessages(many(16), many(size)),
    );
    await record(
      `identityUpdateBroadcaster.addIdentityUpdates.${BATCH_COUNT}x${size}`,
      `IdentityUpdates.addIdentityUpdates, ${BATCH_COUNT} x ${size} bytes`,
      identityUpdates.addIdentityUpdates(many(32), many(size)),
    );
  }

  await setLogs({ paused: 1n });
  const sequenceIds = Array.from({ length: BATCH_COUNT }, (_, index) => 1_000_150n + BigInt(index));
  await record(
    "groupMessageBroadcaster.bootstrapMessages.100x1000",
    "GroupMessages.bootstrapMessages, 100 x 1000 bytes",
    groupMessages.bootstrapMessages(many(16), many(1000), sequenceIds),
  );
  await record(
    "identityUpdateBroadcaster.bootstrapIdentityUpdates.100x1000",
    "IdentityUpdates.bootstrapIdentityUpdates, 100 x 1000 bytes",
    identityUpdates.bootstrapIdentityUpdates(many(32), many(1000), sequenceIds),
  );

  // Nodes

  const nodes = Nodes__factory.connect(
    await connect(
      "NodeRegistry",
      await deployImplementation(
        "NodeRegistry",
        new Nodes__factory(deployer).deploy(await settlementParameters.getAddress()),
      ),
      initialize,
    ),
    deployer,
  );
  await settlementParameters["set(string[],bytes32[])"](
    ["xmtp.nodeRegistry.admin", "xmtp.nodeRegistry.maxCanonicalNodes"],
    [word(BigInt(deployer.address)), word(100n)],
  );
  await nodes.updateAll();

  let added = 0;
  const addNode = (to: string, url: string): Promise<ContractTransactionResponse> => {
    added += 1;
    return nodes.addNode(to, new SigningKey(bytes(32)).publicKey, url);
  };

  await addNode(deployer.address, URL_37);
  await record(
    "nodeRegistry.addNode.newOwner",
    "Nodes.addNode, owner without a node, 37-byte URL",
    addNode(owner.address, URL_37),
  );
  await record(
    "nodeRegistry.addNode",
    "Nodes.addNode, owner with a node, 37-byte URL",
    addNode(owner.address, URL_37),
  );
  await record(
    "nodeRegistry.addNode.shortUrl",
    "Nodes.addNode, owner with a node, 29-byte URL",
    addNode(owner.address, URL_29),
  );

  await record(
    "nodeRegistry.setHttpAddress",
    "Nodes.setHttpAddress, 37 to 37 bytes",
    nodes.connect(owner).setHttpAddress(200, OTHER_URL_37),
  );
  await record(
    "nodeRegistry.setHttpAddress.toShort",
    "Nodes.setHttpAddress, 37 to 29 bytes",
    nodes.connect(owner).setHttpAddress(200, URL_29),
  );
  await record(
    "nodeRegistry.setHttpAddress.short",
    "Nodes.setHttpAddress, 29 to 29 bytes",
    nodes.connect(owner).setHttpAddress(200, OTHER_URL_29),
  );
  await nodes.connect(owner).setHttpAddress(200, URL_37);
  await nodes.connect(owner).setHttpAddress(400, URL_37);

  while (added < 20) await addNode(owner.address, URL_37);

  await record(
    "nodeRegistry.addToNetwork.first",
    "Nodes.addToNetwork, first node of all",
    nodes.addToNetwork(100),
  );
  for (let number = 2; number <= 18; number++) await nodes.addToNetwork(100 * number);
  await record(
    "nodeRegistry.addToNetwork",
    "Nodes.addToNetwork, 18 canonical already",
    nodes.addToNetwork(1900),
  );
  await nodes.addToNetwork(2000);

  await recordView(
    "nodeRegistry.getCanonicalNodes.20",
    "Nodes.getCanonicalNodes, 20",
    await nodes.getCanonicalNodes.populateTransaction(),
  );
  await recordView(
    "nodeRegistry.getAllNodes.20",
    "Nodes.getAllNodes, 20",
    await nodes.getAllNodes.populateTransaction(),
  );
  await recordView(
    "nodeRegistry.getNode",
    "Nodes.getNode",
    await nodes.getNode.populateTransaction(1000),
  );

  await record(
    "nodeRegistry.removeFromNetwork",
    "Nodes.removeFromNetwork, from the middle of 20",
    nodes.removeFromNetwork(1000),
  );
  await nodes.addToNetwork(1000);
  await record(
    "nodeRegistry.removeFromNetwork.last",
    "Nodes.removeFromNetwork, last of 20",
    nodes.removeFromNetwork(1000),
  );
  await nodes.addToNetwork(1000);

  while (added < 100) await addNode(owner.address, URL_37);
  await recordView(
    "nodeRegistry.getAllNodes.100",
    "Nodes.getAllNodes, 100",
    await nodes.getAllNodes.populateTransaction(),
  );

  return measurements;
}

type Deployer = {
  /** Deploys an implementation and records its gas; resolves to its address. */
  deployImplementation: (
    name: string,
    contract: Promise<{
      deploymentTransaction(): ContractTransactionResponse | null;
      getAddress(): Promise<string>;
    }>,
  ) => Promise<string>;
  /** Deploys a proxy through the factory and records its gas; resolves to its address. */
  connect: (name: string, implementation: string, initializeCallData: string) => Promise<string>;
};

async function createDeployer(
  deployer: HardhatEthersSigner,
  measurements: Measurement[],
): Promise<Deployer> {
  const factory = await new ProxyFactory__factory(deployer).deploy();

  return {
    deployImplementation: async (name, contract) => {
      const deployed = await contract;
      const receipt = await deployed.deploymentTransaction()?.wait();
      measurements.push({
        key: `${name}.implementation`,
        what: `${name}, implementation`,
        gas: Number(receipt?.gasUsed),
      });
      return deployed.getAddress();
    },
    connect: async (name, implementation, initializeCallData) => {
      const salt = encodeBytes32String(name.slice(0, 31));
      const receipt = await (
        await factory.deployProxy(salt, implementation, initializeCallData)
      ).wait();
      measurements.push({
        key: `${name}.proxy`,
        what: `${name}, proxy`,
        gas: Number(receipt?.gasUsed),
      });
      return factory.computeProxyAddress(deployer.address, salt);
    },
  };
}

/** 16 gas for each byte but zero, 4 for a zero (EIP-2028). */
function calldataGas(data: string): number {
  return getBytes(data).reduce((gas, byte) => gas + (byte === 0 ? 4 : 16), 0);
}

function word(value: number | bigint): string {
  return AbiCoder.defaultAbiCoder().encode(["uint256"], [value]);
}

/** Bytes that look random, are the same in every run, and are never zero: a zero would be cheaper. */
function createBytes(): (length: number) => string {
  let seed = keccak256("0x");

  return (length) => {
    const out = new Uint8Array(length);
    for (let offset = 0; offset < length; offset += 32) {
      seed = keccak256(seed);
      out.set(getBytes(seed).subarray(0, length - offset), offset);
    }
    return hexlify(out.map((byte) => (byte === 0 ? 1 : byte)));
  };
}
