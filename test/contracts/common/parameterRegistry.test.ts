import { expect } from "chai";
import { AbiCoder, MaxUint256, ZeroAddress, ZeroHash, id, toBeHex } from "ethers";

import { accounts } from "../../helpers/accounts.ts";
import {
  deployRegistry,
  deployRegistryImplementation,
  type RegistryName,
} from "../../helpers/deployRegistry.ts";
import { deployProxy } from "../../helpers/deployProxy.ts";
import { encodeError } from "../../helpers/encode.ts";
import { eventsOf } from "../../helpers/eventsOf.ts";
import { ethers, loadFixture } from "../../helpers/network.ts";
import { parameterValue } from "../../helpers/parameterValue.ts";

const KINDS: readonly { name: RegistryName; keyPrefix: string }[] = [
  { name: "AppchainParameters", keyPrefix: "xmtp.appChainParameterRegistry" },
  { name: "SettlementParameters", keyPrefix: "xmtp.settlementChainParameterRegistry" },
];

const ONE = toBeHex(1, 32);
const TWO = toBeHex(2, 32);

for (const { name, keyPrefix } of KINDS) {
  describe(name, () => {
    const adminKey = (account: string) => `${keyPrefix}.isAdmin.${account.toLowerCase()}`;

    /** A registry with one admin, called by it unless a test says otherwise. */
    async function registryWithAdmin() {
      const { admin, second, stranger } = await accounts(["admin", "second", "stranger"]);
      const { registry } = await deployRegistry(name, [admin.address]);

      return {
        registry,
        admin,
        second,
        stranger,
        set: registry.connect(admin).getFunction("set(string,bytes32)"),
        setMany: registry.connect(admin).getFunction("set(string[],bytes32[])"),
        get: registry.getFunction("get(string)"),
        getMany: registry.getFunction("get(string[])"),
      };
    }

    it("reads the keys of the production network", async () => {
      const { registry } = await loadFixture(registryWithAdmin);

      expect(await registry.adminParameterKey()).to.equal(`${keyPrefix}.isAdmin`);
      expect(await registry.migratorParameterKey()).to.equal(`${keyPrefix}.migrator`);
    });

    describe("initialize", () => {
      async function implementation() {
        const registry = await deployRegistryImplementation(name);
        return { registry, address: await registry.getAddress() };
      }

      /** Initialises a new proxy, and unwraps what the factory says when that fails. */
      async function initialized(admins: string[]) {
        const { registry, address } = await loadFixture(implementation);
        return deployProxy(address, registry.interface.encodeFunctionData("initialize", [admins]));
      }

      async function expectRefusal(admins: string[], error: string) {
        const { registry } = await loadFixture(implementation);
        const factory = await ethers.getContractFactory("ProxyFactory");

        await expect(initialized(admins), admins.join())
          .to.be.revertedWithCustomError(factory, "InitializationFailed")
          .withArgs(encodeError(registry, error));
      }

      it("makes every account an admin, one event each, and ends with `Initialized`", async () => {
        const { admin, second } = await accounts(["admin", "second"]);
        const { registry } = await loadFixture(implementation);
        const { address, factory } = await initialized([
          admin.address,
          second.address,
          admin.address,
        ]);

        const [deployment] = await factory.queryFilter(factory.filters.ProxyDeployed());
        const receipt = await deployment?.getTransactionReceipt();
        const events = receipt?.logs
          .filter((log) => log.address === address)
          .map((log) => registry.interface.parseLog(log))
          .map((event) => event?.args.slice(-2).toArray() as unknown[]);

        expect(events).to.deep.equal([
          [adminKey(admin.address), ONE],
          [adminKey(second.address), ONE],
          [adminKey(admin.address), ONE],
          [1n],
        ]);
      });

      it("works once, and tells so before that there are no admins", async () => {
        const { registry, second } = await loadFixture(registryWithAdmin);

        for (const admins of [[second.address], [ZeroAddress], []]) {
          await expect(registry.initialize(admins)).to.be.revertedWithCustomError(
            registry,
            "InvalidInitialization",
          );
        }
        expect(await registry.isAdmin(second.address)).to.equal(false);
      });

      it("refuses to start without an admin", async () => {
        await expectRefusal([], "EmptyAdmins");
      });

      it("refuses a zero admin, also after others", async () => {
        const { admin } = await accounts(["admin"]);

        await expectRefusal([ZeroAddress], "ZeroAdmin");
        await expectRefusal([admin.address, ZeroAddress], "ZeroAdmin");
      });
    });

    describe("set of one parameter", () => {
      it("writes the value and announces it", async () => {
        const { registry, set, get } = await loadFixture(registryWithAdmin);

        expect(await eventsOf(await set("a.b", TWO), registry)).to.deep.equal([
          ["ParameterSet", id("a.b"), "a.b", TWO],
        ]);
        expect(await get("a.b")).to.equal(TWO);
      });

      it("announces the key as its hash in a topic, and key and value as data", async () => {
        const { set } = await loadFixture(registryWithAdmin);
        const key = "xmtp.groupMessageBroadcaster.maxPayloadSize";

        const receipt = await (await set(key, TWO)).wait();

        expect(receipt?.logs).to.have.lengthOf(1);
        expect(receipt?.logs[0]?.topics).to.deep.equal([
          "0xe5fb4bb3c30225c1b5468d38191df0224e5e7d3d7e1486e66aed36e313b5069b",
          "0x55e0db79f7139be3b5d7d9f6e5f6bdd73e0cdbaea60f0bbe5575cdb09247028f",
        ]);
        expect(receipt?.logs[0]?.data).to.equal(
          AbiCoder.defaultAbiCoder().encode(["string", "bytes32"], [key, TWO]),
        );
      });

      it("takes keys of any length and any bytes, apart from each other", async () => {
        const { set, get } = await loadFixture(registryWithAdmin);
        const keys = [0, 1, 31, 32, 33, 100, 300].map((length) => "k".repeat(length));
        const encoded = AbiCoder.defaultAbiCoder().encode(["string"], ["k"]);

        for (const [index, key] of [...keys, encoded].entries()) {
          await set(key, toBeHex(index + 1, 32));
        }

        for (const [index, key] of [...keys, encoded].entries()) {
          expect(await get(key), key).to.equal(toBeHex(index + 1, 32));
        }
      });

      it("tells upper case from lower case", async () => {
        const { set, get } = await loadFixture(registryWithAdmin);

        await set("a.B", ONE);

        expect(await get("a.b")).to.equal(ZeroHash);
      });

      it("announces an unchanged value and a zero one too", async () => {
        const { registry, set, get } = await loadFixture(registryWithAdmin);
        await set("a", ONE);

        expect(await eventsOf(await set("a", ONE), registry)).to.have.lengthOf(1);
        expect(await eventsOf(await set("a", ZeroHash), registry)).to.deep.equal([
          ["ParameterSet", id("a"), "a", ZeroHash],
        ]);
        expect(await get("a")).to.equal(ZeroHash);
      });

      it("refuses everybody but admins", async () => {
        const { registry, stranger } = await loadFixture(registryWithAdmin);

        await expect(
          registry.connect(stranger).getFunction("set(string,bytes32)")("a", ONE),
        ).to.be.revertedWithCustomError(registry, "NotAdmin");
      });

      it("refuses everybody on the implementation itself", async () => {
        const implementation = await deployRegistryImplementation(name);

        await expect(
          implementation.getFunction("set(string,bytes32)")("a", ONE),
        ).to.be.revertedWithCustomError(implementation, "NotAdmin");
      });
    });

    describe("set of several parameters", () => {
      it("writes the values in order and announces each", async () => {
        const { registry, setMany, getMany } = await loadFixture(registryWithAdmin);

        expect(await eventsOf(await setMany(["b", "a"], [ONE, TWO]), registry)).to.deep.equal([
          ["ParameterSet", id("b"), "b", ONE],
          ["ParameterSet", id("a"), "a", TWO],
        ]);
        expect(await getMany(["a", "b"])).to.deep.equal([TWO, ONE]);
      });

      it("keeps the last value of a key that is named twice, and announces both", async () => {
        const { registry, setMany, get } = await loadFixture(registryWithAdmin);

        expect(await eventsOf(await setMany(["a", "a"], [ONE, TWO]), registry)).to.deep.equal([
          ["ParameterSet", id("a"), "a", ONE],
          ["ParameterSet", id("a"), "a", TWO],
        ]);
        expect(await get("a")).to.equal(TWO);
      });

      it("applies a batch whole that removes its own sender", async () => {
        const { registry, admin, setMany, get } = await loadFixture(registryWithAdmin);

        await setMany([adminKey(admin.address), "a"], [ZeroHash, ONE]);

        expect(await get("a")).to.equal(ONE);
        await expect(setMany(["a"], [TWO])).to.be.revertedWithCustomError(registry, "NotAdmin");
      });

      it("refuses everybody but admins, and tells so before that there are no keys", async () => {
        const { registry, stranger } = await loadFixture(registryWithAdmin);
        const setMany = registry.connect(stranger).getFunction("set(string[],bytes32[])");

        await expect(setMany(["a"], [ONE])).to.be.revertedWithCustomError(registry, "NotAdmin");
        await expect(setMany([], [])).to.be.revertedWithCustomError(registry, "NotAdmin");
      });

      it("refuses no keys, and tells so before different lengths", async () => {
        const { registry, setMany } = await loadFixture(registryWithAdmin);

        await expect(setMany([], [])).to.be.revertedWithCustomError(registry, "NoKeys");
        await expect(setMany([], [ONE])).to.be.revertedWithCustomError(registry, "NoKeys");
      });

      it("refuses different lengths, either way", async () => {
        const { registry, setMany, get } = await loadFixture(registryWithAdmin);

        const cases: [string[], string[]][] = [
          [["a"], []],
          [["a"], [ONE, TWO]],
          [["a", "b"], [ONE]],
        ];
        for (const [keys, values] of cases) {
          await expect(setMany(keys, values)).to.be.revertedWithCustomError(
            registry,
            "ArrayLengthMismatch",
          );
        }
        expect(await get("a")).to.equal(ZeroHash);
      });
    });

    describe("get", () => {
      it("answers zero for a key that was never set", async () => {
        const { get, getMany, set } = await loadFixture(registryWithAdmin);
        await set("a", ONE);

        expect(await get("b")).to.equal(ZeroHash);
        expect(await getMany(["b", "a", "b", ""])).to.deep.equal([
          ZeroHash,
          ONE,
          ZeroHash,
          ZeroHash,
        ]);
      });

      it("refuses a list of no keys", async () => {
        const { registry, getMany } = await loadFixture(registryWithAdmin);

        await expect(getMany([])).to.be.revertedWithCustomError(registry, "NoKeys");
      });
    });

    describe("isAdmin", () => {
      it("is true for any value but zero, also one that is no bool", async () => {
        const { registry, second, set } = await loadFixture(registryWithAdmin);

        for (const value of [1n, 7n, MaxUint256, 2n ** 255n]) {
          await set(adminKey(second.address), parameterValue(value));
          expect(await registry.isAdmin(second.address), String(value)).to.equal(true);
        }

        await set(adminKey(second.address), ZeroHash);
        expect(await registry.isAdmin(second.address)).to.equal(false);
      });

      it("goes by the key in lowercase digits, and by no other spelling", async () => {
        const { registry, set } = await loadFixture(registryWithAdmin);
        const account = "0xABCDEF0123456789aBcDeF0123456789ABCDEF98".toLowerCase();
        const digits = account.slice(2);

        for (const spelling of [
          `${keyPrefix}.isAdmin.0x${digits.toUpperCase()}`,
          `${keyPrefix}.isAdmin.${ethers.getAddress(account)}`,
          `${keyPrefix}.isAdmin.${digits}`,
          `${keyPrefix}.isAdmin${account}`,
          `${keyPrefix}.isAdmin.${account} `,
        ]) {
          await set(spelling, ONE);
          expect(await registry.isAdmin(account), spelling).to.equal(false);
        }

        await set(adminKey(account), ONE);
        expect(await registry.isAdmin(account)).to.equal(true);
      });

      it("lets an admin add another, who may then remove the first", async () => {
        const { registry, admin, second, set } = await loadFixture(registryWithAdmin);
        await set(adminKey(second.address), ONE);

        await registry.connect(second).getFunction("set(string,bytes32)")(
          adminKey(admin.address),
          ZeroHash,
        );

        expect(await registry.isAdmin(admin.address)).to.equal(false);
        await expect(set("a", ONE)).to.be.revertedWithCustomError(registry, "NotAdmin");
      });

      it("does not protect the last admin", async () => {
        const { registry, admin, set } = await loadFixture(registryWithAdmin);

        await set(adminKey(admin.address), ZeroHash);

        await expect(set(adminKey(admin.address), ONE)).to.be.revertedWithCustomError(
          registry,
          "NotAdmin",
        );
      });
    });
  });
}
