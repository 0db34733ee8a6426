import { expect } from "chai";
import { FunctionFragment, ZeroAddress, type BaseContract } from "ethers";

import type {
  AppchainGateway,
  FeeToken,
  MockUnderlyingFeeToken,
  Nodes,
  PayerReports,
  Payers,
  SettlementGateway,
} from "../../../typechain-types/index.ts";
import {
  LOG_KINDS,
  deployConfiguredLog,
  deployLogImplementation,
  type PayloadLog,
} from "../../helpers/deployLog.ts";
import { deployAppchainGateway } from "../../helpers/deployAppchainGateway.ts";
import type { Registry } from "../../helpers/deployRegistry.ts";
import { deployMoney } from "../../helpers/deployMoney.ts";
import { deployConfiguredNodes } from "../../helpers/deployNodes.ts";
import { deploySettlement } from "../../helpers/deploySettlement.ts";
import { encodeCall, encodeError } from "../../helpers/encode.ts";
import { ethers, loadFixture } from "../../helpers/network.ts";
import { revertData } from "../../helpers/revertData.ts";
import { UPGRADEABLES } from "../../helpers/upgradeables.ts";

/** ERC-7201 slot of `openzeppelin.storage.Initializable`, which `storage.test.ts` recomputes. */
const INITIALIZABLE_SLOT = 0xf0c57e16840df040f15088dc2f81fe391c3923bec73e23a9662efc9c229c6a00n;
/** Stands for contracts that are not called. */
const SOMEBODY = "0x0000000000000000000000000000000000005678";
const LOCKED = 2n ** 64n - 1n;

for (const { name, contractName, version, deploy } of UPGRADEABLES) {
  describe(`${name}: setup`, () => {
    const fixture = () => deploy();

    it("keeps the name and version of the production network", async () => {
      const { contract } = await loadFixture(fixture);

      expect(await contract.contractName()).to.equal(contractName);
      expect(await contract.version()).to.equal(version);
    });

    it("locks its implementation when it is constructed", async () => {
      const { implementation } = await loadFixture(fixture);
      const receipt = await implementation.deploymentTransaction()?.wait();

      expect(
        receipt?.logs.map((log) => implementation.interface.parseLog(log)?.args.toArray()),
      ).to.deep.equal([[LOCKED]]);
      expect(BigInt(await ethers.provider.getStorage(implementation, INITIALIZABLE_SLOT))).to.equal(
        LOCKED,
      );

      expect(
        await revertData({
          to: implementation,
          data: encodeCall(implementation, "initialize", noArguments(implementation)),
        }),
      ).to.equal(encodeError(implementation, "InvalidInitialization"));
    });

    it("is initialised once", async () => {
      const { contract } = await loadFixture(fixture);
      expect(BigInt(await ethers.provider.getStorage(contract, INITIALIZABLE_SLOT))).to.equal(1n);
      expect(
        await revertData({
          to: contract,
          data: encodeCall(contract, "initialize", noArguments(contract)),
        }),
      ).to.equal(encodeError(contract, "InvalidInitialization"));
    });

    it("names its implementation, which itself names none", async () => {
      const { contract, implementation } = await loadFixture(fixture);

      expect(await contract.implementation()).to.equal(await implementation.getAddress());
      expect(await implementation.implementation()).to.equal(ZeroAddress);
    });
  });
}

type Consumer =
  | PayloadLog
  | Nodes
  | MockUnderlyingFeeToken
  | FeeToken
  | Payers
  | PayerReports
  | SettlementGateway
  | AppchainGateway;

