import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";

import type {
  AppchainGateway,
  FeeToken,
  MockUnderlyingFeeToken,
  Nodes,
  PayerReports,
  Payers,
  SettlementGateway,
} from "../../typechain-types/index.ts";
import { accounts } from "./accounts.ts";
import { SETTLEMENT_GATEWAY, deployAppchainGateway } from "./deployAppchainGateway.ts";
import {
  LOG_KINDS,
  deployConfiguredLog,
  deployLogImplementation,
  type PayloadLog,
} from "./deployLog.ts";
import { APPCHAIN_GATEWAY, deployConfiguredMoney } from "./deployMoney.ts";
import { deployConfiguredNodes } from "./deployNodes.ts";
import { deployRegistry, deployRegistryImplementation, type Registry } from "./deployRegistry.ts";
import { deploySettlement } from "./deploySettlement.ts";
import { ethers } from "./network.ts";
import { parameterValue } from "./parameterValue.ts";
import { setParametersOf } from "./setParametersOf.ts";

type UpgradeableContract =
  PayloadLog | Nodes | Money[keyof Money] | PayerReports | AppchainGateway | Registry;

/** The contracts of the money, by their names in `MoneyFixture`. */
interface Money {
  readonly underlying: MockUnderlyingFeeToken;
  readonly feeToken: FeeToken;
  readonly payers: Payers;
  readonly gateway: SettlementGateway;
}

/** A configured contract behind a proxy, with what an upgrade of it needs. */
export interface UpgradeableFixture {
  readonly contract: UpgradeableContract;
  readonly implementation: UpgradeableContract;
  readonly stranger: HardhatEthersSigner;
  /** Writes the parameter that names the migrator. */
  setMigrator(migrator: string | bigint): Promise<void>;
  /** Deploys another implementation of the same contract, and another parameter registry for it if it has one. */
  deployNextImplementation(): Promise<string>;
}

/** The contracts that live behind proxies. */
export interface Upgradeable {
  readonly name: string;
  readonly contractName: string;
  readonly version: string;
  deploy(): Promise<UpgradeableFixture>;
}

const LOG_CONTRACT_NAMES = {
  GroupMessages: "GroupMessageBroadcaster",
  IdentityUpdates: "IdentityUpdateBroadcaster",
} as const;

const MONEY_CONTRACT_NAMES = {
  MockUnderlyingFeeToken: "MockUnderlyingFeeToken",
  FeeToken: "FeeToken",
  Payers: "PayerRegistry",
  SettlementGateway: "SettlementChainGateway",
} as const;

const REGISTRY_CONTRACT_NAMES = {
  AppchainParameters: "AppChainParameterRegistry",
  SettlementParameters: "SettlementChainParameterRegistry",
} as const;

export const UPGRADEABLES: readonly Upgradeable[] = [
  ...LOG_KINDS.map((kind) => ({
    name: kind.name,
    contractName: LOG_CONTRACT_NAMES[kind.name],
    version: "1.0.0",
    deploy: async () => {
      const { log, implementation, stranger, setParameters } = await deployConfiguredLog(kind);
      return {
        contract: log,
        implementation,
        stranger,
        setMigrator: (migrator: string | bigint) => setParameters({ migrator }),
        deployNextImplementation: async () =>
          (await deployLogImplementation(kind.name, await otherRegistry())).getAddress(),
      };
    },
  })),
  ...(["AppchainParameters", "SettlementParameters"] as const).map((name) => ({
    name,
    contractName: REGISTRY_CONTRACT_NAMES[name],
    version: "1.0.0",
    deploy: async () => {
      const { admin, stranger } = await accounts(["admin", "stranger"]);
      const { registry, implementation } = await deployRegistry(name, [admin.address]);
      const key = await registry.migratorParameterKey();
      return {
        contract: registry.connect(stranger),
        implementation,
        stranger,
        setMigrator: async (migrator: string | bigint) => {
          await registry.getFunction("set(string,bytes32)")(key, parameterValue(migrator));
        },
        deployNextImplementation: async () =>
          (await deployRegistryImplementation(name)).getAddress(),
      };
    },
  })),
  {
    name: "Nodes",
    contractName: "NodeRegistry",
    version: "1.0.1",
    deploy: async () => {
      const { nodes, implementation, stranger, setParameters } = await deployConfiguredNodes();
      return {
        contract: nodes,
        implementation,
        stranger,
        setMigrator: (migrator) => setParameters({ migrator }),
        deployNextImplementation: async () =>
          (await ethers.deployContract("Nodes", [await otherRegistry()])).getAddress(),
      };
    },
  },
  ...(
    [
      { name: "MockUnderlyingFeeToken", key: "underlying", prefix: "mockUnderlyingFeeToken" },
      { name: "FeeToken", key: "feeToken", prefix: "feeToken" },
      { name: "Payers", key: "payers", prefix: "payerRegistry" },
      { name: "SettlementGateway", key: "gateway", prefix: "settlementChainGateway" },
    ] as const
  ).map(({ name, key, prefix }) => ({
    name,
    contractName: MONEY_CONTRACT_NAMES[name],
    version: "1.0.0",
    deploy: async () => {
      const { registry, stranger, implementations, ...fixture } = await deployConfiguredMoney();
      return {
        contract: fixture[key].connect(stranger),
        implementation: implementations[key],
        stranger,
        setMigrator: (migrator: string | bigint) =>
          setParametersOf(registry, `xmtp.${prefix}`, { migrator }),
        deployNextImplementation: async () => {
          const next = await otherRegistry();
          const args = {
            underlying: [next],
            feeToken: [next, fixture.underlying],
            payers: [next, fixture.feeToken],
            gateway: [next, APPCHAIN_GATEWAY, fixture.feeToken],
          };
          return (await ethers.deployContract(name, args[key])).getAddress();
        },
      };
    },
  })),
  {
    name: "PayerReports",
    contractName: "PayerReportManager",
    version: "1.0.1",
    deploy: async () => {
      const { payerReports, payerReportsImplementation, nodes, payers, stranger, setParameters } =
        await deploySettlement();
      return {
        contract: payerReports,
        implementation: payerReportsImplementation,
        stranger,
        setMigrator: (migrator) => setParameters({ "payerReportManager.migrator": migrator }),
        deployNextImplementation: async () =>
          (
            await ethers.deployContract("PayerReports", [await otherRegistry(), nodes, payers])
          ).getAddress(),
      };
    },
  },
  {
    name: "AppchainGateway",
    contractName: "AppChainGateway",
    version: "1.0.0",
    deploy: async () => {
      const { gateway, implementation, stranger, push } = await deployAppchainGateway();
      let nonce = 0n;
      return {
        contract: gateway,
        implementation,
        stranger,
        setMigrator: async (migrator) => {
          nonce += 1n;
          await push(nonce, { "xmtp.appChainGateway.migrator": migrator });
        },
        deployNextImplementation: async () =>
          (
            await ethers.deployContract("AppchainGateway", [
              await otherRegistry(),
              SETTLEMENT_GATEWAY,
              6n,
            ])
          ).getAddress(),
      };
    },
  },
];

async function otherRegistry(): Promise<Registry> {
  const { admin } = await accounts(["admin"]);
  return (await deployRegistry("AppchainParameters", [admin.address])).registry;
}
