import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import type { BaseContract } from "ethers";

import type {
  FeeToken,
  MockUnderlyingFeeToken,
  Nodes,
  PayerReports,
  Payers,
} from "../../typechain-types/index.ts";
import { accounts } from "./accounts.ts";
import { deployProxy } from "./deployProxy.ts";
import { deployRegistry, type Registry } from "./deployRegistry.ts";
import { ethers } from "./network.ts";
import { addNodes } from "./nodeFacts.ts";
import { parameterValue, type ParameterValue } from "./parameterValue.ts";

/** The contracts of the settlement chain that money passes through, each behind its proxy. Called by a stranger. */
export interface SettlementFixture {
  readonly registry: Registry;
  readonly underlying: MockUnderlyingFeeToken;
  readonly feeToken: FeeToken;
  readonly payers: Payers;
  readonly nodes: Nodes;
  readonly payerReports: PayerReports;
  readonly payerReportsImplementation: PayerReports;
  /** Sets parameters, and is the admin of the nodes. */
  readonly admin: HardhatEthersSigner;
  /** Owns the nodes. */
  readonly owner: HardhatEthersSigner;
  readonly stranger: HardhatEthersSigner;
  /** Stands in for the contract of the rewards, where the escrow sends its excess. */
  readonly distributor: HardhatEthersSigner;
  /** Writes parameters by their whole keys, without `xmtp.` in front; nothing is applied by it. */
  setParameters(parameters: Readonly<Record<string, ParameterValue>>): Promise<void>;
  /** Adds nodes 100, 200 and so on, and makes them canonical. */
  addCanonicalNodes(count: number, first?: number): Promise<void>;
  /** Mints underlying tokens, and deposits them for a payer. Amounts are microdollars. */
  deposit(payer: string, amount: bigint): Promise<void>;
}

/** Deploys everything, settled up with each other, without nodes: what a network is on its first day. */
export async function deploySettlement(): Promise<SettlementFixture> {
  const { admin, owner, stranger, distributor } = await accounts([
    "admin",
    "owner",
    "stranger",
    "distributor",
  ]);
  const { registry } = await deployRegistry("SettlementParameters", [admin.address]);

  const underlying = await ethers.getContractAt(
    "MockUnderlyingFeeToken",
    await proxyOf(await ethers.deployContract("MockUnderlyingFeeToken", [registry])),
  );
  const feeToken = await ethers.getContractAt(
    "FeeToken",
    await proxyOf(await ethers.deployContract("FeeToken", [registry, underlying])),
  );
  const payers = await ethers.getContractAt(
    "Payers",
    await proxyOf(await ethers.deployContract("Payers", [registry, feeToken])),
  );
  const nodes = await ethers.getContractAt(
    "Nodes",
    await proxyOf(await ethers.deployContract("Nodes", [registry])),
  );
  const payerReportsImplementation = await ethers.deployContract("PayerReports", [
    registry,
    nodes,
    payers,
  ]);
  const payerReports = await ethers.getContractAt(
    "PayerReports",
    await proxyOf(payerReportsImplementation),
  );

  const setParameters: SettlementFixture["setParameters"] = async (parameters) => {
    const entries = Object.entries(parameters);

    await registry.connect(admin).getFunction("set(string[],bytes32[])")(
      entries.map(([name]) => `xmtp.${name}`),
      entries.map(([, value]) => parameterValue(value)),
    );
  };

  await setParameters({
    "nodeRegistry.admin": admin.address,
    "nodeRegistry.maxCanonicalNodes": 100n,
    "payerRegistry.settler": await payerReports.getAddress(),
    "payerRegistry.feeDistributor": distributor.address,
    "payerRegistry.minimumDeposit": 10n,
    "payerRegistry.withdrawLockPeriod": 172_800n,
    "payerReportManager.protocolFeeRate": 100n,
  });
  await nodes.updateAll();
  await payers.updateAll();
  await payerReports.updateAll();

  return {
    registry,
    underlying: underlying.connect(stranger),
    feeToken: feeToken.connect(stranger),
    payers: payers.connect(stranger),
    nodes: nodes.connect(stranger),
    payerReports: payerReports.connect(stranger),
    payerReportsImplementation,
    admin,
    owner,
    stranger,
    distributor,
    setParameters,
    addCanonicalNodes: async (count, first = 1) => {
      const adminNodes = nodes.connect(admin);
      for (const id of await addNodes(adminNodes, owner, count, first)) {
        await adminNodes.addToNetwork(id);
      }
    },
    deposit: async (payer, amount) => {
      await underlying.mint(admin, amount);
      await underlying.connect(admin).approve(payers, amount);
      await payers.connect(admin).depositFromUnderlying(payer, amount);
    },
  };
}

async function proxyOf(implementation: BaseContract): Promise<string> {
  const { address } = await deployProxy(
    await implementation.getAddress(),
    implementation.interface.encodeFunctionData("initialize"),
  );
  return address;
}

/** The same with nodes 100 to 300, which are canonical, and 400, which is not. */
export async function deployNetworkOfThree(): Promise<SettlementFixture> {
  const fixture = await deploySettlement();

  await fixture.addCanonicalNodes(3);
  await addNodes(fixture.nodes.connect(fixture.admin), fixture.owner, 1, 4);

  return fixture;
}