describe("contracts that read parameters", () => {
  const contracts: {
    name: string;
    construct(registry: string): Promise<Consumer>;
    fixture(): Promise<{ contract: Consumer; registry: Registry }>;
  }[] = [
    ...LOG_KINDS.map((kind) => ({
      name: kind.name,
      construct: (registry: string) => deployLogImplementation(kind.name, registry),
      fixture: async () => {
        const { log, registry } = await deployConfiguredLog(kind);
        return { contract: log, registry };
      },
    })),
    {
      name: "Nodes",
      construct: (registry: string) => ethers.deployContract("Nodes", [registry]),
      fixture: async () => {
        const { nodes, registry } = await deployConfiguredNodes();
        return { contract: nodes, registry };
      },
    },
    {
      name: "MockUnderlyingFeeToken",
      construct: (registry: string) => ethers.deployContract("MockUnderlyingFeeToken", [registry]),
      fixture: async () => {
        const { underlying, registry } = await deployMoney();
        return { contract: underlying, registry };
      },
    },
    {
      name: "FeeToken",
      construct: (registry: string) => ethers.deployContract("FeeToken", [registry, SOMEBODY]),
      fixture: async () => {
        const { feeToken, registry } = await deployMoney();
        return { contract: feeToken, registry };
      },
    },
    {
      name: "Payers",
      construct: async (registry: string) =>
        ethers.deployContract("Payers", [
          registry,
          // It is asked for its underlying token.
          await ethers.deployContract("FeeToken", [SOMEBODY, SOMEBODY]),
        ]),
      fixture: async () => {
        const { payers, registry } = await deployMoney();
        return { contract: payers, registry };
      },
    },
    {
      name: "SettlementGateway",
      construct: async (registry: string) =>
        ethers.deployContract("SettlementGateway", [
          registry,
          SOMEBODY,
          // It is asked for its decimals, and for its underlying token.
          await ethers.deployContract("FeeToken", [SOMEBODY, SOMEBODY]),
        ]),
      fixture: async () => {
        const { gateway, registry } = await deployMoney();
        return { contract: gateway, registry };
      },
    },
    {
      name: "AppchainGateway",
      construct: (registry: string) =>
        ethers.deployContract("AppchainGateway", [registry, SOMEBODY, 6n]),
      fixture: async () => {
        const { gateway, registry } = await deployAppchainGateway();
        return { contract: gateway, registry };
      },
    },
    {
      name: "PayerReports",
      construct: (registry: string) =>
        ethers.deployContract("PayerReports", [registry, SOMEBODY, SOMEBODY]),
      fixture: async () => {
        const { payerReports, registry } = await deploySettlement();
        return { contract: payerReports, registry };
      },
    },
  ];

  for (const { name, construct, fixture } of contracts) {
    describe(name, () => {
      it("has its parameter registry in its code", async () => {
        const { contract, registry } = await loadFixture(fixture);

        expect(await contract.parameterRegistry()).to.equal(await registry.getAddress());
      });

      it("refuses a zero registry", async () => {
        const factory = await ethers.getContractFactory<unknown[], never>(name);

        await expect(construct(ZeroAddress)).to.be.revertedWithCustomError(
          factory,
          "ZeroParameterRegistry",
        );
      });

      it("reverts without data when its registry holds no code", async () => {
        const implementation = await construct("0x0000000000000000000000000000000000001234");

        for (const update of updatesOf(implementation)) {
          expect(
            await revertData({
              to: implementation,
              data: encodeCall(implementation, update),
            }),
            update,
          ).to.equal("0x");
        }
      });

      it("passes on what its registry reverts with", async () => {
        const registry = await ethers.deployContract("RefusingRegistry");
        const implementation = await construct(await registry.getAddress());

        for (const update of updatesOf(implementation)) {
          expect(
            await revertData({
              to: implementation,
              data: encodeCall(implementation, update),
            }),
            update,
          ).to.equal(encodeError(registry, "OutOfOrder", [42]));
        }
      });
    });
  }
});

/** The functions that read every parameter; the tokens have no parameter but the migrator. */
function updatesOf({ interface: { fragments } }: BaseContract): string[] {
  const names = fragments.filter(FunctionFragment.isFragment).map(({ name }) => name);
  return ["updateAll", "migrate"].filter((name) => names.includes(name));
}

/** An empty list for each argument; the parameter registries have one of admins, the others have none. */
function noArguments(contract: BaseContract): unknown[] {
  return contract.interface.getFunction("initialize")?.inputs.map(() => []) ?? [];
}
